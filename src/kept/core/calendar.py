"""Time as integers: UTC minutes, local minutes by offset tables, day numbers, business days.

An instant is an integer count of minutes since 1970-01-01T00:00Z. A day is an integer count of days
since 1970-01-01 in some place's own calendar. No clock is read and no zone database is known: an
offset table is made at the edge (`kept.store.zones`) and given in. What takes a `W` runs on
Python integers and on narwhals columns alike; what takes `int` or `date` is for one value.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import and_
from typing import Any, Final, overload

import narwhals as nw

from kept.core.algebra import W, between, div, greatest, is_in, mod, not_, stair, where

__all__ = [
    "DAY_MINUTES",
    "BusinessCalendar",
    "CalendarError",
    "OffsetTable",
    "add_business_days",
    "business_day_on_or_after",
    "business_day_on_or_before",
    "business_days_between",
    "date_of_day",
    "day_of_date",
    "every_zone",
    "instant_of",
    "instant_of_local",
    "is_business_day",
    "local_date",
    "local_day",
    "local_minute",
    "minute_of_day",
    "next_business_day",
    "nth_business_day",
    "offset_at",
    "previous_business_day",
    "utc_datetime",
    "weekday",
]

# The functions that run on columns too; a lint keeps them operator-only.
OPERATOR_ONLY: Final = (
    "instant_of_local",
    "is_business_day",
    "local_day",
    "local_minute",
    "minute_of_day",
    "offset_at",
    "weekday",
)

DAY_MINUTES: Final = 1440
_EPOCH: Final = date(1970, 1, 1)
_MONDAY_SHIFT: Final = 3  # 1970-01-01 was a Thursday


class CalendarError(ValueError):
    """A time or a calendar that has no meaning, or a day outside what a calendar covers."""


# --- instants and days of one value ---------------------------------------------------------------


def instant_of(moment: datetime) -> int:
    """The UTC minute of an aware datetime; seconds are dropped, a naive one is refused."""
    if moment.tzinfo is None:
        raise CalendarError(f"{moment!r} has no zone; an instant is never guessed")
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(minutes=1))


def utc_datetime(instant: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=instant)


def day_of_date(day: date) -> int:
    return day.toordinal() - _EPOCH.toordinal()


def date_of_day(day: int) -> date:
    return date.fromordinal(day + _EPOCH.toordinal())


# --- zones ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OffsetTable:
    """A zone's offsets over a horizon: rows of (from UTC minute, offset in minutes), sorted.

    It holds from the first row's minute up to `until` (exclusive). Outside it the nearest row is
    read, for a column cannot refuse; ask `covers` where it matters.
    """

    zone: str
    rows: tuple[tuple[int, int], ...]
    until: int
    changes: tuple[int, ...] = field(init=False, repr=False, compare=False)
    offsets: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [start for start, _ in self.rows]
        if not starts or starts != sorted(set(starts)) or self.until <= starts[-1]:
            raise CalendarError(f"{self.zone}: an offset table needs rows in rising order of time")
        if any(abs(offset) > DAY_MINUTES for _, offset in self.rows):
            raise CalendarError(f"{self.zone}: an offset is in minutes and under a day")
        object.__setattr__(self, "changes", tuple(starts[1:]))
        object.__setattr__(self, "offsets", tuple(offset for _, offset in self.rows))

    def within(self, first: int, last: int) -> OffsetTable:
        """The rows that hold from one minute to another: less to go through for many instants."""
        begun = bisect_right(self.changes, first)
        rows = self.rows[begun : bisect_right(self.changes, last) + 1]
        return OffsetTable(self.zone, rows, self.until)

    def covers(self, instant: int) -> bool:
        return self.rows[0][0] <= instant < self.until


def offset_at(instant: W, table: OffsetTable) -> W | int:
    """Minutes to add to the instant to have the zone's local time."""
    found: W | int = stair(instant, table.changes, table.offsets)
    return found


def local_minute(instant: W, table: OffsetTable) -> W:
    """Minutes since 1970-01-01T00:00 on the clocks of the zone."""
    return instant + offset_at(instant, table)


def local_day(instant: W, table: OffsetTable) -> W:
    return div(local_minute(instant, table), DAY_MINUTES, narrow=True)


def local_date(instant: int, table: OffsetTable) -> date:
    return date_of_day(local_day(instant, table))


def minute_of_day(local: W) -> W:
    """0 to 1439, of a local minute."""
    return mod(local, DAY_MINUTES)


def weekday(day: W) -> W:
    """Monday 0 to Sunday 6, of a day number."""
    return mod(day + _MONDAY_SHIFT, 7)


