"""Offset tables out of the system's zone database, for the core, which reads no files.

Standard library only. A table covers a stated horizon; a zone that is not known is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kept.core.calendar import DAY_MINUTES, OffsetTable, utc_datetime

__all__ = ["UnknownZone", "offset_table"]

_MINUTE: Final = timedelta(minutes=1)


class UnknownZone(ValueError):
    """The zone database has no zone of this name; use one such as Asia/Shanghai."""


def offset_table(zone: str, from_minute: int, until_minute: int) -> OffsetTable:
    """The zone's offsets from one UTC minute up to another (exclusive).

    Offsets with seconds (before zones were whole minutes, long before any debt) are floored.
    """
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise UnknownZone(f"unknown zone {zone!r}; use a name such as Asia/Shanghai") from problem
    rows = [(from_minute, _offset(from_minute, info))]
    # Clocks change at most once a day, so a change hides between two daily looks or not at all.
    for day in range(from_minute, until_minute, DAY_MINUTES):
        end = min(day + DAY_MINUTES, until_minute - 1)
        if _offset(end, info) != rows[-1][1]:
            rows.append((_change(day, end, info), _offset(end, info)))
    return OffsetTable(zone, tuple(rows), until_minute)


def _offset(instant: int, info: ZoneInfo) -> int:
    local: datetime = utc_datetime(instant).astimezone(info)
    return (local.utcoffset() or timedelta()) // _MINUTE


def _change(low: int, high: int, info: ZoneInfo) -> int:
    """The first minute after `low` that has the offset of `high`, by halving."""
    new = _offset(high, info)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, info) == new:
            high = middle
        else:
            low = middle
    return high
