"""The given vectors of law and the house's own, all of them, and what the reader refuses."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kept.core.calendar import OffsetTable, instant_of
from kept.core.law.grounds import judge_situation
from kept.core.law.lawbook import LawBook
from kept.core.law.vector_reading import situation_of
from kept.core.law.vectors import check_vector
from kept.packs.law_packs import load_law_packs
from kept.store.zones import offset_table

SHARED = Path(__file__).parents[4] / "shared" / "law" / "vectors.json"
OWN = sorted((Path(__file__).parent / "vectors").glob("*.json"))
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


# The federal holidays near the notices of the vectors.
HOLIDAYS = {"US": frozenset({date(2026, 1, 1), date(2026, 1, 19), date(2026, 11, 26)})}


def told(vector: dict[str, Any]) -> str:
    failure = check_vector(vector, PACKS, zone, HOLIDAYS)
    return "" if failure is None else str(failure)


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared vectors are not at hand")
def test_every_given_vector_comes_out() -> None:
    vectors = json.loads(SHARED.read_text(encoding="utf-8"))
    assert len(vectors) > 200
    assert [line for each in vectors if (line := told(each))] == []


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_every_vector_of_the_house_comes_out(file: Path) -> None:
    vectors = json.loads(file.read_text(encoding="utf-8"))
    assert vectors
    assert [line for each in vectors if (line := told(each))] == []


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_what_a_vector_of_the_house_refuses_falls_to_the_rule_it_cites(file: Path) -> None:
    """The right answer for a wrong reason is a mistake too: the cited rule itself must fire."""
    refused = [
        each
        for each in json.loads(file.read_text(encoding="utf-8"))
        if each["expect"] != "allow" and cited(each) not in fired_by(each)
    ]
    assert [(each["id"], cited(each), fired_by(each)) for each in refused] == []


def cited(vector: dict[str, Any]) -> str:
    return str(vector["citation"].partition(";")[0])


def fired_by(vector: dict[str, Any]) -> set[str]:
    book = LawBook((PACKS[vector["jurisdiction"]],), drafts=True)
    situation = situation_of(vector["facts"], zone, book, vector["tags"])
    return {each.rule.id for each in judge_situation(book, situation).verdict.fired}


def test_every_rule_that_can_refuse_does_so_in_a_vector_of_the_house() -> None:
    fired: set[str] = set()
    for file in OWN:
        for each in json.loads(file.read_text(encoding="utf-8")):
            if each["expect"] != "allow":
                fired |= fired_by(each)
    able = {
        rule.id
        for name in ("US-RegF", "US-MA", "US-NYC", "CN", "UK", "IN", "AU", "ID", "PH")
        for rule in PACKS[name].rules
        if any(part.effect != "warn" for part in rule.parts)
    }
    assert able - fired == set()


def test_the_ids_of_the_house_are_unique_and_its_own() -> None:
    ids = [each["id"] for file in OWN for each in json.loads(file.read_text(encoding="utf-8"))]
    assert len(ids) == len(set(ids))
    assert len(ids) > 900
    assert all(each.startswith("own-") for each in ids)


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
