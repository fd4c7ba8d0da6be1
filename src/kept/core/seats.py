"""How many minutes a seat works on a day: its shifts, calendar, absences, blocks and extra time.

What a task needs and who gets it is `dealing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from kept.core.calendar import DAY_MINUTES, BusinessCalendar, day_of_date, is_business_day

__all__ = ["Hours", "Off", "SeatDay", "Shift", "back_on", "seat_day", "shift_fault"]

#: How far ahead the next day of work is looked for.
_AHEAD_DAYS: Final = 400


class Off(StrEnum):
    """Why a seat does not work on a day."""

    BLOCKED = "blocked"
    ABSENT = "absent"
    DAY_OFF = "day_off"


@dataclass(frozen=True, slots=True)
class Shift:
    """From a minute of a weekday (Monday 0) up to another one of the same day."""

    weekday: int
    first_minute: int
    end_minute: int

    @property
    def minutes(self) -> int:
        return self.end_minute - self.first_minute


@dataclass(frozen=True, slots=True)
class Hours:
    """When a seat works. `minutes_per_day` is the most that is dealt to it on an ordinary day.

    Without shifts it works that much on every day that its calendar works, without a calendar on
    every day. `absences` are first and last days. A block without `blocked_until` has no end.
    """

    minutes_per_day: int
    shifts: tuple[Shift, ...] = ()
    calendar: BusinessCalendar | None = None
    absences: tuple[tuple[date, date], ...] = ()
    is_blocked: bool = False
    blocked_until: date | None = None
    extra_minutes: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeatDay:
    """Minutes of one day, and why there are none."""

    minutes: int
    off: Off | None = None


def seat_day(hours: Hours, on: date) -> SeatDay:
    """A block or an absence leaves nothing; extra time counts on a day off too."""
    if hours.is_blocked and (hours.blocked_until is None or on <= hours.blocked_until):
        return SeatDay(0, Off.BLOCKED)
    if any(first <= on <= last for first, last in hours.absences):
        return SeatDay(0, Off.ABSENT)
    minutes = _ordinary(hours, on) + hours.extra_minutes.get(on, 0)
    return SeatDay(min(minutes, DAY_MINUTES)) if minutes > 0 else SeatDay(0, Off.DAY_OFF)


def back_on(hours: Hours, on: date) -> date | None:
    """The first day after `on` with minutes; None when there is none within a year."""
    if hours.is_blocked and hours.blocked_until is None:
        return None
    days = (on + timedelta(days=ahead) for ahead in range(1, _AHEAD_DAYS))
    return next((day for day in days if seat_day(hours, day).minutes), None)


def shift_fault(shifts: tuple[Shift, ...]) -> Shift | None:
    """The first shift that is none, or that overlaps another one of its weekday."""
    ordered = sorted(shifts, key=lambda each: (each.weekday, each.first_minute))
    for before, each in zip((None, *ordered), ordered, strict=False):
        if not (0 <= each.weekday <= 6 and 0 <= each.first_minute < each.end_minute <= DAY_MINUTES):
            return each
        if before and before.weekday == each.weekday and each.first_minute < before.end_minute:
            return each
    return None


def _ordinary(hours: Hours, on: date) -> int:
    """A made-up working day (调休) without a shift of its own has that of the longest day."""
    calendar = hours.calendar
    if calendar is not None and calendar.covers(day_of_date(on)):
        if not is_business_day(day_of_date(on), calendar):
            return 0
        is_made_up = on in calendar.working_days
    else:
        is_made_up = False
    if not hours.shifts:
        return hours.minutes_per_day
    by_day = [0] * 7
    for shift in hours.shifts:
        by_day[shift.weekday] += shift.minutes
    worked = by_day[on.weekday()] or (max(by_day) if is_made_up else 0)
    return min(worked, hours.minutes_per_day)
