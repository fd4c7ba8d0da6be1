"""The days past due on which a treatment can fire, read off its conditions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.ladders import DayRange, Ladder, ladder_of
from kept.core.strategies import Strategy, Treatment
from kept.core.strategy_reading import read_strategy

TREATMENT = {
    "name": {"en": "N", "zh": "名"},
    "stage": "call",
    "channel": "call",
    "skill": "call",
    "minutes": "5",
    "repeat_after_days": "2",
    "due_in_days": "0",
    "due_time": "18:00",
    "priority": {"base": "1"},
}


def strategy(*conditions: str, segments: tuple[str, ...] = (), **more: Any) -> Strategy:
    """One treatment for each condition, and a segment for each of its conditions."""
    return read_strategy(
        {
            "code": "s",
            "version": "1",
            "valid_from": "2026-01-01",
            "name": {"en": "S", "zh": "策"},
            "segments": [
                {"code": f"s{n}", "name": {"en": "S", "zh": "群"}, "when": when}
                for n, when in enumerate(segments)
            ],
            "treatments": [
                {**TREATMENT, "code": f"t{n}", "when": when, **more}
                for n, when in enumerate(conditions)
            ],
        }
    )


def ranges(condition: str, **more: Any) -> list[str]:
    rungs = ladder_of(strategy(condition, **more)).lanes[0].rungs
    return [str(each) for rung in rungs for each in rung.ranges]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("6 <= dpd <= 17", ["6–17"]),
        ("dpd > 90 and not has_open_promise", ["≥ 91"]),
        ("dpd == 0 and days_until_due <= 3", ["0"]),
        ("dpd < 3 or dpd >= 10", ["0–2", "≥ 10"]),
        ("not (3 < dpd < 6)", ["0–3", "≥ 6"]),
        ("dpd in (3, 4, 9)", ["3–4", "9"]),
        ("dpd != 5", ["0–4", "≥ 6"]),
        ("30 >= dpd", ["0–30"]),
        ('balance >= money(500, "CNY")', ["≥ 0"]),
        ("dpd > 5 and (dpd < 20 or has_open_promise)", ["≥ 6"]),
        ("dpd >= 4 and dpd <= days_until_due", ["≥ 4"]),
        ("dpd // 30 == 2 and dpd < 100", ["0–99"]),
        ("not (dpd > 5 and has_open_promise) and dpd < 9", ["0–8"]),
        ("not surely(dpd > 5) and surely(dpd > 2 or dpd == 0)", ["0", "3–5"]),
        ("not surely(dpd > 5 and has_open_promise) and dpd < 9", ["0–8"]),
    ],
)
def test_days_on_which_a_condition_can_hold(condition: str, expected: list[str]) -> None:
    assert ranges(condition) == expected


def test_what_stops_a_treatment_ends_its_days() -> None:
    assert ranges("dpd >= 3", stop_when="dpd > 20 or attempts_7d >= 6") == ["3–20"]
    assert ranges("dpd >= 3", stop_when="attempts_7d >= 6") == ["≥ 3"]


def test_only_what_sets_no_limit_is_unbounded() -> None:
    lane = ladder_of(strategy("dpd >= 0", "has_open_promise", "dpd >= 1")).lanes[0]
    assert [rung.is_bounded for rung in lane.rungs] == [False, False, True]


def test_lanes_are_segments_and_the_first_that_holds_takes_the_case() -> None:
    found = ladder_of(
        strategy("dpd <= 60", "dpd > 60", segments=("dpd > 30", 'balance >= money(5, "CNY")'))
    )
    said = [
        (lane.segment and lane.segment.code, [str(each.ranges[0]) for each in lane.rungs])
        for lane in found.lanes
    ]
    # The second segment holds only while the first one surely does not.
    assert said == [("s0", ["31–60", "≥ 61"]), ("s1", ["0–30"])]
    assert found.edges == (0, 31, 61)
    # A rung that its segment alone limits has no limit of its own.
    every = ladder_of(strategy("has_open_promise", segments=("dpd < 9", "dpd >= 9")))
    assert [lane.rungs[0].is_bounded for lane in every.lanes] == [False, False]


def test_a_treatment_stands_in_its_own_segments_only() -> None:
    found = ladder_of(strategy("dpd < 9", segments=("dpd < 5", "dpd >= 5")))
    alone = replace(found_treatment(found), segments=("s1",))
    made = replace(strategy("dpd < 9", segments=("dpd < 5", "dpd >= 5")), treatments=(alone,))
    assert [len(lane.rungs) for lane in ladder_of(made).lanes] == [0, 1]


def found_treatment(ladder: Ladder) -> Treatment:
    return ladder.lanes[0].rungs[0].treatment


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=4))
def test_where_only_days_count_the_ladder_is_the_condition(pairs: list[tuple[int, int]]) -> None:
    parts = [f"{low} <= dpd <= {low + more}" for low, more in pairs]
    made = strategy(" or ".join(parts))
    when = made.treatments[0].written
    assert when is not None
    (rung,) = ladder_of(made).lanes[0].rungs
    for day in range(100):
        drawn = any(_holds(each, day) for each in rung.ranges)
        assert drawn is when.evaluate({"dpd": day}).surely_true


def _holds(one: DayRange, day: int) -> bool:
    return one.first <= day and (one.last is None or day <= one.last)
