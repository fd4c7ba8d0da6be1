"""The embedded database's log, kept aside for recovery to a point in time.

PostgreSQL hands every finished segment of its log to `archive_command` (tuning.py), as the account
it runs as, which cannot read kept's keys. So the command only copies the segment into a folder
beside the data, and kept, which has the keys, seals it into KEPT_BACKUP_DIR and removes the copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kept.running.database import embedded_cluster
from kept.running.paths import find_place, home_folder
from kept.running.settings import Settings

__all__ = ["LogArchive", "log_archive"]


@dataclass(frozen=True, slots=True)
class LogArchive:
    """Where finished segments of the log wait, and the address of a role that may copy the data."""

    waiting: Path
    administrator_url: str


def log_archive(settings: Settings) -> LogArchive | None:
    """The archive of this installation; None where DATABASE_URL is set or nothing is archived."""
    if settings.database_url is not None or settings.backup_dir is None:
        return None
    place = find_place(home_folder(settings))
    if place is None:
        return None
    return LogArchive(place.waiting_log, embedded_cluster(settings).administrator_url())
