"""Lawful hours as a strip for each local day: where each span begins and how wide it is.

Places are in per cent of the day, as text with a dot; see `charts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kept.core.calendar import DAY_MINUTES, OffsetTable, date_of_day, local_minute

__all__ = ["DayStrip", "Segment", "day_strips"]

DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Segment:
    """Minutes of the local day, [opens, closes), and their place in the strip."""

    opens: int
    closes: int
    start: str
    width: str

    @property
    def said(self) -> str:
        return f"{_clock(self.opens)}–{_clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class DayStrip:
    """`passed` is the share of the day before the asked minute, which is not looked at."""

    day: date
    segments: tuple[Segment, ...]
    passed: str

    @property
    def said(self) -> str:
        return ", ".join(each.said for each in self.segments)


def day_strips(
    spans: Iterable[tuple[int, int]], asked: int, table: OffsetTable
) -> tuple[DayStrip, ...]:
    """Seven local days from the asked one; `spans` are of UTC minutes."""
    now = int(local_minute(asked, table))
    first = now // DAY_MINUTES
    local = [_local(span, table) for span in spans]
    return tuple(
        DayStrip(
            date_of_day(day),
            tuple(_segments(local, day)),
            _share(now - day * DAY_MINUTES if day == first else 0),
        )
        for day in range(first, first + DAYS)
    )


def _local(span: tuple[int, int], table: OffsetTable) -> tuple[int, int]:
    """An end is the local minute after the last one inside, also where clocks change at it."""
    begins, ends = span
    return int(local_minute(begins, table)), int(local_minute(ends - 1, table)) + 1


def _segments(spans: Sequence[tuple[int, int]], day: int) -> Iterable[Segment]:
    start = day * DAY_MINUTES
    for begins, ends in spans:
        opens, closes = max(begins - start, 0), min(ends - start, DAY_MINUTES)
        if opens < closes:
            yield Segment(opens, closes, _share(opens), _share(closes - opens))


def _share(minutes: int) -> str:
    hundredths = minutes * 10_000 // DAY_MINUTES
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
