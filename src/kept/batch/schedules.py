"""When a creditor's night is due: once for each of its dates, from a time of day in its own zone.

The time of day may not exist on a day, or come twice, where clocks are moved; the night begins at
the moment the clock first passes it. What was missed while nothing ran is caught up by one night,
the newest: nights go forward and read the book as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Max

from kept.batch.nightly.running import KIND
from kept.store.models import Creditor, Run

__all__ = ["DueNight", "due_date", "due_nights"]

#: A creditor without a night so far, or without one for long, gets its next one in these hours
#: after the time of day only: a book that is being set up, or replayed, is not taken by surprise.
_FIRST_WITHIN: Final = timedelta(hours=4)
_CAUGHT_UP: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DueNight:
    creditor_id: int
    creditor_code: str
    on: date


def due_date(now: datetime, zone: ZoneInfo, at: time) -> date:
    """The newest date whose night may begin: today's from the time of day on, else yesterday's."""
    today = now.astimezone(zone).date()
    return today if now >= begins_at(today, zone, at) else today - timedelta(days=1)


def begins_at(day: date, zone: ZoneInfo, at: time) -> datetime:
    """The first instant of a day at which its clock shows the time or has passed it."""
    return datetime.combine(day, at, zone).replace(fold=0).astimezone(UTC)


def due_nights(now: datetime, at: time) -> Iterator[DueNight]:
    """Nights that should have begun and have not been done, in the order of the creditors."""
    nights = Run.objects.filter(kind=KIND, creditor__isnull=False)
    newest = dict(nights.values_list("creditor").annotate(Max("business_date")))
    unfinished = set(
        nights.filter(state=Run.State.RUNNING).values_list("creditor_id", "business_date")
    )
    for creditor in Creditor.objects.order_by("code"):
        zone = ZoneInfo(creditor.zone)
        on = due_date(now, zone, at)
        last = newest.get(creditor.pk)
        is_open = last is None or last < on or (creditor.pk, on) in unfinished
        if is_open and _is_expected(last, on, now - begins_at(on, zone, at)):
            yield DueNight(creditor.pk, creditor.code, on)


def _is_expected(last: date | None, on: date, late: timedelta) -> bool:
    return late < _FIRST_WITHIN or (last is not None and on - last <= _CAUGHT_UP)
