"""What nights and dealing go by at a creditor: capacities a night, and the policy of dealing.

Both are dated: what is set holds from its day on, and what held before stays in view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.attempts import Channel
from kept.core.currencies import currency
from kept.core.dealing_policy import DealingPolicy
from kept.core.money import Money, MoneyError, parse_money
from kept.core.strategies import Stage
from kept.desk import formats
from kept.desk.access import DeskRequest, page
from kept.desk.changing import creditor_given, day_of_form, try_change, whole_of_form
from kept.desk.prices import resource_name
from kept.desk.words import word
from kept.desk.worklists import house_day
from kept.store.models import Creditor
from kept.work.capacities import KNOWN_RESOURCES, do_set_capacity, list_capacities
from kept.work.creditors import list_creditors
from kept.work.dealing_policies import do_set_dealing_policy, list_dealing_policies
from kept.work.permissions import Permission, may
from kept.work.refusals import Refusal, refuse

__all__ = [
    "RESOURCES",
    "amount_text",
    "capacities",
    "dealing_policies",
    "dealing_tabs",
    "set_capacity",
    "set_dealing_policy",
    "typed_amount",
]

_MONEY: Final = ("budget", "waivers")
#: What may be limited on a page: what kept reads itself, and what goes out by a channel.
RESOURCES: Final = (*KNOWN_RESOURCES, *(channel.value for channel in Channel))


def dealing_tabs(request: DeskRequest) -> Mapping[str, bool]:
    """Which pages about dealing the reader has."""
    return {
        "deals": may(request.actor, Permission.CASE_DEAL),
        "reads_seats": may(request.actor, Permission.SEAT_READ),
        "reads_nights": may(request.actor, Permission.NIGHT_READ),
    }


# --- capacities -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CapacityRow:
    """`is_later`: it holds from a day that is to come. `is_none`: nothing of it is planned."""

    resource: str
    name: str
    amount: str
    valid_from: date
    is_later: bool
    is_none: bool


@page(Permission.NIGHT_READ)
def capacities(request: DeskRequest) -> HttpResponse:
    today = house_day(request.now)
    rows = list_capacities(actor=request.actor, on=today)
    creditors = Creditor.objects.in_bulk([each.creditor_code for each in rows], field_name="code")
    by_creditor: dict[str, list[CapacityRow]] = {}
    for each in rows:
        house = creditors[each.creditor_code].currency
        row = CapacityRow(
            each.resource,
            resource_name(each.resource),
            amount_text(each.resource, each.amount, house),
            each.valid_from,
            each.valid_from > today,
            each.amount == 0,
        )
        by_creditor.setdefault(each.creditor_code, []).append(row)
    known = list_creditors(actor=request.actor, permission=Permission.NIGHT_READ)
    context = {
        "creditors": [(code, name, by_creditor.get(code, ())) for _id, code, name in known],
        "resources": [(each, resource_name(each)) for each in RESOURCES],
        "to_change": _to_change(request),
        "today": today,
        **dealing_tabs(request),
    }
    return render(request, "desk/capacities.html", context)


def amount_text(resource: str, amount: int | None, house: str) -> str:
    if amount is None:
        return _("no limit")
    return formats.money(amount, house) if resource in _MONEY else formats.number(amount)


@require_POST
@page(Permission.CAPACITY_CHANGE)
def set_capacity(request: DeskRequest) -> HttpResponse:
    given = request.POST
    creditor = creditor_given(request, given.get("creditor", ""), Permission.CAPACITY_CHANGE)

    def change() -> object:
        resource = given.get("resource", "")
        if resource not in RESOURCES:
            raise Refusal(_("Choose what is limited."))
        return do_set_capacity(
            actor=request.actor,
            creditor_id=creditor.pk,
            resource=resource,
            amount=typed_amount(given.get("amount", ""), resource, creditor.currency),
            valid_from=day_of_form(given, "valid_from"),
            now=request.now,
        )

    try_change(request, change, _("The capacity is set."))
    return redirect("capacities")


def typed_amount(text: str, resource: str, house: str) -> int | None:
    """Pieces, or minor units of what was typed as money; empty is no limit."""
    if resource in _MONEY and text.strip():
        return _minor(text, house)
    return whole_of_form(text)


def _minor(text: str, house: str) -> int:
    try:
        return parse_money(text.strip(), house).amount_minor
    except MoneyError as error:
        raise Refusal(str(error)) from error


# --- the policy of dealing ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One dated policy in words."""

    valid_from: date | None
    is_current: bool
    is_later: bool
    said: Sequence[tuple[str, str]]


