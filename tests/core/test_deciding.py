"""One treatment a case: what is on the menu, and that one case and many are decided alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.currencies import currency
from kept.core.deciding import (
    NOTHING,
    Kind,
    Menu,
    decide_one,
    kind_of,
    menu_of,
    options_of,
    paid_by,
    value_column,
    value_in,
    with_values,
    worth_of,
)
from kept.core.price import price_cases
from kept.core.price.choosing import choose
from kept.core.strategies import Strategy
from kept.core.strategy_reading import read_strategy
from kept.core.values import PARTS, Prior, Priors
from tests.core.test_strategies import TREATMENT, plan

CNY = currency("CNY")
RATES = {"CNY": PARTS, "USD": 7_000_000}
SOURCE = Priors("test", 1, {"call": Prior((1,), (25_000,)), "letter": Prior((1,), (5_000,))})


def treatment(code: str, channel: str, skill: str, minutes: int, **given: str) -> dict[str, Any]:
    own = {"code": code, "channel": channel, "skill": skill, "minutes": str(minutes), **given}
    return {**{key: each for key, each in TREATMENT.items() if key != "unit_cost"}, **own}


def strategy_of(**given: str) -> Strategy:
    return read_strategy(
        plan(
            treatment("call", "call", "call", 5, unit_cost="0.10 CNY"),
            treatment("firm_call", "call", "firm_call", 8),
            treatment("letter", "letter", "letter", 4, unit_cost="4 CNY"),
            treatment("review", "desk", "review", 15, value="30 CNY"),
            treatment("notice", "letter", "letter", 2, required="true"),
        )
    )


STRATEGY = strategy_of()
JUNIOR, SENIOR = Kind(frozenset({"call"})), Kind(frozenset({"call", "firm_call"}))
CLERK = Kind(frozenset({"letter", "review"}))


def menu(*capacities: str) -> Menu:
    return menu_of(STRATEGY, [SENIOR, CLERK, JUNIOR], capacities, CNY, RATES)


def test_a_treatment_may_be_done_by_every_kind_of_seats_with_its_skill() -> None:
    found = menu("letters", "budget")
    assert found.resources == (
        "minutes:call",
        "minutes:call+firm_call",
        "minutes:letter+review",
        "budget",
        "letters",
    )
    assert [(way.treatment, way.resource, way.use) for way in found.ways] == [
        (0, "minutes:call", (5, 0, 0, 10, 0)),
        (0, "minutes:call+firm_call", (0, 5, 0, 10, 0)),
        (1, "minutes:call+firm_call", (0, 8, 0, 0, 0)),
        (2, "minutes:letter+review", (0, 0, 4, 400, 1)),
        (3, "minutes:letter+review", (0, 0, 15, 0, 0)),
        (4, "minutes:letter+review", (0, 0, 2, 0, 1)),
    ]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (480, CLERK),
        (15, CLERK),
        (14, Kind(frozenset({"letter"}), 4)),
        (3, Kind(frozenset({"letter"}), 2)),
        (1, None),
    ],
)
def test_a_seat_is_of_the_kind_that_its_time_allows(minutes: int, expected: Kind | None) -> None:
    assert kind_of(STRATEGY, ["letter", "review", "sing"], minutes) == expected


def test_seats_too_short_are_no_capacity_of_what_takes_longer() -> None:
    found = menu_of(STRATEGY, [CLERK, Kind(frozenset({"letter"}), 2)], [], CNY, RATES)
    assert found.resources == ("minutes:letter:2", "minutes:letter+review")
    assert [(way.treatment, way.use) for way in found.ways] == [
        (2, (0, 4)),
        (3, (0, 15)),
        (4, (2, 0)),
        (4, (0, 2)),
    ]


def test_a_treatment_that_no_seat_can_do_is_not_on_the_menu() -> None:
    found = menu_of(STRATEGY, [JUNIOR], [], CNY, RATES)
    assert {way.treatment for way in found.ways} == {0}
    nobody = menu_of(STRATEGY, [], [], CNY, RATES)
    assert decide_one(nobody, {0: 5_000}, {}, {}).treatment == NOTHING


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, [24_900_000, 25_000_000, 1_000_000, 30_000_000, 5_000_000]),
        ({"currency": "USD"}, [174_900_000, 175_000_000, 31_000_000, 30_000_000, 35_000_000]),
        ({"currency": "EUR"}, [-100_000, 0, -4_000_000, 30_000_000, 0]),  # no rate
        ({"dpd": 0}, [-100_000, 0, -4_000_000, 30_000_000, 0]),
    ],
)
def test_values_on_one_case_and_on_columns(facts: dict[str, Any], expected: list[int]) -> None:
    given = {"dpd": 5, "overdue_balance": 100_000, "currency": "CNY", **facts}
    assert [value_in(each, SOURCE, RATES, given) for each in STRATEGY.treatments] == expected
    frame = with_values(STRATEGY, SOURCE, RATES, pl.DataFrame([given]))
    columns = [value_column(each) for each in STRATEGY.treatments]
    assert list(frame.select(columns).row(0)) == expected


def test_what_is_required_comes_first_and_has_no_price() -> None:
    prices = dict.fromkeys(menu().resources, 10**9)
    found = decide_one(menu(), {3: 30_000_000, 4: 0}, prices, dict.fromkeys(menu().resources, 9))
    assert (found.treatment, found.is_required) == (4, True)
    none_left = decide_one(menu(), {4: 0}, prices, dict.fromkeys(menu().resources, 0))
    assert (none_left.treatment, none_left.way) == (4, None)


def test_the_best_after_paying_and_the_next_best() -> None:
    prices = {"minutes:call": 4_000_000, "minutes:call+firm_call": 3_000_000}
    prices["minutes:letter+review"] = 100_000
    left = dict.fromkeys(prices, 100)
    found = decide_one(menu(), {0: 25_000_000, 1: 26_000_000, 2: 1_000_000}, prices, left)
    assert found.way is not None
    assert (found.treatment, found.way.resource) == (0, "minutes:call+firm_call")
    assert (found.value, found.reduced) == (25_000_000, 10_000_000)
    assert (found.next_treatment, found.next_reduced) == (1, 2_000_000)
    assert paid_by(menu(), found.way, list(prices.values())) == [
        {"resource": "minutes:call+firm_call", "units": 5, "price": 3_000_000}
    ]
    left["minutes:call+firm_call"] = 4
    dearer = decide_one(menu(), {0: 25_000_000, 1: 26_000_000}, prices, left)
    assert dearer.way is not None
    assert (dearer.way.resource, dearer.reduced) == ("minutes:call", 5_000_000)


def test_nothing_is_better_than_what_does_not_pay() -> None:
    prices = dict.fromkeys(menu().resources, 10_000_000)
    found = decide_one(menu(), {0: 25_000_000}, prices, dict.fromkeys(prices, 100))
    assert (found.treatment, found.way, found.value) == (NOTHING, None, 0)


@given(
    seed=st.integers(0, 10**9),
    rows=st.integers(1, 12),
    prices=st.lists(st.integers(0, 6_000_000), min_size=3, max_size=3),
)
@settings(max_examples=80, deadline=None)
def test_night_and_day_agree_at_the_same_prices(seed: int, rows: int, prices: list[int]) -> None:
    """With room for everybody and one case a person, the day decides what the night decides."""
    found, drawn = menu(), np.random.default_rng(seed)
    value = drawn.integers(-5_000_000, 60_000_000, (rows, 5)) * (drawn.random((rows, 5)) < 0.7)
    value[:, 4] = 0
    number = np.arange(rows, dtype=np.int64)
    options = options_of(found, number, number, np.maximum(value, 0))
    price = np.array(prices, dtype=np.int64)
    choice = choose(options, price)
    worth = worth_of(options, choice, price)
    named = dict(zip(found.resources, prices, strict=True))
    for row in range(rows):
        values = {place: int(value[row, place]) for place in range(4) if value[row, place] > 0}
        one = decide_one(found, values, named, dict.fromkeys(found.resources, 10_000))
        way = found.ways[choice[row]] if choice[row] != NOTHING else None
        assert one.way == way
        assert (one.value, one.reduced) == (worth.value[row], worth.reduced[row])
        assert one.next_treatment == worth.next_treatment[row]
        assert one.next_reduced == worth.next_reduced[row]


def test_a_person_with_two_cases_is_contacted_once() -> None:
    """The review reaches nobody, so it may come beside the call."""
    value = np.array([[50, 0, 0, 0, 0], [60, 0, 0, 40, 0]], dtype=np.int64)
    case = np.array([7, 8], dtype=np.int64)
    options = options_of(menu(), case, np.array([1, 1], dtype=np.int64), value)
    priced = price_cases([options], dict.fromkeys(menu().resources, 100))
    ways = [menu().ways[each].treatment for each in priced.choices[0]]
    assert ways == [0, 3]