@overload
def every_zone(
    instant: int, tables: Sequence[OffsetTable], holds: Callable[[int], bool]
) -> bool: ...
@overload
def every_zone(
    instant: nw.Expr, tables: Sequence[OffsetTable], holds: Callable[[nw.Expr], nw.Expr]
) -> nw.Expr: ...
def every_zone(instant: Any, tables: Sequence[OffsetTable], holds: Callable[[Any], Any]) -> Any:
    """Whether `holds(local minute)` in all candidate zones; at least one zone is needed."""
    if not tables:
        raise CalendarError("no candidate zone: an unknown place is decided by the caller")
    return reduce(and_, (holds(local_minute(instant, table)) for table in tables))


def instant_of_local(local: W, table: OffsetTable) -> W:
    """The earliest instant from which the zone's clocks show `local` or later for the first time.

    Of a doubled hour it is the first, of a skipped one the minute at which the clocks jump.
    """

    def moved(found: Any, row: tuple[int, int]) -> Any:
        change, offset = row
        return where(found >= change, greatest(local - offset, change), found)

    found: W = reduce(moved, table.rows[1:], local - table.offsets[0])
    return found


# --- business days --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Which days are worked, as data: weekend, holidays, and make-up working days (调休).

    `holidays` and `working_days` are dates; a working day overrides the weekend. The data cover
    `first` to `last`: a day outside is refused, for next year's holidays are not "none".
    """

    name: str
    weekend: frozenset[int]
    holidays: frozenset[date]
    working_days: frozenset[date]
    first: date
    last: date
    _closed: frozenset[int] = field(init=False, repr=False, compare=False)
    _opened: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        both = self.holidays & self.working_days
        if both:
            raise CalendarError(f"{self.name}: {min(both)} is both a holiday and a working day")
        if not self.weekend < frozenset(range(7)):
            raise CalendarError(f"{self.name}: the weekend is some of the days 0 (Monday) to 6")
        if self.last < self.first:
            raise CalendarError(f"{self.name}: it ends {self.last}, before it begins {self.first}")
        object.__setattr__(self, "_closed", frozenset(map(day_of_date, self.holidays)))
        object.__setattr__(self, "_opened", frozenset(map(day_of_date, self.working_days)))

    def covers(self, day: int) -> bool:
        return day_of_date(self.first) <= day <= day_of_date(self.last)


@overload
def is_business_day(day: int, calendar: BusinessCalendar) -> bool: ...
@overload
def is_business_day(day: nw.Expr, calendar: BusinessCalendar) -> nw.Expr: ...
def is_business_day(day: Any, calendar: BusinessCalendar) -> Any:
    """Whether the day is worked. Outside what the calendar covers it is not: fail closed."""
    covered = between(day, day_of_date(calendar.first), day_of_date(calendar.last))
    usual = not_(is_in(weekday(day), calendar.weekend) | is_in(day, calendar._closed))
    return covered & (usual | is_in(day, calendar._opened))


def business_day_on_or_after(day: int, calendar: BusinessCalendar) -> int:
    return _seek(day, 1, calendar)


def business_day_on_or_before(day: int, calendar: BusinessCalendar) -> int:
    return _seek(day, -1, calendar)


def next_business_day(day: int, calendar: BusinessCalendar) -> int:
    return _seek(day + 1, 1, calendar)


def previous_business_day(day: int, calendar: BusinessCalendar) -> int:
    return _seek(day - 1, -1, calendar)


def add_business_days(day: int, count: int, calendar: BusinessCalendar) -> int:
    """The count-th business day after the day (before it when negative); 0 gives the day itself."""
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = _seek(day + step, step, calendar)
    return day


def nth_business_day(first: int, nth: int, calendar: BusinessCalendar) -> int:
    """The nth business day counted from `first` on, `first` itself included; nth starts at 1."""
    if nth < 1:
        raise CalendarError(f"the {nth}th business day: count from 1")
    return add_business_days(_seek(first, 1, calendar), nth - 1, calendar)


def business_days_between(first: int, last: int, calendar: BusinessCalendar) -> int:
    """How many business days lie from `first` to `last`, both included."""
    return sum(_worked(day, calendar) for day in range(first, last + 1))


def _seek(day: int, step: int, calendar: BusinessCalendar) -> int:
    while not _worked(day, calendar):
        day += step
    return day


def _worked(day: int, calendar: BusinessCalendar) -> bool:
    if not calendar.covers(day):
        raise CalendarError(
            f"{date_of_day(day)} is outside {calendar.name} ({calendar.first} to {calendar.last});"
            " add that year's holidays"
        )
    return is_business_day(day, calendar)
