"""Shifts as a person writes them: `1-5 09:00-12:00, 1-5 13:00-18:00, 6 09:00-12:00` (Monday 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kept.core.seats import Shift

__all__ = ["parse_shifts", "shifts_text"]

_PART: Final = re.compile(
    r"([1-7])(?:-([1-7]))? ([0-2]?[0-9]):([0-5][0-9])-([0-2]?[0-9]):([0-5][0-9])", re.ASCII
)


def parse_shifts(text: str) -> tuple[Shift, ...] | None:
    """The shifts, by weekday and minute; None for a text that is none."""
    found: list[Shift] = []
    for part in filter(None, (each.strip() for each in re.split(r"[,;\n]", text))):
        match = _PART.fullmatch(part)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            return None  # no weekday would be left, and a seat without shifts works every day
        minutes = int(match[3]) * 60 + int(match[4]), int(match[5]) * 60 + int(match[6])
        found += [Shift(weekday - 1, *minutes) for weekday in range(first, last + 1)]
    return tuple(sorted(found, key=lambda each: (each.weekday, each.first_minute)))


def shifts_text(shifts: Sequence[Shift]) -> str:
    """The same hours of following weekdays in one part."""
    by_hours: dict[tuple[int, int], list[int]] = {}
    for each in shifts:
        by_hours.setdefault((each.first_minute, each.end_minute), []).append(each.weekday + 1)
    parts = [
        f"{days} {_clock(first)}-{_clock(end)}"
        for (first, end), weekdays in sorted(by_hours.items())
        for days in _ranges(sorted(weekdays))
    ]
    return ", ".join(parts)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _ranges(days: list[int]) -> list[str]:
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
