"""What an event's bytes are, and what never goes into them."""

from __future__ import annotations

import hashlib

import pytest

from kept.core.events import GENESIS, ChainKind, EventContent, canonical_json, event_hash


def content(**changes: object) -> EventContent:
    given: dict[str, object] = {
        "chain_kind": ChainKind.CASE,
        "chain_id": 5,
        "sequence": 1,
        "recorded_at": 1_700_000_000_000_001,
        "actor": "night",
        "action": "task.make",
        "subject": "case:5",
        "batch_id": None,
        "key_id": None,
        "personal": None,
        "body": "{}",
    }
    return EventContent(**{**given, **changes})  # type: ignore[arg-type]


def test_the_bytes_can_be_made_with_standard_tools() -> None:
    lines = b"case\n5\n1\n1700000000000001\nnight\ntask.make\ncase:5\n\n\n-\n{}"
    text = b"00" * 32 + b"\n" + lines
    assert event_hash(GENESIS, content()) == hashlib.sha256(text).digest()
    sealed = content(batch_id=7, key_id=9, personal=b"\x01\xff")
    text = text.replace(b"\n\n\n-\n", b"\n7\n9\n01ff\n")
    assert event_hash(GENESIS, sealed) == hashlib.sha256(text).digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_kind": ChainKind.DEBTOR},
        {"chain_id": 6},
        {"sequence": 2},
        {"recorded_at": 0},
        {"actor": "x"},
        {"action": "task.end"},
        {"subject": "case:6"},
        {"batch_id": 0},
        {"key_id": 0},
        {"personal": b""},
        {"body": "{ }"},
    ],
)
def test_every_field_counts(changes: dict[str, object]) -> None:
    assert event_hash(GENESIS, content(**changes)) != event_hash(GENESIS, content())


@pytest.mark.parametrize("field", ["actor", "action", "subject"])
def test_a_line_feed_cannot_move_the_borders_between_fields(field: str) -> None:
    with pytest.raises(ValueError, match="line feed"):
        event_hash(GENESIS, content(**{field: "a\nb"}))


def test_canonical_json_has_one_form() -> None:
    assert canonical_json({"b": (1, 2), "a": {"名": "张三", "x": None}}) == (
        '{"a":{"x":null,"名":"张三"},"b":[1,2]}'
    )


@pytest.mark.parametrize("body", [{"a": 1.5}, {"a": [1.5]}, {"a": {"b": 1.5}}])
def test_no_floats(body: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="minor units"):
        canonical_json(body)
