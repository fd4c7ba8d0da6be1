"""Time as integers: local time by offset tables, business days with make-up working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.calendar import (
    BusinessCalendar,
    CalendarError,
    OffsetTable,
    add_business_days,
    business_day_on_or_after,
    business_day_on_or_before,
    business_days_between,
    date_of_day,
    day_of_date,
    every_zone,
    instant_of,
    instant_of_local,
    is_business_day,
    local_date,
    local_day,
    local_minute,
    minute_of_day,
    next_business_day,
    nth_business_day,
    previous_business_day,
    utc_datetime,
    weekday,
)


def at(*parts: int) -> int:
    return instant_of(datetime(*parts, tzinfo=UTC))  # type: ignore[misc]


SPRING, AUTUMN = at(2026, 3, 29, 1), at(2026, 10, 25, 1)
END = at(2027, 3, 1)
BERLIN = OffsetTable("Europe/Berlin", ((at(2026, 1, 1), 60), (SPRING, 120), (AUTUMN, 60)), END)
SHANGHAI = OffsetTable("Asia/Shanghai", ((at(2026, 1, 1), 480),), END)


def test_instants_are_utc_minutes() -> None:
    assert at(1970, 1, 1) == 0
    assert at(1970, 1, 2, 0, 1) == 1441
    assert instant_of(datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))) == 0
    assert instant_of(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)) == -1
    assert utc_datetime(1441) == datetime(1970, 1, 2, 0, 1, tzinfo=UTC)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(CalendarError, match="never guessed"):
        instant_of(datetime(2026, 1, 1))  # noqa: DTZ001


@given(st.dates())
def test_day_numbers_and_dates_are_the_same_both_ways(day: date) -> None:
    assert date_of_day(day_of_date(day)) == day
    assert weekday(day_of_date(day)) == day.weekday()


def test_local_time_follows_a_change_of_the_clock() -> None:
    before, after = local_minute(SPRING - 1, BERLIN), local_minute(SPRING, BERLIN)
    assert (minute_of_day(before), minute_of_day(after)) == (119, 180)
    assert minute_of_day(local_minute(AUTUMN - 1, BERLIN)) == 179
    assert minute_of_day(local_minute(AUTUMN, BERLIN)) == 120
    assert local_date(at(2026, 6, 30, 22, 0), BERLIN) == date(2026, 7, 1)
    assert local_date(at(2026, 6, 30, 21, 59), BERLIN) == date(2026, 6, 30)


def test_a_table_says_what_it_covers() -> None:
    assert BERLIN.covers(at(2026, 1, 1))
    assert not BERLIN.covers(at(2026, 1, 1) - 1)
    assert BERLIN.covers(END - 1)
    assert not BERLIN.covers(END)


@pytest.mark.parametrize(
    ("rows", "until"),
    [((), 10), (((5, 0), (5, 60)), 10), (((5, 0), (4, 60)), 10), (((5, 0),), 5), (((5, 1441),), 9)],
)
def test_a_table_that_makes_no_sense_is_refused(
    rows: tuple[tuple[int, int], ...], until: int
) -> None:
    with pytest.raises(CalendarError):
        OffsetTable("Nowhere", rows, until)


def test_the_instant_of_a_local_time_in_gap_and_fold() -> None:
    midnight = day_of_date(date(2026, 3, 29)) * 1440
    assert instant_of_local(midnight + 119, BERLIN) == SPRING - 1
    assert instant_of_local(midnight + 150, BERLIN) == SPRING  # 02:30 was skipped
    assert instant_of_local(midnight + 180, BERLIN) == SPRING
    assert instant_of_local(midnight + 181, BERLIN) == SPRING + 1
    autumn = day_of_date(date(2026, 10, 25)) * 1440
    assert instant_of_local(autumn + 150, BERLIN) == AUTUMN - 30  # the first of the two 02:30
    assert instant_of_local(autumn + 180, BERLIN) == AUTUMN + 60
    assert instant_of_local(480, SHANGHAI) == 0


@given(st.integers(at(2026, 2, 1), at(2027, 2, 1)))
def test_the_instant_of_a_local_time_is_the_earliest_that_reaches_it(instant: int) -> None:
    local = local_minute(instant, BERLIN)
    found = instant_of_local(local, BERLIN)
    assert found <= instant
    assert local_minute(found, BERLIN) == local
    assert all(local_minute(found - back, BERLIN) < local for back in (1, 30, 60, 61, 120))


def test_all_candidate_zones_must_agree() -> None:
    def awake(local: int) -> bool:
        return (minute_of_day(local) >= 480) & (minute_of_day(local) < 1260)

    assert every_zone(at(2026, 6, 1, 8), [BERLIN, SHANGHAI], awake)  # 10:00 and 16:00
    assert not every_zone(at(2026, 6, 1, 14), [BERLIN, SHANGHAI], awake)  # 16:00 and 22:00
    with pytest.raises(CalendarError, match="no candidate zone"):
        every_zone(0, [], awake)


# Spring Festival 2026 as the State Council announced it: 15 to 23 February off, 14 and 28 worked.
CHINA = BusinessCalendar(
    "China 2026",
    weekend=frozenset({5, 6}),
    holidays=frozenset(date(2026, 2, day) for day in range(15, 24)),
    working_days=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
)


def february(day: int) -> int:
    return day_of_date(date(2026, 2, day))


def test_make_up_working_days_are_worked_and_holidays_are_not() -> None:
    worked = [day for day in range(1, 29) if is_business_day(february(day), CHINA)]
    assert worked == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 24, 25, 26, 27, 28]
    assert business_days_between(february(1), february(28), CHINA) == 16


def test_walking_over_business_days() -> None:
    assert next_business_day(february(14), CHINA) == february(24)
    assert previous_business_day(february(24), CHINA) == february(14)
    assert business_day_on_or_after(february(14), CHINA) == february(14)
    assert business_day_on_or_after(february(15), CHINA) == february(24)
    assert business_day_on_or_before(february(23), CHINA) == february(14)
    assert add_business_days(february(13), 2, CHINA) == february(24)
    assert add_business_days(february(24), -2, CHINA) == february(13)
    assert add_business_days(february(20), 0, CHINA) == february(20)
    assert nth_business_day(february(1), 1, CHINA) == february(2)
    assert nth_business_day(february(2), 12, CHINA) == february(24)


@given(st.integers(february(1), february(28)), st.integers(1, 200))
def test_going_forth_and_back_returns_to_a_business_day(day: int, count: int) -> None:
    start = business_day_on_or_after(day, CHINA)
    end = add_business_days(start, count, CHINA)
    assert business_days_between(start, end, CHINA) == count + 1
    assert add_business_days(end, -count, CHINA) == start


def test_a_day_beyond_the_calendar_is_refused_not_guessed() -> None:
    with pytest.raises(CalendarError, match="2027-01-01 is outside China 2026"):
        next_business_day(day_of_date(date(2026, 12, 31)), CHINA)
    assert not is_business_day(day_of_date(date(2027, 1, 4)), CHINA)
    with pytest.raises(CalendarError, match="count from 1"):
        nth_business_day(february(1), 0, CHINA)


@pytest.mark.parametrize(
    "change",
    [
        {"working_days": frozenset({date(2026, 2, 16)})},
        {"weekend": frozenset(range(7))},
        {"weekend": frozenset({7})},
        {"last": date(2025, 1, 1)},
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    values = {
        "name": "wrong",
        "weekend": CHINA.weekend,
        "holidays": CHINA.holidays,
        "working_days": CHINA.working_days,
        "first": CHINA.first,
        "last": CHINA.last,
    }
    with pytest.raises(CalendarError, match="wrong"):
        BusinessCalendar(**(values | change))  # type: ignore[arg-type]


def test_columns_give_what_scalars_give() -> None:
    minutes = [at(2026, 1, 1) + step * 97 for step in range(6_000)] + [SPRING - 1, SPRING, AUTUMN]
    instant = nw.col("instant")
    day = local_day(instant, BERLIN)

    def awake(local):  # type: ignore[no-untyped-def]
        return minute_of_day(local) >= 480

    found = nw.from_native(pl.DataFrame({"instant": minutes})).select(
        local=local_minute(instant, BERLIN),
        plain=local_minute(instant, SHANGHAI),
        day=day,
        weekday=weekday(day),
        worked=is_business_day(day, CHINA),
        agreed=every_zone(instant, [BERLIN, SHANGHAI], awake),
    )
    for minute, row in zip(minutes, found.iter_rows(named=True), strict=True):
        day_there = local_day(minute, BERLIN)
        assert row == {
            "local": local_minute(minute, BERLIN),
            "plain": local_minute(minute, SHANGHAI),
            "day": day_there,
            "weekday": weekday(day_there),
            "worked": is_business_day(day_there, CHINA),
            "agreed": every_zone(minute, [BERLIN, SHANGHAI], awake),
        }
