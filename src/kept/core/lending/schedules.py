"""Schedules of instalments: annuity, equal principal, irregular; due on pay-days; to the cent.

Interest of each period is the balance times the period's part of a year, rounded half up; the
instalment is rounded half up to a whole `unit_minor`. The last instalment takes what the roundings
leave, so that the principal adds up exactly; none is ever negative. What changes a schedule that
runs is `schedule_changes.py`; whether a debtor can carry one is `affordability.py`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final

from kept.core.lending.day_counts import DayCount, year_fraction
from kept.core.lending.faults import LendingFault
from kept.core.lending.rates import NANO, Rate, RateUnit
from kept.core.said import Said

__all__ = [
    "MONTHS_MOST",
    "NO_INTEREST",
    "Every",
    "Instalment",
    "ScheduleError",
    "ScheduleTerms",
    "add_months",
    "annuity",
    "due_dates",
    "equal_principal",
    "first_pay_day",
    "irregular",
    "level_instalment",
]

#: More than twenty years of monthly instalments are a slip of the pen.
_INSTALMENTS_MOST: Final = 1_200
#: Where a rule says so, such as for personalised instalments of Chinese credit cards
#: (商业银行信用卡业务监督管理办法 第七十条: five years at most).
MONTHS_MOST: Final = 60
NO_INTEREST: Final = Rate(0, RateUnit.YEARLY)


class ScheduleError(ValueError):
    """A schedule that cannot be made; `said` says what to do."""

    def __init__(self, source: str, **values: object) -> None:
        self.said = Said(source, **values)
        super().__init__(str(self.said))


class Every(StrEnum):
    MONTH = "month"
    FORTNIGHT = "fortnight"
    WEEK = "week"


_DAYS: Final = {Every.FORTNIGHT: 14, Every.WEEK: 7}


@dataclass(frozen=True, slots=True)
class ScheduleTerms:
    """`starts_on`: from when interest runs. Without `day_count` each period is an even part of the
    year (a month a twelfth); `months_most` None sets no limit."""

    starts_on: date
    first_on: date
    rate: Rate = NO_INTEREST
    every: Every = Every.MONTH
    day_count: DayCount | None = None
    unit_minor: int = 1
    months_most: int | None = MONTHS_MOST


@dataclass(frozen=True, slots=True)
class Instalment:
    number: int
    due_on: date
    principal_minor: int
    interest_minor: int = 0

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.interest_minor


def add_months(day: date, months: int, of_month: int | None = None) -> date:
    """The same day of a later month, or its last; `of_month` is the day that was meant."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    wanted = of_month or day.day
    return date(year, month + 1, min(wanted, monthrange(year, month + 1)[1]))


def first_pay_day(on_or_after: date, pay_day: int) -> date:
    """The first pay-day (a day of the month, 31 for the last) that is not before a day."""
    this = add_months(on_or_after.replace(day=1), 0, pay_day)
    return this if this >= on_or_after else add_months(on_or_after.replace(day=1), 1, pay_day)


def due_dates(first_on: date, number: int, every: Every, of_month: int | None = None) -> list[date]:
    """Due dates from the first on; a month that lacks the day takes its last."""
    if every is Every.MONTH:
        return [add_months(first_on, place, of_month or first_on.day) for place in range(number)]
    return [first_on + timedelta(days=_DAYS[every] * place) for place in range(number)]


def level_instalment(principal_minor: int, periods: Sequence[Fraction]) -> Fraction:
    """The equal amount, exact, that pays a principal off; `periods` are the rates of each."""
    worth, discounted = Fraction(0), Fraction(1)
    for rate in periods:
        discounted /= 1 + rate
        worth += discounted
    return principal_minor / worth


def annuity(principal_minor: int, number: int, terms: ScheduleTerms) -> tuple[Instalment, ...]:
    """Equal instalments; what of each is interest falls."""
    dates = _checked_dates(principal_minor, number, terms)
    periods = _period_rates(dates, terms)
    level = _rounded(level_instalment(principal_minor, periods), terms.unit_minor)
    rows: list[Instalment] = []
    left = principal_minor
    for place, (due_on, rate) in enumerate(zip(dates, periods, strict=True), 1):
        interest = _rounded(left * rate)
        part = left if place == number else min(max(level - interest, 0), left)
        rows.append(Instalment(place, due_on, part, interest))
        left -= part
    return _without_empty(rows)


