"""The few functions that predicates use beside operators, for one value and for a whole column.

A predicate is written once with `== != < <= > >= & | + - *` and these functions, and runs on Python
integers and booleans (one case) or on narwhals expressions (all cases, on any engine); what only
counts whole numbers also runs on numpy arrays. Integers are 64-bit. There are no nulls here: what
may be unknown travels as a value and a known mask (`core.truth`). Comparisons are bracketed, for
`&` binds tighter than `<`; `~` is not negation on Python's `True`, `not_` is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from functools import reduce
from typing import Any, Final, TypeVar, cast, overload

import narwhals as nw
import numpy as np

__all__ = [
    "DIVISION_REACH",
    "DOUBLE_EXACT",
    "Truthy",
    "W",
    "also",
    "between",
    "div",
    "greatest",
    "is_in",
    "least",
    "mod",
    "not_",
    "stair",
    "where",
]

W = TypeVar("W", int, nw.Expr)
"""A whole number or a column of them."""

Truthy = TypeVar("Truthy", bool, nw.Expr)
"""A truth or a column of them."""

DOUBLE_EXACT: Final = 2**53
"""Below this size a double holds every integer and its floored quotients are right."""

DIVISION_REACH: Final = 2**62
"""`div` and `mod` are exact for columns whose values and divisors are at most this in size."""


def not_(truth: Truthy) -> Truthy:
    if isinstance(truth, bool):
        return not truth
    return ~truth


def also(left: Any, right: Any) -> Any:
    """`left & right`, where a plain True on one side costs an engine nothing.

    For known masks: a column without nulls is known by Python's True, not by a column of trues.
    """
    if left is True:
        return right
    return left if right is True else left & right


@overload
def where(condition: bool, then: W, otherwise: W) -> W: ...
@overload
def where(condition: nw.Expr, then: int | nw.Expr, otherwise: int | nw.Expr) -> nw.Expr: ...
def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """`then` where the condition holds, else `otherwise`."""
    if isinstance(condition, nw.Expr):
        return nw.when(condition).then(then).otherwise(otherwise)
    if isinstance(condition, np.ndarray):
        return np.where(condition, then, otherwise)
    return then if condition else otherwise


@overload
def least(left: int, right: int) -> int: ...
@overload
def least(left: nw.Expr, right: int | nw.Expr) -> nw.Expr: ...
@overload
def least(left: int, right: nw.Expr) -> nw.Expr: ...
def least(left: Any, right: Any) -> Any:
    if isinstance(left, nw.Expr) or isinstance(right, nw.Expr):
        # Each side is named once, so that nesting does not double the expression.
        return nw.min_horizontal(_column(left), _column(right))
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return np.minimum(left, right)
    return left if left <= right else right


@overload
def greatest(left: int, right: int) -> int: ...
@overload
def greatest(left: nw.Expr, right: int | nw.Expr) -> nw.Expr: ...
@overload
def greatest(left: int, right: nw.Expr) -> nw.Expr: ...
def greatest(left: Any, right: Any) -> Any:
    if isinstance(left, nw.Expr) or isinstance(right, nw.Expr):
        return nw.max_horizontal(_column(left), _column(right))
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return np.maximum(left, right)
    return left if left >= right else right


def _column(value: Any) -> nw.Expr:
    return value if isinstance(value, nw.Expr) else nw.lit(value)


def stair(value: Any, edges: Sequence[int], levels: Sequence[Any]) -> Any:
    """`levels[n]` where n of the rising edges are at most the value; a level more than edges."""
    if not isinstance(value, (nw.Expr, np.ndarray)):
        return levels[bisect_right(edges, value)]
    steps: Any = zip(edges, levels[1:], strict=True)
    value = cast(Any, value)
    return reduce(lambda found, step: where(value >= step[0], step[1], found), steps, levels[0])


@overload
def is_in(value: nw.Expr, items: Collection[Any]) -> nw.Expr: ...
@overload
def is_in(value: Any, items: Collection[Any]) -> bool: ...
def is_in(value: Any, items: Collection[Any]) -> Any:
    """Whether the value is one of the constants."""
    if isinstance(value, nw.Expr):
        return value.is_in(list(items))
    if isinstance(value, np.ndarray):
        return np.isin(value, list(items))
    return value in items


@overload
def between(value: int, low: int, high: int) -> bool: ...
@overload
def between(value: nw.Expr, low: int, high: int) -> nw.Expr: ...
def between(value: Any, low: Any, high: Any) -> Any:
    """`low <= value <= high`, both bounds included."""
    return (value >= low) & (value <= high)


@overload
def div(left: int, right: int, *, narrow: bool = ...) -> int: ...
@overload
def div(left: nw.Expr, right: int | nw.Expr, *, narrow: bool = ...) -> nw.Expr: ...
@overload
def div(left: int, right: nw.Expr, *, narrow: bool = ...) -> nw.Expr: ...
def div(left: Any, right: Any, *, narrow: bool = False) -> Any:
    """Floored division as Python's `//`; the divisor must not be 0.

    PySpark divides integers through a double, so one native division is right only where both
    sides are under `DOUBLE_EXACT`: `narrow` promises that. Otherwise the exact multiple of the
    divisor is divided and the quotient corrected by what it misses: that miss is a small multiple
    of the divisor, which a double divides exactly.
    """
    if narrow or not (isinstance(left, nw.Expr) or isinstance(right, nw.Expr)):
        return left // right
    multiple = left - mod(left, right)
    near = multiple // right
    return near + (multiple - near * right) // right


@overload
def mod(left: int, right: int) -> int: ...
@overload
def mod(left: nw.Expr, right: int | nw.Expr) -> nw.Expr: ...
@overload
def mod(left: int, right: nw.Expr) -> nw.Expr: ...
def mod(left: Any, right: Any) -> Any:
    """The remainder of floored division, with the divisor's sign; the divisor must not be 0."""
    return left % right
