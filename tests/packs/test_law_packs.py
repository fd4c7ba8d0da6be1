"""The packs of law: each source rule is accounted for; a wrong pack is refused with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kept.core.law.rules import Effect, Force, Modality, Status
from kept.packs.law_packs import LawFileError, load_law_packs, parse_law_pack
from tests.packs.law_sources import NOT_EXECUTABLE

SHARED = Path(__file__).parents[3] / "shared" / "law" / "rules.yaml"
RULES = {rule.id: rule for pack in load_law_packs() for rule in pack.rules}

PACK = """\
pack: XX
version: "1"
jurisdiction: XX
title: {en: Example, zh: 示例}
exceptions:
  - {id: court, when: court_permission}
rules:
  - id: XX.hours
    name: {en: Hours, zh: 时段}
    citation: Example 1
    status: verified
    force: statute
    channel: [call]
    kind: opening
    open: ["08:00", "21:00"]
    unless: [court]
    effect: deny
"""


def sources() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in yaml.safe_load(SHARED.read_text(encoding="utf-8"))}


@pytest.mark.skipif(not SHARED.is_file(), reason="the source collection is not at hand")
def test_every_source_rule_is_encoded_or_not_executable_because() -> None:
    lawful = [rule for rule in RULES.values() if rule.force is not Force.POLICY]
    encoded = {source for rule in lawful for source in rule.source}
    assert encoded & set(NOT_EXECUTABLE) == set()
    assert sorted(sources()) == sorted(encoded | set(NOT_EXECUTABLE))


@pytest.mark.skipif(not SHARED.is_file(), reason="the source collection is not at hand")
def test_a_rule_keeps_status_force_modality_and_dates_of_its_source() -> None:
    for name, row in sources().items():
        rule = RULES.get(name)
        if rule is None:
            continue
        wanted = (row["status"], row["force"], row["modality"])
        assert (rule.status, rule.force, rule.modality) == wanted, name
        dates = (row.get("effective_from"), row.get("effective_to"))
        assert (rule.valid_from, rule.valid_to) == dates, name


def test_every_rule_has_names_in_both_languages_and_a_citation() -> None:
    for rule in RULES.values():
        assert all((rule.name_en, rule.name_zh, rule.citation)), rule.id
        assert any("\u4e00" <= each <= "\u9fff" for each in rule.name_zh), rule.id


def test_drafts_and_unsure_rules_are_marked() -> None:
    assert RULES["IN.2026.draft"].force is Force.DRAFT
    assert RULES["CN.GB.hours"].awaits_counsel
    assert RULES["CN.GB.hours"].modality is Modality.SHOULD
    assert RULES["US.F.14b.count"].status is Status.VERIFIED
    assert RULES["US.F.14b.count"].parts[0].effect is Effect.HOLD


def test_the_example_is_read() -> None:
    pack = parse_law_pack(PACK, "xx.yaml")
    (window,) = pack.rules[0].parts[0].windows
    assert (window.opens, window.closes) == (480, 1260)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("kind: opening", "kind: openning", 14, "opening"),
        ("channel: [call]", "channel: [cal]", 13, "perhaps call"),
        ("unless: [court]", "unless: [judge]", 16, "'judge' is no exception of this pack"),
        ("effect: deny", "efect: deny", 17, "efect"),
        ('["08:00", "21:00"]', '["21:00", "08:00"]', 15, "it never opens"),
        ('["08:00", "21:00"]', '["8", "21:00"]', 15, "two times of day"),
        ("status: verified", "status: certain", 11, "certain"),
        ("force: statute", "force: statute\n    clock: Mars", 13, "no clock"),
        ("force: statute", "force: statute\n    when: calender_open", 13, "calender_open"),
        ("force: statute", "force: statute\n    from: 2025-02-30", 13, "no date"),
        (
            "force: statute",
            "force: statute\n    from: 2025-02-28\n    to: 2025-02-27",
            14,
            "before the rule begins",
        ),
        ("when: court_permission", "when: court_permision", 6, "court_permission"),
        ("XX.hours", "hours of day", 8, "is no id"),
        ("citation: Example 1", "citation: Example Act 2025\n    from: 2024-12-31", 11, "of 2025"),
        ("channel: [call]", "channel: [call]\n    debt_type: mortgage", 14, "mortgage"),
        ("jurisdiction: XX", "jurisdiction: XX\nactors: [banker]", 4, "banker"),
        ("kind: opening", "kind: opening\n    clock: Mars/Phobos", 15, "Mars/Phobos"),
    ],
)
def test_a_wrong_pack_is_refused_with_file_line_and_reason(
    old: str, new: str, line: int, said: str
) -> None:
    text = PACK.replace(old, new)
    assert text != PACK
    with pytest.raises(LawFileError) as refused:
        parse_law_pack(text, "xx.yaml")
    assert f"xx.yaml, line {line}" in str(refused.value)
    assert said in str(refused.value)


def test_two_versions_of_a_rule_must_not_hold_on_one_day() -> None:
    twice = PACK + PACK[PACK.index("  - id: XX.hours") :]
    with pytest.raises(LawFileError, match=r"line 18, rule XX\.hours: .*stands twice"):
        parse_law_pack(twice, "xx.yaml")


def test_openings_that_leave_no_minute_together_are_refused_unless_one_gives_way() -> None:
    again = PACK[PACK.index("  - id: XX.hours") :].replace("XX.hours", "XX.night")
    night = again.replace('["08:00", "21:00"]', '["21:00", "22:00"]')
    assert parse_law_pack(PACK + night, "xx.yaml")
    stubborn = (PACK + night).replace("    unless: [court]\n", "")
    with pytest.raises(LawFileError, match="leave no minute open together"):
        parse_law_pack(stubborn, "xx.yaml")


@pytest.mark.parametrize("text", ["", "rules: [", "- 1", "pack: 1\nrules: 3", "pack: &a [*a]"])
def test_what_is_no_pack_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(LawFileError, match=r"^xx\.yaml"):
        parse_law_pack(text, "xx.yaml")


@pytest.mark.parametrize(
    "citation",
    ["18 USC 1956", "Example Act 2025, s. 2030", "民法典 第1990条", "GB/T 45251-2025 §2.1"],
)
def test_a_section_is_no_year(citation: str) -> None:
    text = PACK.replace("Example 1", f"{citation}\n    from: 2025-01-01")
    assert parse_law_pack(text, "xx.yaml").rules[0].citation == citation
