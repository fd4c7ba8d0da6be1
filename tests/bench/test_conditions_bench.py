"""`kept bench conditions` runs without a database and prints the agreed lines."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from kept.bench import conditions
from kept.bench.conditions import CONDITIONS, book, by_hand, call_by_hand
from kept.bench.form import Figure, Goal
from kept.cli.bench import bench
from kept.core.conditions import with_truths

KEYS = ["name", "value", "unit", "peer", "ratio", "scale", "full", "goal", "met"]


def test_the_peer_has_the_same_content_unknowns_included() -> None:
    frame = book(20_000)
    assert frame["days_since_last_payment"].null_count() > 1_000
    ours = with_truths(frame, CONDITIONS, surely_false=True)
    assert ours.equals(by_hand(frame, surely_false=True))
    for name in CONDITIONS:
        assert 0 < ours[name].sum() < frame.height, name
    undecided = ours.select(~(pl.col("remind") | pl.col("remind__false"))).to_series()
    assert undecided.sum() > 0


def test_the_hand_written_case_is_the_condition() -> None:
    for facts in book(2_000).to_dicts():
        assert call_by_hand(facts) == CONDITIONS["call"].evaluate(facts).surely_true


def test_the_command_prints_lines_and_writes_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "ROWS_QUICK", 5_000)
    page = tmp_path / "benchmarks.md"
    arguments = ["conditions", "--quick", "--json", "--write", str(page), "--date", "2026-11-22"]
    ran = CliRunner().invoke(bench, arguments)
    lines = [json.loads(line) for line in ran.output.splitlines()]
    assert [list(line) for line in lines] == [KEYS] * 4
    assert all(line["full"] is False for line in lines)
    assert ran.exit_code == (0 if all(line["met"] for line in lines) else 1)
    assert "`kept bench conditions --quick`, 2026-11-22" in page.read_text(encoding="utf-8")


def test_a_goal_that_is_not_met_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "ROWS_QUICK", 1_000)
    monkeypatch.setattr(conditions, "SPEED_QUICK", Goal(Figure.RATIO, most=0))
    ran = CliRunner().invoke(bench, ["conditions", "--quick"])
    assert ran.exit_code == 1
    assert ran.output.count("NOT MET  (quick: goal of this scale)") == 2