def equal_principal(
    principal_minor: int, number: int, terms: ScheduleTerms
) -> tuple[Instalment, ...]:
    """The same part of the principal each time; interest falls with the balance."""
    dates = _checked_dates(principal_minor, number, terms)
    share = _rounded(Fraction(principal_minor, number), terms.unit_minor)
    rows: list[Instalment] = []
    left = principal_minor
    for place, (due_on, rate) in enumerate(zip(dates, _period_rates(dates, terms), strict=True), 1):
        part = left if place == number else min(share, left)
        rows.append(Instalment(place, due_on, part, _rounded(left * rate)))
        left -= part
    return _without_empty(rows)


def irregular(
    principal_minor: int, amounts: Sequence[tuple[date, int]], terms: ScheduleTerms
) -> tuple[Instalment, ...]:
    """Instalments as agreed: each pays its interest first. Together they must pay all of it.

    Raises `ScheduleError` where one is not above 0, the days do not rise, one does not reach its
    interest, or the sum is not what is owed with interest.
    """
    dates = [due_on for due_on, _amount in amounts]
    _refuse_dates(principal_minor, dates, terms)
    rows: list[Instalment] = []
    left, last = principal_minor, len(amounts)
    periods = _period_rates(dates, terms, even=False)
    for place, ((due_on, amount), rate) in enumerate(zip(amounts, periods, strict=True), 1):
        interest = _rounded(left * rate)
        if amount <= 0:
            raise ScheduleError(LendingFault.NOT_POSITIVE, number=place, found=amount)
        if amount < interest:
            fault = LendingFault.BELOW_INTEREST
            raise ScheduleError(fault, number=place, found=amount, interest=interest)
        part = amount - interest
        if part > left or (place == last and part != left):
            found = sum(each for _day, each in amounts)
            expected = sum(each for _day, each in amounts[:place]) - part + left
            raise ScheduleError(LendingFault.NOT_ADDING_UP, found=found, expected=expected)
        rows.append(Instalment(place, due_on, part, interest))
        left -= part
    return tuple(rows)


def _checked_dates(principal_minor: int, number: int, terms: ScheduleTerms) -> list[date]:
    if not 1 <= number <= _INSTALMENTS_MOST:
        most = _INSTALMENTS_MOST if terms.months_most is None else terms.months_most
        raise ScheduleError(LendingFault.NO_INSTALMENTS, most=most, found=number)
    dates = due_dates(terms.first_on, number, terms.every)
    _refuse_dates(principal_minor, dates, terms)
    return dates


def _refuse_dates(principal_minor: int, dates: Sequence[date], terms: ScheduleTerms) -> None:
    if principal_minor <= 0:
        raise ScheduleError(LendingFault.NOTHING_TO_PAY, found=principal_minor)
    if not dates:
        raise ScheduleError(LendingFault.NO_INSTALMENTS, most=_INSTALMENTS_MOST, found=0)
    if dates[0] < terms.starts_on:
        raise ScheduleError(LendingFault.BEFORE_START, found=dates[0], first=terms.starts_on)
    for place, (before, due_on) in enumerate(pairwise(dates), 2):
        if due_on <= before:
            fault = LendingFault.DATES_RISE
            raise ScheduleError(fault, number=place, found=due_on, before=before)
    months = terms.months_most
    if months is not None and dates[-1] > add_months(terms.first_on, months - 1):
        fault = LendingFault.TOO_LONG
        raise ScheduleError(fault, last=dates[-1], months=months, first=terms.first_on)


def _period_rates(
    dates: Sequence[date], terms: ScheduleTerms, *, even: bool = True
) -> list[Fraction]:
    """What one unit of balance bears in each period."""
    begins = [terms.starts_on, *dates[:-1]]
    found = []
    for first, end in zip(begins, dates, strict=True):
        if terms.rate.unit is RateUnit.DAILY:
            part = Fraction((end - first).days)
        elif terms.day_count is not None:
            part = year_fraction(terms.day_count, first, end)
        elif not even:
            part = Fraction((end - first).days, 365)
        else:
            part = Fraction(1, 12) if terms.every is Every.MONTH else _days_of(terms.every)
        found.append(part * Fraction(terms.rate.nano, NANO))
    return found


def _days_of(every: Every) -> Fraction:
    return Fraction(_DAYS[every], 365)


def _rounded(exact: Fraction, unit: int = 1) -> int:
    """To the nearest whole unit, a half up."""
    doubled = 2 * exact / unit + 1
    return doubled.numerator // (2 * doubled.denominator) * unit


def _without_empty(rows: list[Instalment]) -> tuple[Instalment, ...]:
    """Rounding up may pay all a little earlier; an instalment of nothing is none."""
    while len(rows) > 1 and not rows[-1].amount_minor:
        rows.pop()
    return tuple(rows)
