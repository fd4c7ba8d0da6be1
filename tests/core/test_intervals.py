"""The reach of an expression holds every value it can take, so that nothing overflows."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.conditions.intervals import NOTHING, REACH, Interval, reach_of

CALCULATE = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // (b or 1),
    "%": lambda a, b: a % (b or 1),
}
intervals = st.tuples(st.integers(-9, 9), st.integers(0, 6)).map(
    lambda drawn: Interval(drawn[0], drawn[0] + drawn[1])
)


@given(st.sampled_from(sorted(CALCULATE)), intervals, intervals)
def test_the_reach_holds_every_result(sign: str, left: Interval, right: Interval) -> None:
    reach = reach_of(sign, left, right)
    values = product(range(left.low, left.high + 1), range(right.low, right.high + 1))
    results = [CALCULATE[sign](a, b) for a, b in values]
    assert reach.low <= min(results)
    assert max(results) <= reach.high
    if sign in ("+", "-", "*"):
        assert reach == (min(results), max(results))


@pytest.mark.parametrize(
    ("sign", "left", "right", "reach"),
    [
        ("//", Interval(0, 100), Interval(-1, 7), (-100, 100)),
        ("%", Interval(0, 100), Interval(7, 7), (0, 6)),
        ("%", Interval(0, 100), Interval(-7, -7), (-6, 0)),
        ("*", Interval(-2, 3), Interval(-5, 7), (-15, 21)),
    ],
)
def test_known_reaches(sign: str, left: Interval, right: Interval, reach: tuple[int, int]) -> None:
    assert reach_of(sign, left, right) == reach


def test_what_fits() -> None:
    assert Interval(-REACH, REACH).fits
    assert not Interval(0, REACH + 1).fits
    assert not Interval(-REACH - 1, 0).fits
    assert Interval(3, 5).with_zero() == (0, 5)
    assert Interval(-5, -3).with_zero() == (-5, 0)
    assert Interval(-5, 3).negative() == (-3, 5)
    assert NOTHING.size == 0
