"""What a new version of a pack changes: its rules in words, and verdicts of the book."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest

from kept.core.actors import Role
from kept.core.calendar import instant_of
from kept.core.law.pack_diffs import rule_changes
from kept.core.law.rules import LawPack
from kept.packs.law_packs import load_law_packs, parse_law_pack
from kept.store.models import Case
from kept.work.law_diffs import PackEffects, get_pack_effects
from tests import factories as make

OFFICER = make.make_actor(1, "officer", {Role.COMPLIANCE_OFFICER})
#: Half past nine in the evening in Shanghai, on a Monday.
EVENING = instant_of(datetime(2026, 11, 23, 13, 30, tzinfo=UTC))
OLD = next(pack for pack in load_law_packs() if pack.name == "CN")


def earlier_evenings() -> LawPack:
    """The Chinese pack with an end at nine instead of ten."""
    text = files("kept.packs").joinpath("law/cn.yaml").read_text(encoding="utf-8")
    return parse_law_pack(text.replace('["08:00", "22:00"]', '["08:00", "21:00"]'), "cn.yaml")


def test_a_change_is_said_in_words_by_rule() -> None:
    changes = {each.name: each for each in rule_changes(OLD, earlier_evenings(), "en")}
    assert set(changes) == {"CN.GB.hours", "CN.CBA.hours", "CN.PACT.2018"}
    hours = changes["CN.GB.hours"]
    assert hours.kind == "changed"
    assert set(hours.before) ^ set(hours.after) == {
        ("What", "only 08:00-22:00"),
        ("What", "only 08:00-21:00"),
    }


def test_rules_that_come_and_go_are_told_apart() -> None:
    fewer = replace(OLD, rules=OLD.rules[1:])
    gone = OLD.rules[0].id
    assert [(each.name, each.kind) for each in rule_changes(OLD, fewer, "zh")] == [
        (gone, "removed")
    ]
    assert [(each.name, each.kind) for each in rule_changes(fewer, OLD, "zh")] == [(gone, "added")]
    assert rule_changes(OLD, OLD, "en") == ()


@pytest.fixture
def book(db: None) -> list[Case]:
    """Three Chinese cases of one creditor, an American one, and one that nobody may work."""
    creditor = make.make_creditor(code="BANK", cut_over_on=date(2026, 1, 1))
    make.make_engagement(creditor, legal_entity=make.make_legal_entity())
    cases = [make.make_case(make.make_debtor(creditor)) for _ in range(3)]
    abroad = make.make_creditor(code="ABROAD", country="US", zone="America/New_York")
    make.make_engagement(abroad, legal_entity=make.make_legal_entity(country="US"))
    far = make.make_debtor(abroad, country="US", zones=["America/New_York"])
    lost = make.make_case(make.make_debtor(make.make_creditor(code="LOST")))
    return [*cases, make.make_case(far), lost]


def effects(**given: Any) -> PackEffects:
    asked: dict[str, Any] = {
        "old": OLD,
        "new": earlier_evenings(),
        "creditor_code": None,
        "channel": "call",
        "minute": EVENING,
        "most": 100,
    }
    return get_pack_effects(OFFICER, **(asked | given))


def test_verdicts_that_change_are_counted_by_effect_with_examples(book: list[Case]) -> None:
    found = effects()
    assert (found.judged, found.others) == (3, 2)
    assert found.changed == 3
    ((_before, after),) = found.moves
    assert after == "deny"
    assert [each.case_id for each in found.examples] == [case.pk for case in book[:3]]
    first = found.examples[0]
    assert first.before.lawful_from == EVENING
    assert first.after.lawful_from == instant_of(datetime(2026, 11, 24, 0, tzinfo=UTC))


def test_by_day_nothing_changes_and_a_pack_against_itself_never(book: list[Case]) -> None:
    assert effects(minute=EVENING - 4 * 60).changed == 0
    assert effects(new=OLD).changed == 0


def test_one_creditor_and_a_sample(book: list[Case]) -> None:
    assert effects(creditor_code="ABROAD").judged == 0
    assert effects(creditor_code="BANK").judged == 3
    sample = effects(creditor_code="BANK", most=2)
    assert [each.case_id for each in sample.examples] == [book[0].pk, book[1].pk]
