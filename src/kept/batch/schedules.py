"""When a night is due: once for each date, from a time of day in the creditor's or group's zone.

A night group has its own time of day; creditors in no group have the house's. What was missed while
nothing ran is caught up by one night, the newest: nights go forward and read the book as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Max

from kept.batch.closing import begins_at, due_date
from kept.batch.nightly.running import KIND
from kept.store.models import Creditor, NightGroup, Run
from kept.work.night_group_lists import GROUP_RUN

__all__ = ["DueGroup", "DueNight", "begins_at", "due_date", "due_groups", "due_nights"]

#: A creditor without a night so far, or without one for long, gets its next one in these hours
#: after the time of day only: a book that is being set up, or replayed, is not taken by surprise.
_FIRST_WITHIN: Final = timedelta(hours=4)
_CAUGHT_UP: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DueNight:
    creditor_id: int
    creditor_code: str
    on: date


@dataclass(frozen=True, slots=True)
class DueGroup:
    group_id: int
    group_code: str
    on: date


def due_groups(now: datetime) -> Iterator[DueGroup]:
    """Nights of groups that should have begun and have not been done, in the order of their codes.

    A group that is new waits for its next closing, as a creditor without a night does.
    """
    for group in NightGroup.objects.filter(members__isnull=False).distinct().order_by("code"):
        runs = Run.objects.filter(kind=GROUP_RUN, parameters__group=group.code)
        newest = runs.order_by("-business_date").first()
        zone = ZoneInfo(group.zone)
        on = due_date(now, zone, group.closes_at)
        last = newest.business_date if newest else None
        is_open = last is None or last < on
        is_open |= newest is not None and newest.state == Run.State.RUNNING and last == on
        if is_open and _is_expected(last, on, now - begins_at(on, zone, group.closes_at)):
            yield DueGroup(group.pk, group.code, on)


def due_nights(now: datetime, at: time) -> Iterator[DueNight]:
    """Nights of creditors in no group that should have begun and have not been done, by code."""
    nights = Run.objects.filter(kind=KIND, creditor__isnull=False)
    newest = dict(nights.values_list("creditor").annotate(Max("business_date")))
    unfinished = set(
        nights.filter(state=Run.State.RUNNING).values_list("creditor_id", "business_date")
    )
    for creditor in Creditor.objects.filter(night_group_member__isnull=True).order_by("code"):
        zone = ZoneInfo(creditor.zone)
        on = due_date(now, zone, at)
        last = newest.get(creditor.pk)
        is_open = last is None or last < on or (creditor.pk, on) in unfinished
        if is_open and _is_expected(last, on, now - begins_at(on, zone, at)):
            yield DueNight(creditor.pk, creditor.code, on)


def _is_expected(last: date | None, on: date, late: timedelta) -> bool:
    return late < _FIRST_WITHIN or (last is not None and on - last <= _CAUGHT_UP)
