"""Shipped scripts and templates: complete in both languages, and nothing in them is forbidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kept.core.documents.kinds import DocumentKind
from kept.core.law.vocabulary import ACTORS
from kept.core.speech import Genre, Occasion
from kept.core.text_content import lacking_content
from kept.core.texts import TextKind, text_problems
from kept.packs.law_packs import load_law_packs
from kept.packs.scripts import TextFileError, load_texts, parse_texts
from kept.packs.speech_packs import load_speech_book
from kept.packs.strategies import load_strategies, strategy_labelled


def test_every_shipped_strategy_has_its_texts_in_both_languages() -> None:
    for strategy in load_strategies():
        assert text_problems(strategy, load_texts(), ("en-US", "zh-hans", "")) == []


def test_every_text_is_used() -> None:
    named = {each.text for strategy in load_strategies() for each in strategy.treatments}
    named |= {kind.value for kind in DocumentKind}
    assert {each.code for each in load_texts()} == named - {""}


def test_nothing_in_them_is_forbidden_speech() -> None:
    book = load_speech_book()
    said = [
        (text.code, language, finding)
        for text in load_texts()
        if text.kind is not TextKind.GUIDE
        for language, body in text.bodies.items()
        for finding in book.findings(body, Occasion(Genre.TEMPLATE))
    ]
    assert said == []


def test_they_say_what_any_law_surely_wants_said() -> None:
    day = date(2026, 11, 22)
    lacking = [
        (text.code, language, each.rule.id)
        for text in load_texts()
        if text.kind is not TextKind.GUIDE
        for language, body in text.bodies.items()
        for each in lacking_content(body, text.channel, load_law_packs(), ACTORS, day)
        if each.surely
    ]
    assert lacking == []
    early = next(each for each in load_texts() if each.code == "early_message")
    bare = early.bodies["en"].replace("Reply STOP to opt out.", "")
    (found, *_rest) = lacking_content(bare, "sms", load_law_packs(), ["debt_collector"], day)
    assert (found.rule.id, found.surely) == ("US.F.6e.opt_out_notice", True)
    # A lender that is no collector, a letter, and a day before the rule was known owe nothing.
    us = [each for each in load_law_packs() if each.name == "us_regf" or each.country == "US"]
    own = lacking_content(bare, "sms", us, ["original_creditor"], day)
    assert "US.F.6e.opt_out_notice" not in {each.rule.id for each in own}
    by_letter = lacking_content(bare, "letter", us, ["debt_collector"], day)
    assert not any(each.surely for each in by_letter)


def test_what_depends_on_the_first_contact_is_not_sure() -> None:
    day = date(2026, 11, 22)
    packs = [each for each in load_law_packs() if each.country == "CN"]
    found = lacking_content(
        "您好，请问是{debtor}吗？", "call", packs, ["financial_institution"], day
    )
    assert [(each.rule.id, each.surely) for each in found] == [("CN.identity", False)]
    assert lacking_content("我代表{creditor}", "call", packs, ["financial_institution"], day) == ()


def test_a_text_for_another_way_is_told() -> None:
    strategy = strategy_labelled("consumer_cn:1")
    places = [each.text for each in strategy.treatments]
    treatments = list(strategy.treatments)
    place = places.index("early_call")
    treatments[place] = replace(treatments[place], text="demand_letter")
    (found,) = text_problems(replace(strategy, treatments=tuple(treatments)), load_texts(), ["zh"])
    assert str(found) == (
        f"treatments[{place + 1}].text: 'demand_letter' is written for letter, and this treatment"
        " goes by call"
    )


def test_what_a_strategy_lacks_is_told_with_its_place() -> None:
    strategy = strategy_labelled("consumer_cn:1")
    texts = [each for each in load_texts() if each.code != "guide_fraud"]
    texts = [
        replace(each, bodies={"zh": "…"}) if each.code == "firm_call" else each for each in texts
    ]
    texts = [
        replace(each, valid_from=date(2027, 1, 1)) if each.code == "visit" else each
        for each in texts
    ]
    places = [each.text for each in strategy.treatments]
    told = {problem.path: problem.sentence for problem in text_problems(strategy, texts, ["en-GB"])}
    assert told.pop(f"treatments[{places.index('guide_fraud') + 1}].text").startswith(
        "'guide_fraud' is no script or template; did you mean guide_"
    )
    assert told.pop(f"treatments[{places.index('visit') + 1}].text") == (
        "'visit' holds only from 2027-01-01, after the strategy begins"
    )
    assert set(told.values()) == {"'firm_call' has no text in en, a language of the book"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("en: Hello {name}", "x.yaml, line 5: [1].en: name is no figure that a text can show"),
        ("en: ''", "x.yaml, line 5: [1].en: should not be empty"),
    ],
)
def test_a_wrong_text_is_told_with_its_line(wrong: str, told: str) -> None:
    text = f"- code: a\n  kind: script\n  channel: call\n  valid_from: 2026-01-01\n  {wrong}\n"
    text += "  zh: 您好\n"
    with pytest.raises(TextFileError) as refused:
        parse_texts(text, "x.yaml")
    assert str(refused.value).startswith(told)
