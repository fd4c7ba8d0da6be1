"""A round of the house, made by every worker every few seconds: what should run is put into the
queue, and what was left by workers that are gone is put back.

A round only looks and puts; the work is done by jobs. It keeps no state and reads no clock but the
database's, so a clock that is set back, a worker that was away and ten workers at once make no
difference: what is due is found by what was done, not by what was planned.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from procrastinate.exceptions import AlreadyEnqueued

from kept.batch.backup.jobs import BACK_UP, back_up, make_months, seal_log
from kept.batch.day.jobs import decide_marked_cases
from kept.batch.housekeeping import FORGET, carry_out_intents, forget_old, tell_subscribers
from kept.batch.nightly.jobs import (
    GROUP_NIGHT,
    NIGHT,
    run_scheduled_group,
    run_scheduled_night,
)
from kept.batch.retention import list_due, seal_chains
from kept.batch.schedules import due_groups, due_nights
from kept.batch.sweeping import has_ended, write_ends
from kept.store.clock import database_now
from kept.store.jobs import is_known, sweep_stalled, work_waits
from kept.store.to_decide import creditors_waiting
from kept.work.once import once

__all__ = ["ENDS_MOST", "make_round"]

#: The backup is taken after this time of day of the house, so with the newest night in it.
_BACKUP_AT: Final = timedelta(hours=3)
#: Chains are sealed shortly before, so that every backup has the newest seal in it.
_SEAL_AT: Final = timedelta(hours=2, minutes=45)
_LOG_EVERY_SECONDS: Final = 300
_LEFT_LYING: Final = timedelta(seconds=5)
_LOCK: Final = 0x726F756E  # "roun": one worker makes the round at a time
#: So often a job may be under way when its worker ends, before it is taken for the reason.
ENDS_MOST: Final = 12


def make_round(*, stalled_seconds: float) -> None:
    """Sweep, and put into the queue what is due; does nothing while another worker does it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return
        sweep_stalled(stalled_seconds=stalled_seconds, ends_most=ENDS_MOST)
        _defer_nights(settings.KEPT_NIGHT_AT)
        _defer_groups()
        _defer_waiting_work()
        _defer_daily()


def _defer_nights(at: time | None) -> None:
    """A night that failed is not tried again by the schedule: a person looks at it first."""
    if at is None:
        return
    for night in due_nights(database_now(), at):
        args = {"creditor_id": night.creditor_id, "on": night.on.isoformat()}
        if not is_known(NIGHT, args):
            _defer(run_scheduled_night, "nights", f"night of {night.creditor_code}", **args)


def _defer_groups() -> None:
    """Every group by itself: its nights wait for another group's only where they share seats."""
    for group in due_groups(database_now()):
        args = {"group_id": group.group_id, "on": group.on.isoformat()}
        if not is_known(GROUP_NIGHT, args):
            lock = f"nights of {group.group_code}"
            _defer(run_scheduled_group, lock, f"group night of {group.group_code}", **args)


def _defer_waiting_work() -> None:
    waits = work_waits(database_now())
    if waits["intents"]:
        _defer(carry_out_intents, None, "intents")
    if waits["news"]:
        _defer(tell_subscribers, None, "announcements")
    if has_ended(database_now()):
        _defer(write_ends, None, "ends")
    _defer_waiting_cases()


def _defer_waiting_cases() -> None:
    """Cases that nobody decided: their job was lost, or nobody has them in hand any more."""
    for creditor_id in creditors_waiting(database_now() - _LEFT_LYING):
        _defer(decide_marked_cases, None, f"day of {creditor_id}", creditor_id=creditor_id)


def _defer_daily() -> None:
    """Once a day of the database's clock, whoever asks and however often."""
    now = database_now()
    on = now.astimezone(UTC).date().isoformat()
    _defer_once(forget_old, FORGET, on, now, on=on)
    _defer_once(make_months, make_months.name, on, now, on=on)
    here = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    night = (here - _SEAL_AT).date().isoformat()
    _defer_once(seal_chains, seal_chains.name, night, now, on=night)
    _defer_once(list_due, list_due.name, night, now, on=night)
    if settings.KEPT_BACKUP_DIR is not None:
        night = (here - _BACKUP_AT).date().isoformat()
        _defer_once(back_up, BACK_UP, night, now, on=night)
    if settings.KEPT_LOG_ARCHIVE() is not None:
        part = int(now.timestamp()) // _LOG_EVERY_SECONDS
        _defer_once(seal_log, seal_log.name, str(part), now)


def _defer_once(task: Any, name: str, when: str, now: datetime, **args: Any) -> None:
    def change() -> dict[str, Any]:
        _defer(task, None, name, **args)
        return {}

    once(scope="round", key=f"{name}-of-{when}", use_case=name, given={}, now=now, change=change)


def _defer(task: Any, lock: str | None, waits_once: str, **args: Any) -> None:
    """Put a job into the queue unless one like it waits there already."""
    try:
        with transaction.atomic():
            task.configure(lock=lock, queueing_lock=waits_once).defer(**args)
    except AlreadyEnqueued:
        return
