"""What each case could get, in columns: the input of the price.

Doing nothing is not among the options: it is always allowed, is worth nothing and uses nothing.
What the law forbids is no option at all, it has no price. Everything is an integer, so that sums
are exact and every order of adding them gives the same decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "MICRO",
    "NOTHING",
    "Booleans",
    "Choices",
    "Integers",
    "Limits",
    "Options",
    "OptionsError",
    "limits_of",
]

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Choices = npt.NDArray[np.int16]

#: Values and prices are counted in millionths of the currency's major unit.
MICRO: Final = 1_000_000
#: In place of an option's position: the case gets nothing.
NOTHING: Final = -1
#: Sums of values and of prices times use stay below this.
_MOST: Final = 2**62


class OptionsError(ValueError):
    """The numbers cannot be priced; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """A block of n cases (rows) by m treatments (columns) and k resources.

    `case_id` (n,) is unique over all blocks and breaks ties. `value` (n, m) is what a treatment is
    worth beyond doing nothing, its own cost taken off, in millionths; it may be negative. `allowed`
    is (n, m). `use` is (n, m, k), or (1, m, k) where all cases use the same; never negative.

    Of the treatments marked in `counted` (m,), all cases of one `group` (n,), a person, get
    `most_in_group` together at most. A group lies within one block. Without `group`, each case is
    its own and nothing is counted.
    """

    case_id: Integers
    value: Integers
    allowed: Booleans
    use: Integers
    group: Integers | None = None
    counted: Booleans | None = None
    most_in_group: int = 1

    def __post_init__(self) -> None:
        rows, treatments = self.value.shape
        shapes = [
            ("case_id", self.case_id.shape, (rows,)),
            ("allowed", self.allowed.shape, (rows, treatments)),
            ("use", self.use.shape[:2], (len(self.use), treatments)),
        ]
        if self.group is not None:
            counted = self.counted.shape if self.counted is not None else ()
            shapes += [("group", self.group.shape, (rows,)), ("counted", counted, (treatments,))]
        for name, shape, wanted in shapes:
            if shape != wanted:
                raise OptionsError(f"{name} has the shape {shape} where {wanted} is wanted")
        if self.use.ndim != 3 or len(self.use) not in (1, rows):
            raise OptionsError("use has neither one row nor a row for each case")
        if self.use.size and int(self.use.min()) < 0:
            raise OptionsError("a treatment uses less than nothing of a resource")

    def use_of(self, choice: Choices) -> Integers:
        """What each case uses of each resource under its choice, (n, k)."""
        resources = self.use.shape[2]
        used: Integers = np.zeros((len(choice), resources), dtype=np.int64)
        rows = np.flatnonzero(choice != NOTHING)
        treatments = self.use.shape[1]
        of_row = rows * treatments if len(self.use) > 1 else 0
        used[rows] = self.use.reshape(-1, resources).take(of_row + choice[rows], axis=0)
        return used

    def value_of(self, choice: Choices) -> Integers:
        """What each case's choice is worth, (n,)."""
        worth: Integers = self.value[np.arange(len(choice)), np.maximum(choice, 0)]
        return np.where(choice == NOTHING, 0, worth)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large the numbers of all blocks are: rows, and by resource the highest sensible price."""

    rows: int
    highest_price: tuple[int, ...]


def limits_of(blocks: Iterable[Options], resources: int) -> Limits:
    """The limits of all blocks; refuses numbers whose sums would not fit.

    Above its highest sensible price a resource is worth more than any treatment that uses it
    brings.
    """
    rows, most_value = 0, 0
    price, most_use = [0] * resources, [0] * resources
    for block in blocks:
        if block.use.shape[2] != resources:
            raise OptionsError(f"use knows {block.use.shape[2]} resources, capacity {resources}")
        rows += len(block.case_id)
        if not block.value.size:
            continue
        most_value = max(most_value, int(np.abs(block.value).max()))
        for k in range(resources):
            use = np.broadcast_to(block.use[:, :, k], block.value.shape)
            most_use[k] = max(most_use[k], int(use.max()))
            each = np.where((use > 0) & block.allowed, block.value // np.maximum(use, 1), 0)
            price[k] = max(price[k], int(each.max()) + 1)
    worst = most_value + sum(p * u for p, u in zip(price, most_use, strict=True))
    if worst >= _MOST or most_value * max(rows, 1) >= _MOST:
        raise OptionsError(
            "values and uses are too large to be added exactly: count the resources in larger units"
        )
    return Limits(rows, tuple(price))
