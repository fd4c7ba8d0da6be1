"""The sides of the benchmark of the price keep to the same capacities."""

from __future__ import annotations

import numpy as np
import pytest

from kept.bench.price_book import RULES, by_rule, instance
from kept.core.price import price_cases


@pytest.mark.parametrize("rule", RULES)
def test_a_simple_rule_keeps_to_law_and_capacities_and_stays_below_the_bound(rule: str) -> None:
    one = instance(600)
    choice = by_rule(one, rule)
    chosen = np.flatnonzero(choice >= 0)
    assert len(chosen) > 60
    assert one.options.allowed[chosen, choice[chosen]].all()
    assert (one.options.use_of(choice).sum(axis=0) <= list(one.capacity.values())).all()
    bound = price_cases([one.options], one.capacity).certificate.bound
    assert 0 < int(one.options.value_of(choice).sum()) <= bound


def test_an_instance_follows_from_its_seed() -> None:
    one, again, other = instance(50), instance(50), instance(50, seed=2)
    assert (one.options.value == again.options.value).all()
    assert (one.options.value != other.options.value).any()


def test_the_relaxation_of_highs_lies_between_value_and_bound() -> None:
    highs = pytest.importorskip("kept.bench.price_highs", reason="HiGHS is for developers")
    one = instance(800)
    certificate = price_cases([one.options], one.capacity).certificate
    optimum = highs.solve_relaxed(one, 30.0).optimum
    assert certificate.value - 1 <= optimum <= certificate.bound * (1 + 1e-9)
