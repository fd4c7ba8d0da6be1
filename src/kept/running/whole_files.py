"""Small files that appear whole or not at all, whatever kills the process that makes them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["create_whole", "replace_whole"]


def create_whole(path: Path, text: str) -> bool:
    """Make the file (mode 0600) with this text; False, and no change, where it exists already.

    Written beside, then linked: of two processes that make it at the same moment one succeeds.
    """
    beside = _write_beside(path, text)
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(beside)
    _sync_folder(path.parent)
    return True


def replace_whole(path: Path, text: str) -> None:
    """Make or replace the file (mode 0600); a reader sees the old text or the new one."""
    os.replace(_write_beside(path, text), path)
    _sync_folder(path.parent)


def _write_beside(path: Path, text: str) -> str:
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
