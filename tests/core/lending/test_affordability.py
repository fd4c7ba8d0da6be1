"""What a debtor can carry, by hand; and that no plan offered is above it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.lending.affordability import (
    HALF,
    Budget,
    LivingCosts,
    Outcome,
    affordable,
    costs_on,
    offers,
    protected_minor,
)
from kept.core.lending.caps import CapStatus
from kept.core.lending.rates import Rate, RateUnit
from kept.core.lending.schedules import ScheduleTerms

COSTS = LivingCosts(
    "X", "CN", "CNY", date(2026, 1, 1), (200_000, 320_000), 90_000, "own", CapStatus.UNVERIFIED
)
TERMS = ScheduleTerms(date(2026, 1, 5), date(2026, 2, 15))
DEAR = ScheduleTerms(date(2026, 1, 5), date(2026, 2, 15), Rate(120_000_000, RateUnit.YEARLY))


@pytest.mark.parametrize(("dependants", "found"), [(0, 200_000), (1, 320_000), (3, 500_000)])
def test_costs_grow_with_the_household(dependants: int, found: int) -> None:
    assert protected_minor(COSTS, dependants) == found


def test_the_newest_figures_hold() -> None:
    older = LivingCosts("X", "CN", "CNY", date(2025, 1, 1), (1,), 1, "", CapStatus.REPORTED)
    assert costs_on((COSTS, older), "X", date(2025, 6, 1)) is older
    assert costs_on((COSTS, older), "X", date(2026, 6, 1)) is COSTS
    assert costs_on((COSTS,), "Y", date(2026, 6, 1)) is None


def test_half_of_what_is_left() -> None:
    # 8,000.00 - 3,200.00 (two people) - 1,000.00 = 3,800.00, of which half.
    found = affordable(Budget(800_000, 1, other_payments_minor=100_000), COSTS)
    assert (found.costs_minor, found.left_minor, found.largest_minor) == (320_000, 380_000, 190_000)
    shown = affordable(Budget(800_000, 1, shown_costs_minor=500_000), COSTS)
    assert shown.largest_minor == 150_000
    quarter = affordable(Budget(800_000, 1, share_nano=HALF // 2), COSTS)
    assert quarter.largest_minor == 120_000


def test_three_plans_around_it() -> None:
    found = offers(1_200_000, affordable(Budget(400_000), COSTS), TERMS)
    assert [len(plan) for plan in found.plans] == [12, 16, 24]
    assert [plan[0].amount_minor for plan in found.plans] == [100_000, 75_000, 50_000]
    assert all(sum(row.amount_minor for row in plan) == 1_200_000 for plan in found.plans)


def test_a_small_debt_gets_no_plan_that_is_longer_for_nothing() -> None:
    found = offers(10_000, affordable(Budget(400_000), COSTS), TERMS)
    assert [len(plan) for plan in found.plans] == [1]


@pytest.mark.parametrize(
    ("owed", "income", "terms", "outcome", "words"),
    [
        (100_000, 150_000, TERMS, Outcome.NOTHING_LEFT, "take 200000 of 150000"),
        (100_000, 200_001, TERMS, Outcome.SHARE_TOO_SMALL, "50% of what is left is 0"),
        (10_000_000, 210_000, TERMS, Outcome.CANNOT_BE_CARRIED, "5000 can be carried"),
        (10_000_000, 240_000, DEAR, Outcome.INTEREST_NOT_CARRIED, "the interest of 100000"),
    ],
)
def test_the_reason_when_none_can(
    owed: int, income: int, terms: ScheduleTerms, outcome: Outcome, words: str
) -> None:
    found = offers(owed, affordable(Budget(income), COSTS), terms)
    assert (found.outcome, found.plans) == (outcome, ())
    assert found.reason is not None
    assert words in str(found.reason)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 10**8), st.integers(0, 10**6), st.sampled_from((TERMS, DEAR)))
def test_no_offer_is_above_what_can_be_carried(
    owed: int, income: int, terms: ScheduleTerms
) -> None:
    found = affordable(Budget(income), COSTS)
    offer = offers(owed, found, terms)
    assert (offer.reason is None) == bool(offer.plans)
    for plan in offer.plans:
        assert len(plan) <= 60
        assert max(row.amount_minor for row in plan) <= found.largest_minor
        assert sum(row.principal_minor for row in plan) == owed
