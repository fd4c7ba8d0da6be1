"""Promises on the desk: taking one on the case page, confirming and cancelling, and the kept rates.

The form is filled in when the page opens: what is past due, on the last day that the policy takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_POST

from kept.core.currencies import currency
from kept.core.money import Money, MoneyError, parse_money
from kept.desk import formats
from kept.desk.access import DeskRequest, page
from kept.desk.worklists import house_day
from kept.store.models import Promise
from kept.work.permissions import Permission
from kept.work.promise_lists import Choice, get_case_promises
from kept.work.promise_measures import By, RatesView, list_promise_rates
from kept.work.promises import (
    Asked,
    do_cancel_promise,
    do_confirm_promise,
    do_take_promise,
)
from kept.work.refusals import Refusal, refuse

__all__ = ["case_promises", "change_promise", "promises", "take_promise"]


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the form is filled with, and the policy in words."""

    choice: Choice
    amount: str
    due_on: date
    policy: tuple[str, ...]


def case_promises(request: DeskRequest, case_id: int) -> dict[str, object]:
    """What the part of the case page needs."""
    found = get_case_promises(actor=request.actor, case_id=case_id, now=request.now)
    return {
        "promises": found,
        "promise_offers": [_offer(each) for each in found.choices],
        "promise_ways": Promise.Way.choices,
        "open_promises": [each for each in found.promises if each.is_open],
    }


def _offer(choice: Choice) -> _Offer:
    allowed = choice.allowed
    amount = Money(allowed.suggested_minor, currency(choice.currency)).text
    due_on = min(allowed.last_on, allowed.first_on + timedelta(days=3))
    return _Offer(choice, amount, due_on, _policy_lines(choice))


def _policy_lines(choice: Choice) -> tuple[str, ...]:
    """The policy told before one errs."""
    allowed, policy = choice.allowed, choice.policy
    lines = [
        _("From %(least)s to %(most)s, until %(day)s.")
        % {
            "least": formats.money(allowed.least_minor, choice.currency),
            "most": formats.money(allowed.most_minor, choice.currency),
            "day": formats.day(allowed.last_on),
        }
    ]
    if policy.terms.grace_days or policy.terms.tolerance_ppm:
        lines.append(
            _("Kept with %(share)s missing at most, within %(days)s days after the day.")
            % {
                "share": _share(Fraction(policy.terms.tolerance_ppm, 1_000_000)),
                "days": policy.terms.grace_days,
            }
        )
    else:
        lines.append(_("Kept only to the last cent, on the day at the latest."))
    if not allowed.may_take:
        lines.append(_("Too many promises are open or were broken: the policy takes no more."))
    return tuple(lines)


@require_POST
@page(Permission.PROMISE_TAKE)
def take_promise(request: DeskRequest, case_id: int) -> HttpResponse:
    """Record the promise; what is refused is said with what would be taken."""
    try:
        asked = _asked(request.POST)
        promise = do_take_promise(
            actor=request.actor, case_id=case_id, asked=asked, now=request.now
        )
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
        return redirect("case", case_id)
    messages.success(
        request,
        _("Promised: %(amount)s by %(day)s.")
        % {
            "amount": formats.money(promise.amount_minor, promise.currency),
            "day": formats.day(promise.due_on),
        },
    )
    return redirect("case", case_id)


def _asked(form: QueryDict) -> Asked:
    faults = {}
    code, amount, due_on = form.get("currency", ""), 0, date.min
    try:
        amount = parse_money(form.get("amount", "").strip(), code).amount_minor
    except (MoneyError, ValueError):
        faults["amount"] = _("Give an amount such as 1234.50.")
    try:
        due_on = date.fromisoformat(form.get("due_on", ""))
    except ValueError:
        faults["due_on"] = _("Give a day.")
    refuse(faults)
    said_by = form.get("said_by", "")
    return Asked(
        amount,
        code,
        due_on,
        way=form.get("way", ""),
        related_person_id=int(said_by) if _is_number(said_by) else None,
        exceed_reason=form.get("exceed_reason", ""),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


@require_POST
@page(Permission.CASE_READ)
def change_promise(request: DeskRequest, case_id: int, promise_id: int) -> HttpResponse:
    """Confirm or cancel an open promise of the case."""
    given: dict[str, Any] = {
        "actor": request.actor,
        "promise_id": promise_id,
        "now": request.now,
    }
    try:
        if request.POST.get("act") == "confirm":
            do_confirm_promise(**given)
            said = _("Confirmed.")
        else:
            do_cancel_promise(reason=request.POST.get("reason", ""), **given)
            said = _("Cancelled; it is counted apart.")
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
        return redirect("case", case_id)
    messages.success(request, said)
    return redirect("case", case_id)


# --- the page of measures -------------------------------------------------------------------------

_PERIODS: Final = (7, 30, 90)
_VIEWS: Final = (
    (By.CREDITOR, _later("By creditor")),
    (By.TEAM, _later("By team")),
    (By.COLLECTOR, _later("By collector")),
)
_RATES: Final = (
    "kept_rate",
    "partial_kept_rate",
    "broken_rate",
    "kept_amount_rate",
    "promise_cash_rate",
)


@dataclass(frozen=True, slots=True)
class _Shown:
    row: RatesView
    name: str
    rates: tuple[str, ...]
    pending: int
    cancelled: int
    why_cancelled: str
    width: str


@page(Permission.PROMISE_MEASURE)
def promises(request: DeskRequest) -> HttpResponse:
    """Kept rates of the promises due in the days up to a day, as they stood on that day."""
    today = house_day(request.now)
    as_of = _day(request.GET.get("as_of", "")) or today
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, _PERIODS) else _PERIODS[1]
    by = next((view for view, _name in _VIEWS if view == request.GET.get("by")), By.CREDITOR)
    rows = list_promise_rates(
        actor=request.actor,
        by=by,
        first=as_of - timedelta(days=days - 1),
        last=as_of,
        as_of=as_of,
        known_at=request.now,
    )
    context = {
        "rows": [_shown(row) for row in rows],
        "as_of": as_of,
        "today": today,
        "days": days,
        "periods": _PERIODS,
        "by": by.value,
        "views": [(view.value, name) for view, name in _VIEWS],
    }
    return render(request, "desk/promises.html", context)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found <= date(2200, 1, 1) else None


def _shown(row: RatesView) -> _Shown:
    kept = row.rates["kept_rate"]
    return _Shown(
        row,
        row.key or _("without a team"),
        tuple(_share(row.rates[name]) for name in _RATES),
        int(row.rates["pending_count"] or 0),
        int(row.rates["cancelled_count"] or 0),
        ", ".join(f"{_reason(code)} {count}" for code, count in sorted(row.cancelled.items())),
        "0" if kept is None else f"{float(kept) * 100:.1f}",
    )


def _reason(code: str) -> str:
    return str(dict(Promise.EndReason.choices).get(code, code))


def _share(rate: Fraction | int | None) -> str:
    """A rate to a tenth of a per cent; a dash where nothing has matured."""
    if rate is None:
        return "–"
    exact = Decimal(Fraction(rate).numerator * 1_000) / Decimal(Fraction(rate).denominator)
    tenths = int(exact.to_integral_value())
    return f"{tenths // 10}.{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"
