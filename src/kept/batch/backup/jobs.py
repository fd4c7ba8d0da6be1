"""Jobs that keep the book from being lost: a backup every night, the log every few minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from kept.batch.backup.house import archive_log, back_up_house
from kept.batch.working import BACKGROUND, job
from kept.store.partitions import ensure_partitions

__all__ = ["BACK_UP", "FRESH", "back_up", "make_months", "seal_log"]

BACK_UP: Final = "house.back_up"
#: One that a person took this lately is as good; so is one that a tried-again job finds.
FRESH: Final = timedelta(hours=12)


@job(BACK_UP, queue="house", priority=BACKGROUND)
def back_up(*, on: str, now: datetime) -> None:
    """Into KEPT_BACKUP_DIR, restored on trial; a book that breaks an invariant is backed up too."""
    newest = max((path.parent.name for path in _manifests()), default="")
    if newest < f"kept-{now - FRESH:%Y%m%dT%H%M%SZ}":
        back_up_house(now)


def _manifests() -> list[Path]:
    target: Path | None = settings.KEPT_BACKUP_DIR
    return [] if target is None else list(target.glob("kept-*/manifest.json"))


@job("house.seal_log", queue="house")
def seal_log(*, now: datetime) -> None:
    archive_log()


@job("house.make_months", queue="house", priority=BACKGROUND)
def make_months(*, on: str, now: datetime) -> None:
    ensure_partitions(now.date(), now.date())
