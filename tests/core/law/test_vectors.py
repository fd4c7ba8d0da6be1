"""The given vectors of law, all of them, and what the reader refuses."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kept.core.calendar import OffsetTable, instant_of
from kept.core.law.vectors import check_vector
from kept.packs.law_packs import load_law_packs
from kept.store.zones import offset_table

SHARED = Path(__file__).parents[4] / "shared" / "law" / "vectors.json"
PACKS = {pack.name: pack for pack in load_law_packs()}

VECTOR: dict[str, Any] = {
    "id": "own-001",
    "jurisdiction": "CN",
    "facts": {
        "timezone": "Asia/Shanghai",
        "actor": {"id": "B", "type": "financial_institution"},
        "debts": [{"id": "D1", "type": "consumer"}],
        "history": [],
        "attempt": {
            "at": "2026-05-12T10:00:00+08:00",
            "channel": "call",
            "direction": "outbound",
            "target": "consumer:P1",
            "debt": ["D1"],
        },
        "flags": {},
    },
    "expect": "allow",
    "detail": {},
    "tags": [],
}


@cache
def zone(name: str) -> OffsetTable:
    return offset_table(
        name,
        instant_of(datetime(2015, 1, 1, tzinfo=UTC)),
        instant_of(datetime(2032, 1, 1, tzinfo=UTC)),
    )


def told(vector: dict[str, Any]) -> str:
    failure = check_vector(vector, PACKS, zone, {})
    return "" if failure is None else str(failure)


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared vectors are not at hand")
def test_every_given_vector_comes_out() -> None:
    vectors = json.loads(SHARED.read_text(encoding="utf-8"))
    assert len(vectors) > 200
    assert [line for each in vectors if (line := told(each))] == []


def changed(path: str, value: Any, expect: str = "allow") -> dict[str, Any]:
    vector = deepcopy(VECTOR)
    vector["expect"] = expect
    *parents, last = path.split(".")
    row = vector
    for name in parents:
        row = row[name]
    row[last] = value
    return vector


def test_the_plain_vector_is_allowed() -> None:
    assert told(VECTOR) == ""


def test_a_failure_names_vector_expectation_result_and_rule() -> None:
    wrong = changed("facts.attempt.at", "2026-05-12T23:00:00+08:00")
    assert told(wrong) == "own-001  expected allow  got deny  rule CN.GB.hours"


@pytest.mark.parametrize(
    "path",
    ["facts.timezone", "facts.attempt.channel", "facts.attempt.target", "facts.actor.type"],
)
def test_what_is_unknown_fails_closed(path: str) -> None:
    assert told(changed(path, None, "deny")) == ""


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("facts.attempt.channel", "fax", "attempt.channel is 'fax'"),
        ("facts.attempt.chanel", "call", "unknown field 'chanel'"),
        ("facts.flags", {"ceased": True}, "unknown field 'ceased'"),
        ("facts.attempt.at", "2026-05-12T10:00:00", "no time with an offset"),
        ("facts.timezone", "Asia/Atlantis", "unknown zone"),
        ("jurisdiction", "FR", "no pack for the jurisdiction 'FR'"),
        ("facts.history", [{"at": "2026-05-12T10:00:00+08:00", "outcome": "hung_up"}], "hung_up"),
    ],
)
def test_what_cannot_be_evaluated_fails_with_its_reason(path: str, value: Any, reason: str) -> None:
    for expect in ("allow", "deny"):
        line = told(changed(path, value, expect))
        assert "got error" in line
        assert reason in line


def test_a_detail_that_differs_fails_with_both_values() -> None:
    vector = changed("detail", {"count_effective_today": 2})
    assert told(vector).endswith("detail.count_effective_today 2 0")
