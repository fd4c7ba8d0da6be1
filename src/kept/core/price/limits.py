"""How large the numbers of all blocks are; those that cannot be added exactly are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from kept.core.price.options import Integers, Options, OptionsError
from kept.core.price.spreading import Block, Blocks, spread_of

__all__ = ["Limits", "limits_of"]

#: Sums of values and of prices times use stay below this.
_MOST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Limits:
    """How large the numbers of all blocks are: rows, and by resource the highest sensible price."""

    rows: int
    highest_price: tuple[int, ...]


def limits_of(blocks: Blocks, resources: int) -> Limits:
    """The limits of all blocks; refuses numbers whose sums within a block would not fit.

    Above its highest sensible price a resource is worth more than any treatment that uses it
    brings. Prices stay below where their products with a use would not fit; a price is then lower
    than it should be, and the bound still is one.
    """
    rows, price, most_use = 0, [0] * resources, [0] * resources
    for count, prices, uses in spread_of(blocks).each(partial(_limits, resources=resources)):
        rows += count
        price = [max(pair) for pair in zip(price, prices, strict=True)]
        most_use = [max(pair) for pair in zip(most_use, uses, strict=True)]
    caps = [_MOST // (4 * max(1, resources) * max(1, most)) for most in most_use]
    return Limits(rows, tuple(min(each, cap) for each, cap in zip(price, caps, strict=True)))


def _limits(block: Block, resources: int) -> tuple[int, list[int], list[int]]:
    """The rows of a block, and by resource its highest sensible price and the most of a use."""
    options = block.options
    if options.use.shape[2] != resources:
        raise OptionsError(f"use knows {options.use.shape[2]} resources, capacity {resources}")
    price, most_use = [0] * resources, [0] * resources
    rows = len(options.case_id)
    if not options.value.size:
        return rows, price, most_use
    if int(np.abs(options.value).max()) * rows >= _MOST:
        raise OptionsError(
            "values are too large to be added exactly: smaller blocks, or larger units"
        )
    for option, column in enumerate(options.columns.tolist()):
        worth = np.where(options.allowed[:, column], options.value[:, column], 0)
        worth = worth.max(keepdims=True) if options.is_shared else worth
        for k, (use, most) in enumerate(_uses(options, option)):
            most_use[k] = max(most_use[k], most)
            each = np.where(use > 0, worth // np.maximum(use, 1), -1)
            price[k] = max(price[k], int(each.max()) + 1)
    return rows, price, most_use


def _uses(options: Options, option: int) -> Iterator[tuple[Integers, int]]:
    """By resource, what each case (or every one) uses under an option, and the most of it."""
    for k in range(options.use.shape[2]):
        use = options.use[:, option, k]
        yield use, int(use.max())
