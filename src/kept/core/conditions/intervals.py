"""What a whole-number expression can reach, so that 64-bit arithmetic never overflows.

Facts have declared ranges; a value beyond its range is unknown to arithmetic on both sizes. From
these ranges the reach of every sum, product and quotient follows, and an expression that could
leave `REACH` is refused when it is compiled: at run time nothing can overflow.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kept.core.algebra import DIVISION_REACH

__all__ = ["NOTHING", "REACH", "Interval", "reach_of"]

REACH: Final = DIVISION_REACH


class Interval(NamedTuple):
    """Least and greatest value, both included."""

    low: int
    high: int

    @property
    def fits(self) -> bool:
        return self.size <= REACH

    @property
    def size(self) -> int:
        """The greatest absolute value."""
        return max(abs(self.low), abs(self.high))

    def negative(self) -> Interval:
        return Interval(-self.high, -self.low)

    def with_zero(self) -> Interval:
        """An unknown value is calculated with as 0, and masked."""
        return Interval(min(self.low, 0), max(self.high, 0))


NOTHING: Final = Interval(0, 0)


def reach_of(operator: str, left: Interval, right: Interval) -> Interval:
    """The reach of `left operator right`; a divisor of 0 counts as 1, its result is masked."""
    match operator:
        case "+":
            return Interval(left.low + right.low, left.high + right.high)
        case "-":
            return Interval(left.low - right.high, left.high - right.low)
        case "*":
            corners = [a * b for a in left for b in right]
            return Interval(min(corners), max(corners))
        case "//":
            # A whole divisor never makes a number larger, and -1 turns its sign.
            return Interval(-left.size, left.size)
        case _:
            # The remainder has the divisor's sign and is smaller than it.
            return Interval(min(right.low + 1, 0), max(right.high - 1, 0))
