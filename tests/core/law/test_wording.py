"""Every shipped rule can be said in both languages, and what is said is what the rule does."""

from __future__ import annotations

import pytest

from kept.core.law.measures import KEYS, MEASURES
from kept.core.law.rule_words import RULE_WORDS, rule_word
from kept.core.law.rules import Clock, Effect, Force, Kind, LawPack, Modality, Period, Rule, Status
from kept.core.law.times import Window, days_mask
from kept.core.law.vocabulary import (
    ACTORS,
    CONTACT_CHANNELS,
    DEBT_TYPES,
    NON_CONTACTS,
    PURPOSES,
    ROLES,
)
from kept.core.law.wording import rows_of_rule, say_window
from kept.packs.law_packs import load_law_packs

RULES = [(pack, rule) for pack in load_law_packs() for rule in pack.rules]


def found(rule_id: str, language: str) -> list[dict[str, str]]:
    pack, rule = next(each for each in RULES if each[1].id == rule_id)
    return [dict(rows) for rows in rows_of_rule(rule, pack, language)]


@pytest.mark.parametrize(
    ("vocabulary", "codes"),
    [
        ("channel", {*CONTACT_CHANNELS, *NON_CONTACTS}),
        ("actor", set(ACTORS)),
        ("role", set(ROLES)),
        ("purpose", set(PURPOSES)),
        ("debt_type", set(DEBT_TYPES)),
        ("measure", set(MEASURES)),
        ("key", set(KEYS)),
        ("period", set(Period)),
        ("clock", set(Clock)),
        ("effect", set(Effect)),
        ("status", set(Status)),
        ("force", set(Force)),
        ("modality", set(Modality)),
        ("kind", set(Kind)),
    ],
)
def test_every_code_of_a_closed_list_has_words(vocabulary: str, codes: set[str]) -> None:
    assert codes == set(RULE_WORDS[vocabulary])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("pack", "rule"), RULES, ids=[rule.id for _pack, rule in RULES])
def test_every_rule_can_be_said(pack: LawPack, rule: Rule, language: str) -> None:
    parts = rows_of_rule(rule, pack, language)
    assert len(parts) == len(rule.parts)
    for rows in parts:
        for label, text in rows:
            assert label
            assert text
            assert "{" not in text
            assert "_" not in text.replace("Asia/", "")


def test_hours_say_their_windows_whose_clock_and_what_lifts_them() -> None:
    (hours,) = found("CN.GB.hours", "en")
    assert hours["Effect"] == "prohibits"
    assert hours["What"] == "only 08:00-22:00"
    assert hours["Whose clock"] == "every place where the person may be"
    assert hours["Except"] == "A time was agreed with the debtor: yes; in times agreed"


def test_a_cap_says_its_number_measure_and_period() -> None:
    (cap,) = found("US.F.14b.count", "en")
    assert cap["What"] == "at most 7 calls that connected in 7 days, this one included"
    assert cap["Counted"].startswith("by the same collector, to the same person")
    (chinese,) = found("HOUSE.dials", "zh")
    assert chinese["内容"] == "每日外呼（不论是否接听）不超过 6 次（含本次）"


def test_a_group_is_said_as_the_roles_that_it_holds() -> None:
    rule = found("US.F.6b2.attorney", "en")[0]
    assert "parent (the debtor is a minor)" in rule["To whom"]
    assert rule["How"] == "every contact"


def test_a_window_names_its_days_where_it_has_not_all() -> None:
    assert say_window(Window(days_mask([0, 5]), 480, 1440), "en") == "Mon, Sat 08:00-24:00"
    assert say_window(Window(days_mask([0, 5]), 480, 1200), "zh") == "周一、周六 08:00-20:00"


def test_a_code_without_words_is_said_as_it_is() -> None:
    assert rule_word("not_there", "channel", "en") == "not there"
