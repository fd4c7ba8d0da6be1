"""Business calendars out of the kept-up `holidays` library, for the core, which reads no files.

China's make-up working days (调休) come with it. A country that the library does not know is
refused; an empty calendar would make every day look like a working day.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays

from kept.core.calendar import BusinessCalendar, CalendarError

__all__ = ["business_calendar"]


@lru_cache(maxsize=64)
def business_calendar(country: str, first_year: int, last_year: int) -> BusinessCalendar:
    """Days of a country (ISO 3166, two letters) over whole years, both included.

    Raises `CalendarError` for a country that is not known.
    """
    years = range(first_year, last_year + 1)
    try:
        found = holidays.country_holidays(country, years=years)
    except NotImplementedError as error:
        raise CalendarError(
            f"no holidays are known for {country!r}: set the creditor's calendar to a country, "
            "two letters such as CN or GB"
        ) from error
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    made_up = frozenset(day for day in found.weekend_workdays if first <= day <= last)
    return BusinessCalendar(
        name=country,
        weekend=frozenset(found.weekend),
        holidays=frozenset(found) - made_up,
        working_days=made_up,
        first=first,
        last=last,
    )
