"""The ledger of one account of a case: its entries, and posting or reversing one by hand.

What the policy gives to a second person is asked for instead of done, with the reason given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.ledger import EntryKind
from kept.core.money import MoneyError, parse_money
from kept.desk.access import DeskRequest, page
from kept.desk.accruals import accrual_shown
from kept.work.approvals import NeedsApproval, do_request_approval
from kept.work.cases import AccountView, CaseView, get_case
from kept.work.ledger import APPROVAL_KINDS, Line, do_post_entry, do_reverse_entry, list_entries
from kept.work.permissions import Permission, may
from kept.work.refusals import Refusal, refuse

__all__ = ["entries", "post_entry", "reverse_entry"]


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One entry with its postings; what it adds to the debt is positive."""

    entry_id: int
    kind: str
    effective_on: date
    recorded_at: datetime
    actor: str
    reference: str
    is_reversible: bool
    parts: tuple[tuple[str, int], ...]


def _find(request: DeskRequest, case_id: int, account_id: int) -> tuple[CaseView, AccountView]:
    found = get_case(request.actor, case_id, now=request.now)
    for account in found.accounts if found else ():
        if found is not None and account.account_id == account_id:
            return found, account
    raise Http404


@page(Permission.CASE_READ)
def entries(request: DeskRequest, case_id: int, account_id: int) -> HttpResponse:
    found, account = _find(request, case_id, account_id)
    rows = list_entries(actor=request.actor, account_id=account_id)
    context = {
        "case": found,
        "account": account,
        "entries": _shown(rows)[::-1],
        "kinds": [kind.value for kind in APPROVAL_KINDS],
        "may_post": may(request.actor, Permission.LEDGER_POST),
        "components": [name for name, _amount in account.components],
        "today": found.as_of,
        "accrual": accrual_shown(request.actor, account.account_id, found.as_of),
    }
    return render(request, "desk/entries.html", context)


def _shown(rows: list[dict[str, Any]]) -> list[EntryShown]:
    grouped: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["entry_id"], []).append(row)
    reversed_before = {row["reverses_id"] for row in rows}
    return [
        EntryShown(
            entry_id=entry_id,
            kind=first["kind"],
            effective_on=first["effective_on"],
            recorded_at=first["recorded_at"],
            actor=first["actor"],
            reference=first["reference"],
            is_reversible=first["kind"] != EntryKind.REVERSAL and entry_id not in reversed_before,
            parts=tuple((row["component"], _signed(row)) for row in group),
        )
        for entry_id, group in grouped.items()
        for first in group[:1]
    ]


def _signed(posting: Mapping[str, Any]) -> int:
    return int(posting["amount_minor"]) * (1 if posting["to_book"] == "receivable" else -1)


@require_POST
@page(Permission.LEDGER_POST)
def post_entry(request: DeskRequest, case_id: int, account_id: int) -> HttpResponse:
    """Post an amount at once, or ask for the approval that it needs."""
    _case, account = _find(request, case_id, account_id)

    def post() -> None:
        given = _given(request.POST, account.currency)
        do_post_entry(actor=request.actor, account_id=account_id, now=request.now, **given)

    _do_or_ask(request, post)
    return redirect("entries", case_id, account_id)


def _given(form: QueryDict, currency: str) -> dict[str, Any]:
    faults = {}
    kind, days = form.get("kind", ""), {}
    for name in ("effective_on", "due_on"):
        try:
            days[name] = date.fromisoformat(form[name]) if form.get(name) else None
        except ValueError:
            faults[name] = _("Give a day.")
    try:
        amount = parse_money(form.get("amount", ""), currency).amount_minor
    except MoneyError:
        amount = 0
        faults["amount"] = _("Give an amount such as 1234.50.")
    if kind not in set(APPROVAL_KINDS) or not days.get("effective_on"):
        faults["kind"] = _("Say what is posted, and for which day.")
    refuse(faults)
    due_on = days["due_on"] if kind == EntryKind.CHARGE else None
    return {
        "kind": EntryKind(kind),
        "lines": [Line(form.get("component", ""), amount, due_on)],
        "effective_on": days["effective_on"],
        "reference": form.get("reference", "").strip()[:64],
    }


@require_POST
@page(Permission.LEDGER_POST)
def reverse_entry(
    request: DeskRequest, case_id: int, account_id: int, entry_id: int
) -> HttpResponse:
    """Undo an entry at once, or ask for the approval that it needs."""
    found, _account = _find(request, case_id, account_id)

    def reverse_it() -> None:
        do_reverse_entry(
            actor=request.actor,
            entry_id=entry_id,
            effective_on=found.as_of,
            reason=request.POST.get("reason", ""),
            now=request.now,
        )

    _do_or_ask(request, reverse_it)
    return redirect("entries", case_id, account_id)


def _do_or_ask(request: DeskRequest, act: Callable[[], None]) -> None:
    try:
        try:
            act()
        except NeedsApproval as needed:
            do_request_approval(
                actor=request.actor,
                kind=needed.kind,
                command=needed.command,
                reason=request.POST.get("reason", ""),
                now=request.now,
            )
            messages.success(request, _("Asked for: somebody else decides. Nothing is posted yet."))
        else:
            messages.success(request, _("Posted."))
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
