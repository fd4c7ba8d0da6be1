"""Plans of a case: the figures of the household, offers around them, and a schedule shown live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.money import MoneyError, parse_money
from kept.desk.access import DeskRequest, page
from kept.desk.changing import day_of_form, try_change, whole_of_form
from kept.store.models import Plan
from kept.work.households import do_record_household
from kept.work.permissions import Permission, may
from kept.work.plan_lists import PlanView, list_plans
from kept.work.plan_terms import PlanAsked, PlanGround, get_plan_terms, schedule_of
from kept.work.plans import (
    do_accept_plan,
    do_end_plan,
    do_give_holiday,
    do_offer_plan,
    do_re_age_plan,
    do_restructure_plan,
    get_settlement_figure,
)
from kept.work.refusals import Refusal

__all__ = ["change_plan", "offer_plan", "plans", "preview_plan", "record_household"]

_ROWS = range(1, 7)


@page(Permission.PLAN_OFFER)
def plans(request: DeskRequest, case_id: int) -> HttpResponse:
    pay_day = whole_of_form(request.GET.get("pay_day", "")) or 1
    ground, found = get_plan_terms(
        actor=request.actor, case_id=case_id, pay_day=min(max(pay_day, 1), 31), now=request.now
    )
    listed = list_plans(actor=request.actor, case_id=case_id)
    context = {
        "case": ground.case,
        "ground": ground,
        "carries": ground.household.carries if ground.household else None,
        "budget": ground.household.budget if ground.household else None,
        "offers": found.plans if found else (),
        "why_none": found.reason.told(_) if found and found.reason else "",
        "plans": listed,
        "settles": _settles(request, listed),
        "may_print": may(request.actor, Permission.DOCUMENT_PRINT),
        "shapes": Plan.Shape.choices,
        "rows": _ROWS,
        "pay_day": pay_day,
        "may_change": may(request.actor, Permission.PLAN_CHANGE),
    }
    return render(request, "desk/plans.html", context)


def _settles(request: DeskRequest, listed: Sequence[PlanView]) -> Mapping[str, object]:
    """What pays the running plan off today; nothing where none runs."""
    running = next((each.plan_id for each in listed if each.state == "active"), None)
    if running is None:
        return {}
    figure = get_settlement_figure(actor=request.actor, plan_id=running, now=request.now)
    return {"plan_id": running, "figure": figure}


@page(Permission.PLAN_OFFER)
def preview_plan(request: DeskRequest, case_id: int) -> HttpResponse:
    """The schedule of what is typed, or why it cannot be offered; nothing is written."""
    ground, _found = get_plan_terms(actor=request.actor, case_id=case_id, now=request.now)
    context: dict[str, object] = {"currency": ground.currency}
    try:
        context["schedule"] = schedule_of(ground, _asked(request.GET, ground))
    except Refusal as refusal:
        context["refused"] = refusal.message
    return render(request, "desk/_plan_schedule.html", context)


@require_POST
@page(Permission.PLAN_OFFER)
def offer_plan(request: DeskRequest, case_id: int) -> HttpResponse:
    def offer() -> object:
        ground, _found = get_plan_terms(actor=request.actor, case_id=case_id, now=request.now)
        asked = _asked(request.POST, ground)
        return do_offer_plan(actor=request.actor, case_id=case_id, asked=asked, now=request.now)

    try_change(request, offer, _("Offered."))
    return redirect("plans", case_id)


def _asked(given: QueryDict, ground: PlanGround) -> PlanAsked:
    shape = given.get("shape", "")
    if shape == Plan.Shape.IRREGULAR:
        return PlanAsked(shape=shape, amounts=_amounts(given, ground.currency))
    first: date | None = day_of_form(given, "first_on") if given.get("first_on") else None
    number = whole_of_form(given.get("number", "")) or 0
    pay_day = min(max(whole_of_form(given.get("pay_day", "")) or 1, 1), 31)
    return PlanAsked(shape=shape, number=number, first_on=first, pay_day=pay_day)


def _amounts(given: QueryDict, code: str) -> list[tuple[date, int]]:
    return [
        (day_of_form(given, f"due_{n}"), _minor(given.get(f"amount_{n}", ""), code))
        for n in _ROWS
        if given.get(f"amount_{n}", "").strip()
    ]


def _minor(text: str, code: str) -> int:
    if not text.strip():
        return 0
    try:
        return parse_money(text.strip(), code).amount_minor
    except MoneyError as error:
        raise Refusal(_("Give an amount such as 1234.50.")) from error


@require_POST
@page(Permission.PLAN_OFFER)
def record_household(request: DeskRequest, case_id: int) -> HttpResponse:
    given = request.POST

    def record() -> object:
        ground, _found = get_plan_terms(actor=request.actor, case_id=case_id, now=request.now)
        return do_record_household(
            actor=request.actor,
            debtor_id=ground.case.debtor_id,
            currency=ground.currency,
            income_minor=_minor(given.get("income", ""), ground.currency),
            costs_minor=_minor(given.get("costs", ""), ground.currency),
            other_payments_minor=_minor(given.get("other", ""), ground.currency),
            dependants=whole_of_form(given.get("dependants", "")) or 0,
            now=request.now,
        )

    try_change(request, record, _("Recorded."))
    return redirect("plans", case_id)


@require_POST
@page(Permission.PLAN_OFFER)
def change_plan(request: DeskRequest, case_id: int, plan_id: int) -> HttpResponse:
    """The debtor's answer, or a change of the schedule, by the button that was pressed."""
    given, actor, now = request.POST, request.actor, request.now

    def change() -> object:
        match given.get("step", ""):
            case "accept":
                return do_accept_plan(actor=actor, plan_id=plan_id, now=now)
            case "re_age":
                return do_re_age_plan(actor=actor, plan_id=plan_id, now=now)
            case "holiday":
                months = whole_of_form(given.get("number", "")) or 0
                first = day_of_form(given, "first_on")
                return do_give_holiday(
                    actor=actor, plan_id=plan_id, first_on=first, months=months, now=now
                )
            case "restructure":
                number = whole_of_form(given.get("number", "")) or 0
                first = day_of_form(given, "first_on")
                return do_restructure_plan(
                    actor=actor, plan_id=plan_id, number=number, first_on=first, now=now
                )
            case reason:
                return do_end_plan(actor=actor, plan_id=plan_id, reason=reason, now=now)

    try_change(request, change, _("Done."))
    return redirect("plans", case_id)
