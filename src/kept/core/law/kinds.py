"""What each kind of rule does with time: the step into the minutes at which a part is open.

Every function takes the part, a minute and the grounds, and gives a step of `core.law.times`. They
run on one attempt and on columns of attempts that share zones, holidays and the part's numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, assert_never

from kept.core.algebra import greatest, least, where
from kept.core.calendar import OffsetTable
from kept.core.law.rules import Clock, Exemption, Kind, Part
from kept.core.law.spans import day_after_years, free_day
from kept.core.law.times import (
    BEFORE_ALL,
    NEVER,
    from_day,
    from_minute,
    into_windows,
    out_of_windows,
    outside_days,
    until_minute,
)

__all__ = ["Grounds", "exemption_step", "open_step"]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What kinds read: facts, clocks, and the day of the n-th last counted contact by part.

    Values may be columns; zones, holidays and windows' number are the same for all rows. A place
    that is not known is None, and no candidate zone an empty tuple.
    """

    facts: Mapping[str, Any]
    place: OffsetTable | None
    candidates: tuple[OffsetTable, ...]
    clocks: Mapping[str, OffsetTable] = field(default_factory=dict)
    holidays: frozenset[int] = frozenset()
    nth_days: Mapping[str, Any] = field(default_factory=dict)
    complete_from: Any = BEFORE_ALL

    def tables(self, clock: str) -> tuple[OffsetTable, ...]:
        """The tables that a clock stands for; empty where the place is not known."""
        if clock == Clock.CANDIDATES:
            return self.candidates
        if clock == Clock.PLACE:
            return (self.place,) if self.place else ()
        return (self.clocks[clock],)


def open_step(part: Part, instant: Any, grounds: Grounds) -> Any:
    """The step to where the part is open although its condition stands."""
    match part.kind:
        case Kind.BAR:
            return _bar(part, instant, grounds)
        case Kind.OPENING:
            return _opening(part, instant, grounds)
        case Kind.PERSONAL_TIMES:
            return _personal_times(part, instant, grounds)
        case Kind.SPACING:
            return _spacing(part, instant, grounds)
        case Kind.KEEPING:
            return _keeping(part, instant, grounds)
        case _:
            assert_never(part.kind)


def exemption_step(exemption: Exemption, instant: Any, grounds: Grounds) -> Any:
    """The step to where an exemption that is shown lifts what names it."""
    steps = [instant]
    if exemption.windows is not None:
        windows = grounds.facts[exemption.windows]
        steps += _each(grounds, exemption.clock, lambda t: into_windows(instant, windows, t))
    if exemption.from_fact is not None:
        steps.append(from_minute(instant, grounds.facts[exemption.from_fact]))
    if exemption.until_fact is not None:
        steps.append(until_minute(instant, grounds.facts[exemption.until_fact]))
    if exemption.days_fact is not None and grounds.facts[exemption.days_fact]:
        days = grounds.facts[exemption.days_fact]
        steps += _each(grounds, exemption.clock, lambda t: _into_days(instant, days, t))
    return reduce(greatest, steps)


def _bar(part: Part, instant: Any, grounds: Grounds) -> Any:
    """Closed from one minute to another, where the part names them."""
    if part.is_lasting:
        return NEVER
    start = BEFORE_ALL if part.from_fact is None else grounds.facts[part.from_fact]
    end = NEVER if part.until_fact is None else grounds.facts[part.until_fact]
    return where((instant >= start) & (instant < end), end, instant)


def _opening(part: Part, instant: Any, grounds: Grounds) -> Any:
    """Open in the windows, in every zone of its clock; with no zone it never is."""
    windows = part.windows
    if part.windows_fact is not None and grounds.facts[part.windows_fact]:
        windows = grounds.facts[part.windows_fact]
    steps = _each(grounds, part.clock, lambda table: into_windows(instant, windows, table))
    if part.holidays_closed:
        closed = grounds.holidays
        steps += _each(grounds, part.clock, lambda table: outside_days(instant, closed, table))
    return reduce(greatest, steps)


def _personal_times(part: Part, instant: Any, grounds: Grounds) -> Any:
    windows = grounds.facts[part.windows_fact or ""]
    if isinstance(windows, tuple) and not windows:
        return instant
    steps = _each(grounds, part.clock, lambda table: out_of_windows(instant, windows, table))
    return reduce(greatest, steps)


def _spacing(part: Part, instant: Any, grounds: Grounds) -> Any:
    """Open once the n-th last contact is out of the window; history not known counts as full."""
    free = free_day(grounds.nth_days[part.key], part.period, part.days)
    known = where(
        grounds.complete_from <= BEFORE_ALL,
        BEFORE_ALL,
        free_day(grounds.complete_from - 1, part.period, part.days),
    )
    first = greatest(free, known)
    steps = _each(grounds, part.clock, lambda table: from_day(instant, first, table))
    return reduce(greatest, steps)


def _keeping(part: Part, instant: Any, grounds: Grounds) -> Any:
    day = grounds.facts[part.fact]
    if day is None:
        return NEVER
    last = day_after_years(day, part.years)
    steps = _each(grounds, part.clock, lambda table: from_day(instant, last + 1, table))
    return reduce(greatest, steps)


def _each(grounds: Grounds, clock: str, step: Callable[[OffsetTable], Any]) -> list[Any]:
    """The step in every zone of the clock; where none is known it is never."""
    return [step(table) for table in grounds.tables(clock)] or [NEVER]


def _into_days(instant: Any, days: Iterable[int], table: OffsetTable) -> Any:
    """A step into any of some local days."""
    return reduce(least, (_into_day(instant, day, table) for day in sorted(days)), NEVER)


def _into_day(instant: Any, day: int, table: OffsetTable) -> Any:
    begun = from_day(instant, day, table)
    over = from_day(instant, day + 1, table)
    return where(over == instant, NEVER, begun)
