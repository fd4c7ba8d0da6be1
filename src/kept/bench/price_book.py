"""Instances for measuring the price: cases by eight treatments and five resources, made in columns.

Balances are lognormal, ages fall off, the chance of paying falls with age; what a treatment adds to
it differs by case. A value is that chance more, times the overdue balance, less the unit cost. The
simple rules that lenders use in place of a price are here too. All numbers follow from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kept.core.price import MICRO, NOTHING, Options
from kept.core.price.options import Choices, Integers

__all__ = ["CAPACITY_SHARE", "RULES", "Instance", "by_rule", "instance"]

Floats = npt.NDArray[np.float64]

#: Units of each resource there are for a hundred cases: senior and junior minutes, texts, letters,
#: visits.
CAPACITY_SHARE: Mapping[str, int] = {
    "senior_minutes": 60,
    "junior_minutes": 120,
    "texts": 40,
    "letters": 8,
    "visits": 1,
}
# What each treatment uses of them, what it costs in millionths, how much it adds at most.
_USE = np.array(
    [
        [0, 0, 1, 0, 0],
        [0, 0, 1, 1, 0],
        [0, 0, 0, 1, 0],
        [0, 4, 0, 0, 0],
        [0, 8, 1, 0, 0],
        [6, 0, 0, 0, 0],
        [12, 0, 0, 1, 0],
        [5, 0, 0, 0, 1],
    ],
    dtype=np.int64,
)
_COST = np.array([0.01, 0.71, 0.70, 0.4, 0.8, 1.0, 2.4, 18.0])
_ADDS = np.array([0.01, 0.015, 0.012, 0.04, 0.05, 0.06, 0.08, 0.12])


@dataclass(frozen=True, slots=True)
class Instance:
    """One night to price, and what the simple rules sort by."""

    options: Options
    capacity: dict[str, int]
    balance: Floats
    days: Integers
    probability: Floats


def instance(cases: int, seed: int = 1) -> Instance:
    drawn = np.random.default_rng(seed)
    balance = np.round(drawn.lognormal(6.5, 1.2, cases), 2)
    days = drawn.geometric(0.02, cases).astype(np.int64)
    probability = drawn.beta(2, 4, cases) * np.exp(-days / 120)
    adds = _ADDS * drawn.gamma(2.0, 0.5, (cases, len(_ADDS))) * (1 - probability[:, None])
    value = np.rint((adds * balance[:, None] - _COST) * MICRO).astype(np.int64)
    allowed = drawn.random(value.shape) < 0.85
    options = Options(np.arange(cases, dtype=np.int64), value, allowed, _USE[None])
    capacity = {name: cases * share // 100 for name, share in CAPACITY_SHARE.items()}
    return Instance(options, capacity, balance, days, probability)


RULES: Mapping[str, Callable[[Instance], Floats | Integers]] = {
    "balance first": lambda one: one.balance,
    "oldest first": lambda one: one.days,
    "probability first": lambda one: one.probability,
    "greedy by value": lambda one: np.where(one.options.allowed, one.options.value, 0).max(axis=1),
}


def by_rule(one: Instance, rule: str) -> Choices:
    """Cases in the order of the rule; each gets the option worth most that still fits."""
    order = np.argsort(-RULES[rule](one), kind="stable")
    worth = np.where(one.options.allowed & (one.options.value > 0), one.options.value, -1)
    wishes = np.argsort(-worth, axis=1, kind="stable")
    left = list(one.capacity.values())
    needs = [list(enumerate(row)) for row in _USE.tolist()]
    choice = np.full(len(order), NOTHING, dtype=np.int16)
    for case in order.tolist():
        for option in wishes[case].tolist():
            if worth[case, option] < 0:
                break
            if all(left[k] >= units for k, units in needs[option]):
                choice[case] = option
                for k, units in needs[option]:
                    left[k] -= units
                break
    return choice
