"""The inbox of approvals: what waits for a yes, what one asked for, and standing in while away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.desk import formats
from kept.desk.access import DeskRequest, page
from kept.desk.words import word
from kept.work.approval_lists import (
    ApprovalView,
    Which,
    count_to_decide,
    get_approval,
    list_approvals,
)
from kept.work.approvals import do_decide_approval, do_withdraw_approval
from kept.work.delegations import do_delegate, do_end_delegation, list_delegations
from kept.work.permissions import Permission, may, may_house
from kept.work.refusals import Refusal

__all__ = [
    "approval",
    "approvals",
    "decide_approval",
    "delegate",
    "details_of",
    "end_delegation",
    "withdraw_approval",
]


@page()
def approvals(request: DeskRequest) -> HttpResponse:
    """What waits for the reader, what they asked for, or all that they may read."""
    asked = request.GET.get("which", "")
    which = Which(asked) if asked in set(Which) else Which.TO_DECIDE
    found = list_approvals(
        actor=request.actor,
        which=which,
        cursor=request.GET.get("cursor", ""),
        now=request.now,
    )
    today = timezone.localtime(request.now).date()
    context = {
        "page": found,
        "shown": [(view, details_of(view)) for view in found.approvals],
        "which": which.value,
        "waiting": count_to_decide(actor=request.actor, now=request.now),
        "reads_all": may(request.actor, Permission.APPROVAL_READ),
        "decides": may(request.actor, Permission.APPROVAL_DECIDE),
        "sees_accesses": may(request.actor, Permission.ACCESS_READ)
        or may_house(request.actor, Permission.ACCESS_REQUEST),
        "changes_policies": may(request.actor, Permission.APPROVAL_CHANGE_POLICY),
        "delegations": list_delegations(actor=request.actor, on=today),
        "today": today,
        "now": request.now,
    }
    return render(request, "desk/approvals.html", context)


@page()
def approval(request: DeskRequest, approval_id: int) -> HttpResponse:
    found = get_approval(actor=request.actor, approval_id=approval_id, now=request.now)
    if found is None:
        raise Http404
    context = {"view": found, "details": details_of(found), "now": request.now}
    return render(request, "desk/approval.html", context)


def details_of(view: ApprovalView) -> list[tuple[str, str]]:
    """What the request is about, in words; what is not known here is shown as it is."""
    return [
        (word(name, "approval_detail"), _said(name, value))
        for name, value in view.details.items()
        if name != "bands"
    ] + _bands(view.details)


def _said(name: str, value: Any) -> str:
    if name == "role":
        return word(str(value), "role")
    if name == "kind":
        return word(str(value), "approval_kind")
    if name == "waiver_kind":
        return word(str(value), "waiver_kind")
    if name == "effective_on":
        return str(formats.day(date.fromisoformat(value)))
    return str(value)


def _bands(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each band of a policy on a line: up to how much, who decides."""
    found = []
    for band in details.get("bands", ()):
        amount = (
            formats.money(band["up_to_minor"], band["currency"])
            if band["up_to_minor"] is not None
            else ""
        )
        levels = [" / ".join(word(role, "role") for role in level) for level in band["levels"]]
        decided = " → ".join(levels) or _("no second person")
        found.append((_("up to %(amount)s") % {"amount": amount} if amount else "", decided))
    return found


@require_POST
@page()
def decide_approval(request: DeskRequest, approval_id: int) -> HttpResponse:
    """A yes or a no, and on to the next request that waits."""
    answer = request.POST.get("answer") == "yes"
    voice = request.POST.get("voice", "")
    try:
        settled = do_decide_approval(
            actor=request.actor,
            approval_id=approval_id,
            answer=answer,
            reason=request.POST.get("reason", ""),
            on_behalf_of=int(voice) if voice.isascii() and voice.isdigit() else None,
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("approvals")
    said = {
        "approved": _("Approved, and carried out."),
        "open": _("Your yes is recorded; the next level decides."),
    }
    messages.success(request, said.get(settled.state, _("Refused.")))
    return redirect("approvals")


@require_POST
@page()
def withdraw_approval(request: DeskRequest, approval_id: int) -> HttpResponse:
    try:
        do_withdraw_approval(actor=request.actor, approval_id=approval_id, now=request.now)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The request is withdrawn."))
    return redirect(f"{reverse('approvals')}?which=asked")


@require_POST
@page()
def delegate(request: DeskRequest) -> HttpResponse:
    """Somebody decides in the reader's stead while they are away."""
    days = [_day(request.POST.get(name, "")) for name in ("first_day", "last_day")]
    first_day, last_day = days
    if first_day is None or last_day is None:
        messages.error(request, _("Give the first and the last day."))
        return redirect("approvals")
    try:
        do_delegate(
            actor=request.actor,
            to_username=request.POST.get("to_username", ""),
            first_day=first_day,
            last_day=last_day,
            reason=request.POST.get("reason", ""),
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    else:
        messages.success(request, _("They decide for you on these days."))
    return redirect("approvals")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_POST
@page()
def end_delegation(request: DeskRequest, delegation_id: int) -> HttpResponse:
    do_end_delegation(actor=request.actor, delegation_id=delegation_id, now=request.now)
    messages.success(request, _("It is ended."))
    return redirect("approvals")
