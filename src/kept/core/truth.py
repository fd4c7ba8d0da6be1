"""Truth of three values (Kleene), carried as two truths: surely true and surely false.

Neither is the unknown; both at once never happens. The pair holds booleans for one case or narwhals
expressions for a column of cases, and the functions are operator-only, so they run on both. At the
end a strategy acts on `surely_true`, a law rule fires unless `surely_false`.
"""

from __future__ import annotations

from typing import Any, Final, Generic, NamedTuple, TypeVar

from kept.core.algebra import also, not_

__all__ = [
    "FALSE",
    "TRUE",
    "UNKNOWN",
    "Truth",
    "both",
    "certain",
    "either",
    "opposite",
    "when_known",
]

T = TypeVar("T")


class Truth(NamedTuple, Generic[T]):
    surely_true: T
    surely_false: T


TRUE: Final = Truth(True, False)
FALSE: Final = Truth(False, True)
UNKNOWN: Final = Truth(False, False)

# Any: a pair of booleans or of expressions, which no type variable can constrain with operators.
Pair = tuple[Any, Any]


def both(left: Pair, right: Pair) -> Pair:
    return left[0] & right[0], left[1] | right[1]


def either(left: Pair, right: Pair) -> Pair:
    return left[0] | right[0], left[1] & right[1]


def opposite(truth: Pair) -> Pair:
    return truth[1], truth[0]


def certain(truth: Pair) -> Pair:
    """Whether it is surely true: of two values, the unknown is false."""
    return truth[0], not_(truth[0])


def when_known(known: Any, holds: Any, fails: Any) -> Pair:
    """The truth of a predicate that means something only where its facts are known."""
    return also(known, holds), also(known, fails)
