"""Minutes of a seat by day: shifts, calendar with make-up days, absences, blocks, extra time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kept.core.calendar import BusinessCalendar
from kept.core.seats import Hours, Off, SeatDay, Shift, back_on, seat_day, shift_fault
from kept.core.shift_texts import parse_shifts, shifts_text

MONDAY = date(2026, 11, 23)
SATURDAY = MONDAY + timedelta(days=5)
CALENDAR = BusinessCalendar(
    name="X",
    weekend=frozenset({5, 6}),
    holidays=frozenset({MONDAY + timedelta(days=2)}),
    working_days=frozenset({SATURDAY}),
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
)
WEEK = tuple(Shift(weekday, 9 * 60, 12 * 60) for weekday in range(5))
HOURS = Hours(420, WEEK, CALENDAR)


@pytest.mark.parametrize(
    ("hours", "on", "expected"),
    [
        (Hours(420), MONDAY, SeatDay(420)),
        (Hours(420), SATURDAY, SeatDay(420)),
        (HOURS, MONDAY, SeatDay(180)),
        (replace(HOURS, minutes_per_day=100), MONDAY, SeatDay(100)),
        (HOURS, MONDAY + timedelta(days=2), SeatDay(0, Off.DAY_OFF)),
        (HOURS, SATURDAY, SeatDay(180)),  # made up: the hours of the longest day
        (HOURS, SATURDAY + timedelta(days=1), SeatDay(0, Off.DAY_OFF)),
        (replace(HOURS, extra_minutes={SATURDAY: 60}), SATURDAY, SeatDay(240)),
        (replace(HOURS, absences=((MONDAY, SATURDAY),)), SATURDAY, SeatDay(0, Off.ABSENT)),
        (replace(HOURS, is_blocked=True), MONDAY, SeatDay(0, Off.BLOCKED)),
        (replace(HOURS, is_blocked=True, blocked_until=MONDAY), MONDAY, SeatDay(0, Off.BLOCKED)),
        (
            replace(HOURS, is_blocked=True, blocked_until=MONDAY),
            MONDAY + timedelta(days=1),
            SeatDay(180),
        ),
        (replace(HOURS, extra_minutes={MONDAY: 1440}), MONDAY, SeatDay(1440)),
        (HOURS, date(2027, 1, 2), SeatDay(0, Off.DAY_OFF)),  # no calendar: no shift on Saturdays
    ],
)
def test_minutes(hours: Hours, on: date, expected: SeatDay) -> None:
    assert seat_day(hours, on) == expected


def test_the_day_on_which_it_is_back() -> None:
    assert back_on(HOURS, MONDAY + timedelta(days=1)) == MONDAY + timedelta(days=3)
    assert back_on(replace(HOURS, is_blocked=True), MONDAY) is None
    assert back_on(Hours(0), MONDAY) is None


def test_shifts_that_are_none() -> None:
    assert shift_fault(WEEK) is None
    assert shift_fault((Shift(0, 60, 120), Shift(0, 119, 130))) == Shift(0, 119, 130)
    assert shift_fault((Shift(7, 60, 120),)) == Shift(7, 60, 120)
    assert shift_fault((Shift(0, 120, 120),)) == Shift(0, 120, 120)


def test_shifts_as_text_and_back() -> None:
    text = "1-5 09:00-12:00, 7 09:00-12:00, 1-5 13:00-18:30"
    shifts = parse_shifts("1-5 09:00-12:00; 1-5 13:00-18:30, 7 9:00-12:00")
    assert shifts is not None
    assert (len(shifts), shifts_text(shifts)) == (11, text)
    assert parse_shifts("") == ()
    assert parse_shifts("Monday 9-12") is None
    assert parse_shifts("8 09:00-12:00") is None
    assert parse_shifts("5-1 09:00-12:00") is None
