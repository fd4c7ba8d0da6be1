"""Offering an instalment plan, the debtor's answer, and what changes or ends a running one.

A running plan is a record of relief for the person (`Hardship`, kind instalment): so the law and
the strategies know of it, and collection stops while it is performed. What it comes to is judged by
its schedule (`work/plan_ends.py`). A new schedule is a new plan in the place of the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.agreements.plans import PlanState
from kept.core.events import ChainKind
from kept.core.lending.rates import Rate, RateUnit
from kept.core.lending.schedule_changes import (
    SettlementFigure,
    early_settlement,
    payment_holiday,
    re_age,
    restructure,
)
from kept.core.lending.schedules import Instalment, ScheduleError, ScheduleTerms
from kept.store.events import append_event
from kept.store.models import Hardship, Plan, PlanInstalment, Promise
from kept.store.to_decide import Cause, mark_case
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.person_records import Subject, begin_record, end_record
from kept.work.plan_policies import policy_on
from kept.work.plan_terms import PlanAsked, plan_ground, schedule_of
from kept.work.promise_ends import end_promises
from kept.work.refusals import Refusal, refuse
from kept.work.waiver_terms import open_case

__all__ = [
    "do_accept_plan",
    "do_end_plan",
    "do_give_holiday",
    "do_offer_plan",
    "do_re_age_plan",
    "do_restructure_plan",
    "end_plan",
    "end_relief",
    "get_settlement_figure",
    "instalments_of",
    "tell_plan",
]

_MONTHS_MOST: Final = 60


@transaction.atomic
def do_offer_plan(*, actor: Actor, case_id: int, asked: PlanAsked, now: datetime) -> Plan:
    """Offer a plan that the household can carry; several may be offered side by side."""
    case = open_case(actor, case_id, Permission.PLAN_OFFER, locked=True)
    if Plan.objects.filter(case=case, state=PlanState.ACTIVE).exists():
        raise Refusal(_("A plan runs in this case: change its schedule instead."))
    ground = plan_ground(case, now, asked.account_ids)
    rows = schedule_of(ground, asked)
    policy = ground.policy
    plan = Plan.objects.create(
        case=case,
        creditor_id=case.creditor_id,
        account_ids=list(ground.account_ids),
        currency=ground.currency,
        shape=asked.shape,
        state=PlanState.OFFERED.value,
        owed_minor=ground.owed_minor,
        rate_nano=policy.rate_nano,
        tolerance_days=policy.tolerance_days,
        tolerance_minor=policy.tolerance_minor,
        offered_at=now,
        offered_by=actor.name,
        offer_until=ground.on + timedelta(days=policy.offer_days),
        household_id=ground.household.record_id if ground.household else None,
        next_due_on=rows[0].due_on,
    )
    _write(plan, rows)
    tell_plan(actor, plan, "offer", now, instalments=len(rows), first=rows[0].due_on.isoformat())
    return plan


def _write(plan: Plan, rows: Sequence[Instalment]) -> None:
    PlanInstalment.objects.bulk_create(
        PlanInstalment(
            plan=plan,
            number=row.number,
            due_on=row.due_on,
            principal_minor=row.principal_minor,
            interest_minor=row.interest_minor,
        )
        for row in rows
    )


def instalments_of(plan: Plan) -> tuple[Instalment, ...]:
    return tuple(
        Instalment(row.number, row.due_on, row.principal_minor, row.interest_minor)
        for row in plan.instalments.order_by("number")
    )


@transaction.atomic
def do_accept_plan(*, actor: Actor, plan_id: int, now: datetime) -> Plan:
    """The debtor takes one of the offers: it runs from today, the others end; twice is once."""
    plan = _locked(actor, plan_id, Permission.PLAN_OFFER)
    if plan.state == PlanState.ACTIVE:
        return plan
    if plan.state != PlanState.OFFERED:
        raise Refusal(_("This offer does not stand any more."))
    on = _today(plan, now)
    if on > plan.offer_until:
        raise Refusal(
            _("The offer stood until %(day)s: ask for a new one.") % {"day": plan.offer_until}
        )
    others = Plan.objects.select_for_update(of=("self",)).filter(case_id=plan.case_id)
    for other in others.filter(state=PlanState.OFFERED).exclude(pk=plan.pk).order_by("pk"):
        end_plan(actor, other, on, Plan.EndReason.WITHDRAWN, now)
    _begin(actor, plan, on, now)
    end_promises(
        actor=actor,
        debtor_id=plan.case.debtor_id,
        account_ids=plan.account_ids,
        reason=Promise.EndReason.PLAN,
        now=now,
    )
    tell_plan(actor, plan, "accept", now, began_on=on.isoformat())
    return plan


def _begin(actor: Actor, plan: Plan, on: date, now: datetime) -> None:
    last = plan.instalments.order_by("-due_on").values_list("due_on", flat=True).first()
    hardship = begin_record(
        Hardship,
        actor=actor,
        about=Subject(plan.case.debtor_id, account_ids=plan.account_ids),
        received_at=now,
        values={
            "kind": Hardship.Kind.INSTALMENT.value,
            "from_on": on,
            "until_on": last and last + timedelta(days=plan.tolerance_days + 1),
        },
        now=now,
    )
    plan.state, plan.began_on, plan.accepted_at = PlanState.ACTIVE.value, on, now
    plan.hardship, plan.judged_on, plan.seen_postings = hardship, on, -1
    plan.save()


def _locked(actor: Actor, plan_id: int, permission: Permission) -> Plan:
    rows = visible_rows(Plan, require(actor, permission)).select_related("case", "creditor")
    plan = rows.filter(pk=plan_id).select_for_update(of=("self",)).first()
    if plan is None:
        raise not_there()
    return plan


def _today(plan: Plan, now: datetime) -> date:
    return now.astimezone(ZoneInfo(plan.creditor.zone)).date()


@transaction.atomic
def do_end_plan(*, actor: Actor, plan_id: int, reason: str, now: datetime) -> None:
    """Withdraw an offer, or end a running plan: cancelled, or settled early."""
    plan = _locked(actor, plan_id, Permission.PLAN_CHANGE)
    if reason not in (Plan.EndReason.CANCELLED, Plan.EndReason.SETTLED, Plan.EndReason.WITHDRAWN):
        refuse({"reason": _("Choose one of: %s.") % "cancelled, settled, withdrawn"})
    if plan.state not in (PlanState.OFFERED, PlanState.ACTIVE):
        raise Refusal(_("This plan has ended."))
    end_plan(actor, plan, _today(plan, now), Plan.EndReason(reason), now)


def end_plan(actor: Actor, plan: Plan, on: date, reason: Plan.EndReason, now: datetime) -> None:
    plan.state, plan.ended_on, plan.end_reason = PlanState.ENDED.value, on, reason.value
    plan.save()
    end_relief(actor, plan, str(reason.value), now)
    tell_plan(actor, plan, "end", now, reason=reason.value)


def end_relief(actor: Actor, plan: Plan, why: str, now: datetime, *, broken: bool = False) -> None:
    """The record of relief ends with the plan; a breach is told by it to law and strategies."""
    if plan.hardship_id is None or plan.hardship is None or plan.hardship.ended_at is not None:
        return
    end_record(
        Hardship,
        actor=actor,
        row_id=plan.hardship_id,
        reason=why,
        values={"is_breached": broken},
        permission=Permission.PERSON_RECORD,
        now=now,
    )


# --- changes of a running plan --------------------------------------------------------------------


@transaction.atomic
def do_re_age_plan(*, actor: Actor, plan_id: int, now: datetime) -> Plan:
    """What is overdue moves behind the last instalment: the plan is current again."""
    plan = _running(actor, plan_id)
    policy = policy_on(plan.creditor_id, _today(plan, now))
    if plan.re_ages >= policy.re_ages_most:
        raise Refusal(
            _("A plan is made current at most %(most)s times.") % {"most": policy.re_ages_most}
        )
    on = _today(plan, now)
    return _replace(
        actor, plan, lambda rows: re_age(rows, plan.paid_minor, on), now, re_ages=plan.re_ages + 1
    )


@transaction.atomic
def do_give_holiday(
    *, actor: Actor, plan_id: int, first_on: date, months: int, now: datetime
) -> Plan:
    """Instalments due from a day on come so many months later."""
    plan = _running(actor, plan_id)
    policy = policy_on(plan.creditor_id, _today(plan, now))
    if not 1 <= months <= policy.holiday_months_most:
        most = policy.holiday_months_most
        refuse({"months": _("A payment holiday is of 1 to %(most)s months.") % {"most": most}})
    if first_on < _today(plan, now):
        refuse({"first_on": _("It begins today or later.")})
    terms = _terms(plan, first_on)
    return _replace(
        actor,
        plan,
        lambda rows: payment_holiday(rows, plan.paid_minor, first_on, months, terms=terms),
        now,
    )


@transaction.atomic
def do_restructure_plan(
    *, actor: Actor, plan_id: int, number: int, first_on: date, now: datetime
) -> Plan:
    """A new schedule over what is left, in `number` equal instalments."""
    plan = _running(actor, plan_id)
    terms = _terms(plan, first_on, starts_on=_today(plan, now))
    return _replace(
        actor, plan, lambda rows: restructure(rows, plan.paid_minor, number, terms), now
    )


def _running(actor: Actor, plan_id: int) -> Plan:
    plan = _locked(actor, plan_id, Permission.PLAN_CHANGE)
    if plan.state != PlanState.ACTIVE:
        raise Refusal(_("Only a running plan is changed: offer a new one."))
    return plan


def _terms(plan: Plan, first_on: date, starts_on: date | None = None) -> ScheduleTerms:
    policy = policy_on(plan.creditor_id, plan.began_on or first_on)
    return ScheduleTerms(
        starts_on=starts_on or plan.began_on or first_on,
        first_on=first_on,
        rate=Rate(plan.rate_nano, RateUnit.YEARLY),
        unit_minor=policy.unit_minor,
        months_most=policy.months_most,
    )


def _replace(
    actor: Actor,
    plan: Plan,
    change: Callable[[tuple[Instalment, ...]], tuple[Instalment, ...]],
    now: datetime,
    *,
    re_ages: int | None = None,
) -> Plan:
    """The new plan over what is left; money from today on counts for it, once."""
    try:
        rows = change(instalments_of(plan))
    except ScheduleError as error:
        raise Refusal(error.said.told(_)) from error
    on = _today(plan, now)
    _refuse_too_long(plan, rows)
    end_plan(actor, plan, on, Plan.EndReason.REPLACED, now)
    fresh = Plan.objects.create(
        case_id=plan.case_id,
        creditor_id=plan.creditor_id,
        account_ids=plan.account_ids,
        currency=plan.currency,
        shape=Plan.Shape.IRREGULAR,
        state=PlanState.OFFERED.value,
        owed_minor=sum(row.principal_minor for row in rows),
        rate_nano=plan.rate_nano,
        tolerance_days=plan.tolerance_days,
        tolerance_minor=plan.tolerance_minor,
        offered_at=now,
        offered_by=actor.name,
        offer_until=on,
        household_id=plan.household_id,
        next_due_on=rows[0].due_on,
        replaces=plan,
        re_ages=plan.re_ages if re_ages is None else re_ages,
    )
    _write(fresh, rows)
    _begin(actor, fresh, on, now)
    tell_plan(actor, fresh, "change", now, replaces=plan.pk, instalments=len(rows))
    return fresh


def _refuse_too_long(plan: Plan, rows: Sequence[Instalment]) -> None:
    """The law counts from the first agreement on, whatever came after it."""
    first = plan
    while first.replaces is not None:
        first = first.replaces
    began = first.began_on or rows[0].due_on
    last = rows[-1].due_on
    if (last.year - began.year) * 12 + last.month - began.month > _MONTHS_MOST:
        raise Refusal(
            _("It would end on %(last)s, later than %(months)s months from its first day.")
            % {"last": last, "months": _MONTHS_MOST}
        )


def get_settlement_figure(
    *, actor: Actor, plan_id: int, on: date | None = None, now: datetime
) -> SettlementFigure:
    """What pays a running plan off on a day, and the interest that is saved by it."""
    rows = visible_rows(Plan, require(actor, Permission.CASE_READ)).select_related("creditor")
    plan = rows.filter(pk=plan_id, state=PlanState.ACTIVE).first()
    if plan is None or plan.began_on is None:
        raise not_there()
    terms = _terms(plan, plan.began_on)
    day = on or _today(plan, now)
    return early_settlement(instalments_of(plan), plan.paid_minor, terms, day)


def tell_plan(actor: Actor, plan: Plan, verb: str, now: datetime, **more: object) -> None:
    append_event(
        actor=actor,
        action=f"plan.{verb}",
        subject=f"plan:{plan.pk}",
        body={"currency": plan.currency, "amount": plan.owed_minor, **more},
        now=now,
        chain=ChainKind.CASE,
        chain_id=plan.case_id,
    )
    mark_case(plan.case_id, Cause.RECORD, now)
