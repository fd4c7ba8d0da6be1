"""One treatment for each case under tonight's capacities, with a proof of how good that is.

The problem is a knapsack with many resources and one choice a case (SCIENCE.md (a)). It is solved
by its dual: resources get prices, each case takes what is best after paying them, and what does not
fit is rounded. Nothing has to be believed: for any prices, the bound is above what any decision
within the capacities could be worth, so value and bound together say how much was left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from kept.core.price.limits import limits_of
from kept.core.price.options import Choices, OptionsError
from kept.core.price.rounding import Log, choices_of, round_choices
from kept.core.price.searching import find_prices
from kept.core.price.spreading import Blocks, Spread, spread_of

__all__ = ["Certificate", "Decided", "Priced", "decide_cases", "price_cases"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the decision is worth, what no decision could exceed, and what each resource costs.

    Values and prices in millionths of the major unit; a price is that of one more unit of the
    resource tonight.
    """

    value: int
    bound: int
    prices: Mapping[str, int]
    use: Mapping[str, int]
    capacity: Mapping[str, int]
    cases: int
    passes: int

    @property
    def gap(self) -> float:
        """How far below the bound the value is at most, as a share of the bound."""
        return (self.bound - self.value) / self.bound if self.bound else 0.0


@dataclass(frozen=True, slots=True)
class Decided:
    """The certificate, and the log from which every block knows its choices
    (`rounding.choices_of`)."""

    certificate: Certificate
    log: Log


@dataclass(frozen=True, slots=True)
class Priced:
    """By block, the position of each case's treatment or `NOTHING`; and the certificate."""

    choices: list[Choices]
    certificate: Certificate


def price_cases(
    blocks: Blocks, capacity: Mapping[str, int], tell: Callable[[int], None] = lambda passes: None
) -> Priced:
    """Decide for all cases; resources are in the order of `capacity`.

    `tell` hears of each pass over all cases.

    Raises `OptionsError` where numbers cannot be added exactly or a capacity is below nothing.
    """
    spread = spread_of(blocks)
    decided = decide_cases(spread, capacity, tell)
    return Priced(spread.each(partial(choices_of, log=decided.log)), decided.certificate)


def decide_cases(
    spread: Spread, capacity: Mapping[str, int], tell: Callable[[int], None] = lambda passes: None
) -> Decided:
    """As `price_cases`, but the choices stay where the blocks are."""
    for name, there in capacity.items():
        if there < 0:
            raise OptionsError(f"the capacity of {name} is below nothing: {there}")
    units = tuple(capacity.values())
    limits = limits_of(spread, len(units))
    found = find_prices(spread, units, limits, tell)
    rounded = round_choices(spread, units, found.prices)
    certificate = Certificate(
        rounded.value,
        found.totals.bound,
        dict(zip(capacity, found.prices, strict=True)),
        dict(zip(capacity, rounded.use, strict=True)),
        dict(capacity),
        limits.rows,
        found.passes,
    )
    return Decided(certificate, rounded.log)
