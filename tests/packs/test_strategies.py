"""The shipped strategy: its windows to the day, and what a wrong file is told."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from kept.core.facts import FactType
from kept.core.strategies import Strategy, proposals
from kept.packs.strategies import (
    StrategyFileError,
    load_strategies,
    parse_strategy,
    strategy_labelled,
    strategy_on,
)

TEXT = files("kept.packs").joinpath("strategies", "default.yaml").read_text(encoding="utf-8")
DAY = date(2026, 11, 22)


def treatments(strategy: Strategy, **known: Any) -> list[str]:
    nil: dict[FactType, Any] = {FactType.BOOLEAN: False, FactType.CATEGORY: ""}
    facts = {
        fact.name: None if fact.can_be_unknown else nil.get(fact.type, 0)
        for fact in strategy.catalogue.values()
    }
    facts |= {"currency": "CNY", **known}
    return [each.treatment.code for each in proposals(strategy, facts)]


@pytest.mark.parametrize(
    ("dpd", "expected"),
    [
        (1, "call"),
        (5, "call"),
        (6, "firm_call"),
        (17, "firm_call"),
        (18, "letter"),
        (30, "letter"),
        (31, "visit"),
        (90, "visit"),
        (91, "legal_review"),
        (4_000, "legal_review"),
    ],
)
def test_each_day_past_due_has_its_treatment(dpd: int, expected: str) -> None:
    assert treatments(strategy_on(DAY), dpd=dpd) == [expected]
    assert treatments(strategy_on(DAY), dpd=dpd, has_open_promise=True) == []


@pytest.mark.parametrize(
    ("days_until_due", "expected"), [(0, ["reminder"]), (3, ["reminder"]), (4, []), (None, [])]
)
def test_before_the_due_date_there_is_a_reminder(
    days_until_due: int | None, expected: list[str]
) -> None:
    assert treatments(strategy_on(DAY), dpd=0, days_until_due=days_until_due) == expected


def test_no_day_has_two_treatments() -> None:
    strategy = strategy_on(DAY)
    for dpd in range(400):
        assert len(treatments(strategy, dpd=dpd, days_until_due=1)) == 1


def test_all_shipped_strategies_load() -> None:
    assert {each.label for each in load_strategies()} == {
        "consumer_cn:1",
        "consumer_us:1",
        "default:1",
        "small_business:1",
        "small_business_us:1",
    }


def test_a_strategy_that_is_not_there_is_told() -> None:
    assert strategy_labelled("default:1") is strategy_on(DAY)
    with pytest.raises(StrategyFileError, match="no strategy 'default:0' is shipped; there are"):
        strategy_labelled("default:0")
    with pytest.raises(StrategyFileError, match="no strategy 'default' holds on 1999-12-31; ther"):
        strategy_on(date(1999, 12, 31))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "1 <= dpd <= 5",
            "1 <= dpdd <= 5",
            "x.yaml, line 33, treatment 'call': treatments[2].when",
        ),
        ("    minutes: 5\n", "", "x.yaml, line 30, treatment 'call': treatments[2].minutes: is"),
        ("0.05 CNY", "0.055 CNY", "x.yaml, line 27, treatment 'reminder': treatments[1].unit_cost"),
        (
            "stage: letter",
            "stage: letter\n    stage: firm",
            "x.yaml, line 59, column 5: 'stage' stands twice",
        ),
        ("valid_from: 2000-01-01", "valid_from: 2026-02-30", "x.yaml, line 10: valid_from"),
        (
            "treatments:",
            "treatments: [",
            "x.yaml, line 16, column 3: a list or mapping",
        ),
        ("code: call", "code: 7", "x.yaml, line 30, treatment '7': treatments[2].code"),
    ],
)
def test_a_wrong_file_is_told_with_line_and_treatment(old: str, new: str, told: str) -> None:
    with pytest.raises(StrategyFileError) as refused:
        parse_strategy(TEXT.replace(old, new, 1), "x.yaml")
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "[" * 50,
        "- a",
        "a: &a [*a]",
        "[" * 5000,
        "a: &a {b: 1}\nc: *a",
        "? [1]\n: 2",
        "!!python/none x: 1",
    ],
)
def test_no_text_does_harm(text: str) -> None:
    with pytest.raises(StrategyFileError):
        parse_strategy(text, "x.yaml")
