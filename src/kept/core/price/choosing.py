"""The best option of each case at given prices, and what all of them come to.

At prices each case chooses for itself, but for the cases of one person, who share what may be
counted against them: they choose together. Ties go to doing nothing, then to the earlier treatment,
then to the case with the lower number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kept.core.price.options import NOTHING, Booleans, Choices, Integers, Options

__all__ = ["NEVER", "Totals", "choose", "reduced_values", "totals_at"]

#: The reduced value of what is not allowed.
NEVER = -(2**62)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the best choices at some prices come to: value, use by resource, and the dual bound.

    `bound` is capacity times price plus all reduced values: no lawful decision within the
    capacities is worth more, whatever the prices (SCIENCE.md (a), weak duality).
    """

    value: int
    use: tuple[int, ...]
    bound: int


def reduced_values(options: Options, prices: Integers) -> Integers:
    """Values after paying for what they use, (n, m); `NEVER` where not allowed."""
    reduced = options.value.copy()
    for k, price in enumerate(prices.tolist()):
        if price:
            reduced -= options.use[:, :, k] * price
    reduced[~options.allowed] = NEVER
    return reduced


def choose(options: Options, prices: Integers) -> Choices:
    """The best choice of each case."""
    reduced = reduced_values(options, prices)
    if options.group is None or options.counted is None:
        return _best(reduced)[0]
    free, free_worth = _best(np.where(options.counted, NEVER, reduced))
    both, both_worth = _best(reduced)
    gain = both_worth - free_worth
    takes = _first_of_groups(options.group, gain, options.case_id, options.most_in_group)
    return np.where(takes, both, free).astype(np.int16)


def _best(reduced: Integers) -> tuple[Choices, Integers]:
    if not reduced.shape[1]:
        return np.full(len(reduced), NOTHING, np.int16), np.zeros(len(reduced), np.int64)
    choice = reduced.argmax(axis=1)
    worth = np.take_along_axis(reduced, choice[:, None], axis=1)[:, 0]
    chosen = np.where(worth > 0, choice, NOTHING).astype(np.int16)
    return chosen, np.maximum(worth, 0)


def _first_of_groups(group: Integers, gain: Integers, case_id: Integers, most: int) -> Booleans:
    """The rows that gain, at most so many of a group: those that gain most."""
    rows = np.flatnonzero(gain > 0)
    order = rows[np.lexsort((case_id[rows], -gain[rows], group[rows]))]
    ordered = group[order]
    first = np.searchsorted(ordered, ordered, side="left")
    takes = np.zeros(len(group), dtype=np.bool_)
    takes[order[np.arange(len(order)) - first < most]] = True
    return takes


def totals_at(
    blocks: Iterable[Options], capacity: tuple[int, ...], prices: tuple[int, ...]
) -> Totals:
    """The totals of the best choices at these prices; sums are exact in any order."""
    price = np.array(prices, dtype=np.int64)
    value, use = 0, [0] * len(capacity)
    for block in blocks:
        choice = choose(block, price)
        value += int(block.value_of(choice).sum())
        for k, used in enumerate(block.use_of(choice).sum(axis=0).tolist()):
            use[k] += used
    paid = sum(p * (c - u) for p, c, u in zip(prices, capacity, use, strict=True))
    return Totals(value, tuple(use), value + paid)
