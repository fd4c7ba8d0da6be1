"""The prices of the resources: those at which the dual bound is least, on the integer grid.

The bound is convex in the prices and every trial of prices costs one pass over the cases, so few
passes are spent: prices are first found on samples, and then on all cases in a box around these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from kept.core.price.choosing import Totals, totals_at
from kept.core.price.limits import Limits
from kept.core.price.master import Master
from kept.core.price.options import Booleans, Integers, Options
from kept.core.price.spreading import Block, Here, Spread

__all__ = ["Found", "find_prices"]

#: How many cases are looked at first, and how near to their prices those of all are sought.
_SAMPLES = ((20_000, 0.02), (500_000, 0.004))
_PASSES_MOST = 150
#: The search ends when the bound is this near to what a mix of decisions reaches.
_NEAR = 1e-7
#: Trials lie between the best prices so far and those of the master (Wentges 1997).
_STAY = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """The best prices, what all cases come to at them, and how many passes it took."""

    prices: tuple[int, ...]
    totals: Totals
    passes: int


def find_prices(
    blocks: Spread, capacity: tuple[int, ...], limits: Limits, tell: Callable[[int], None]
) -> Found:
    """Prices at which the bound is (nearly) least; any prices give a true bound.

    `tell` is called with the number of passes over all cases so far.
    """
    highest = [float(each) for each in limits.highest_price]
    nothing = [0.0] * len(capacity)
    near, box = (0,) * len(capacity), None
    for size, width in _SAMPLES:
        sample = _sample(blocks, limits.rows, size)
        if sample is None:
            break
        scaled = tuple(int(each * len(sample.case_id) / limits.rows) for each in capacity)
        lower, upper = _box(near, highest, box) if box else (nothing, highest)
        near = _search(
            Here([Block(0, sample)]), scaled, near, lower, upper, highest, _silent
        ).prices
        box = width
    lower, upper = _box(near, highest, box) if box else (nothing, highest)
    return _search(blocks, capacity, near, lower, upper, highest, tell)


def _box(
    near: tuple[int, ...], highest: list[float], width: float
) -> tuple[list[float], list[float]]:
    lower = [max(0.0, each * (1 - width) - 1) for each in near]
    upper = [
        min(top, each * (1 + width) + top * 1e-4 + 1)
        for each, top in zip(near, highest, strict=True)
    ]
    return lower, upper


def _silent(passes: int) -> None:
    """Nobody waits for a sample."""


def _search(
    blocks: Spread,
    capacity: tuple[int, ...],
    start: tuple[int, ...],
    lower: list[float],
    upper: list[float],
    highest: list[float],
    tell: Callable[[int], None],
) -> Found:
    def tried_at(prices: tuple[int, ...]) -> Totals:
        return totals_at(blocks, capacity, prices)

    master = Master(capacity, lower, upper)
    return _Search(tried_at, capacity, master, lower, upper, tell).run(start, highest)


class _Search:
    """Trials of prices until the bound and the master's mix meet."""

    def __init__(
        self,
        tried_at: Callable[[tuple[int, ...]], Totals],
        capacity: tuple[int, ...],
        master: Master,
        lower: list[float],
        upper: list[float],
        tell: Callable[[int], None],
    ) -> None:
        self._tell = tell
        self._tried_at, self._capacity, self._master = tried_at, capacity, master
        self._lower, self._upper = lower, upper
        self._tried: dict[tuple[int, ...], Totals] = {}
        self._best: tuple[int, ...] = ()

    def run(self, start: tuple[int, ...], highest: list[float]) -> Found:
        self._try(start)
        while len(self._tried) < _PASSES_MOST:
            value, prices = self._master.solve()
            least = self._tried[self._best].bound
            if least - value <= _NEAR * abs(least):
                if not self._widen(highest):
                    break
            elif not self._try_between(prices):
                break
        return Found(self._best, self._tried[self._best], len(self._tried))

    def _try(self, prices: tuple[int, ...]) -> None:
        totals = self._tried_at(prices)
        self._tried[prices] = totals
        self._tell(len(self._tried))
        self._master.add(totals.value, totals.use)
        if not self._best or totals.bound < self._tried[self._best].bound:
            self._best = prices

    def _try_between(self, prices: Sequence[float]) -> bool:
        """Try prices towards the master's, or its own; False when all these are known."""
        for stay in (_STAY, 0.0):
            between = tuple(
                round(stay * best + (1 - stay) * price)
                for best, price in zip(self._best, prices, strict=True)
            )
            if between not in self._tried:
                self._try(between)
                return True
        return False

    def _widen(self, highest: list[float]) -> bool:
        """Open the box where it holds a price back; False when it holds none."""
        moved = False
        for k in self._master.touches_box():
            width = 4 * (self._upper[k] - self._lower[k]) + 1
            lower = max(0.0, self._lower[k] - width)
            upper = min(highest[k], self._upper[k] + width)
            moved = moved or (lower, upper) != (self._lower[k], self._upper[k])
            self._lower[k], self._upper[k] = lower, upper
        self._master.set_box(self._lower, self._upper)
        return moved


def _sample(blocks: Spread, rows: int, wanted: int) -> Options | None:
    """Whole groups by a stable hash, about so many cases; None when all are hardly more."""
    if rows <= 2 * wanted:
        return None
    share = int(wanted / rows * 2**32)
    parts = [part for part in blocks.each(partial(_part, share=share)) if len(part.case_id)]
    if not parts:
        return None
    one, is_shared = parts[0], all(part.is_shared for part in parts)
    uses = [np.broadcast_to(part.use, (len(part.case_id), *part.use.shape[1:])) for part in parts]
    groups = [part.group for part in parts if part.group is not None]
    return replace(
        one,
        case_id=np.concatenate([part.case_id for part in parts]),
        value=np.concatenate([part.value for part in parts]),
        allowed=np.concatenate([part.allowed for part in parts]),
        use=one.use if is_shared else np.concatenate(uses),
        group=np.concatenate(groups) if groups else None,
    )


def _part(block: Block, share: int) -> Options:
    options = block.options
    of_one = options.case_id if options.group is None else options.group
    keep: Booleans = _hashed(of_one) < share
    return options.rows(keep)


def _hashed(numbers: Integers) -> Integers:
    """32 well mixed bits of each number (the finaliser of splitmix64)."""
    mixed = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(32)).astype(np.int64)
