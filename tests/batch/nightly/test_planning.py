"""Tonight's plan on a handful of offers: what seats can really do is what the price counts with."""

from __future__ import annotations

from typing import Any

import polars as pl

from kept.batch.deciding.planning import Plan, plan_cases, tonight_of
from kept.core.strategies import Strategy
from kept.core.strategy_reading import read_strategy
from kept.store.offer_columns import offer_columns, value_name
from tests.core.test_deciding import treatment
from tests.core.test_strategies import plan

CALL, VISIT = 0, 1


def strategy() -> Strategy:
    return read_strategy(
        plan(
            treatment("call", "call", "call", 5),
            treatment("visit", "field_visit", "visit", 60),
        )
    )


def planned(*seats: tuple[list[str], int], cases: int = 8, call: int = 4_000_000) -> Plan:
    """Every case could be called, and be visited for 100."""
    columns = offer_columns(2, 2)
    rows: list[dict[str, Any]] = [
        {
            **dict.fromkeys(columns),
            "case_id": number,
            "person_id": number,
            "required": -1,
            "required_priority": 0,
            value_name(CALL): call,
            value_name(VISIT): 100_000_000,
        }
        for number in range(1, cases + 1)
    ]
    there = [{"skills": skills, "minutes": minutes} for skills, minutes in seats]
    return plan_cases(tonight_of(strategy(), there, {}, "CNY"), pl.DataFrame(rows, schema=columns))


def counts(found: Plan) -> dict[int, int]:
    return dict(found.chosen["treatment"].value_counts().sort("treatment").iter_rows())


def test_two_halves_of_a_visit_are_no_visit() -> None:
    both = ["visit", "call"]
    found = planned((both, 30), (both, 30))
    assert counts(found) == {CALL: 8}
    assert dict(found.no_seat) == {"visit": 8}
    assert dict(found.certificate.capacity) == {"minutes:call:5": 60}
    assert found.certificate.prices["minutes:call:5"] == 0  # nobody waits for it
    longer = planned((both, 60), (both, 30))
    assert counts(longer) == {CALL: 6, VISIT: 1}
    assert dict(longer.no_seat) == {}


def test_minutes_that_nothing_fits_into_are_no_capacity() -> None:
    found = planned(*[(["visit"], 100)] * 3)
    assert dict(found.certificate.capacity) == {"minutes:visit": 180}
    assert counts(found) == {VISIT: 3}


def test_a_night_without_seats_or_with_seats_that_have_no_time_chooses_nothing() -> None:
    for seats in ([], [(["call"], 0)], [(["call"], 4), (["visit"], 59)]):
        found = planned(*seats)
        assert counts(found) == {}
        assert (found.certificate.value, found.certificate.bound) == (0, 0)
        assert dict(found.no_seat) == {"call": 8, "visit": 8}
