"""Which prices to try next: the small linear program over the decisions tried so far.

Dantzig and Wolfe's master problem (Operations Research 8, 1960): mix decisions already seen so that
their use fits the capacities and their value is greatest; its dual values are the next prices. It
has one row a resource and one for the mix, so it is solved here by the primal simplex method in
plain floating point of fixed order: the same columns give the same prices on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Master"]

_TINY = 1e-9


class Master:
    """Grows by a column for each decision tried. Prices may be kept within a box.

    A box is two columns a resource: capacity may be bought at the upper price and sold at the lower
    one, so that the dual values stay between the two (du Merle and others, Discrete Mathematics
    194, 1999).
    """

    def __init__(self, capacity: Sequence[int], lower: Sequence[float], upper: Sequence[float]):
        self._capacity = [float(max(each, 1)) for each in capacity]
        size = len(capacity) + 1
        self._size = size
        # Rows are scaled to capacity 1; a capacity of nothing stays nothing.
        self._right = [1.0 if each else 0.0 for each in capacity] + [1.0]
        self._worth: list[float] = []
        self._columns: list[list[float]] = []
        for row in range(size - 1):
            self._append(0.0, _unit(size, row))
        self._append(0.0, _unit(size, size - 1))  # doing nothing
        self._basis = list(range(size))
        self._inverse = [_unit(size, row) for row in range(size)]
        self._level = list(self._right)
        self._box: list[tuple[int, int]] = []
        for row in range(size - 1):
            self._append(0.0, [-each for each in _unit(size, row)])
            self._append(0.0, _unit(size, row))
            self._box.append((len(self._worth) - 2, len(self._worth) - 1))
        self.set_box(lower, upper)

    def set_box(self, lower: Sequence[float], upper: Sequence[float]) -> None:
        """Keep prices between these; only what columns are worth changes, so the basis holds."""
        for k, (bought, sold) in enumerate(self._box):
            self._worth[bought] = -upper[k] * self._capacity[k]
            self._worth[sold] = lower[k] * self._capacity[k]

    def add(self, value: int, use: Sequence[int]) -> None:
        """A decision that was tried: what it is worth and uses."""
        scaled = [each / by for each, by in zip(use, self._capacity, strict=True)]
        self._append(float(value), [*scaled, 1.0])

    def solve(self) -> tuple[float, list[float]]:
        """The value of the best mix and the prices by resource, in the box."""
        for _ in range(200 * self._size):
            duals = self._duals()
            entering = self._entering(duals)
            if entering is None:
                break
            self._pivot(entering)
        duals = self._duals()
        prices = [max(0.0, d) / by for d, by in zip(duals[:-1], self._capacity, strict=True)]
        value = sum(
            self._worth[each] * level for each, level in zip(self._basis, self._level, strict=True)
        )
        return value, prices

    def touches_box(self) -> list[int]:
        """The resources whose price the box holds back."""
        levels = dict(zip(self._basis, self._level, strict=True))
        return [
            k
            for k, pair in enumerate(self._box)
            if any(levels.get(each, 0) > _TINY for each in pair)
        ]

    def _append(self, worth: float, column: list[float]) -> None:
        self._worth.append(worth)
        self._columns.append(column)

    def _duals(self) -> list[float]:
        worth = [self._worth[each] for each in self._basis]
        return [
            sum(worth[row] * self._inverse[row][column] for row in range(self._size))
            for column in range(self._size)
        ]

    def _entering(self, duals: Sequence[float]) -> int | None:
        """The column that gains most, the first of equals; None when none gains."""
        best, found = _TINY, None
        for number, column in enumerate(self._columns):
            gain = self._worth[number] - sum(d * c for d, c in zip(duals, column, strict=True))
            scale = 1.0 + abs(self._worth[number])
            if gain / scale > best:
                best, found = gain / scale, number
        return found

    def _pivot(self, entering: int) -> None:
        column = self._columns[entering]
        through = [sum(a * c for a, c in zip(row, column, strict=True)) for row in self._inverse]
        ratios = [
            (self._level[row] / step, self._basis[row], row)
            for row, step in enumerate(through)
            if step > _TINY
        ]
        if not ratios:  # no row limits it: capacity would be bought and sold without end
            self._worth[entering] = 0.0
            return
        _ratio, _leaving, row = min(ratios)
        self._exchange(row, through)
        self._basis[row] = entering

    def _exchange(self, row: int, through: Sequence[float]) -> None:
        pivot = through[row]
        self._inverse[row] = [each / pivot for each in self._inverse[row]]
        self._level[row] /= pivot
        for other, step in enumerate(through):
            if other != row and step:
                self._inverse[other] = [
                    a - step * b
                    for a, b in zip(self._inverse[other], self._inverse[row], strict=True)
                ]
                self._level[other] = max(0.0, self._level[other] - step * self._level[row])


def _unit(size: int, place: int) -> list[float]:
    return [1.0 if each == place else 0.0 for each in range(size)]
