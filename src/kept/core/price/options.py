"""What each case could get, in columns: the input of the price.

Doing nothing is not among the options: it is always allowed, is worth nothing and uses nothing.
What the law forbids is no option at all, it has no price. Everything is an integer, so that sums
are exact and every order of adding them gives the same decision.
"""

from __future__ import annotations

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
    "Options",
    "OptionsError",
]

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Choices = npt.NDArray[np.int16]

#: Values and prices are counted in millionths of the currency's major unit.
MICRO: Final = 1_000_000
#: In place of an option's position: the case gets nothing.
NOTHING: Final = -1


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