@page(Permission.NIGHT_READ)
def dealing_policies(request: DeskRequest) -> HttpResponse:
    """The policies of one creditor, the newest first, and the form with what holds today."""
    today = house_day(request.now)
    known = list_creditors(actor=request.actor, permission=Permission.NIGHT_READ)
    wanted = request.GET.get("creditor", "") or (known[0][1] if known else "")
    context: dict[str, object] = {"creditors": known, **dealing_tabs(request)}
    if wanted:
        creditor = creditor_given(request, wanted, Permission.NIGHT_READ)
        rows = [
            (since, policy)
            for code, since, policy in list_dealing_policies(actor=request.actor)
            if code == creditor.code
        ]
        current = next((row for row in rows if row[0] <= today), (None, DealingPolicy()))
        shown = rows if current[0] else [*rows, current]
        context |= {
            "creditor": creditor,
            "policies": [_policy_row(row, current[0], today, creditor.currency) for row in shown],
            "given": _given(current[1], creditor.currency),
            "stages": [
                (stage, word(stage, "stage"), stage in current[1].stages) for stage in Stage
            ],
            "may_change": creditor.code in {code for _id, code, _name in _to_change(request)},
            "today": today,
        }
    return render(request, "desk/dealing_policies.html", context)


def _policy_row(
    row: tuple[date | None, DealingPolicy], current: date | None, today: date, house: str
) -> PolicyRow:
    since, policy = row
    return PolicyRow(since, since == current, bool(since and since > today), _said(policy, house))


def _said(policy: DealingPolicy, house: str) -> Sequence[tuple[str, str]]:
    comma = "、" if formats.reader_locale().language == "zh" else ", "
    off = _("off")
    tries = _("%(tries)s tries in %(days)s days") % {"tries": policy.tries, "days": policy.try_days}
    amounts = [formats.money(each, house) for each in policy.grade_from_minor]
    grades = [f"{amount}: {grade}" for grade, amount in enumerate(amounts, 2)]
    named = [f"{code}: {grade}" for code, grade in policy.grade_of_treatment]
    stages = [str(word(each, "stage")) for each in policy.stages]
    return (
        (_("leaves its seat when idle for"), _days(policy.idle_days) if policy.idle_days else off),
        (_("leaves its seat without progress after"), tries if policy.tries else off),
        (_("is dealt anew on entering"), comma.join(stages) or off),
        (_("waits for an absent seat that is back within"), _days(policy.absence_days)),
        (_("grade by balance, from"), comma.join(grades) or _("every case has grade 1")),
        (_("least grade of a step"), comma.join(named) or "–"),
    )


def _days(days: int) -> str:
    return _("%(days)s days") % {"days": days}


def _given(policy: DealingPolicy, house: str) -> dict[str, object]:
    """The policy as the form shows it: amounts in major units, one grade a line."""
    amounts = [Money(each, currency(house)).text for each in policy.grade_from_minor]
    return {
        "idle_days": policy.idle_days,
        "tries": policy.tries,
        "try_days": policy.try_days,
        "absence_days": policy.absence_days,
        "amounts": ", ".join(amounts),
        "treatments": ", ".join(f"{code}: {grade}" for code, grade in policy.grade_of_treatment),
    }


@require_POST
@page(Permission.CAPACITY_CHANGE)
def set_dealing_policy(request: DeskRequest) -> HttpResponse:
    creditor = creditor_given(request, request.POST.get("creditor", ""), Permission.CAPACITY_CHANGE)

    def change() -> object:
        return do_set_dealing_policy(
            actor=request.actor,
            creditor_id=creditor.pk,
            policy=_policy(request.POST, creditor),
            valid_from=day_of_form(request.POST, "valid_from"),
            now=request.now,
        )

    try_change(request, change, _("The policy is set."))
    return redirect(f"{request.path.removesuffix('set/')}?creditor={creditor.code}")


def _policy(given: QueryDict, creditor: Creditor) -> DealingPolicy:
    names = ("idle_days", "tries", "try_days", "absence_days")
    days: dict[str, Any] = {name: whole_of_form(given.get(name, "")) or 0 for name in names}
    amounts = [
        each for each in given.get("amounts", "").replace("，", ",").split(",") if each.strip()
    ]
    return DealingPolicy(
        **days,
        stages=tuple(given.getlist("stages")),
        grade_from_minor=tuple(_minor(each, creditor.currency) for each in amounts),
        grade_of_treatment=_grades(given.get("treatments", "")),
    )


def _grades(text: str) -> tuple[tuple[str, int], ...]:
    """`visit: 3, legal_review: 4`."""
    found: dict[str, int] = {}
    for each in text.replace("，", ",").replace("：", ":").split(","):
        if not each.strip():
            continue
        code, colon, grade = each.partition(":")
        number = whole_of_form(grade)
        if not colon or not code.strip() or number is None:
            refuse({"treatments": _("Write grades of steps as visit: 3, legal_review: 4.")})
        else:
            found[code.strip()] = number
    return tuple(sorted(found.items()))


def _to_change(request: DeskRequest) -> tuple[tuple[int, str, str], ...]:
    if not may(request.actor, Permission.CAPACITY_CHANGE):
        return ()
    return list_creditors(actor=request.actor, permission=Permission.CAPACITY_CHANGE)
