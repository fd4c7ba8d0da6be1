"""The one form of a benchmark: judged goals, paired runs, lines, the page, peak memory."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from kept.bench.form import Figure, Goal, Measure, json_line, paired, rounded, text_line
from kept.bench.memory import MeasurementFailed, own_peak, peak_memory
from kept.bench.page import benchmarks_page, machine
from kept.bench.registry import ALL, BENCHMARKS, names_of

MB = 2**20


def measure(**change: Any) -> Measure:
    values: dict[str, Any] = {
        "name": "reading",
        "value": 1_234.5,
        "unit": "ms",
        "peer": "COPY",
        "ratio": 2.0,
        "scale": "10 rows",
        "full": True,
        "goal": Goal(Figure.RATIO, most=3),
    }
    values |= change
    return Measure.held(values.pop("name"), values.pop("value"), values.pop("unit"), **values)


@pytest.mark.parametrize(
    ("goal", "ratio", "met"),
    [
        (Goal(Figure.RATIO, most=3), 3.0, True),
        (Goal(Figure.RATIO, most=3), 3.01, False),
        (Goal(Figure.RATIO, least=1), 0.99, False),
        (Goal(Figure.RATIO, least=1, most=3), 2.0, True),
        (Goal(Figure.VALUE, most=1_234.5), None, True),
        (Goal(Figure.VALUE, most=1_234), 1.0, False),
    ],
)
def test_a_goal_is_judged(goal: Goal, ratio: float | None, met: bool) -> None:
    assert measure(goal=goal, ratio=ratio).met is met


def test_a_goal_is_written_with_its_bounds() -> None:
    assert str(Goal(Figure.RATIO, most=3)) == "ratio <= 3"
    assert str(Goal(Figure.VALUE, least=0.5, most=3)) == "value >= 0.5 and <= 3"


def test_a_goal_on_a_ratio_needs_one() -> None:
    with pytest.raises(ValueError, match="needs a ratio"):
        measure(ratio=None)


def test_the_object_of_a_line_has_exactly_the_agreed_keys() -> None:
    assert json.loads(json_line(measure())) == {
        "name": "reading",
        "value": 1234.5,
        "unit": "ms",
        "peer": "COPY",
        "ratio": 2.0,
        "scale": "10 rows",
        "full": True,
        "goal": "ratio <= 3",
        "met": True,
    }
    assert "\n" not in json_line(measure(name="两\n行"))


def test_a_line_for_people_says_when_it_is_quick_or_not_met() -> None:
    assert text_line(measure()) == (
        "reading: 1,234 ms  against COPY  ratio 2.00  at 10 rows  goal ratio <= 3: met"
    )
    quick = text_line(measure(full=False, ratio=4.0))
    assert quick.endswith("goal ratio <= 3: NOT MET  (quick: goal of this scale)")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1_234_567.8, "1,234,568"), (99.96, "100"), (4.8612, "4.86"), (0.0123, "0.0123")],
)
def test_figures_are_rounded_for_reading(value: float, text: str) -> None:
    assert rounded(value) == text


def test_paired_runs_take_turns_after_a_warm_up() -> None:
    order: list[str] = []
    found = paired(lambda: order.append("ours"), lambda: order.append("peer"), pairs=4)
    turn = ["ours", "peer", "peer", "ours"]
    assert order == ["ours", "peer", *turn, *turn]
    assert found.ratio > 0
    assert found.ours > 0


def test_the_ratio_is_that_of_the_pairs_and_its_side_is_ours() -> None:
    def work(times: int) -> int:
        return sum(range(times))

    found = paired(lambda: work(400_000), lambda: work(20_000), pairs=5, warm=False)
    assert 2 < found.ratio < 200
    assert found.ours > found.peer


def test_fewer_than_three_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        paired(lambda: None, lambda: None, pairs=2)


def test_peak_memory_is_that_of_the_child() -> None:
    """Also from a parent that is larger than the child ever gets."""
    ballast = bytearray(b"x") * (300 * MB)
    little = peak_memory("builtins:exec", "pass")
    much = peak_memory("builtins:exec", f"b'x' * {100 * MB}")
    assert 5 * MB < little < 150 * MB
    assert 95 * MB < much - little < 110 * MB
    assert own_peak() > len(ballast)


def test_a_child_that_fails_says_why() -> None:
    with pytest.raises(MeasurementFailed, match="No module named"):
        peak_memory("kept.nowhere:run")


def test_the_page_keeps_sections_of_benchmarks_that_did_not_run() -> None:
    def page(found: dict[str, list[Measure]], before: str = "") -> str:
        return benchmarks_page(
            found,
            command="kept bench x",
            machine="2 processors",
            on=date(2026, 11, 22),
            before=before,
        )

    first = page({"intake": [measure(name="a")], "conditions": [measure(name="b")]})
    assert first.index("## conditions") < first.index("## intake")
    assert "`kept bench x`, 2026-11-22, 2 processors" in first
    assert "| a | 1,234 ms | COPY | 2.00 | 10 rows | ratio <= 3 | yes |" in first
    second = page({"intake": [measure(name="c", full=False, ratio=9.0)]}, first)
    assert "| b | 1,234 ms" in second
    assert "| a |" not in second
    assert "| c | 1,234 ms | COPY | 9.00 | 10 rows (quick) | ratio <= 3 | **no** |" in second
    assert page({}, second) == second


def test_the_machine_is_told_without_its_name() -> None:
    assert "processors" in machine()
    assert "Python 3." in machine()


def test_every_benchmark_of_the_registry_is_run_by_all() -> None:
    assert names_of(ALL) == list(BENCHMARKS)
    assert names_of("conditions") == ["conditions"]
