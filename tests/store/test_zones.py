"""Offset tables agree with the zone database minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.calendar import date_of_day, instant_of, local_day, local_minute, minute_of_day
from kept.store.zones import UnknownZone, offset_table

START = instant_of(datetime(2026, 1, 1, tzinfo=UTC))
END = instant_of(datetime(2027, 3, 1, tzinfo=UTC))
ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
TABLES = {zone: offset_table(zone, START, END) for zone in ZONES}


def test_a_zone_without_summer_time_has_one_row() -> None:
    assert TABLES["Asia/Shanghai"].rows == ((START, 480),)


def test_changes_are_found_to_the_minute() -> None:
    spring = instant_of(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    autumn = instant_of(datetime(2026, 10, 25, 1, 0, tzinfo=UTC))
    assert TABLES["Europe/Berlin"].rows == ((START, 60), (spring, 120), (autumn, 60))


@settings(max_examples=300)
@given(st.sampled_from(ZONES), st.integers(START, END - 1))
def test_local_time_is_that_of_the_zone_database(zone: str, instant: int) -> None:
    table = TABLES[zone]
    there = datetime.fromtimestamp(instant * 60, ZoneInfo(zone))
    assert date_of_day(local_day(instant, table)) == there.date()
    assert minute_of_day(local_minute(instant, table)) == there.hour * 60 + there.minute


def test_the_last_minute_of_the_horizon_counts() -> None:
    spring = instant_of(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    assert offset_table("Europe/Berlin", START, spring).rows == ((START, 60),)
    assert offset_table("Europe/Berlin", START, spring + 1).rows == ((START, 60), (spring, 120))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Asia"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZone, match="unknown zone"):
        offset_table(zone, START, END)
