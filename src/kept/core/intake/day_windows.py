"""Times of the day as people write them in a cell: `Mon-Fri 09:00-17:00; Sat 10:00-12:00`."""

from __future__ import annotations

import re
from typing import Final

from kept.core.calendar import DAY_MINUTES

__all__ = ["parse_windows"]

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY: Final = 0b1111111
_PART: Final = re.compile(
    r"(?:(?P<days>[a-z,\-\s]+?)\s+)?(?P<h1>\d{1,2}):(?P<m1>\d\d)\s*-\s*(?P<h2>\d{1,2}):(?P<m2>\d\d)"
)


def parse_windows(text: str) -> tuple[tuple[int, int, int], ...] | None:
    """(weekdays as bits, Monday the lowest; opening minute; closing minute) of each part.

    Parts stand between semicolons; without days, or with `daily`, one is of every day. A window
    over midnight is two parts. None where the text is not of this form.
    """
    found = [_window(part.strip().casefold()) for part in text.split(";") if part.strip()]
    windows = tuple(each for each in found if each is not None)
    return windows if windows and len(windows) == len(found) else None


def _window(text: str) -> tuple[int, int, int] | None:
    match = _PART.fullmatch(text)
    if match is None:
        return None
    days = _bits(match["days"])
    opens = int(match["h1"]) * 60 + int(match["m1"])
    closes = int(match["h2"]) * 60 + int(match["m2"])
    minutes_are = int(match["m1"]) < 60 and int(match["m2"]) < 60
    if not days or not minutes_are or not 0 <= opens < closes <= DAY_MINUTES:
        return None
    return days, opens, closes


def _bits(text: str | None) -> int:
    """0 where a day is not known."""
    if text is None or text.strip() == "daily":
        return _EVERY_DAY
    bits = 0
    for part in text.replace(" ", "").split(","):
        first, _dash, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS:
            return 0
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        bits |= sum(1 << (at % 7) for at in range(start, end + (7 if end < start else 0) + 1))
    return bits
