"""Bringing a backup back: into an empty database and an empty house, all of it or nothing."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from django.utils.translation import gettext as _

from kept.batch.backup.examining import examine_book, public_tables
from kept.batch.backup.manifest import BackupRefused, Manifest, Part
from kept.batch.backup.opening import open_backup, read_part
from kept.batch.backup.programs import restore_stream
from kept.batch.backup.taking import Tools, differences, house_files
from kept.store.sealing import make_private, private_file, sync_folder

__all__ = ["refuse_full_house", "restore_backup"]

_SERVER_MIN = 170000


def restore_backup(
    tools: Tools, folder: Path, known_migrations: set[str], *, with_database: bool = True
) -> Manifest:
    """Restore a backup, or its files alone.

    Raises `BackupRefused` before anything is touched, or with all undone.

    `known_migrations` are those of this kept: what a newer one made is not restored. The caller
    brings the tables up to date afterwards and runs the invariants.
    """
    manifest = open_backup(folder, tools.ring)
    unknown = sorted(set(manifest.migrations) - known_migrations)
    if unknown and with_database:
        raise BackupRefused(
            _(
                "%(folder)s was made by a newer kept (%(kept)s, with %(migration)s): install that "
                "one, then restore."
            )
            % {"folder": folder, "kept": manifest.kept, "migration": unknown[-1]}
        )
    refuse_full_house(tools, with_database=with_database)
    with ExitStack() as undone:
        for part in manifest.files:
            undone.callback(_write_file(tools, folder, part).unlink, missing_ok=True)
        if with_database:
            _restore_database(tools, folder, manifest)
        undone.pop_all()
    return manifest


def refuse_full_house(tools: Tools, *, with_database: bool = True) -> None:
    """Raise where the database or the house's folder already holds something."""
    if with_database:
        _refuse_full_database(tools)
    for path in house_files(tools.home):
        raise BackupRefused(
            _(
                "%(home)s is not empty (%(path)s), and a restore overwrites nothing: name an empty "
                "home with `--into FOLDER`, or move the old one away first."
            )
            % {"home": tools.home, "path": path.relative_to(tools.home)}
        )


def _refuse_full_database(tools: Tools) -> None:
    with psycopg.connect(tools.url, connect_timeout=10) as connection:
        if public_tables(connection):
            raise BackupRefused(
                _(
                    "The database is not empty, and a restore overwrites nothing: name an empty "
                    "home with `--into FOLDER`, or move the old one away first."
                )
            )
        if connection.info.server_version < _SERVER_MIN:
            raise BackupRefused(
                _(
                    "The server of DATABASE_URL runs a PostgreSQL before 17, which does not read "
                    "these dumps: restore into 17 or later."
                )
            )


def _write_file(tools: Tools, folder: Path, part: Part) -> Path:
    path = _inside(tools.home, part)
    make_private(path.parent)
    beside = path.with_name(f".{path.name}.part")
    beside.unlink(missing_ok=True)
    with private_file(beside) as sink:
        for piece in read_part(folder, part, tools.ring):
            sink.write(piece)
    os.replace(beside, path)
    sync_folder(path.parent)
    return path


def _inside(home: Path, part: Part) -> Path:
    """Where a part belongs; the manifest is signed, and still no path of it leads out of home."""
    relative = Path(part.path).relative_to("files")
    if relative.is_absolute() or ".." in relative.parts:
        raise BackupRefused(
            _("The backup names a file outside the house: %(part)s.") % {"part": part.path}
        )
    return home / relative


def _restore_database(tools: Tools, folder: Path, manifest: Manifest) -> None:
    restore_stream(tools.programs, tools.url, read_part(folder, manifest.database, tools.ring))
    with psycopg.connect(tools.url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        found: dict[str, Any] = examine_book(connection)
    if found != manifest.book:
        raise BackupRefused(
            _("What was restored differs: %(differences)s")
            % {"differences": differences(manifest, found)}
        )
