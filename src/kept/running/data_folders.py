"""Which PostgreSQL made a data folder, and putting an upgraded one into its place."""

from __future__ import annotations

import os
from pathlib import Path

from kept.running.errors import DatabaseUnavailable
from kept.running.paths import Place
from kept.running.whole_files import create_whole

__all__ = ["complete_upgrade", "finish_upgrade", "made_by"]

_MARK = "upgraded-from-"


def made_by(place: Place) -> str:
    """The major version of the PostgreSQL that made the data folder."""
    try:
        return (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ValueError):
        raise DatabaseUnavailable(
            "{data} is not a PostgreSQL data folder: move it away, or set KEPT_HOME to another "
            "folder.",
            data=place.data,
        ) from None


def finish_upgrade(place: Place, major: str) -> Path:
    """Exchange the old data folder for the finished new one; returns where the old one stays."""
    old = _old_folder(place, major)
    if old.exists():
        raise DatabaseUnavailable(
            "{old} is there already, from an earlier upgrade: move it away.", old=old
        )
    create_whole(place.data.parent / f"{_MARK}{major}", "")
    complete_upgrade(place)
    return old


def complete_upgrade(place: Place) -> None:
    """Go on with an exchange that was killed between two steps; does nothing otherwise."""
    for mark in place.data.parent.glob(f"{_MARK}*"):
        old = _old_folder(place, mark.name.removeprefix(_MARK))
        if not old.exists():
            os.rename(place.data, old)
        if place.unfinished.exists():
            os.rename(place.unfinished, place.data)
        mark.unlink()


def _old_folder(place: Place, major: str) -> Path:
    return place.data.with_name(f"data.{major}")
