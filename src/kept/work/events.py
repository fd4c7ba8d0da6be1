"""Reading the record of who did what: the house's own chain, or one subject's, page by page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kept.core.actors import Actor
from kept.store.queries import load
from kept.work.permissions import Permission, require_house

__all__ = ["EventPage", "EventView", "list_events"]

PAGE = 100


@dataclass(frozen=True, slots=True)
class EventView:
    recorded_at: datetime
    chain: str
    sequence: int
    actor: str
    action: str
    subject: str
    batch_id: int | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventPage:
    events: tuple[EventView, ...]
    next_cursor: str | None


def list_events(actor: Actor, *, before: str = "", limit: int = PAGE) -> EventPage:
    """The house's chain (settings, files, runs), newest first; for who sees the whole house."""
    require_house(actor, Permission.EVENT_READ)
    sequence = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    rows = load("events")["house"].rows({"before": sequence, "limit": limit + 1})
    shown = rows[:limit]
    return EventPage(
        tuple(_view(row) for row in shown),
        str(shown[-1]["sequence"]) if len(rows) > limit else None,
    )


def _view(row: Mapping[str, Any]) -> EventView:
    return EventView(
        recorded_at=row["recorded_at"],
        chain=f"{row['chain_kind']} {row['chain_id']}",
        sequence=row["sequence"],
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        batch_id=row["batch_id"],
        body=json.loads(row["body"]),
    )
