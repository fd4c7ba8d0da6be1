"""Taking a backup: the database as of one moment, the house's files, sealed as they stream.

Nothing plain touches a disk. A backup is written beside and gets its name last, after it was
restored into a scratch database whose figures and invariants were right; one that was ended by
force leaves a folder that the next one clears away.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from django.utils.translation import gettext as _

from kept import __version__
from kept.batch.backup.examining import broken_invariants, examine_book
from kept.batch.backup.manifest import MANIFEST, BackupRefused, Manifest, Part, manifest_text
from kept.batch.backup.opening import list_backups, read_part
from kept.batch.backup.programs import dump_stream, restore_stream
from kept.core.key_rings import KeyRing
from kept.store.sealing import BACKUP, make_private, private_file, seal_stream, sync_folder

__all__ = ["DATABASE_PART", "Tools", "backup_name", "house_files", "seal_part", "take_backup"]

DATABASE_PART = "database.dump.sealed"
UNFINISHED = ".unfinished-"
#: What lies in `var` and is no part of a backup: the database itself, its keys, other backups, logs
#: and uploads that are not received yet.
NOT_HOUSE_FILES = {
    "backups",
    "binaries",
    "database",
    "database.lock",
    "database.place",
    "keys",
    "logs",
    "metrics",
    "uploads",
}


@dataclass(frozen=True, slots=True)
class Tools:
    """What an installation lends a backup: its folder, its programs, its database and its keys.

    `scratch` gives the address of an empty database that is gone afterwards; `settings` are the
    settings that are not secret, by variable.
    """

    home: Path
    programs: Path
    url: str
    ring: KeyRing
    scratch: Callable[[], AbstractContextManager[str]]
    settings: Mapping[str, str]


def backup_name(now: datetime) -> str:
    return f"kept-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def take_backup(
    tools: Tools,
    target: Path,
    now: datetime,
    *,
    is_checked: bool = True,
    say: Callable[[str], None] = lambda stage: None,
) -> tuple[Path, Manifest]:
    """Write a backup into a new folder of `target`; returns the folder and what it holds.

    Raises `BackupRefused`, also where the check finds a difference; then nothing has its name.
    """
    folder = target / backup_name(now)
    if folder.exists():
        raise BackupRefused(
            _("%(folder)s is there already: a backup is made once a second at most.")
            % {"folder": folder}
        )
    beside = _fresh_folder(target, folder.name)
    try:
        say("dump")
        manifest = _write_database(tools, beside, now)
        say("files")
        manifest = replace(manifest, files=tuple(_write_files(tools, target, beside)))
        if is_checked:
            say("check")
            broken = _check(tools, beside, manifest)
            manifest = replace(manifest, is_checked=True, broken=broken)
        _finish(beside, folder, manifest, tools.ring)
    except OSError as error:
        raise BackupRefused(
            _(
                "The backup cannot be written to %(target)s (%(reason)s): make room there, or name "
                "another folder."
            )
            % {"target": target, "reason": error.strerror}
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder, manifest


def _fresh_folder(target: Path, name: str) -> Path:
    try:
        make_private(target)
        for left in target.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left)
        beside = target / f"{UNFINISHED}{name}"
        beside.mkdir(mode=0o700)
    except OSError as error:
        raise BackupRefused(
            _("kept cannot write into %(target)s (%(reason)s): name a folder of its own.")
            % {"target": target, "reason": error.strerror}
        ) from error
    return beside


def _write_database(tools: Tools, beside: Path, now: datetime) -> Manifest:
    """The dump, and the figures of the same snapshot."""
    with psycopg.connect(tools.url, connect_timeout=10) as connection:
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        with dump_stream(tools.programs, tools.url, snapshot) as dump:
            part = seal_part(dump, beside, DATABASE_PART, tools.ring)
        book = examine_book(connection)
        done = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return Manifest(
            kept=__version__,
            made_at=now.astimezone(UTC).isoformat(),
            postgresql=str(connection.info.parameter_status("server_version")),
            key_number=tools.ring.sealing.number,
            key_fingerprint=tools.ring.sealing.fingerprint,
            database=part,
            files=(),
            book=book,
            migrations=tuple(name for (name,) in done),
            settings=dict(tools.settings),
        )


def house_files(home: Path, target: Path | None = None) -> Iterator[Path]:
    """The files of `var` that a backup holds; what is half written has a name with a dot."""
    for entry in sorted(home.iterdir()) if home.exists() else []:
        if entry.name in NOT_HOUSE_FILES or entry.name.startswith(".") or entry == target:
            continue
        for path in [entry] if entry.is_file() else sorted(entry.rglob("*")):
            if path.is_file() and not path.name.startswith(".") and not path.is_symlink():
                yield path


def _write_files(tools: Tools, target: Path, beside: Path) -> Iterator[Part]:
    """Each file sealed once: one that an earlier backup holds is linked from there."""
    earlier = _earlier_parts(target, tools.ring)
    for path in house_files(tools.home, target):
        relative = path.relative_to(tools.home)
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
        part_path = f"files/{relative}"
        known = earlier.get((part_path, digest))
        make_private((beside / part_path).parent)
        if known is not None and _linked(known[0] / part_path, beside / part_path):
            yield known[1]
            continue
        with path.open("rb") as source:
            yield seal_part(source, beside, part_path, tools.ring)


def _earlier_parts(target: Path, ring: KeyRing) -> dict[tuple[str, str], tuple[Path, Part]]:
    for folder, manifest in list_backups(target, ring):
        if manifest is not None and manifest.key_number == ring.sealing.number:
            return {(part.path, part.sha256): (folder, part) for part in manifest.files}
    return {}


def _linked(old: Path, new: Path) -> bool:
    try:
        os.link(old, new)
    except OSError:  # another disk, or one without links: it is written again
        return False
    return True


def seal_part(source: BinaryIO, folder: Path, name: str, ring: KeyRing) -> Part:
    """Seal what `source` gives into a new file of `folder`."""
    with private_file(folder / name) as sink:
        hashed = _Hashed(sink)
        digest, size = seal_stream(source, hashed, purpose=BACKUP, ring=ring)  # type: ignore[arg-type]
    return Part(name, size, digest.hex(), hashed.size, hashed.digest.hexdigest())


class _Hashed(io.RawIOBase):
    """A sink that knows the hash and the size of what went through it."""

    def __init__(self, sink: BinaryIO) -> None:
        super().__init__()
        self._sink = sink
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: Any, /) -> int:
        self.digest.update(data)
        self.size += len(data)
        self._sink.write(data)
        return len(data)


def _check(tools: Tools, beside: Path, manifest: Manifest) -> tuple[str, ...]:
    """Restore what was written, and hold it against what was backed up.

    Returns the invariants that it breaks: the book itself does so too, and a backup of a faulty
    book is better than none.
    """
    for part in manifest.files:
        for _piece in read_part(beside, part, tools.ring):
            pass  # the hash is compared at the end of the part
    with tools.scratch() as url:
        restore_stream(tools.programs, url, read_part(beside, manifest.database, tools.ring))
        with psycopg.connect(url) as connection:
            found = examine_book(connection)
            connection.commit()
        if found != manifest.book:
            raise BackupRefused(
                _("The backup differs from the book: %(differences)s")
                % {"differences": differences(manifest, found)}
            )
        return tuple(broken_invariants(url))


def differences(manifest: Manifest, found: Mapping[str, Any]) -> str:
    """Which figures of a restored book are not those of the manifest, in words."""
    tables = manifest.book["tables"]
    said = [
        _("%(table)s has %(rows)s rows in place of %(wanted)s")
        % {"table": name, "rows": found["tables"].get(name, 0), "wanted": count}
        for name, count in tables.items()
        if found["tables"].get(name, 0) != count
    ]
    if found["heads"] != manifest.book["heads"]:
        said.append(_("the event heads have another hash"))
    if found["sealed_root"] != manifest.book["sealed_root"]:
        said.append(_("the newest seal has another root"))
    return ", ".join(said) or _("it has tables more")


def _finish(beside: Path, folder: Path, manifest: Manifest, ring: KeyRing) -> None:
    with private_file(beside / MANIFEST) as sink:
        sink.write(manifest_text(manifest, ring).encode())
    for each in (beside, *(path for path in beside.rglob("*") if path.is_dir())):
        sync_folder(each)
    os.rename(beside, folder)
    sync_folder(folder.parent)
