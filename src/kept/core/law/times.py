"""Steps through time: from a minute to the next one at which something may be true.

A step answers for a set of minutes. `step(t) == t` says that t is in the set; otherwise no minute
of [t, step(t)) is. A step need not reach the set at once: who asks again from where it led comes to
the first minute of the set, and the least of two steps is a step of the union, the greatest one of
the intersection. All run on integers and on columns of them. Minutes are UTC minutes of
`core.calendar`; local targets are minutes on the clocks of an offset table.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, reduce
from typing import Any, Final, NamedTuple

from kept.core.algebra import div, greatest, is_in, least, mod, stair, where
from kept.core.calendar import DAY_MINUTES, OffsetTable, local_day, local_minute, weekday

__all__ = [
    "ALL_DAYS",
    "BEFORE_ALL",
    "HORIZON_DAYS",
    "NEVER",
    "Window",
    "days_mask",
    "from_day",
    "from_minute",
    "into_windows",
    "out_of_windows",
    "outside_days",
    "until_day",
    "until_minute",
]

NEVER: Final = 2**40
"""A minute after all others."""

BEFORE_ALL: Final = -(2**40)
"""A minute before all others."""

HORIZON_DAYS: Final = 400
ALL_DAYS: Final = 0b1111111

# Days beyond these are no days of anybody's calendar; they stand for the two minutes above.
_LAST_DAY: Final = 10_000_000

# The functions that run on columns too; a lint keeps them operator-only.
OPERATOR_ONLY: Final = (
    "_into",
    "_next_change",
    "_out_of",
    "_reach_local",
    "from_day",
    "from_minute",
    "until_day",
    "until_minute",
)


class Window(NamedTuple):
    """Minutes of the local day from `opens` to `closes` (exclusive, at most 1440) on some weekdays.

    `days` has a bit for each weekday, Monday the lowest. `until_day` is the last local day on which
    the window holds. Each may be a column.
    """

    days: Any
    opens: Any
    closes: Any
    until_day: Any = _LAST_DAY


def days_mask(weekdays: Iterable[int]) -> int:
    """The bits of weekdays, Monday 0 to Sunday 6."""
    return sum(2**day for day in set(weekdays))


def from_minute(instant: Any, first: Any) -> Any:
    """A step into [first, …)."""
    return greatest(instant, first)


def until_minute(instant: Any, end: Any) -> Any:
    """A step into […, end)."""
    return where(instant < end, instant, NEVER)


def from_day(instant: Any, first: Any, table: OffsetTable) -> Any:
    """A step into the local days from `first` on; a day beyond all calendars never comes."""
    reached = _reach_local(instant, first * DAY_MINUTES, table)
    later = where(first >= _LAST_DAY, NEVER, reached)
    return where(local_day(instant, table) >= first, instant, later)


def until_day(instant: Any, last: Any, table: OffsetTable) -> Any:
    """A step into the local days up to `last`; clocks that go back over midnight are read again."""
    return where(local_day(instant, table) <= last, instant, _next_change(instant, table))


def into_windows(instant: Any, windows: Iterable[Window], table: OffsetTable) -> Any:
    """A step into any of the windows; with none of them it is never."""
    return reduce(least, (_into(instant, window, table) for window in windows), NEVER)


def out_of_windows(instant: Any, windows: Iterable[Window], table: OffsetTable) -> Any:
    """A step out of all of the windows."""
    return reduce(greatest, (_out_of(instant, window, table) for window in windows), instant)


def outside_days(instant: Any, days: frozenset[int], table: OffsetTable) -> Any:
    """A step to a local day that is none of these days, such as holidays."""
    day = local_day(instant, table)
    following = _reach_local(instant, (day + 1) * DAY_MINUTES, table)
    return where(is_in(day, days), following, instant)


def _into(instant: Any, window: Window, table: OffsetTable) -> Any:
    local = local_minute(instant, table)
    day = div(local, DAY_MINUTES, narrow=True)
    minute = local - day * DAY_MINUTES
    holds = _is_on_day(window.days, day) & (day <= window.until_day)
    waits = holds & (minute < window.opens)
    inside = holds & (minute >= window.opens) & (minute < window.closes)
    target = where(waits, day * DAY_MINUTES + window.opens, (day + 1) * DAY_MINUTES)
    change = _next_change(instant, table)
    reached = least(instant + (target - local), change)
    return where(inside, instant, where(day > window.until_day, change, reached))


def _out_of(instant: Any, window: Window, table: OffsetTable) -> Any:
    local = local_minute(instant, table)
    day = div(local, DAY_MINUTES, narrow=True)
    minute = local - day * DAY_MINUTES
    holds = _is_on_day(window.days, day) & (day <= window.until_day)
    inside = holds & (minute >= window.opens) & (minute < window.closes)
    end = _reach_local(instant, day * DAY_MINUTES + window.closes, table)
    return where(inside, end, instant)


def _is_on_day(mask: Any, day: Any) -> Any:
    """Whether the bit of the day's weekday is set; cheap where all rows have the same days."""
    if not isinstance(mask, int):
        return mod(div(mask, _power(weekday(day)), narrow=True), 2) == 1
    return True if mask == ALL_DAYS else is_in(weekday(day), _weekdays(mask))


def _power(number: Any) -> Any:
    return reduce(lambda found, each: where(number == each, 2**each, found), range(1, 7), 1)


@cache
def _weekdays(mask: int) -> frozenset[int]:
    return frozenset(day for day in range(7) if mask >> day & 1)


def _reach_local(instant: Any, target: Any, table: OffsetTable) -> Any:
    """The minute at which the clocks show `target`, later than what they show now.

    It stops where the clocks change: until there the offset is the one of now, so nothing is
    missed in an hour that is repeated or skipped.
    """
    reached = instant + (target - local_minute(instant, table))
    return least(reached, _next_change(instant, table))


def _next_change(instant: Any, table: OffsetTable) -> Any:
    """The first change of the zone's clocks after the instant."""
    return stair(instant, table.changes, (*table.changes, NEVER))
