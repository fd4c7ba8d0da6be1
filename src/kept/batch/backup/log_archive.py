"""Copies of the embedded database's files, and its log since: what a recovery to a time needs.

In KEPT_BACKUP_DIR lie `base-…` folders, each one sealed copy of the data folder as pg_basebackup
makes it, and `log/NUMBER/`, the sealed segments of the log of the database with that number. Both
are of use only together. The segments wait in clear beside the data until `collect_log` seals them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import psycopg
from django.utils.translation import gettext as _

from kept.batch.backup.manifest import BackupRefused, Part
from kept.batch.backup.opening import read_part
from kept.batch.backup.programs import libpq_environment, program_output
from kept.batch.backup.taking import Tools, seal_part
from kept.core.key_rings import KeyRing
from kept.store.cipher import KeyAbsent
from kept.store.sealing import (
    BACKUP,
    SealedFileError,
    make_private,
    private_file,
    read_sealed,
    seal_stream,
    sync_folder,
)

__all__ = [
    "Base",
    "LogSource",
    "base_for",
    "collect_log",
    "drop_old_bases",
    "list_bases",
    "needs_base",
    "read_base",
    "take_base",
    "unseal_log",
]

BASE_EVERY = timedelta(days=7)
#: So many copies are kept, with the log since the older one.
BASES_KEPT = 2
_NEEDED_FROM = "SELECT pg_walfile_name(redo_lsn) FROM pg_control_checkpoint()"
_ARCHIVED = "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver"
_LOOKS = 2400  # two minutes
_NOTE = "base.json"
_PART = "base.tar.gz.sealed"


class LogSource(Protocol):
    """What the installation says of its log: where segments wait, and who may copy the data."""

    @property
    def waiting(self) -> Path: ...
    @property
    def administrator_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Base:
    """A copy of the data folder; it is of use for every moment after `ended_at`."""

    folder: Path
    system: str
    first_segment: str
    ended_at: datetime
    part: Part


def needs_base(source: LogSource, target: Path, now: datetime) -> bool:
    """Whether there is no copy of the last week.

    After a restore or an upgrade the database is another one: the copies of the old are of no use
    to its log.
    """
    with psycopg.connect(source.administrator_url) as connection:
        system = _system(connection)
    newest = next((base for base in list_bases(target) if base.system == system), None)
    return newest is None or now - newest.ended_at > BASE_EVERY


def take_base(tools: Tools, source: LogSource, target: Path, now: datetime) -> Path:
    """Copy the data folder while the database runs; its log is needed to make it consistent."""
    folder = target / f"base-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    beside = target / f".unfinished-{folder.name}"
    shutil.rmtree(beside, ignore_errors=True)
    make_private(beside)
    try:
        with psycopg.connect(source.administrator_url, autocommit=True) as connection:
            system = _system(connection)
            first = _asked(connection, _NEEDED_FROM)
            part = _copy_data(tools, source, beside)
            ended = _asked(connection, "SELECT to_json(clock_timestamp())::text").strip('"')
        note = {"system": system, "first_segment": first, "ended_at": ended, "part": asdict(part)}
        with private_file(beside / _NOTE) as sink:
            sink.write(json.dumps(note, indent=1).encode())
        sync_folder(beside)
        os.rename(beside, folder)
        sync_folder(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def _copy_data(tools: Tools, source: LogSource, beside: Path) -> Part:
    command: list[str | Path] = [
        tools.programs / "pg_basebackup",
        "--pgdata=-",
        "--format=tar",
        "--wal-method=none",  # the archived log has it; the program waits until it has
        "--checkpoint=fast",
        "--compress=client-gzip:1",
        "--no-password",
    ]
    environment = libpq_environment(source.administrator_url)
    with program_output(command, environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        return seal_part(process.stdout, beside, _PART, tools.ring)  # type: ignore[arg-type]


def _system(connection: psycopg.Connection) -> str:
    return _asked(connection, "SELECT system_identifier::text FROM pg_control_system()")


def _asked(connection: psycopg.Connection, query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return str(row[0])


def list_bases(target: Path) -> list[Base]:
    """The copies in a folder, newest first."""
    return [_read_base(note) for note in sorted(target.glob(f"base-*/{_NOTE}"), reverse=True)]


def _read_base(note: Path) -> Base:
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
        ended = datetime.fromisoformat(told["ended_at"])
        part = Part(**told["part"])
        return Base(note.parent, told["system"], told["first_segment"], ended, part)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupRefused(_("%(note)s is cut short or was altered.") % {"note": note}) from error


def base_for(target: Path, at: datetime) -> Base:
    """The newest copy that was complete at `at`; refuses where there is none."""
    bases = list_bases(target)
    found = next((base for base in bases if base.ended_at <= at), None)
    if found is not None:
        return found
    if not bases:
        raise BackupRefused(
            _(
                "%(target)s holds no copy of the database's files (base-…): recovery to a time "
                "needs KEPT_BACKUP_DIR to be set while kept runs. A backup (kept-…) can be "
                "restored as it is."
            )
            % {"target": target}
        )
    raise BackupRefused(
        _(
            "The log in %(target)s begins at %(begin)s: choose a later time, or restore an older "
            "backup as it is."
        )
        % {"target": target, "begin": f"{bases[-1].ended_at:%Y-%m-%d %H:%M:%S%z}"}
    )


def read_base(base: Base, ring: KeyRing) -> Iterator[bytes]:
    """The copy as pg_basebackup wrote it: a tar, compressed with gzip."""
    return read_part(base.folder, base.part, ring)


def drop_old_bases(target: Path) -> int:
    """Remove the copies beyond the newest two, and the log that only they needed."""
    bases = list_bases(target)
    kept = bases[:BASES_KEPT]
    for base in bases[BASES_KEPT:]:
        (base.folder / _NOTE).unlink()
        shutil.rmtree(base.folder)
        if base.system not in {other.system for other in kept}:
            shutil.rmtree(target / "log" / base.system, ignore_errors=True)
    dropped = 0
    for base in kept[-1:]:
        for path in (target / "log" / base.system).glob("*.sealed"):
            # A segment's name is timeline and place; histories of timelines are small and stay.
            if "." not in path.stem and path.stem[8:24] < base.first_segment[8:]:
                path.unlink()
                dropped += 1
    return dropped


def collect_log(
    source: LogSource, target: Path, ring: KeyRing, *, is_switched: bool = False
) -> int:
    """Seal the segments that wait, into `target`, and remove the copies; says how many.

    Call it every few minutes. With `is_switched` the segment at work is finished first.
    """
    with psycopg.connect(source.administrator_url, autocommit=True) as connection:
        system = _system(connection)
        if is_switched:
            _finish_segment(connection)
    folder = target / "log" / system
    make_private(folder)
    waiting = sorted(path for path in source.waiting.glob("*") if not path.name.startswith("."))
    for path in waiting:
        _seal_segment(path, folder, ring)
        path.unlink()
    return len(waiting)


def _finish_segment(connection: psycopg.Connection) -> None:
    """Have the segment at work handed over, and wait until it was."""
    # One byte before: where nothing was written since the last segment ended, the place that the
    # database tells is the beginning of the next one, which is handed over only when it is used.
    name = _asked(connection, "SELECT pg_walfile_name(pg_switch_wal() - 1)")
    for _look in range(_LOOKS):
        if _asked(connection, _ARCHIVED) >= name:
            return
        connection.execute("SELECT pg_sleep(0.05)")
    raise BackupRefused(
        _(
            "The database does not hand its log over: its own log file says why. A full disk is "
            "the usual reason; `kept stop` and a start is needed after KEPT_BACKUP_DIR was set."
        )
    )


def _seal_segment(path: Path, folder: Path, ring: KeyRing) -> None:
    sealed = folder / f"{path.name}.sealed"
    if sealed.exists():  # we were ended between sealing and removing
        if _plain_hash(sealed, ring) != hashlib.sha256(path.read_bytes()).hexdigest():
            raise BackupRefused(
                _(
                    "%(sealed)s holds another segment than %(path)s: two databases archive into "
                    "one folder. Give each its own KEPT_BACKUP_DIR."
                )
                % {"sealed": sealed, "path": path}
            )
        return
    beside = folder / f".{secrets.token_hex(8)}.part"
    try:
        with path.open("rb") as plain, private_file(beside) as sink:
            seal_stream(plain, sink, purpose=BACKUP, ring=ring)
        os.rename(beside, sealed)
        sync_folder(folder)
    finally:
        beside.unlink(missing_ok=True)


def _plain_hash(sealed: Path, ring: KeyRing) -> str:
    digest = hashlib.sha256()
    with sealed.open("rb") as source:
        for piece in read_sealed(source, purpose=BACKUP, ring=ring):
            digest.update(piece)
    return digest.hexdigest()


def unseal_log(target: Path, base: Base, ring: KeyRing) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Name and content of every segment that the copy may need."""
    for sealed in sorted((target / "log" / base.system).glob("*.sealed")):
        name = sealed.name.removesuffix(".sealed")
        if "." in name or name[8:24] >= base.first_segment[8:]:
            yield name, _read_segment(sealed, ring)


def _read_segment(sealed: Path, ring: KeyRing) -> Iterator[bytes]:
    try:
        with sealed.open("rb") as source:
            yield from read_sealed(source, purpose=BACKUP, ring=ring)
    except (SealedFileError, KeyAbsent) as error:
        raise BackupRefused(
            _("%(sealed)s does not open: %(error)s") % {"sealed": sealed, "error": _(str(error))}
        ) from error
