"""The algebra gives the same on Python integers and on Polars (PySpark: test_on_spark.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.algebra import (
    DIVISION_REACH,
    DOUBLE_EXACT,
    between,
    div,
    greatest,
    is_in,
    least,
    mod,
    not_,
    where,
)

EDGES = sorted(
    {
        sign * (base + step)
        for sign in (1, -1)
        for base in (0, 3, 7, 1440, 2**31, 2**49, 2**53, 2**60, DIVISION_REACH - 4)
        for step in (0, 1, 2, 3, 4)
    }
)
PAIRS = [(a, b) for a in EDGES for b in EDGES if b]
wide = st.integers(-DIVISION_REACH, DIVISION_REACH)
narrow = st.integers(-DOUBLE_EXACT + 1, DOUBLE_EXACT - 1)

Frame = Callable[[dict[str, list[int]]], Any]


def polars_frame(columns: dict[str, list[int]]) -> Any:
    return nw.from_native(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int64)))


def rows(found: Any) -> list[tuple[Any, ...]]:
    if isinstance(found, nw.LazyFrame):
        return [tuple(row) for row in found.to_native().collect()]
    return list(found.iter_rows())


def check_division(frame: Frame) -> None:
    a, b = nw.col("a"), nw.col("b")
    columns = {"a": [pair[0] for pair in PAIRS], "b": [pair[1] for pair in PAIRS]}
    found = rows(frame(columns).select(q=div(a, b), r=mod(a, b)))
    wrong = [
        (pair, row)
        for pair, row in zip(PAIRS, found, strict=True)
        if row != (pair[0] // pair[1], pair[0] % pair[1])
    ]
    assert not wrong


def check_constants(frame: Frame) -> None:
    a = nw.col("a")
    divisors = (1, -1, 2, -7, 30, 1440, 2**31 + 1, 2**53 + 1, -DIVISION_REACH)
    found = rows(
        frame({"a": EDGES}).select(
            **{f"q{i}": div(a, divisor) for i, divisor in enumerate(divisors)},
            **{f"r{i}": mod(a, divisor) for i, divisor in enumerate(divisors)},
            turned_q=div(2**61 + 1, where(a == 0, 1, a)),
            turned_r=mod(2**61 + 1, where(a == 0, 1, a)),
        )
    )
    for value, row in zip(EDGES, found, strict=True):
        assert row == (
            *(value // divisor for divisor in divisors),
            *(value % divisor for divisor in divisors),
            (2**61 + 1) // (value or 1),
            (2**61 + 1) % (value or 1),
        )


def check_narrow(frame: Frame) -> None:
    pairs = [(a, b) for a, b in PAIRS if abs(a) < DOUBLE_EXACT and abs(b) < DOUBLE_EXACT]
    columns = {"a": [pair[0] for pair in pairs], "b": [pair[1] for pair in pairs]}
    found = rows(frame(columns).select(q=div(nw.col("a"), nw.col("b"), narrow=True)))
    assert [row[0] for row in found] == [a // b for a, b in pairs]


def check_choices(frame: Frame) -> None:
    a, b = nw.col("a"), nw.col("b")
    pairs = PAIRS[::7]
    columns = {"a": [pair[0] for pair in pairs], "b": [pair[1] for pair in pairs]}
    found = rows(
        frame(columns).select(
            least=least(a, b),
            greatest=greatest(a, b),
            capped=least(5, a),
            where=where(a > b, a, 7),
            between=between(a, -7, DOUBLE_EXACT + 1),
            is_in=is_in(a, (3, DOUBLE_EXACT + 1, DIVISION_REACH)),
            not_=not_(a > b),
        )
    )
    for (x, y), row in zip(pairs, found, strict=True):
        assert row == (
            min(x, y),
            max(x, y),
            min(5, x),
            x if x > y else 7,
            -7 <= x <= DOUBLE_EXACT + 1,
            x in (3, DOUBLE_EXACT + 1, DIVISION_REACH),
            not x > y,
        )


CHECKS = [check_division, check_constants, check_narrow, check_choices]


@pytest.mark.parametrize("check", CHECKS)
def test_polars_gives_what_python_gives(check: Callable[[Frame], None]) -> None:
    check(polars_frame)


@given(wide, wide.filter(bool))
def test_division_of_scalars_is_that_of_python(a: int, b: int) -> None:
    assert (div(a, b), mod(a, b)) == divmod(a, b)


@given(st.lists(st.tuples(wide, wide.filter(bool)), min_size=1, max_size=30))
def test_division_on_polars_is_that_of_python(pairs: list[tuple[int, int]]) -> None:
    frame = polars_frame({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]})
    found = frame.select(q=div(nw.col("a"), nw.col("b")), r=mod(nw.col("a"), nw.col("b")))
    assert rows(found) == [divmod(a, b) for a, b in pairs]


@given(narrow, narrow.filter(bool))
def test_a_double_divides_narrow_integers_right(a: int, b: int) -> None:
    """What PySpark does in one division, and why `narrow` may be promised below 2^53."""
    import math

    assert math.floor(a / b) == a // b


def test_scalars() -> None:
    assert not_(True) is False
    assert not_(False) is True
    assert where(True, 1, 2) == 1
    assert where(False, 1, 2) == 2
    assert (least(1, 2), greatest(1, 2)) == (1, 2)
    assert between(5, 5, 5)
    assert not between(4, 5, 5)
    assert is_in("a", ("a", "b"))
    assert not is_in("c", ("a", "b"))
