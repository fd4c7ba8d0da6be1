"""Holidays and make-up working days against the published schedules."""

from __future__ import annotations

from datetime import date

import pytest

from kept.core.calendar import CalendarError, day_of_date, is_business_day
from kept.store.calendars import business_calendar


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        # General Office of the State Council, schedule of holidays for 2026.
        (date(2026, 1, 1), False),
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),  # Sunday, made up
        (date(2026, 2, 14), True),  # Saturday, made up
        (date(2026, 2, 16), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday, made up
        (date(2026, 5, 9), True),  # Saturday, made up
        (date(2026, 9, 20), True),  # Sunday, made up
        (date(2026, 9, 25), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # Saturday, made up
        (date(2026, 10, 11), False),
    ],
)
def test_china_2026(day: date, worked: bool) -> None:
    calendar = business_calendar("CN", 2026, 2026)
    assert is_business_day(day_of_date(day), calendar) is worked


@pytest.mark.parametrize(
    ("country", "day", "worked"),
    [
        ("US", date(2026, 7, 3), False),  # Independence Day falls on a Saturday: 5 USC 6103(b)
        ("US", date(2026, 11, 26), False),
        ("GB", date(2026, 12, 25), False),
        ("GB", date(2026, 12, 28), False),  # Boxing Day falls on a Saturday
        ("AE", date(2026, 11, 20), True),  # a Friday is worked since 2022
    ],
)
def test_other_countries(country: str, day: date, worked: bool) -> None:
    calendar = business_calendar(country, 2026, 2026)
    assert is_business_day(day_of_date(day), calendar) is worked


def test_a_country_nobody_knows_is_refused() -> None:
    with pytest.raises(CalendarError, match="two letters"):
        business_calendar("QQ", 2026, 2026)
