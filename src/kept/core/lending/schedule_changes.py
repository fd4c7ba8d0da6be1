"""What changes a schedule that runs: early settlement, re-age, payment holiday, restructure.

Pure functions over instalments and what was paid on them. Money pays the oldest instalment first,
of each the interest first. Nothing is posted here and nothing is agreed: a changed schedule is a
new version of the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from kept.core.lending.day_counts import DayCount, year_fraction
from kept.core.lending.faults import LendingFault
from kept.core.lending.rates import NANO, RateUnit
from kept.core.lending.schedules import (
    Every,
    Instalment,
    ScheduleError,
    ScheduleTerms,
    add_months,
    annuity,
    due_dates,
)

__all__ = [
    "SettlementFigure",
    "early_settlement",
    "overdue_part",
    "payment_holiday",
    "re_age",
    "restructure",
    "unpaid",
]


def unpaid(schedule: Sequence[Instalment], paid_minor: int) -> tuple[Instalment, ...]:
    """What is left of each instalment after payments; paid ones are left out."""
    left: list[Instalment] = []
    for row in schedule:
        to_interest = min(paid_minor, row.interest_minor)
        to_principal = min(paid_minor - to_interest, row.principal_minor)
        paid_minor -= to_interest + to_principal
        rest = replace(
            row,
            principal_minor=row.principal_minor - to_principal,
            interest_minor=row.interest_minor - to_interest,
        )
        if rest.amount_minor:
            left.append(rest)
    return tuple(left)


def overdue_part(schedule: Sequence[Instalment], paid_minor: int, on: date) -> int:
    """What fell due before a day and is not paid."""
    return sum(row.amount_minor for row in unpaid(schedule, paid_minor) if row.due_on < on)


@dataclass(frozen=True, slots=True)
class SettlementFigure:
    """What pays a plan off on a day, and the interest of later days that is saved by it."""

    on: date
    principal_minor: int
    interest_minor: int
    saved_minor: int

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.interest_minor


def early_settlement(
    schedule: Sequence[Instalment], paid_minor: int, terms: ScheduleTerms, on: date
) -> SettlementFigure:
    """All principal that is left, interest due up to the day, and that of the days since the last
    due date, rounded half up; interest of later days falls away."""
    left = unpaid(schedule, paid_minor)
    due = [row for row in left if row.due_on <= on]
    later = [row for row in left if row.due_on > on]
    interest = sum(row.interest_minor for row in due)
    planned = sum(row.interest_minor for row in later)
    running = min(_running(schedule, later, terms, on), planned)
    principal = sum(row.principal_minor for row in left)
    return SettlementFigure(on, principal, interest + running, planned - running)


def _running(
    schedule: Sequence[Instalment],
    later: Sequence[Instalment],
    terms: ScheduleTerms,
    on: date,
) -> int:
    """Interest of the period that runs on the day, as far as it is not paid."""
    coming = next((row for row in schedule if row.due_on > on), None)
    if coming is None or not later:
        return 0
    begin = max((row.due_on for row in schedule if row.due_on <= on), default=terms.starts_on)
    paid = coming.interest_minor - sum(
        row.interest_minor for row in later if row.number == coming.number
    )
    days = (coming.due_on - begin).days
    gone = Fraction(max((on - begin).days, 0), days) if days else Fraction(0)
    if terms.day_count is not None and terms.rate.unit is RateUnit.YEARLY and days:
        whole = _part(terms.day_count, begin, coming.due_on)
        gone = _part(terms.day_count, begin, max(on, begin)) / whole if whole else gone
    exact = coming.interest_minor * gone
    return max((2 * exact.numerator + exact.denominator) // (2 * exact.denominator) - paid, 0)


def _part(count: DayCount, first: date, end: date) -> Fraction:
    return year_fraction(count, first, end)


def re_age(
    schedule: Sequence[Instalment], paid_minor: int, on: date, every: Every = Every.MONTH
) -> tuple[Instalment, ...]:
    """What is overdue moves behind the last instalment, in as many as were missed: the plan is
    current on the day. No amount changes."""
    left = unpaid(schedule, paid_minor)
    missed = [row for row in left if row.due_on < on]
    ahead = [row for row in left if row.due_on >= on]
    if not missed:
        raise ScheduleError(LendingFault.NOT_UNPAID)
    wanted = max(row.due_on.day for row in schedule)
    last = max(row.due_on for row in schedule)
    begin = last if ahead else on
    days = due_dates(begin, len(missed) + 1, every, wanted)[1:]
    moved = [replace(row, due_on=day) for row, day in zip(missed, days, strict=True)]
    return _numbered([*ahead, *moved])


def payment_holiday(
    schedule: Sequence[Instalment],
    paid_minor: int,
    first_on: date,
    months: int,
    *,
    terms: ScheduleTerms | None = None,
) -> tuple[Instalment, ...]:
    """Instalments due on or after a day come `months` later. With `terms` interest of those months
    runs on what is left and is added to the first instalment after; without, it is given up."""
    left = unpaid(schedule, paid_minor)
    before = [row for row in left if row.due_on < first_on]
    moved = [row for row in left if row.due_on >= first_on]
    if not moved:
        raise ScheduleError(LendingFault.NOT_UNPAID)
    wanted = max(row.due_on.day for row in schedule)
    later = [replace(row, due_on=add_months(row.due_on, months, wanted)) for row in moved]
    if terms is not None and terms.rate.nano:
        principal = sum(row.principal_minor for row in moved)
        more = _holiday_interest(principal, moved[0].due_on, later[0].due_on, months, terms)
        later[0] = replace(later[0], interest_minor=later[0].interest_minor + more)
    return _numbered([*before, *later])


def _holiday_interest(
    principal: int, begin: date, end: date, months: int, terms: ScheduleTerms
) -> int:
    if terms.rate.unit is RateUnit.DAILY:
        part = Fraction((end - begin).days)
    elif terms.day_count is not None:
        part = year_fraction(terms.day_count, begin, end)
    else:
        part = Fraction(months, 12)
    exact = principal * part * Fraction(terms.rate.nano, NANO)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def restructure(
    schedule: Sequence[Instalment],
    paid_minor: int,
    number: int,
    terms: ScheduleTerms,
    *,
    forgiven_interest_minor: int = 0,
) -> tuple[Instalment, ...]:
    """A new annuity over the principal that is left; interest that was due by `terms.starts_on` and
    is not forgiven is spread over it without bearing interest, the first instalments taking what
    does not divide."""
    left = unpaid(schedule, paid_minor)
    if not left:
        raise ScheduleError(LendingFault.NOT_UNPAID)
    due = sum(row.interest_minor for row in left if row.due_on <= terms.starts_on)
    carried = max(due - forgiven_interest_minor, 0)
    rows = annuity(sum(row.principal_minor for row in left), number, terms)
    share, rest = divmod(carried, len(rows))
    return tuple(
        replace(row, interest_minor=row.interest_minor + share + (place < rest))
        for place, row in enumerate(rows)
    )


def _numbered(rows: Sequence[Instalment]) -> tuple[Instalment, ...]:
    return tuple(replace(row, number=place) for place, row in enumerate(rows, 1))
