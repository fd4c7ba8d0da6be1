"""Appending events to their chains, one by one or one per chain in bulk.

The caller is inside the transaction of the write that the event tells of. Chains are locked by
their heads, so two writers to one case follow each other; the bulk form locks in the order of ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from kept.core.actors import Actor
from kept.core.events import GENESIS, ChainKind, EventContent, canonical_json, event_hash
from kept.store.queries import load

__all__ = ["append_event", "append_prepared_events", "microseconds"]


def microseconds(instant: datetime) -> int:
    """UTC microseconds since 1970, exactly (a float would lose the last digits)."""
    since = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def append_event(
    *,
    actor: Actor,
    action: str,
    subject: str,
    body: Mapping[str, object],
    now: datetime,
    chain: ChainKind = ChainKind.HOUSE,
    chain_id: int = 0,
    batch_id: int | None = None,
) -> None:
    """Append one event; `action` is `noun.verb`, `subject` is `noun:id`."""
    sql = load("events")
    place = {"chain_kind": chain.value, "chain_id": chain_id, "recorded_at": now}
    sql["start_chain"].run({**place, "genesis": GENESIS})
    head = sql["lock_head"].rows(place)[0]
    content = EventContent(
        chain,
        chain_id,
        head["sequence"] + 1,
        microseconds(now),
        actor.name,
        action,
        subject,
        batch_id,
        canonical_json(body),
    )
    previous = bytes(head["hash"])
    written = {
        **place,
        "sequence": content.sequence,
        "actor": actor.name,
        "action": action,
        "subject": subject,
        "batch_id": batch_id,
        "body": content.body,
        "previous_hash": previous,
        "hash": event_hash(previous, content),
    }
    sql["append"].run(written)
    sql["move_head"].run(written)


def append_prepared_events(*, actor: Actor, now: datetime, batch_id: int) -> int:
    """One event for each row of the temporary table `new_events`, in one statement."""
    return load("events")["append_prepared"].run(
        {"genesis": GENESIS, "recorded_at": now, "actor": actor.name, "batch_id": batch_id}
    )
