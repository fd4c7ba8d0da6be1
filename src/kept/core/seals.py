"""What a seal says: the leaf of each chain, and the document that is exported.

A seal is a Merkle root (core/merkle.py) over the heads of all chains in the order of kind and id.
Its document names the seal before it by the SHA-256 of that file, so seals are a chain of their
own. Whoever keeps one file outside the house can tell later whether anything before it was changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["SEAL_FORMAT", "SealDocument", "SealRefused", "leaf_text", "read_seal"]

SEAL_FORMAT: Final = "kept seal 1"


class SealRefused(ValueError):
    """This is not the file of a seal: give one that kept wrote, unchanged."""


def leaf_text(chain_kind: str, chain_id: int, sequence: int, head: bytes) -> str:
    """What is hashed for one chain; the same bytes as `kept_seal_leaf` in SQL."""
    return f"{chain_kind}\n{chain_id}\n{sequence}\n{head.hex()}"


@dataclass(frozen=True, slots=True)
class SealDocument:
    """One seal; `previous_sha256` is that of the file of the seal before, None for the first."""

    number: int
    sealed_at: str
    tree_size: int
    root: bytes
    previous_sha256: bytes | None
    previous_root: bytes | None
    kept_version: str

    def text(self) -> str:
        """The bytes of the file, in UTF-8: keys sorted, a line each, a line feed at the end."""
        previous = None
        if self.previous_sha256 is not None and self.previous_root is not None:
            previous = {
                "number": self.number - 1,
                "root": self.previous_root.hex(),
                "sha256": self.previous_sha256.hex(),
            }
        content = {
            "format": SEAL_FORMAT,
            "kept_version": self.kept_version,
            "number": self.number,
            "previous": previous,
            "root": self.root.hex(),
            "sealed_at": self.sealed_at,
            "tree_size": self.tree_size,
        }
        return json.dumps(content, indent=2, sort_keys=True) + "\n"

    def sha256(self) -> bytes:
        return hashlib.sha256(self.text().encode()).digest()


def read_seal(text: str) -> SealDocument:
    """The seal of a file's text; raises `SealRefused` for anything that is not exactly one."""
    try:
        found = _document(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SealRefused(SealRefused.__doc__) from error
    if found.text() != text:
        raise SealRefused(SealRefused.__doc__)
    return found


def _document(content: Mapping[str, Any]) -> SealDocument:
    previous = content["previous"]
    return SealDocument(
        number=int(content["number"]),
        sealed_at=str(content["sealed_at"]),
        tree_size=int(content["tree_size"]),
        root=bytes.fromhex(content["root"]),
        previous_sha256=None if previous is None else bytes.fromhex(previous["sha256"]),
        previous_root=None if previous is None else bytes.fromhex(previous["root"]),
        kept_version=str(content["kept_version"]),
    )
