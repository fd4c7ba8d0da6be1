"""Conditions in words: every operator has them, in both languages, and they are true."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from kept.core.conditions import read_condition, say_condition
from kept.core.conditions.tongues import TONGUES
from kept.core.conditions.tree import ARITHMETIC, COMPARATORS, Node
from kept.core.facts import CATALOGUE, FactType
from tests.core.test_conditions_agree import FACTS, Facts, _names, rows, trees

LANGUAGES = ("en", "zh")


def said(text: str, values: dict[str, Any], language: str = "en") -> str:
    return say_condition(read_condition(text), language, values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_operator_has_words(language: str) -> None:
    tongue = TONGUES[language]
    assert set(tongue.comparators) == set(tongue.of_days) == set(COMPARATORS)
    assert set(tongue.arithmetic) == set(ARITHMETIC)


@settings(max_examples=60, deadline=None)
@given(trees, rows)
def test_any_condition_over_any_facts_is_said_without_code(tree: Node, facts: Facts) -> None:
    for language in LANGUAGES:
        for values in ({}, facts):
            text = say_condition(tree, language, values, catalogue=FACTS)
            assert text.endswith("." if language == "en" else "。")
            assert not re.search(r"[<>=%*_{}]|//", text), text
            for name in _names(tree):
                assert _plain(FACTS[name].called(language)) in _plain(text)


def _plain(text: str) -> str:
    return text.replace(" ", "").lower()


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_fact_has_a_name_in_both_languages(name: str) -> None:
    fact = CATALOGUE[name]
    if fact.type is not FactType.BOOLEAN:
        assert fact.name_en
        assert fact.name_zh
    assert "_" not in fact.called("en")
    assert re.search(r"[\u4e00-\u9fff]", fact.called("zh"))


@pytest.mark.parametrize(
    ("text", "values", "english", "chinese"),
    [
        (
            "dpd >= 6 and dpd <= 17",
            {"dpd": 12},
            "Days past due is 12, between 6 and 17.",
            "逾期天数为 12，介于 6 至 17 之间。",
        ),
        (
            "6 <= dpd < 18 and not has_open_promise",
            {"dpd": 6},
            "Days past due is 6, at least 6 and less than 18; a promise is open: no.",
            "逾期天数为 6，不少于 6 且小于 18；有承诺期内的还款承诺：否。",
        ),
        (
            'dpd > 90 and balance >= money(500, "CNY")',
            {"dpd": 91, "balance": 70_000, "currency": "CNY"},
            "Days past due is 91, more than 90; balance is 700.00 CNY, at least 500.00 CNY.",
            "逾期天数为 91，大于 90；欠款余额为 700.00 CNY，不少于 500.00 CNY。",
        ),
        (
            "dpd == 0 and days_until_due <= 3",
            {"dpd": 0},
            "Days past due is 0; days until the next due date is at most 3.",
            "逾期天数为 0；距下一应还日天数不超过 3。",
        ),
        (
            'dpd > 90 and (known(last_payment_date) or last_payment_date < date("2026-01-31"))',
            {"dpd": 91, "last_payment_date": None},
            "Days past due is 91, more than 90; day of the last payment is known, or day of the"
            " last payment is before 2026-01-31 (here unknown).",
            "逾期天数为 91，大于 90；最近一次还款日已知，或最近一次还款日早于 2026-01-31"
            "（现为未知）。",
        ),
        (
            'creditor in ("ACME", "BETA") and language not in ("en",)',
            {"creditor": "ACME", "language": "zh"},
            "Creditor is ACME, one of ACME, BETA; language is zh, none of en.",
            "债权人（甲方）为 ACME，属于 ACME、BETA；沟通语言为 zh，不属于 en。",
        ),
        (
            "overdue_balance * 100 > balance * 30",
            {"overdue_balance": 50, "balance": 99, "currency": "CNY"},
            "Overdue amount (0.50 CNY) times 100 is more than balance (0.99 CNY) times 30.",
            "逾期金额（0.50 CNY）乘以 100 大于欠款余额（0.99 CNY）乘以 30。",
        ),
        (
            "not (dpd > 3 or has_email == True)",
            {"dpd": 3},
            "It is not so that (days past due is more than 3 (here 3), or an e-mail address is"
            " known: yes).",
            "并非（逾期天数大于 3（现为 3），或有电子邮箱：是）。",
        ),
        (
            "surely(dpd > 3 or has_email) and not surely(known(language))",
            {"dpd": 3},
            "It is sure that (days past due is more than 3 (here 3), or an e-mail address is known:"
            " yes); it is not sure that (language is known).",
            "确定（逾期天数大于 3（现为 3），或有电子邮箱：是）成立；"
            "不能确定（沟通语言已知）成立。",
        ),
        ("True", {}, "Always.", "恒成立。"),
    ],
)
def test_what_is_said(text: str, values: dict[str, Any], english: str, chinese: str) -> None:
    assert said(text, values, "en") == english
    assert said(text, values, "zh") == chinese


@pytest.mark.parametrize("dpd", [5, 6, 17, 18, None])
def test_a_value_is_only_said_to_meet_what_it_meets(dpd: int | None) -> None:
    text = said("6 <= dpd <= 17", {"dpd": dpd})
    if dpd in (6, 17):
        assert text == f"Days past due is {dpd}, between 6 and 17."
    else:
        here = "unknown" if dpd is None else dpd
        assert text == f"Days past due is between 6 and 17 (here {here})."


def test_amounts_in_another_currency_meet_nothing() -> None:
    text = 'balance >= money(500, "CNY")'
    assert said(text, {"balance": 70_000, "currency": "USD"}) == (
        "Balance is at least 500.00 CNY (here 700.00 USD)."
    )
    assert said(text, {"balance": 70_000, "currency": "??"}) == (
        "Balance is at least 500.00 CNY (here 70000)."
    )


def test_the_reader_writes_values_in_their_own_way() -> None:
    tree = read_condition('last_payment_date < date("2026-01-31") and dpd > 1000')
    values = {"last_payment_date": date(2026, 1, 2)}
    told = say_condition(tree, "en", values, show=lambda value: f"<{value}>")
    assert told == (
        "Day of the last payment is <2026-01-02>, before <2026-01-31>;"
        " days past due is more than <1000>."
    )
