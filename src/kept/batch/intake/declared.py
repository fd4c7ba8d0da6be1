"""What was declared of a file, kept with its row as JSON and read back when the file is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from kept.batch.intake.control import Control
from kept.core.intake import Coverage

__all__ = ["load_control", "store_control"]

_TEXTS = ("file_id", "file_type", "spec_version", "sequence", "rows", "hash_total", "sha256")


def store_control(control: Control) -> dict[str, Any]:
    """The declared values as JSON; `load_control` gives them back."""
    found = {name: getattr(control, name) for name in _TEXTS}
    found["produced_at"] = control.produced_at and control.produced_at.isoformat()
    found["as_of"] = control.as_of and control.as_of.isoformat()
    found["covers_from"] = control.covers_from and control.covers_from.isoformat()
    found["coverage"] = control.coverage and control.coverage.value
    found["amounts_minor"] = dict(control.totals) or None
    return {name: value for name, value in found.items() if value is not None}


def load_control(stored: Mapping[str, Any]) -> Control:
    known = Control(
        **{name: stored.get(name) for name in _TEXTS}, totals=stored.get("amounts_minor", {})
    )
    return replace(
        known,
        produced_at=_read(stored, "produced_at", datetime.fromisoformat),
        as_of=_read(stored, "as_of", date.fromisoformat),
        covers_from=_read(stored, "covers_from", date.fromisoformat),
        coverage=_read(stored, "coverage", Coverage),
    )


def _read(stored: Mapping[str, Any], name: str, read: Callable[[str], Any]) -> Any:
    return read(stored[name]) if name in stored else None
