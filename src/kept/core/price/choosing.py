"""The best option of each case at given prices, and what all of them come to.

At prices each case chooses for itself, but for the cases of one person, who share what may be
counted against them: they choose together. Ties go to doing nothing, then to the earlier treatment
and option, then to the case with the lower number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from kept.core.price.options import NOTHING, Booleans, Choices, Integers, Options
from kept.core.price.spreading import Block, Blocks, spread_of

__all__ = ["NEVER", "Totals", "choose", "offers", "reduced_values", "totals_at"]

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
    """Values of the options after paying for what they use, (n, m); `NEVER` where not allowed."""
    column = options.columns
    reduced: Integers = options.value[:, column] - options.use @ prices
    reduced[~options.allowed[:, column]] = NEVER
    return reduced


def choose(options: Options, prices: Integers) -> Choices:
    """The best choice of each case."""
    both, both_worth = _best(options, prices, None)
    if options.group is None or options.counted is None:
        return both
    free, free_worth = _best(options, prices, options.counted)
    gain = both_worth - free_worth
    takes = _first_of_groups(options.group, gain, options.case_id, options.most_in_group)
    return np.where(takes, both, free).astype(np.int16)


def _best(options: Options, prices: Integers, without: Booleans | None) -> tuple[Choices, Integers]:
    """The best option of each case and its reduced value, but for the treatments marked."""
    rows = len(options.case_id)
    choice = np.full(rows, NOTHING, dtype=np.int16)
    best = np.zeros(rows, dtype=np.int64)
    for option, column, cost in offers(options, prices):
        if without is not None and without[column]:
            continue
        worth = options.value[:, column] - cost
        better = (worth > best) & options.allowed[:, column]
        choice[better] = option
        np.copyto(best, worth, where=better)
    return choice, best


def offers(options: Options, prices: Integers) -> Iterator[tuple[int, int, Integers | int]]:
    """Options with their treatment and what they cost; of each treatment the cheapest alone, where
    it is the same for all cases."""
    cost: Integers = options.use @ prices
    columns = options.columns.tolist()
    if not options.is_shared:
        yield from ((option, column, cost[:, option]) for option, column in enumerate(columns))
        return
    paid = cost[0].tolist()
    for column in dict.fromkeys(columns):
        ways = [option for option, each in enumerate(columns) if each == column]
        option = min(ways, key=lambda each: (paid[each], each))
        yield option, column, paid[option]


def _first_of_groups(group: Integers, gain: Integers, case_id: Integers, most: int) -> Booleans:
    """The rows that gain, at most so many of a group: those that gain most."""
    rows = np.flatnonzero(gain > 0)
    order = rows[np.lexsort((case_id[rows], -gain[rows], group[rows]))]
    ordered = group[order]
    first = np.searchsorted(ordered, ordered, side="left")
    takes = np.zeros(len(group), dtype=np.bool_)
    takes[order[np.arange(len(order)) - first < most]] = True
    return takes


def totals_at(blocks: Blocks, capacity: tuple[int, ...], prices: tuple[int, ...]) -> Totals:
    """The totals of the best choices at these prices; sums are exact in any order."""
    price = np.array(prices, dtype=np.int64)
    value, use = 0, [0] * len(capacity)
    for worth, used in spread_of(blocks).each(partial(_demand, price=price)):
        value += worth
        use = [one + other for one, other in zip(use, used, strict=True)]
    paid = sum(p * (c - u) for p, c, u in zip(prices, capacity, use, strict=True))
    return Totals(value, tuple(use), value + paid)


def _demand(block: Block, price: Integers) -> tuple[int, list[int]]:
    """What a block's best choices are worth and use."""
    options = block.options
    choice = choose(options, price)
    return int(options.value_of(choice).sum()), options.sum_of_use(choice)
