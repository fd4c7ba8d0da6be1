"""Who decides what, up to which amount: the policies of approvals, and asking for another one.

A policy is written a band a line: `CNY 500.00: team_lead` (up to 500 a team lead decides),
`CNY 10000.00: approver, manager / compliance_officer` (two levels), `CNY 20.00:` (nobody else is
needed), and without an amount what holds beyond.
"""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.actors import Role
from kept.core.approvals import Band
from kept.core.currencies import UnknownCurrency
from kept.core.money import MoneyError, parse_money
from kept.desk.access import DeskRequest, page
from kept.desk.words import word
from kept.work.approvable import kinds
from kept.work.approval_policies import PolicyView, do_set_policy, list_policies
from kept.work.approvals import NeedsApproval, do_request_approval
from kept.work.creditors import list_creditors
from kept.work.permissions import Permission
from kept.work.refusals import Refusal

__all__ = ["approval_policies", "read_bands", "set_policy"]


_EXAMPLE: Final = "CNY 20.00:\nCNY 500.00: team_lead\n: approver, manager / compliance_officer"


@page(Permission.APPROVAL_CHANGE_POLICY)
def approval_policies(request: DeskRequest) -> HttpResponse:
    permission = Permission.APPROVAL_CHANGE_POLICY
    context = {
        "policies": [(view, _levels(view)) for view in list_policies(actor=request.actor)],
        "kinds": [(kind, word(kind, "approval_kind")) for kind in kinds()],
        "creditors": list_creditors(actor=request.actor, permission=permission),
        "example": _EXAMPLE,
        "roles": [(role.value, word(role, "role")) for role in Role],
    }
    return render(request, "desk/approval_policies.html", context)


def _levels(view: PolicyView) -> str:
    said = [" / ".join(word(role, "role") for role in level) for level in view.levels]
    return " → ".join(said) or _("no second person")


@require_POST
@page(Permission.APPROVAL_CHANGE_POLICY)
def set_policy(request: DeskRequest) -> HttpResponse:
    """Ask for a policy: changing one needs a second person too."""
    creditor = request.POST.get("creditor", "")
    try:
        try:
            do_set_policy(
                actor=request.actor,
                kind=request.POST.get("kind", ""),
                bands=read_bands(request.POST.get("bands", "")),
                creditor_id=int(creditor) if creditor.isascii() and creditor.isdigit() else None,
                now=request.now,
            )
        except NeedsApproval as needed:
            do_request_approval(
                actor=request.actor,
                kind=needed.kind,
                command=needed.command,
                reason=request.POST.get("reason", ""),
                now=request.now,
            )
            messages.success(request, _("Asked for: somebody else decides."))
        else:
            messages.success(request, _("The policy is changed."))
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    return redirect("approval_policies")


def read_bands(text: str) -> list[Band]:
    """The bands of a text; raises Refusal with the line that is wrong."""
    return [_band(line.strip()) for line in text.splitlines() if line.strip()]


def _band(line: str) -> Band:
    amount, colon, decided = line.partition(":")
    roles = [[name.strip() for name in level.split(",")] for level in decided.split("/")]
    known = {role.value for role in Role}
    is_free = not decided.strip()
    if not colon or not (is_free or all(name in known for level in roles for name in level)):
        raise Refusal(_("This line is no band: %(line)s") % {"line": line[:80]})
    currency, _space, figure = amount.strip().partition(" ")
    levels = () if is_free else tuple(frozenset(Role(name) for name in level) for level in roles)
    if not amount.strip():
        return Band(levels)
    try:
        up_to = parse_money(figure.strip(), currency).amount_minor
    except (MoneyError, UnknownCurrency) as error:
        raise Refusal(_("This line is no band: %(line)s") % {"line": line[:80]}) from error
    return Band(levels, up_to, currency)
