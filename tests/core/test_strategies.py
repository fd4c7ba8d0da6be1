"""Strategies read from mappings, and what they propose for one case and for columns of cases."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.attempts import Channel
from kept.core.facts import Catalogue, Fact, FactType
from kept.core.strategies import (
    Priority,
    Strategy,
    priority_column,
    proposals,
    proposed_column,
    with_proposals,
)
from kept.core.strategy_reading import StrategyError, read_strategy

TREATMENT = {
    "code": "call",
    "name": {"en": "Call", "zh": "电话"},
    "stage": "call",
    "when": "1 <= dpd <= 5",
    "channel": "call",
    "skill": "call",
    "minutes": "5",
    "repeat_after_days": "2",
    "due_in_days": "0",
    "due_time": "18:30",
    "priority": {"base": "100", "per_day": "10", "per_amount": "3"},
    "unit_cost": "0.10 CNY",
}
REVIEW = {
    **TREATMENT,
    "code": "review",
    "when": 'dpd >= 3 and balance >= money(100, "CNY") and not has_open_promise',
    "channel": "desk",
    "priority": {"base": "7"},
}


def plan(*treatments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "code": "test",
        "version": "3",
        "valid_from": "2026-01-01",
        "name": {"en": "Test", "zh": "测试"},
        "treatments": [deepcopy(each) for each in treatments or (TREATMENT, REVIEW)],
        **changes,
    }


def blank(catalogue: Catalogue) -> dict[str, Any]:
    """A case of which nothing is known, and everything that must be is nil."""
    nil = {FactType.BOOLEAN: False, FactType.CATEGORY: "", FactType.DATE: date(2026, 1, 1)}
    facts = {
        fact.name: None if fact.can_be_unknown else nil.get(fact.type, 0)
        for fact in catalogue.values()
    }
    return {**facts, "currency": "CNY"}


def facts_of(strategy: Strategy, **known: Any) -> dict[str, Any]:
    return {**blank(strategy.catalogue), **known}


def codes(strategy: Strategy, **known: Any) -> list[str]:
    return [each.treatment.code for each in proposals(strategy, facts_of(strategy, **known))]


def test_a_strategy_is_read_whole() -> None:
    strategy = read_strategy(plan())
    call, review = strategy.treatments
    assert strategy.label == "test:3"
    assert (strategy.valid_from, strategy.valid_to) == (date(2026, 1, 1), None)
    assert (call.due_minute, call.minutes, str(call.unit_cost)) == (1110, 5, "0.10 CNY")
    assert (call.channel, call.channel_code) == (Channel.CALL, "call")
    assert (review.channel, review.channel_code) == (None, "desk")
    assert call.priority == Priority(100, 10, 3)
    assert review.priority == Priority(7)


def test_it_acts_on_surely_true_only() -> None:
    strategy = read_strategy(plan())
    assert codes(strategy, dpd=3, balance=10_000) == ["call", "review"]
    assert codes(strategy, dpd=3, balance=9_999) == ["call"]
    assert codes(strategy, dpd=3, balance=10_000, currency="EUR") == ["call"]  # not comparable
    assert codes(strategy, dpd=6, balance=10_000) == ["review"]
    assert codes(strategy, dpd=0) == []


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        ("contact_hold", ["review"]),  # the desk reaches nobody
        ("treatment_hold", []),
        ("dealing_hold", []),
        ("has_hold", ["call", "review"]),  # a hold on accrual, say
    ],
)
def test_holds_stop_what_they_stop_though_no_condition_names_them(
    hold: str, expected: list[str]
) -> None:
    strategy = read_strategy(plan())
    assert codes(strategy, dpd=3, balance=10_000, **{hold: True}) == expected


def test_a_guard_holds_for_the_whole_condition() -> None:
    strategy = read_strategy(plan({**TREATMENT, "when": "dpd == 1 or dpd == 2"}))
    assert codes(strategy, dpd=1) == ["call"]
    assert codes(strategy, dpd=1, treatment_hold=True) == []


@pytest.mark.parametrize(
    ("since", "expected"), [(None, ["call"]), (0, []), (1, []), (2, ["call"]), (3, ["call"])]
)
def test_a_treatment_comes_again_after_its_days(since: int | None, expected: list[str]) -> None:
    strategy = read_strategy(plan(TREATMENT))
    assert codes(strategy, dpd=3, days_since_call=since) == expected


def test_priority_counts_days_and_amounts() -> None:
    strategy = read_strategy(plan(TREATMENT))
    (found,) = proposals(strategy, facts_of(strategy, dpd=4, overdue_balance=59_999))
    assert found.priority == 100 + 4 * 10 + 5 * 3
    (found,) = proposals(strategy, facts_of(strategy, dpd=1, overdue_balance=-20_000))
    assert found.priority == 110
    (found,) = proposals(strategy, facts_of(strategy, dpd=1, overdue_balance=2**55))
    assert found.priority == 110 + 3 * 10**9


def test_a_treatment_of_its_own_past_may_be_named() -> None:
    later = {**REVIEW, "when": "days_since_call >= 5"}
    strategy = read_strategy(plan(TREATMENT, later))
    assert codes(strategy, dpd=9, days_since_call=5) == ["review"]
    assert codes(strategy, dpd=9) == []


# --- one case and columns -------------------------------------------------------------------------


def value_of(fact: Fact) -> st.SearchStrategy[Any]:
    if fact.type is FactType.BOOLEAN:
        known: st.SearchStrategy[Any] = st.booleans()
    elif fact.type is FactType.CATEGORY:
        known = st.sampled_from(fact.values or ("A", "B"))
    elif fact.type is FactType.DATE:
        known = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    elif fact.type is FactType.MONEY:
        known = st.integers(-20_000, 20_000) | st.integers(-(2**55), 2**55)
    else:
        known = st.integers(max(fact.low, -10), 10)
    return st.none() | known if fact.can_be_unknown else known


STRATEGY = read_strategy(plan())
cases = st.lists(
    st.fixed_dictionaries(
        {fact.name: value_of(fact) for fact in STRATEGY.catalogue.values()}
        | {"currency": st.sampled_from(["CNY", "USD"])}
    ),
    min_size=1,
    max_size=6,
)
DTYPES = {
    FactType.INTEGER: pl.Int64,
    FactType.MONEY: pl.Int64,
    FactType.BOOLEAN: pl.Boolean,
    FactType.CATEGORY: pl.String,
    FactType.DATE: pl.Date,
}
SCHEMA = {fact.name: DTYPES[fact.type] for fact in STRATEGY.catalogue.values()} | {
    "currency": pl.String
}


@settings(deadline=None)
@given(cases)
def test_one_case_and_columns_agree(rows: list[dict[str, Any]]) -> None:
    frame = with_proposals(STRATEGY, pl.DataFrame(rows, schema=SCHEMA))
    for facts, wide in zip(rows, frame.to_dicts(), strict=True):
        found = [
            (each, wide[priority_column(each)])
            for each in STRATEGY.treatments
            if wide[proposed_column(each)]
        ]
        assert found == [(each.treatment, each.priority) for each in proposals(STRATEGY, facts)]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"when": "dpdd > 1"}, "treatments[1].when: line 1, column 1: there is no fact 'dpdd'"),
        ({"when": 'sex == "f"'}, "treatments[1].when: line 1, column 1: sex is a protected"),
        ({"when": ""}, "treatments[1].when: should not be empty"),
        ({"when": "dpd > 1) or (dpd < 5"}, "treatments[1].when: line 1"),
        ({"stage": "later"}, "treatments[1].stage: 'later' is not known; choose pre_due"),
        (
            {"channel": "visit"},
            "treatments[1].channel: 'visit' is no channel; did you mean",
        ),
        ({"minutes": "0"}, "treatments[1].minutes: should be a whole number from 1"),
        ({"minutes": None}, "treatments[1].minutes: should be a whole number"),
        ({"due_time": "24:00"}, "treatments[1].due_time: '24:00' is no time of day"),
        ({"unit_cost": "0.105 CNY"}, "treatments[1].unit_cost: '0.105': CNY has 2 decimals"),
        ({"unit_cost": "1 CNJ"}, "treatments[1].unit_cost: unknown currency 'CNJ'"),
        ({"skill": "Call!"}, "treatments[1].skill: 'Call!' should be small letters"),
        ({"priority": {"per_day": "1"}}, "treatments[1].priority: lacks base"),
        ({"priority": {"base": "1", "per_day": "1001"}}, "treatments[1].priority.per_day: should"),
        ({"name": {"en": "Call"}}, "treatments[1].name: lacks the name in zh"),
        ({"colour": "red"}, "treatments[1].colour: no such key"),
        ({"code": "last_payment"}, "treatments: the code 'last_payment' is taken"),
        ({"unit_cost": "-0.10 CNY"}, "treatments[1].unit_cost: -0.10 CNY is less than nothing"),
        ({"value": "-5.00 CNY"}, "treatments[1].value: -5.00 CNY is less than nothing"),
        ({"value": "0.10 CNY"}, "treatments[1].value: is worth no more than its unit_cost of 0.10"),
        ({"value": "0 USD"}, "treatments[1].value: is worth no more than its unit_cost"),
        ({"segments": []}, "treatments[1].segments: names none; leave it out"),
        ({"arms": []}, "treatments[1].arms: names none; leave it out"),
    ],
)
def test_a_wrong_treatment_is_refused_with_its_place(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(StrategyError) as refused:
        read_strategy(plan({**TREATMENT, **wrong}))
    assert any(line.startswith(told) for line in str(refused.value).splitlines())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"version": "x"}, "version: should be a whole number"),
        ({"valid_from": "2026-02-30"}, "valid_from: '2026-02-30' is no day"),
        ({"valid_to": "2025-12-31"}, "valid_to: 2025-12-31 is before valid_from, 2026-01-01"),
        ({"treatments": []}, "treatments: lists 1 to 100 treatments, not 0"),
        ({"treatments": "call"}, "treatments: should be a list"),
        ({"treatments": [TREATMENT, TREATMENT]}, "treatments: 'call' is the code of 2 treatments"),
    ],
)
def test_a_wrong_strategy_is_refused_with_its_place(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(StrategyError) as refused:
        read_strategy(plan(**wrong))
    assert any(line.startswith(told) for line in str(refused.value).splitlines())


def test_all_problems_are_told_at_once_and_each_once() -> None:
    broken = {**TREATMENT, "when": "dpd >", "minutes": "no", "skill": ""}
    del broken["stage"]
    with pytest.raises(StrategyError) as refused:
        read_strategy(plan(broken, version=None))
    assert sorted(problem.path for problem in refused.value.problems) == [
        "treatments[1].minutes",
        "treatments[1].skill",
        "treatments[1].stage",
        "treatments[1].when",
        "version",
    ]


def segment(code: str, when: str) -> dict[str, Any]:
    return {"code": code, "name": {"en": code, "zh": code}, "when": when}


@pytest.mark.parametrize("when", ["dpd < 0", "dpd > 5", "dpd == 3 and has_open_promise"])
def test_a_segment_that_nobody_is_ever_in_is_told(when: str) -> None:
    rows = [segment("late", "dpd >= 1"), segment("never", when), segment("others", "dpd >= 0")]
    with pytest.raises(StrategyError) as refused:
        read_strategy(plan(segments=rows))
    (problem,) = refused.value.problems
    assert problem.path == "segments[2].when"
    assert problem.sentence.startswith("nobody is ever in it, with the segments before it")


def test_an_arm_that_is_not_known_is_told_once() -> None:
    arms = [{"code": "usual", "name": {"en": "Usual", "zh": "常规"}, "share": "100%"}]
    with pytest.raises(StrategyError) as refused:
        read_strategy(plan({**TREATMENT, "arms": ["usuall"]}, arms=arms))
    assert [problem.path for problem in refused.value.problems] == ["treatments[1].arms[1]"]


def test_required_work_may_be_worth_less_than_it_costs() -> None:
    (found,) = read_strategy(plan({**TREATMENT, "required": True, "value": "0 CNY"})).treatments
    assert found.value is not None


@pytest.mark.parametrize("data", [None, "", [], 5, {"code": {}}])
def test_anything_else_is_refused_too(data: object) -> None:
    with pytest.raises(StrategyError):
        read_strategy(data)


def test_a_strategy_holds_between_its_days() -> None:
    strategy = read_strategy(plan(valid_to="2026-06-30"))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [strategy.holds_on(day) for day in days] == [False, True, True, False]
    assert read_strategy(plan()).holds_on(date(2026, 1, 1) + timedelta(days=9_999))
