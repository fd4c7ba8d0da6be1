"""When a book closes: the instant at which a clock shows a time of day, and the newest date of it.

The time of day may not exist on a day, or come twice, where clocks are moved; a night begins at the
moment the clock first passes it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["begins_at", "due_date"]


def due_date(now: datetime, zone: ZoneInfo, at: time) -> date:
    """The newest date whose night may begin: today's from the time of day on, else yesterday's."""
    today = now.astimezone(zone).date()
    return today if now >= begins_at(today, zone, at) else today - timedelta(days=1)


def begins_at(day: date, zone: ZoneInfo, at: time) -> datetime:
    """The first instant of a day at which its clock shows the time or has passed it."""
    return datetime.combine(day, at, zone).replace(fold=0).astimezone(UTC)
