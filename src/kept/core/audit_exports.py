"""The file for a regulator: the events of a case with what proves them, readable without kept.

The file is JSON. How it is checked is written into it and in docs/audit.md, with nothing but
SHA-256. Personal values stand apart from the events: the file can be passed on without them, and
what is proved stays proved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

__all__ = ["EXPORT_FORMAT", "ChainProof", "ExportedChain", "ExportedEvent", "export_text"]

EXPORT_FORMAT: Final = "kept audit export 1"

READ_ME: Final = {
    "en": (
        "The events of one case in their order. Each event's hash is the SHA-256 of a text of"
        " twelve lines: previous_hash, chain kind, chain id, sequence, recorded_at_us, actor,"
        " action, subject, batch_id, key_id, personal, body; an absent number is an empty line,"
        " absent personal a hyphen, and the body comes last without a line feed. previous_hash is"
        " the hash of the event before. The head of each chain is a leaf of the seal's Merkle tree"
        " (RFC 6962), by place, tree_size and siblings. seal_file is the file of the seal word for"
        " word: compare it with the copy that was kept outside. personal_values are not covered by"
        " the hashes; the cipher text in `personal` is."
    ),
    "zh": (
        "本文件按顺序列出一个案件的全部事件。每条事件的 hash 是一段文本的 SHA-256，逐行依次为："
        "previous_hash、链类型、链编号、sequence、recorded_at_us、actor、action、subject、batch_id、"
        "key_id、personal、body；数字缺省为空行，personal 缺省为一个连字符，body 在最后，"
        "末尾不换行。previous_hash 是前一条事件的 hash。每条链的链头是封存用 Merkle 树"
        "（RFC 6962）的一个叶子，由 place、tree_size 和 siblings 证明。seal_file 是封存文件的原文，"
        "请与存放在外部的副本比对。"
        "personal_values 不在 hash 覆盖范围之内，`personal` 中的密文在其内。"
    ),
}


@dataclass(frozen=True, slots=True)
class ExportedEvent:
    sequence: int
    recorded_at: datetime
    recorded_at_us: int
    actor: str
    action: str
    subject: str
    batch_id: int | None
    key_id: int | None
    personal: bytes | None
    body: str
    previous_hash: bytes
    hash: bytes
    values: Mapping[str, Any] | None = None  # what `personal` holds, None once its key is gone


@dataclass(frozen=True, slots=True)
class ChainProof:
    """That the event `sequence` of the chain is a leaf of the seal."""

    sequence: int
    place: int
    tree_size: int
    siblings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ExportedChain:
    """A chain from its start: where nothing was taken away that is 0 and 32 zero bytes."""

    kind: str
    chain_id: int
    start_sequence: int
    start_hash: bytes
    events: Sequence[ExportedEvent]
    proof: ChainProof | None


def export_text(
    *,
    case: Mapping[str, object],
    chains: Sequence[ExportedChain],
    seal_file: str | None,
    exported_at: datetime,
    exported_by: str,
    kept_version: str,
    with_personal_values: bool,
) -> str:
    """The whole file; two-space indents, keys in a fixed order, a line feed at the end."""
    content = {
        "format": EXPORT_FORMAT,
        "read_me": READ_ME,
        "case": dict(case),
        "exported_at": exported_at.isoformat(),
        "exported_by": exported_by,
        "kept_version": kept_version,
        "timeline": _timeline(chains),
        "chains": [_chain(chain) for chain in chains],
        "seal_file": seal_file,
        "personal_values": [value for chain in chains for value in _values(chain)]
        if with_personal_values
        else None,
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _timeline(chains: Sequence[ExportedChain]) -> list[str]:
    """A line an event for whoever reads on paper, in the order of time."""
    told = [
        (event.recorded_at, chain.kind, event.sequence, event)
        for chain in chains
        for event in chain.events
    ]
    return [
        f"{at.isoformat(timespec='seconds')}  {event.action}  {event.subject}  {event.actor}"
        for at, _kind, _sequence, event in sorted(told, key=lambda each: each[:3])
    ]


def _chain(chain: ExportedChain) -> dict[str, object]:
    return {
        "kind": chain.kind,
        "id": chain.chain_id,
        "start": {"sequence": chain.start_sequence, "hash": chain.start_hash.hex()},
        "events": [_event(event) for event in chain.events],
        "proof": None if chain.proof is None else _proof(chain.proof),
    }


def _event(event: ExportedEvent) -> dict[str, object]:
    return {
        "sequence": event.sequence,
        "recorded_at": event.recorded_at.isoformat(),
        "recorded_at_us": event.recorded_at_us,
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "batch_id": event.batch_id,
        "key_id": event.key_id,
        "personal": None if event.personal is None else event.personal.hex(),
        "body": event.body,
        "previous_hash": event.previous_hash.hex(),
        "hash": event.hash.hex(),
    }


def _proof(proof: ChainProof) -> dict[str, object]:
    return {
        "sequence": proof.sequence,
        "place": proof.place,
        "tree_size": proof.tree_size,
        "siblings": [sibling.hex() for sibling in proof.siblings],
    }


def _values(chain: ExportedChain) -> list[dict[str, object]]:
    return [
        {
            "chain": chain.kind,
            "id": chain.chain_id,
            "sequence": event.sequence,
            "values": "erased" if event.values is None else dict(event.values),
        }
        for event in chain.events
        if event.key_id is not None
    ]
