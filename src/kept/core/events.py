"""How events prove themselves: the bytes that are hashed and the chain over them.

An event's hash covers the hash before it, so a changed, removed or reordered row breaks every
later one. It covers every column of the row, and personal values only as cipher text. The same
bytes are made in SQL by `kept_event_hash` (store/migrations), so that a bulk write can chain a
million events without leaving the database; a test holds the two together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["GENESIS", "ChainKind", "EventContent", "canonical_json", "event_hash", "event_text"]

#: The hash before the first event of every chain.
GENESIS = bytes(32)


class ChainKind(StrEnum):
    CASE = "case"
    DEBTOR = "debtor"  # changes of a debtor's accounts that are in no case
    HOUSE = "house"  # one chain: settings, files, runs


@dataclass(frozen=True, slots=True)
class EventContent:
    """What is hashed. `recorded_at` is UTC microseconds since 1970; `body` is canonical JSON.

    `personal` is cipher text under the person's key `key_id`: the hash stands when the key is gone.
    """

    chain_kind: ChainKind
    chain_id: int
    sequence: int
    recorded_at: int
    actor: str
    action: str
    subject: str
    batch_id: int | None
    key_id: int | None
    personal: bytes | None
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


def event_text(previous: bytes, content: EventContent) -> str:
    """What is hashed, as text: the previous hash in hex and the fields, one per line, body last.

    No field but the body may hold a line feed, so the framing has one reading only.
    """
    fields = (
        previous.hex(),
        content.chain_kind.value,
        str(content.chain_id),
        str(content.sequence),
        str(content.recorded_at),
        content.actor,
        content.action,
        content.subject,
        "" if content.batch_id is None else str(content.batch_id),
        "" if content.key_id is None else str(content.key_id),
        "-" if content.personal is None else content.personal.hex(),
    )
    if any("\n" in field for field in fields):
        raise ValueError("an event's actor, action and subject hold no line feed")
    return "\n".join((*fields, content.body))


def event_hash(previous: bytes, content: EventContent) -> bytes:
    """SHA-256 over the text in UTF-8."""
    return hashlib.sha256(event_text(previous, content).encode("utf-8")).digest()
