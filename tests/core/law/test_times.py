"""Steps through time against an oracle that walks minute by minute, and on columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import narwhals as nw
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.calendar import OffsetTable, day_of_date, instant_of, local_minute
from kept.core.law.rules import Period
from kept.core.law.spans import day_after_years, first_counted_day, free_day
from kept.core.law.times import (
    NEVER,
    Window,
    from_day,
    from_minute,
    into_windows,
    out_of_windows,
    outside_days,
    until_day,
    until_minute,
)
from tests.core.law.worlds import STARTS, ZONES, zone

WALK = 3 * 1440
tables = st.sampled_from(ZONES).map(zone)
instants = st.builds(
    lambda start, minutes: instant_of(start) + minutes,
    st.sampled_from(STARTS),
    st.integers(0, 3 * 1440),
)
windows = st.lists(
    st.builds(
        lambda days, pair: Window(days, min(pair), max(pair) + 1),
        st.integers(1, 127),
        st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
    ),
    min_size=1,
    max_size=3,
)

Step = Callable[[int], int]


def reached(step: Step, start: int) -> int:
    """Where asking again and again leads, or NEVER beyond the walk."""
    instant = start
    while (following := step(instant)) != instant:
        assert following > instant
        if following > start + WALK:
            return NEVER
        instant = following
    return instant


def walked(is_in: Callable[[int], bool], start: int) -> int:
    return next((t for t in range(start, start + WALK + 1) if is_in(t)), NEVER)


def in_window(instant: int, table: OffsetTable, found: list[Window]) -> bool:
    local = local_minute(instant, table)
    day, minute = divmod(local, 1440)
    return any(
        w.days >> ((day + 3) % 7) & 1 and w.opens <= minute < w.closes and day <= w.until_day
        for w in found
    )


@settings(max_examples=60, deadline=None)
@given(instants, tables, windows)
def test_the_next_minute_in_a_window(start: int, table: OffsetTable, found: list[Window]) -> None:
    step: Step = lambda t: into_windows(t, found, table)  # noqa: E731
    assert reached(step, start) == walked(lambda t: in_window(t, table, found), start)


@settings(max_examples=60, deadline=None)
@given(instants, tables, windows)
def test_the_next_minute_out_of_all_windows(
    start: int, table: OffsetTable, found: list[Window]
) -> None:
    step: Step = lambda t: out_of_windows(t, found, table)  # noqa: E731
    assert reached(step, start) == walked(lambda t: not in_window(t, table, found), start)


@settings(max_examples=40, deadline=None)
@given(instants, tables, st.integers(-2, 4))
def test_days_from_and_until(start: int, table: OffsetTable, ahead: int) -> None:
    day = local_minute(start, table) // 1440 + ahead

    def today(t: int) -> int:
        return local_minute(t, table) // 1440

    assert reached(lambda t: from_day(t, day, table), start) == walked(
        lambda t: today(t) >= day, start
    )
    assert reached(lambda t: until_day(t, day, table), start) == walked(
        lambda t: today(t) <= day, start
    )
    closed = frozenset({day, day + 1})
    assert reached(lambda t: outside_days(t, closed, table), start) == walked(
        lambda t: today(t) not in closed, start
    )


def test_minutes_from_and_until() -> None:
    assert (from_minute(5, 9), from_minute(9, 9)) == (9, 9)
    assert (until_minute(8, 9), until_minute(9, 9)) == (8, NEVER)


@settings(max_examples=25, deadline=None)
@given(st.lists(instants, min_size=1, max_size=40), tables, windows, st.integers(1, 127))
def test_columns_step_as_single_minutes_do(
    starts: list[int], table: OffsetTable, found: list[Window], days: int
) -> None:
    masks = [1 + (days + place) % 127 for place in range(len(starts))]
    frame = nw.from_native(pl.DataFrame({"t": starts, "days": masks}))
    of_row = Window(nw.col("days"), 600, 1300)
    steps = frame.select(
        into=into_windows(nw.col("t"), found, table),
        out=out_of_windows(nw.col("t"), found, table),
        own=out_of_windows(nw.col("t"), [of_row], table),
        day=from_day(nw.col("t"), 20_500, table),
        until=until_day(nw.col("t"), 20_500, table),
    ).to_native()
    assert steps["into"].to_list() == [into_windows(t, found, table) for t in starts]
    assert steps["out"].to_list() == [out_of_windows(t, found, table) for t in starts]
    assert steps["own"].to_list() == [
        out_of_windows(t, [Window(mask, 600, 1300)], table)
        for t, mask in zip(starts, masks, strict=True)
    ]
    assert steps["day"].to_list() == [from_day(t, 20_500, table) for t in starts]
    assert steps["until"].to_list() == [until_day(t, 20_500, table) for t in starts]


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(1, 10))
def test_the_same_date_years_later(day: date, years: int) -> None:
    is_leap_day = (day.month, day.day) == (2, 29)
    try:
        wanted = day.replace(year=day.year + years)
    except ValueError:
        assert is_leap_day
        wanted = date(day.year + years, 3, 1)
    assert day_after_years(day_of_date(day), years) == day_of_date(wanted)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(list(Period)))
def test_a_day_stands_in_the_window_until_its_free_day(day: date, period: Period) -> None:
    number = day_of_date(day)
    free = free_day(number, period, 7)
    assert first_counted_day(free, period, 7) > number
    assert first_counted_day(free - 1, period, 7) <= number
