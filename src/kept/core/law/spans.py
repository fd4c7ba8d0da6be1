"""Windows of a count by local days: from which day contacts count, and when one leaves the window.

Operator-only. A day is a day number of `core.calendar`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kept.core.algebra import div, mod
from kept.core.law.rules import Period

__all__ = ["day_after_years", "first_counted_day", "free_day"]

_FREE: Final[dict[Period, Callable[[Any, int], Any]]] = {
    Period.ROLLING_DAYS: lambda day, days: day + days,
    Period.CALENDAR_DAY: lambda day, _days: day + 1,
    Period.CALENDAR_WEEK: lambda day, _days: _week_start(day) + 7,
    Period.CALENDAR_MONTH: lambda day, _days: _month_start(_month(day) + 1),
}
_FIRST: Final[dict[Period, Callable[[Any, int], Any]]] = {
    Period.ROLLING_DAYS: lambda day, days: day - days + 1,
    Period.CALENDAR_DAY: lambda day, _days: day,
    Period.CALENDAR_WEEK: lambda day, _days: _week_start(day),
    Period.CALENDAR_MONTH: lambda day, _days: _month_start(_month(day)),
}


def free_day(day: Any, period: Period, days: int) -> Any:
    """The first local day on which a contact of `day` is out of the window."""
    return _FREE[period](day, days)


def first_counted_day(today: Any, period: Period, days: int) -> Any:
    """The first local day whose contacts stand in the window of `today`."""
    return _FIRST[period](today, days)


def day_after_years(day: Any, years: int) -> Any:
    """The same date `years` later; 29 February becomes 1 March where there is none."""
    month = _month(day)
    return _month_start(month + 12 * years) + (day - _month_start(month))


def _week_start(day: Any) -> Any:
    return day - mod(day + 3, 7)


def _month(day: Any) -> Any:
    """Months since 1970-01 of a day number, by the calendar's 400-year cycle from 1 March."""
    shifted = day + 719_468
    era = div(shifted, 146_097, narrow=True)
    of_era = shifted - era * 146_097
    year = div(
        of_era
        - div(of_era, 1_460, narrow=True)
        + div(of_era, 36_524, narrow=True)
        - div(of_era, 146_096, narrow=True),
        365,
        narrow=True,
    )
    of_year = of_era - (365 * year + div(year, 4, narrow=True) - div(year, 100, narrow=True))
    march = div(5 * of_year + 2, 153, narrow=True)
    return (year + era * 400) * 12 + march + 2 - 1970 * 12


def _month_start(month: Any) -> Any:
    """The day number of the first of a month counted from 1970-01."""
    march = month - 2 + 1970 * 12
    year = div(march, 12, narrow=True)
    of_march = march - year * 12
    leaps = div(year, 4, narrow=True) - div(year, 100, narrow=True) + div(year, 400, narrow=True)
    return 365 * year + leaps + div(153 * of_march + 2, 5, narrow=True) - 719_468
