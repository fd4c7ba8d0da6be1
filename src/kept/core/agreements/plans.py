"""Instalment plans judged by their schedule: what was due, what was paid, from which day broken.

Not the balance decides but the schedule: on the day after an instalment's last day of tolerance
all that fell due up to it must be covered, but for the tolerated amount. Money pays the oldest
instalment first. A payment that is taken back counts until its own days of tolerance are over, so
that it can be made good. A breach stays one, whatever is paid later; money that was entered late
and effective in time heals it. Amounts are integer minor units.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kept.core.agreements.promises import PaymentMade

__all__ = [
    "InstalmentJudged",
    "PlanJudged",
    "PlanState",
    "Scheduled",
    "Tolerance",
    "judge_plan",
]


class PlanState(StrEnum):
    OFFERED = "offered"
    ACTIVE = "active"
    PERFORMED = "performed"
    BREACHED = "breached"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Scheduled:
    number: int
    due_on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many days late, and how much short in all, is not yet a breach."""

    days: int = 0
    amount_minor: int = 0

    def __post_init__(self) -> None:
        if self.days < 0 or self.amount_minor < 0:
            raise ValueError("a tolerance is not negative")

    @property
    def span(self) -> timedelta:
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class InstalmentJudged:
    """`paid_minor` of it as of the day; `is_late`: its tolerance is over and some is missing."""

    instalment: Scheduled
    paid_minor: int
    is_late: bool

    @property
    def missing_minor(self) -> int:
        return self.instalment.amount_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class PlanJudged:
    """`overdue_minor` fell due before the day and is not paid. `breached_on` is the first day on
    which the plan was broken."""

    state: PlanState
    paid_minor: int
    overdue_minor: int
    breached_on: date | None
    next_due_on: date | None
    instalments: tuple[InstalmentJudged, ...]


def judge_plan(
    schedule: Sequence[Scheduled],
    accounts: Collection[int],
    payments: Iterable[PaymentMade],
    *,
    began_on: date,
    tolerance: Tolerance,
    as_of: date,
) -> PlanJudged:
    """By the payments on the plan's accounts from its beginning on that stood as of the day."""
    money = [
        each
        for each in payments
        if each.account in accounts and began_on <= each.effective_on <= as_of
    ]
    breached_on = _breached_on(schedule, money, tolerance, as_of)
    paid = sum(each.amount_minor for each in money if each.stands(as_of))
    rows = _spread(schedule, paid, tolerance, as_of)
    total = sum(each.amount_minor for each in schedule)
    overdue = sum(each.missing_minor for each in rows if each.instalment.due_on < as_of)
    return PlanJudged(
        state=_state(total, paid, tolerance, breached_on),
        paid_minor=min(paid, total),
        overdue_minor=overdue,
        breached_on=breached_on,
        next_due_on=next((each.instalment.due_on for each in rows if each.missing_minor), None),
        instalments=rows,
    )


def _state(total: int, paid: int, tolerance: Tolerance, breached_on: date | None) -> PlanState:
    if breached_on is not None:
        return PlanState.BREACHED
    return PlanState.PERFORMED if paid >= total - tolerance.amount_minor else PlanState.ACTIVE


def _breached_on(
    schedule: Sequence[Scheduled],
    money: Sequence[PaymentMade],
    tolerance: Tolerance,
    as_of: date,
) -> date | None:
    """Only days on which something can turn are looked at: after a tolerance, after a reversal."""
    day = timedelta(days=1)
    turning = {each.due_on + tolerance.span + day for each in schedule}
    turning |= {
        each.reversed_on + tolerance.span + day for each in money if each.reversed_on is not None
    }
    for on in sorted(each for each in turning if each <= as_of):
        wanted = sum(each.amount_minor for each in schedule if each.due_on + tolerance.span < on)
        there = sum(each.amount_minor for each in money if _counts(each, on, tolerance))
        if wanted - there > tolerance.amount_minor:
            return on
    return None


def _counts(payment: PaymentMade, on: date, tolerance: Tolerance) -> bool:
    taken_back = payment.reversed_on
    still = taken_back is None or on <= taken_back + tolerance.span
    return payment.effective_on < on and still


def _spread(
    schedule: Sequence[Scheduled], paid: int, tolerance: Tolerance, as_of: date
) -> tuple[InstalmentJudged, ...]:
    rows = []
    for each in sorted(schedule, key=lambda row: (row.due_on, row.number)):
        part = min(paid, each.amount_minor)
        paid -= part
        late = part < each.amount_minor and as_of > each.due_on + tolerance.span
        rows.append(InstalmentJudged(each, part, late))
    return tuple(rows)
