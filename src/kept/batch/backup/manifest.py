"""What a backup says of itself: its parts with their hashes, the book's figures, and its key.

The manifest is plain JSON, so that a person sees what lies there without a key; a keyed hash over
it shows whether somebody changed it. It holds counts and file names, no personal value.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kept.core.key_rings import DataKey, KeyRing
from kept.store.cipher import derive_key

__all__ = ["MANIFEST", "BackupRefused", "Manifest", "Part", "manifest_text", "read_manifest"]

MANIFEST = "manifest.json"
FORMAT = 1
_PURPOSE = b"kept manifest 1"


class BackupRefused(Exception):
    """A backup cannot be made, opened or restored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed file of a backup; `sha256` and `size` are those of the plain bytes."""

    path: str
    size: int
    sha256: str
    sealed_size: int
    sealed_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`book` is what `examine_book` says of the snapshot.

    `is_checked` says that it was restored on trial, `broken` which invariants its book broke then.
    """

    kept: str
    made_at: str
    postgresql: str
    key_number: int
    key_fingerprint: str
    database: Part
    files: tuple[Part, ...]
    book: Mapping[str, Any]
    migrations: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    is_checked: bool = False
    broken: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    @property
    def rows(self) -> int:
        return sum(self.book["tables"].values())


def manifest_text(manifest: Manifest, ring: KeyRing) -> str:
    """The text of the manifest, signed with the key it names."""
    key = ring.get(manifest.key_number)
    assert key is not None
    content = json.loads(json.dumps(asdict(manifest)))
    text = json.dumps({**content, "signature": _signature(key, content)}, indent=1, sort_keys=True)
    return text + "\n"


def read_manifest(folder: Path, ring: KeyRing) -> Manifest:
    """The manifest of a backup; refuses what is none, was changed, or has a key not here."""
    content = _load(folder)
    signature = content.pop("signature", "")
    try:
        manifest = _from_json(content)
    except (KeyError, TypeError, ValueError) as error:
        raise BackupRefused(
            _("%(folder)s has a manifest that cannot be read: %(error)s.")
            % {"folder": folder, "error": error}
        ) from error
    key = ring.get(manifest.key_number)
    if key is None or key.fingerprint != manifest.key_fingerprint:
        raise BackupRefused(
            _(
                "%(folder)s was sealed with data key %(number)s (fingerprint %(fingerprint)s), "
                "which is not here: put it back with `kept key import`, from the copy in the safe."
            )
            % {
                "folder": folder,
                "number": manifest.key_number,
                "fingerprint": manifest.key_fingerprint,
            }
        )
    if not hmac.compare_digest(signature, _signature(key, content)):
        raise BackupRefused(
            _("The manifest of %(folder)s was altered after it was written: take another backup.")
            % {"folder": folder}
        )
    return manifest


def _load(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError:
        raise BackupRefused(
            _(
                "%(folder)s is not a backup of kept: it has no %(manifest)s. Name a folder that "
                "`kept backup` made, such as kept-20261122T030000Z."
            )
            % {"folder": folder, "manifest": MANIFEST}
        ) from None
    except ValueError:
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("signature", ""), str):
        raise BackupRefused(
            _("The manifest of %(folder)s is cut short or was altered.") % {"folder": folder}
        )
    if content.get("format") != FORMAT:
        raise BackupRefused(
            _(
                "%(folder)s has format %(format)s, and this kept reads format %(own)s: use the "
                "kept that made it."
            )
            % {"folder": folder, "format": content.get("format"), "own": FORMAT}
        )
    return content


def _from_json(content: Mapping[str, Any]) -> Manifest:
    return Manifest(
        **{
            **content,
            "database": Part(**content["database"]),
            "files": tuple(Part(**each) for each in content["files"]),
            "migrations": tuple(content["migrations"]),
            "broken": tuple(content["broken"]),
        }
    )


def _signature(key: DataKey, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hmac.new(derive_key(key, _PURPOSE), text.encode(), hashlib.sha256).hexdigest()
