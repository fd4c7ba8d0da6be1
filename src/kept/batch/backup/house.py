"""The installation's own backup: with its tools, into its folder, and old ones removed after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from kept.batch.backup.examining import address_of
from kept.batch.backup.log_archive import collect_log, drop_old_bases, needs_base, take_base
from kept.batch.backup.manifest import BackupRefused, Manifest
from kept.batch.backup.opening import drop_old_backups
from kept.batch.backup.taking import Tools, take_backup
from kept.store.cipher import house_ring
from kept.store.models import IntakeFile
from kept.store.sealing import vault_folder

__all__ = ["HouseBackup", "archive_log", "back_up_house", "house_tools", "missing_files"]


@dataclass(frozen=True, slots=True)
class HouseBackup:
    """What was made, and which older backups went."""

    folder: Path
    manifest: Manifest
    removed: tuple[Path, ...]
    base: Path | None


def house_tools() -> Tools:
    """The tools of this installation, as its settings name them."""
    return Tools(
        home=Path(settings.KEPT_HOME),
        programs=settings.KEPT_PROGRAMS(),
        url=address_of(connection.settings_dict),
        ring=house_ring(),
        scratch=settings.KEPT_SCRATCH,
        settings=settings.KEPT_GIVEN_SETTINGS,
    )


def back_up_house(
    now: datetime,
    *,
    target: Path | None = None,
    keep: int | None = None,
    is_checked: bool = True,
    say: Callable[[str], None] = lambda stage: None,
) -> HouseBackup:
    """Back up into `target`, or KEPT_BACKUP_DIR; what the schedule calls every night.

    Into KEPT_BACKUP_DIR it also copies the embedded database's files once a week, to which the
    archived log is applied in a recovery, and removes the backups beyond the newest `keep`. Raises
    `BackupRefused`.
    """
    own: Path | None = settings.KEPT_BACKUP_DIR
    where = target or own
    if where is None:
        raise BackupRefused(_("Name a folder with --to, or set KEPT_BACKUP_DIR to one."))
    tools = house_tools()
    folder, manifest = take_backup(tools, where, now, is_checked=is_checked, say=say)
    base = None
    if target is None and (archive := settings.KEPT_LOG_ARCHIVE()) is not None:
        if needs_base(archive, where, now):
            say("base")
            base = take_base(tools, archive, where, now)
        collect_log(archive, where, tools.ring, is_switched=True)
        drop_old_bases(where)
    removed: list[Path] = []
    if keep is not None or target is None:
        removed = drop_old_backups(where, tools.ring, keep or settings.KEPT_BACKUP_KEEP)
    return HouseBackup(folder, manifest, tuple(removed), base)


def archive_log() -> int:
    """Seal what the database handed over of its log and what it still writes; says how much.

    What the schedule calls every few minutes. Does nothing where nothing is archived.
    """
    archive, target = settings.KEPT_LOG_ARCHIVE(), settings.KEPT_BACKUP_DIR
    if archive is None or target is None:
        raise BackupRefused(
            _(
                "The log is not archived: set KEPT_BACKUP_DIR (and no DATABASE_URL), then give "
                "`kept stop` and start kept again."
            )
        )
    return collect_log(archive, target, house_ring(), is_switched=True)


def missing_files() -> int:
    """How many received files the database knows that are not in the vault."""
    known = IntakeFile.objects.values_list("stored_path", flat=True)
    return sum(not (vault_folder() / path).exists() for path in known)
