"""Day-count conventions by their standard names: which part of a year lies between two days.

A period runs from its first day (included) to its end (excluded), as interest does: money lent on
the 1st and paid back on the 2nd was lent for one day. Every answer is an exact fraction. Whole
coupon periods are given in where a convention reads them; none are guessed here.

Sources: 2006 ISDA Definitions §4.16 and ICMA rule 251; ISDA, "EMU and Market Conventions: Recent
Developments" (1998), for ACT/ACT; ISDA's spreadsheets of 2008-12-22 for the three 30/360.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final, assert_never

__all__ = [
    "ACCRUING",
    "CountedDays",
    "DayCount",
    "NeedsPeriods",
    "Period",
    "counted_days",
    "year_fraction",
]


class DayCount(StrEnum):
    """The standard names. `30/360` is the US bond basis (ISDA 4.16(f)), without SIA's February."""

    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    ACT_360 = "ACT/360"
    ACT_365F = "ACT/365F"
    ACT_365L = "ACT/365L"
    ACT_ACT_ISDA = "ACT/ACT ISDA"
    ACT_ACT_ICMA = "ACT/ACT ICMA"


#: Conventions that count days without coupon periods: interest can be accrued by them day by day.
ACCRUING: Final = (
    DayCount.THIRTY_360,
    DayCount.THIRTY_E_360,
    DayCount.THIRTY_E_360_ISDA,
    DayCount.ACT_360,
    DayCount.ACT_365F,
    DayCount.ACT_ACT_ISDA,
)


class NeedsPeriods(ValueError):
    """ACT/ACT ICMA and ACT/365L count by coupon periods: give those that cover the days."""


@dataclass(frozen=True, slots=True)
class Period:
    """A regular (or notional) coupon period, its end excluded, and how many make a year."""

    first: date
    end: date
    a_year: int


@dataclass(frozen=True, slots=True)
class CountedDays:
    """`days` of a year of `of` days."""

    days: int
    of: int


def year_fraction(
    count: DayCount,
    first: date,
    end: date,
    *,
    matures_on: date | None = None,
    periods: Iterable[Period] = (),
) -> Fraction:
    """The part of a year from `first` to `end` (excluded).

    `matures_on` matters to 30E/360 ISDA only: the last day of February does not count as the 30th
    when the money is due for good on it. `periods` are read by ACT/ACT ICMA (every one that
    touches the days; of an irregular period, the notional ones) and by ACT/365L (the one whose
    coupon is accrued). Raises `NeedsPeriods` without them.
    """
    if end < first:
        raise ValueError(f"a period ends on or after its first day, not {first} to {end}")
    match count:
        case DayCount.ACT_ACT_ICMA:
            return _icma(first, end, tuple(periods))
        case DayCount.ACT_365L:
            return _leap_year(first, end, tuple(periods))
        case _:
            parts = counted_days(count, first, end, matures_on=matures_on)
            return sum((Fraction(part.days, part.of) for part in parts), Fraction(0))


def counted_days(
    count: DayCount, first: date, end: date, *, matures_on: date | None = None
) -> tuple[CountedDays, ...]:
    """The days of a period as its convention counts them; two parts at most for each year."""
    match count:
        case DayCount.THIRTY_360:
            return (CountedDays(_thirty(first, end, *_bond_days(first, end)), 360),)
        case DayCount.THIRTY_E_360:
            return (CountedDays(_thirty(first, end, min(first.day, 30), min(end.day, 30)), 360),)
        case DayCount.THIRTY_E_360_ISDA:
            last = end.day if end == matures_on and end.month == 2 else _end_of_month(end)
            return (CountedDays(_thirty(first, end, _end_of_month(first), min(last, 30)), 360),)
        case DayCount.ACT_360:
            return (CountedDays((end - first).days, 360),)
        case DayCount.ACT_365F:
            return (CountedDays((end - first).days, 365),)
        case DayCount.ACT_ACT_ISDA:
            return tuple(_by_calendar_year(first, end))
        case DayCount.ACT_365L | DayCount.ACT_ACT_ICMA:
            raise NeedsPeriods(f"{count.value} counts by coupon periods")
        case _:
            assert_never(count)


def _thirty(first: date, end: date, first_day: int, end_day: int) -> int:
    return 360 * (end.year - first.year) + 30 * (end.month - first.month) + end_day - first_day


def _bond_days(first: date, end: date) -> tuple[int, int]:
    first_day = min(first.day, 30)
    return first_day, 30 if end.day == 31 and first_day == 30 else end.day


def _end_of_month(day: date) -> int:
    """The last day of any month is the 30th."""
    return 30 if day.day == monthrange(day.year, day.month)[1] else day.day


def _by_calendar_year(first: date, end: date) -> Iterable[CountedDays]:
    while first < end:
        upto = min(end, date(first.year + 1, 1, 1)) if first.year < date.max.year else end
        yield CountedDays((upto - first).days, 366 if isleap(first.year) else 365)
        first = upto


def _icma(first: date, end: date, periods: tuple[Period, ...]) -> Fraction:
    """Each coupon period is 1/a_year of a year; a part of it, by its actual days."""
    total, covered = Fraction(0), 0
    for period in periods:
        days = (min(end, period.end) - max(first, period.first)).days
        if days > 0:
            total += Fraction(days, (period.end - period.first).days * period.a_year)
            covered += days
    if covered != (end - first).days:
        raise NeedsPeriods("ACT/ACT ICMA: the coupon periods do not cover every day just once")
    return total


def _leap_year(first: date, end: date, periods: tuple[Period, ...]) -> Fraction:
    """366 where an annual coupon period has a 29 February, or another ends in a leap year.

    The first day of the period is left out and its last is in (ICMA rule 251.1(i) part 2).
    """
    found = [period for period in periods if period.first <= first and end <= period.end]
    if len(found) != 1:
        raise NeedsPeriods("ACT/365L: give the one coupon period in which the days lie")
    period = found[0]
    leap = _has_leap_day(period) if period.a_year == 1 else isleap(period.end.year)
    return Fraction((end - first).days, 366 if leap else 365)


def _has_leap_day(period: Period) -> bool:
    years = range(period.first.year, period.end.year + 1)
    return any(isleap(year) and period.first < date(year, 2, 29) <= period.end for year in years)
