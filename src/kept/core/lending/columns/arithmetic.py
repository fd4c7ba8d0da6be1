"""Base x rate x days, exactly, in 64-bit integers.

An amount is whole thousandths of a minor unit and a rest over one denominator that every day count
and both units of a rate divide. Each product stays below 2^63 for bases up to ten million million
minor units, 500 % a year, 1 % a day and a hundred years.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kept.core.lending.rates import NANO

__all__ = ["MILLI", "REST_OF", "Exact", "Ints", "amounts", "half_up", "sum_by_account"]

Ints = NDArray[np.int64]

#: Thousandths of a minor unit.
MILLI: Final = 1000
_YEARS: Final = lcm(360, 365, 366)
#: What the rest is counted in: 1,603,080,000,000,000.
REST_OF: Final = _YEARS * NANO
# So many rests are below 2^63 together.
_RESTS_AT_ONCE: Final = 4096


@dataclass(frozen=True, slots=True)
class Exact:
    """`whole` thousandths of a minor unit and `rest` / `REST_OF` of another."""

    whole: Ints
    rest: Ints

    def __add__(self, other: Exact) -> Exact:
        rest = self.rest + other.rest
        return Exact(self.whole + other.whole + rest // REST_OF, rest % REST_OF)

    @classmethod
    def zeros(cls, size: int) -> Exact:
        return cls(np.zeros(size, np.int64), np.zeros(size, np.int64))

    def at(self, places: Ints) -> Exact:
        return Exact(self.whole[places], self.rest[places])


def amounts(base_milli: Ints, nano: Ints, days: Ints, of: Ints) -> Exact:
    """base x nano / 10^9 x days / of; all at least 0, `of` one of 1, 360, 365 and 366."""
    high, low = base_milli // NANO, base_milli % NANO
    product = low * nano
    # whole + parts / 10^9 is what one `of`th of the days brings, times `of`.
    whole, parts = high * nano + product // NANO, product % NANO
    of_days = whole % of * days
    parts = parts * days
    rest = of_days % of * NANO + parts % (of * NANO)
    total = whole // of * days + of_days // of + parts // (of * NANO) + rest // (of * NANO)
    return Exact(total, rest % (of * NANO) * (_YEARS // of))


def half_up(exact: Exact, unit: int) -> Ints:
    """To the nearest whole `unit` of thousandths, a half up; the rest cannot reach a half of an
    even unit, and decides for single thousandths."""
    if unit == 1:
        return exact.whole + (2 * exact.rest >= REST_OF)
    result: Ints = (exact.whole + unit // 2) // unit
    return result


def sum_by_account(exact: Exact, starts: Ints, counts: Ints) -> Exact:
    """The sums of runs of rows that begin at `starts`; no run is empty."""
    if not len(starts):
        return Exact.zeros(0)
    blocks = -(-counts // _RESTS_AT_ONCE)
    first = np.repeat(np.cumsum(blocks) - blocks, blocks)
    within = np.arange(int(blocks.sum())) - first
    places = np.repeat(starts, blocks) + within * _RESTS_AT_ONCE
    partial = _reduced(exact, places)
    return _reduced(partial, np.cumsum(blocks) - blocks)


def _reduced(exact: Exact, places: Ints) -> Exact:
    whole: Ints = np.add.reduceat(exact.whole, places)
    rest: Ints = np.add.reduceat(exact.rest, places)
    return Exact(whole + rest // REST_OF, rest % REST_OF)
