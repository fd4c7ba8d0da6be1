"""Dropping the months that no duty keeps any more, oldest first, each in one transaction.

A month goes when the longest duty to keep anything is past for its last day, everything in it is
sealed, none of its cases lives on or is under a hold, and a backup of these days was restored on
trial. The first month that stays, stays with all after it, so that a chain is only ever cut at its
beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from kept.batch.backup.opening import list_backups
from kept.core.actors import Actor
from kept.packs.retention import load_retention
from kept.store.cipher import house_ring
from kept.store.events import append_event
from kept.store.months import Month, Staying, drop_month, list_months, starts_digest, staying
from kept.store.partitions import PARTITIONED

__all__ = ["DroppedMonth", "MonthsKept", "drop_months", "kept_until"]

BACKUP_WITHIN = timedelta(days=7)
LOCK_WAIT_MILLISECONDS = 3_000


class MonthsKept(Exception):
    """Nothing is dropped; the message says what to do first."""


@dataclass(frozen=True, slots=True)
class DroppedMonth:
    """A month that went with so many rows, or the one that stays and why."""

    month: Month
    rows: int = 0
    staying: Staying | None = None
    kept_until: date | None = None


def kept_until(day: date) -> date:
    """The last day on which any duty, of any place and kind, keeps what was recorded on `day`."""
    return max(duty.keep.after(day) for duty in load_retention().duties)


def drop_months(*, actor: Actor, now: datetime, is_tried: bool = False) -> list[DroppedMonth]:
    """Drop what may go; for each table the last answer is the month that stays, where one does.

    With `is_tried` nothing is dropped. Raises `MonthsKept` where there is no checked backup.
    """
    if not is_tried:
        _refuse_without_backup(now)
    found = []
    for table in PARTITIONED:
        for month in list_months(table):
            answer = _drop(month, actor, now, is_tried)
            found.append(answer)
            if answer.staying is not None or answer.kept_until is not None:
                break
    return found


def _refuse_without_backup(now: datetime) -> None:
    target: Path | None = settings.KEPT_BACKUP_DIR
    backups = list_backups(target, house_ring()) if target is not None else []
    fresh = [
        manifest
        for _folder, manifest in backups
        if manifest is not None and manifest.is_checked and now - manifest.instant < BACKUP_WITHIN
    ]
    if not fresh:
        raise MonthsKept(
            _(
                "Months are dropped only when a backup of this week was restored on trial: set "
                "KEPT_BACKUP_DIR and give `kept backup` first."
            )
        )


def _drop(month: Month, actor: Actor, now: datetime, is_tried: bool) -> DroppedMonth:
    until = kept_until(month.last_day)
    if until >= now.astimezone(UTC).date():
        return DroppedMonth(month, kept_until=until)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {LOCK_WAIT_MILLISECONDS:d}")
            # Nobody writes into a month of years ago, but nobody shall while it is looked at.
            cursor.execute(f"LOCK TABLE {month.part} IN SHARE ROW EXCLUSIVE MODE")
        stays = staying(month, _living_since(now))
        if not stays.is_free:
            return DroppedMonth(month, staying=stays)
        if is_tried:
            return DroppedMonth(month)
        rows = drop_month(month)
        append_event(
            actor=actor,
            action="month.drop",
            subject=f"month:{month.first_day:%Y%m}",
            body=_told(month, rows, stays),
            now=now,
        )
    return DroppedMonth(month, rows)


def _told(month: Month, rows: int, stays: Staying) -> dict[str, object]:
    """With what the chains begin from now on, so that nobody else can cut one unseen."""
    body = {"table": month.table, "rows": rows, "chains": stays.chains}
    return {**body, "starts": starts_digest()} if month.table == "events" else body


def _living_since(now: datetime) -> datetime:
    """A chain with an event after this moment has records that a duty still keeps."""
    today = now.astimezone(UTC).date()
    day = today
    while kept_until(day) >= today:
        day -= timedelta(days=28)
    return datetime.combine(day, time(), UTC)
