"""Finding the backups of a folder, and proving one whole before anything is made of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from kept.batch.backup.manifest import MANIFEST, BackupRefused, Manifest, Part, read_manifest
from kept.core.key_rings import KeyRing
from kept.store.cipher import KeyAbsent
from kept.store.sealing import BACKUP, SealedFileError, read_sealed

__all__ = ["drop_old_backups", "list_backups", "newest_backup", "open_backup", "read_part"]

NAMES = "kept-*"
_PIECE = 1024 * 1024


def list_backups(target: Path, ring: KeyRing) -> list[tuple[Path, Manifest | None]]:
    """The backups of a folder, newest first; without a manifest where it does not open."""
    folders = (path.parent for path in target.glob(f"{NAMES}/{MANIFEST}"))
    return [(folder, _manifest(folder, ring)) for folder in sorted(folders, reverse=True)]


def newest_backup(source: Path, ring: KeyRing, *, needed: bool) -> Path | None:
    """`source` itself where it is a backup, else the newest one in it, or None if not `needed`."""
    if (source / MANIFEST).exists() or source.match(NAMES):
        return source
    found = list_backups(source, ring)
    if not found and needed:
        raise BackupRefused(_("There is no backup of kept in %(source)s.") % {"source": source})
    return found[0][0] if found else None


def _manifest(folder: Path, ring: KeyRing) -> Manifest | None:
    try:
        return read_manifest(folder, ring)
    except BackupRefused:
        return None


def drop_old_backups(target: Path, ring: KeyRing, keep: int) -> list[Path]:
    """Remove the backups beyond the newest `keep`; those that do not open are left alone."""
    found = [folder for folder, manifest in list_backups(target, ring) if manifest is not None]
    for folder in found[keep:]:
        (folder / MANIFEST).unlink()  # from here on it is no backup, whatever ends us
        shutil.rmtree(folder)
    return found[keep:]


def open_backup(folder: Path, ring: KeyRing) -> Manifest:
    """The manifest of a backup whose every part is there, whole and unchanged.

    Raises `BackupRefused` for one that is cut short, altered, or sealed with another key.
    """
    manifest = read_manifest(folder, ring)
    for part in (manifest.database, *manifest.files):
        _prove(folder, part)
    return manifest


def _prove(folder: Path, part: Part) -> None:
    path = folder / part.path
    if not path.is_file():
        raise BackupRefused(
            _("The backup %(folder)s is not whole: %(part)s is missing.")
            % {"folder": folder, "part": part.path}
        )
    size = path.stat().st_size
    if size < part.sealed_size:
        raise BackupRefused(
            _(
                "The backup %(folder)s is cut short: %(part)s has %(size)s of %(all)s bytes. Copy "
                "it again, or restore another one."
            )
            % {
                "folder": folder,
                "part": part.path,
                "size": f"{size:,}",
                "all": f"{part.sealed_size:,}",
            }
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != part.sealed_sha256:
        raise BackupRefused(
            _(
                "The backup %(folder)s was altered: %(part)s is not what was written. Copy it "
                "again, or restore another one."
            )
            % {"folder": folder, "part": part.path}
        )


def read_part(folder: Path, part: Part, ring: KeyRing) -> Iterator[bytes]:
    """The plain bytes of a part, a frame at a time; at the end they are held against its hash."""
    digest = hashlib.sha256()
    try:
        with (folder / part.path).open("rb") as source:
            for piece in read_sealed(source, purpose=BACKUP, ring=ring):
                digest.update(piece)
                yield piece
    except (SealedFileError, KeyAbsent, OSError) as error:
        raise BackupRefused(
            _("The backup %(folder)s does not open: %(part)s: %(error)s")
            % {"folder": folder, "part": part.path, "error": _(str(error))}
        ) from error
    if digest.hexdigest() != part.sha256:
        raise BackupRefused(
            _("The backup %(folder)s was altered: %(part)s has another content.")
            % {"folder": folder, "part": part.path}
        )
