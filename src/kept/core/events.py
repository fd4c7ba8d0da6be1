"""How events prove themselves: the bytes that are hashed and the chain over them.

An event's hash covers the hash before it, so a changed, removed or reordered row breaks every
later one. The same bytes are made in SQL by `kept_event_hash` (store/migrations), so that a bulk
write can chain a million events without leaving the database; a test holds the two together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["GENESIS", "ChainKind", "EventContent", "canonical_json", "event_hash"]

#: The hash before the first event of every chain.
GENESIS = bytes(32)


class ChainKind(StrEnum):
    CASE = "case"
    DEBTOR = "debtor"  # changes of a debtor's accounts that are in no case
    HOUSE = "house"  # one chain: settings, files, runs


@dataclass(frozen=True, slots=True)
class EventContent:
    """What is hashed. `recorded_at` is UTC microseconds since 1970; `body` is canonical JSON."""

    chain_kind: ChainKind
    chain_id: int
    sequence: int
    recorded_at: int
    actor: str
    action: str
    subject: str
    batch_id: int | None
    body: str


def canonical_json(value: Mapping[str, object]) -> str:
    """Sorted keys, no white space, UTF-8 text; integers and strings only, never floats."""
    return json.dumps(
        _without_floats(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def _without_floats(value: object) -> object:
    if isinstance(value, float):
        raise TypeError("an event holds no float: give money in minor units, dates as text")
    if isinstance(value, Mapping):
        return {str(key): _without_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_floats(item) for item in value]
    return value


def event_hash(previous: bytes, content: EventContent) -> bytes:
    """SHA-256 over the previous hash and the fields, one per line; the body comes last.

    No field but the body may hold a line feed, so the framing has one reading only.
    """
    fields = (
        content.chain_kind.value,
        str(content.chain_id),
        str(content.sequence),
        str(content.recorded_at),
        content.actor,
        content.action,
        content.subject,
        "" if content.batch_id is None else str(content.batch_id),
    )
    if any("\n" in field for field in fields):
        raise ValueError("an event's actor, action and subject hold no line feed")
    return hashlib.sha256(previous + "\n".join((*fields, content.body)).encode("utf-8")).digest()
