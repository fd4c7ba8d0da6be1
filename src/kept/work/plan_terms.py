"""Schedules of a plan before it is offered: two or three around what can be carried, or one's own.

Nothing is written here. A plan that cannot be carried, that is too long or does not add up is
refused with its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.agreements.plan_policy import PlanPolicy
from kept.core.currencies import currency as currency_of
from kept.core.lending.affordability import Offer, offers
from kept.core.lending.rates import Rate, RateUnit
from kept.core.lending.schedules import (
    Instalment,
    ScheduleError,
    ScheduleTerms,
    annuity,
    equal_principal,
    first_pay_day,
    irregular,
)
from kept.core.money import Money
from kept.store.models import Case, Person, Plan
from kept.work.households import Household, carried_by
from kept.work.permissions import Permission
from kept.work.plan_policies import policy_on
from kept.work.refusals import Refusal
from kept.work.waiver_terms import balances_of, open_case

__all__ = ["PlanAsked", "PlanGround", "get_plan_terms", "plan_ground", "schedule_of"]


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """`number` instalments of a shape from `first_on`, or from the first `pay_day` of a month that
    comes; `amounts` (due on, amount) for irregular ones."""

    shape: str
    number: int = 0
    first_on: date | None = None
    pay_day: int | None = None
    amounts: Sequence[tuple[date, int]] = ()
    account_ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class PlanGround:
    """A case as a plan is made for it; `household` None: nothing new enough is known."""

    case: Case
    on: date
    currency: str
    account_ids: tuple[int, ...]
    owed_minor: int
    policy: PlanPolicy
    household: Household | None
    needs_household: bool

    def terms(self, first_on: date) -> ScheduleTerms:
        return ScheduleTerms(
            starts_on=self.on,
            first_on=first_on,
            rate=Rate(self.policy.rate_nano, RateUnit.YEARLY),
            unit_minor=self.policy.unit_minor,
            months_most=self.policy.months_most,
        )


def plan_ground(case: Case, now: datetime, account_ids: Sequence[int] | None = None) -> PlanGround:
    on = now.astimezone(ZoneInfo(case.creditor.zone)).date()
    accounts, code = balances_of(case, on, account_ids)
    owed = sum(max(amount, 0) for parts in accounts.values() for amount in parts.values())
    policy = policy_on(case.creditor_id, on)
    return PlanGround(
        case=case,
        on=on,
        currency=code,
        account_ids=tuple(sorted(accounts)),
        owed_minor=owed,
        policy=policy,
        household=carried_by(case.debtor, code, policy, on, now),
        needs_household=case.debtor.kind == Person.Kind.PERSON,
    )


def get_plan_terms(
    *, actor: Actor, case_id: int, pay_day: int = 1, now: datetime
) -> tuple[PlanGround, Offer | None]:
    """The case with up to three schedules that it can carry; None: figures are needed."""
    case = open_case(actor, case_id, Permission.PLAN_OFFER)
    ground = plan_ground(case, now)
    if ground.household is None or ground.owed_minor <= 0:
        return ground, None
    terms = ground.terms(first_pay_day(ground.on, pay_day))
    return ground, offers(ground.owed_minor, ground.household.carries, terms)


def schedule_of(ground: PlanGround, asked: PlanAsked) -> tuple[Instalment, ...]:
    """The schedule that is asked for; refused with what is wrong, or above what can be carried."""
    if ground.owed_minor <= 0:
        raise Refusal(_("Nothing is owed."))
    try:
        rows = _made(ground, asked)
    except ScheduleError as error:
        raise Refusal(error.said.told(_)) from error
    _refuse_uncarried(ground, rows)
    return rows


def _made(ground: PlanGround, asked: PlanAsked) -> tuple[Instalment, ...]:
    first = asked.first_on or first_pay_day(ground.on, asked.pay_day or 1)
    if asked.shape == Plan.Shape.IRREGULAR:
        first = asked.amounts[0][0] if asked.amounts else first
        return irregular(ground.owed_minor, asked.amounts, ground.terms(first))
    if asked.shape == Plan.Shape.EQUAL_PRINCIPAL:
        return equal_principal(ground.owed_minor, asked.number, ground.terms(first))
    if asked.shape == Plan.Shape.ANNUITY:
        return annuity(ground.owed_minor, asked.number, ground.terms(first))
    raise Refusal(_("Choose one of: %s.") % ", ".join(Plan.Shape.values))


def _refuse_uncarried(ground: PlanGround, rows: Sequence[Instalment]) -> None:
    if not ground.needs_household:
        return
    if ground.household is None:
        raise Refusal(_("Ask for income, living costs and dependants first: none is new enough."))
    by_month: dict[tuple[int, int], int] = {}
    for row in rows:
        month = (row.due_on.year, row.due_on.month)
        by_month[month] = by_month.get(month, 0) + row.amount_minor
    largest, most = max(by_month.values()), ground.household.carries.largest_minor
    if largest > most:
        kind = currency_of(ground.currency)
        raise Refusal(
            _("%(largest)s a month is more than the %(most)s that this household can carry.")
            % {"largest": Money(largest, kind), "most": Money(most, kind)}
        )
