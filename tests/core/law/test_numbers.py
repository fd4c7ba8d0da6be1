"""Numbers of the law are a pack's: dated, with their rule, and none of them stands in code."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kept.core.calendar import day_of_date
from kept.core.law.grounds import judge_situation
from kept.core.law.lawbook import LawBook
from kept.core.law.numbers import NEEDED_BY, NUMBERS, LawNumber
from kept.core.law.pack_reading import PackError, read_pack
from kept.core.law.rules import LawPack
from kept.core.law.vector_reading import situation_of
from tests.core.law.worlds import ALL_PACKS, zone

SOURCE = Path(__file__).parents[3] / "src" / "kept"
#: Where facts are made, one by one and over columns.
MAKERS = (
    *("core/law/deriving.py", "core/law/histories.py", "core/law/counting.py"),
    *("core/law/vector_reading.py", "core/law/vectors.py"),
    *("work/law_facts.py", "work/law_history_facts.py"),
)
#: Nothing, one more, before, and the half of something; no law says these.
PLAIN = {0, 1, 2, -1}
#: Sizes of what is not law: characters of a date, days of a week, a day that never was.
WRITTEN = {
    "core/law/counting.py": {10_000_000},
    "core/law/vector_reading.py": {5, 7, 10},
    "core/law/vectors.py": {5},
}
PACK: dict[str, Any] = {
    "pack": "XX",
    "version": "1",
    "jurisdiction": "XX",
    "title": {"en": "Example", "zh": "示例"},
    "rules": [
        {
            "id": "XX.adviser",
            "name": {"en": "Pause", "zh": "暂停"},
            "citation": "Example Act s. 1",
            "status": "verified",
            "force": "statute",
            "since": "adviser_from",
            "until": "adviser_until",
        }
    ],
}


def numbers_in(path: Path) -> set[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) is int
    }


@pytest.mark.parametrize("name", MAKERS)
def test_no_number_of_the_law_stands_in_code(name: str) -> None:
    assert numbers_in(SOURCE / name) <= PLAIN | WRITTEN.get(name, set())


def test_every_shipped_number_is_of_a_rule_with_a_citation() -> None:
    given = [(pack, each) for pack in ALL_PACKS.values() for each in pack.numbers]
    assert sorted(each.name for _, each in given) == sorted(NUMBERS)
    for pack, each in given:
        citations = [rule.citation for rule in pack.rules if rule.id == each.rule_id]
        assert len(citations) == 1, each.name
        assert citations[0], each.name
    assert {name for names in NEEDED_BY.values() for name in names} <= set(NUMBERS)


def with_number(pack: LawPack, *numbers: LawNumber) -> LawPack:
    names = {each.name for each in numbers}
    kept = tuple(each for each in pack.numbers if each.name not in names)
    return replace(pack, numbers=(*kept, *numbers))


@pytest.mark.parametrize(("days", "outcome"), [(10, "allow"), (30, "deny")])
def test_a_changed_number_changes_the_verdict(days: int, outcome: str) -> None:
    uk = with_number(ALL_PACKS["UK"], LawNumber("adviser_days", days, "UK.7.3.forbearance"))
    book = LawBook((uk,))
    facts = {
        "timezone": "Europe/London",
        "actor": {"id": "F1", "type": "authorised_firm"},
        "debts": [{"id": "D1", "type": "consumer"}],
        "history": [],
        "attempt": {
            "at": "2026-05-21T12:00:00+01:00",
            "channel": "call",
            "direction": "outbound",
            "target": "consumer:P1",
            "debt": ["D1"],
        },
        "flags": {"debt_adviser_since": "2026-05-07"},
    }
    assert str(judge_situation(book, situation_of(facts, zone, book)).verdict.outcome) == outcome


def test_a_number_holds_on_its_days() -> None:
    last = date(2026, 6, 30)
    uk = with_number(
        ALL_PACKS["UK"],
        LawNumber("adviser_days", 30, "UK.7.3.forbearance", valid_to=last),
        LawNumber("adviser_days", 60, "UK.7.3.forbearance", valid_from=date(2026, 7, 1)),
    )
    book, day = LawBook((uk,)), day_of_date(last)
    held = [book.numbers_at(each)["adviser_days"] for each in (day - 400, day, day + 1)]
    assert held == [30, 30, 60]
    assert book.number_days == (day + 1,)


def test_two_packs_may_not_disagree_about_a_number() -> None:
    other = replace(ALL_PACKS["PH"], numbers=(LawNumber("adviser_days", 45, "PH.MC18"),))
    with pytest.raises(ValueError, match="give adviser_days different values"):
        LawBook((ALL_PACKS["UK"], other))


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([], "reads adviser_until, which needs adviser_days"),
        ([{"name": "adviser_day", "is": 30, "rule": "XX.adviser"}], "adviser_days"),
        ([{"name": "adviser_days", "is": "soon", "rule": "XX.adviser"}], "numbers"),
        ([{"name": "adviser_days", "is": 30, "rule": "XX.adviced"}], "XX.adviser"),
        ([{"name": "adviser_days", "is": 30, "rule": "XX.adviser"}] * 2, "stands twice"),
    ],
)
def test_a_pack_without_its_numbers_is_refused(numbers: list[Any], told: str) -> None:
    with pytest.raises(PackError, match=told):
        read_pack({**PACK, "numbers": numbers})
    good = [{"name": "adviser_days", "is": 30, "rule": "XX.adviser"}]
    assert read_pack({**PACK, "numbers": good}).numbers[0].value == 30
