"""What each case could get, in columns: the input of the price.

Doing nothing is not among the options: it is always allowed, is worth nothing and uses nothing.
What the law forbids is no option at all, it has no price. Everything is an integer, so that sums
are exact and every order of adding them gives the same decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
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
    """A block of n cases (rows) by t treatments (columns), in m options that use k resources.

    `case_id` (n,) is unique over all blocks and breaks ties. `value` (n, t) is what a treatment is
    worth beyond doing nothing, its own cost taken off, in millionths; it may be negative. `allowed`
    is (n, t). An option is a treatment done in one of the ways there are tonight, by one kind of
    seats for instance: `column` (m,) says of which treatment, and is left out where each treatment
    is one option. `use` is (n, m, k), or (1, m, k) where all cases use the same; never negative.
    Both tables are gone through by columns, so they are best laid out in Fortran's order.

    Of the treatments marked in `counted` (t,), all cases of one `group` (n,), a person, get
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
    column: Integers | None = None

    def __post_init__(self) -> None:
        rows, treatments = self.value.shape
        options = treatments if self.column is None else len(self.column)
        shapes = [
            ("case_id", self.case_id.shape, (rows,)),
            ("allowed", self.allowed.shape, (rows, treatments)),
            ("use", self.use.shape[:2], (len(self.use), options)),
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

    @property
    def is_shared(self) -> bool:
        """All cases use the same."""
        return len(self.use) == 1

    @property
    def columns(self) -> Integers:
        """The treatment of each option, (m,)."""
        return np.arange(self.use.shape[1]) if self.column is None else self.column

    def rows(self, rows: Integers | Booleans) -> Options:
        """The same options for some of the cases; a group should not be cut apart."""
        return replace(
            self,
            case_id=self.case_id[rows],
            value=self.value[rows],
            allowed=self.allowed[rows],
            use=self.use if self.is_shared else self.use[rows],
            group=None if self.group is None else self.group[rows],
        )

    def use_of(self, choice: Choices) -> Integers:
        """What each case uses of each resource under its choice, (n, k)."""
        resources = self.use.shape[2]
        used: Integers = np.zeros((len(choice), resources), dtype=np.int64)
        rows = np.flatnonzero(choice != NOTHING)
        of_row = 0 if self.is_shared else rows * self.use.shape[1]
        table = self.use.reshape(len(self.use) * self.use.shape[1], resources)
        used[rows] = table.take(of_row + choice[rows], axis=0)
        return used

    def sum_of_use(self, choice: Choices) -> list[int]:
        """What all choices use of each resource together."""
        if not self.is_shared:
            return self.use_of(choice).sum(axis=0).tolist()  # type: ignore[no-any-return]
        counts = np.bincount(choice[choice != NOTHING], minlength=self.use.shape[1])
        return (counts @ self.use[0]).tolist()  # type: ignore[no-any-return]

    def value_of(self, choice: Choices) -> Integers:
        """What each case's choice is worth, (n,)."""
        if not self.use.shape[1]:
            return np.zeros(len(choice), dtype=np.int64)
        column = self.columns[np.maximum(choice, 0)]
        worth: Integers = self.value[np.arange(len(choice)), column]
        return np.where(choice == NOTHING, 0, worth)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large the numbers of all blocks are: rows, and by resource the highest sensible price."""

    rows: int
    highest_price: tuple[int, ...]


def limits_of(blocks: Iterable[Options], resources: int) -> Limits:
    """The limits of all blocks; refuses numbers whose sums within a block would not fit.

    Above its highest sensible price a resource is worth more than any treatment that uses it
    brings. Prices stay below where their products with a use would not fit; a price is then lower
    than it should be, and the bound still is one.
    """
    rows, price, most_use = 0, [0] * resources, [0] * resources
    for block in blocks:
        if block.use.shape[2] != resources:
            raise OptionsError(f"use knows {block.use.shape[2]} resources, capacity {resources}")
        rows += len(block.case_id)
        if not block.value.size:
            continue
        if int(np.abs(block.value).max()) * len(block.case_id) >= _MOST:
            raise OptionsError(
                "values are too large to be added exactly: smaller blocks, or larger units"
            )
        for option, column in enumerate(block.columns.tolist()):
            worth = np.where(block.allowed[:, column], block.value[:, column], 0)
            worth = worth.max(keepdims=True) if block.is_shared else worth
            for k, (use, most) in enumerate(_uses(block, option)):
                most_use[k] = max(most_use[k], most)
                each = np.where(use > 0, worth // np.maximum(use, 1), -1)
                price[k] = max(price[k], int(each.max()) + 1)
    caps = [_MOST // (4 * max(1, resources) * max(1, most)) for most in most_use]
    return Limits(rows, tuple(min(each, cap) for each, cap in zip(price, caps, strict=True)))


def _uses(block: Options, option: int) -> Iterator[tuple[Integers, int]]:
    """By resource, what each case (or every one) uses under an option, and the most of it."""
    for k in range(block.use.shape[2]):
        use = block.use[:, option, k]
        yield use, int(use.max())
