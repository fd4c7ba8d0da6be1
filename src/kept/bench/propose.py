"""Propose, permit and price out of Parquet, without a database; proposing against two peers.

The peers get the strategy's own conditions: zen-engine as a decision that it evaluates case by
case, Polars as plain expressions such as one writes by hand. The run refuses to go on when they
propose something else. Memory and seconds of a book are those of a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from kept.bench.form import PAIRS_MIN, Figure, Goal, Measure, paired
from kept.bench.memory import MeasurementFailed, own_peak
from kept.bench.propose_book import facts_of_cases, strategy, write_snapshot
from kept.bench.propose_sides import by_hand, contexts, zen_decision, zen_proposed
from kept.core.strategies import priority_column, proposed_column, with_proposals

__all__ = ["measures", "run"]

SIZES_FULL: Final = (1_000_000, 10_000_000)
SIZES_QUICK: Final = (5_000, 50_000)
#: Each chunk pays once for making its expressions, so a large book has larger chunks.
CHUNK_FULL, CHUNK_QUICK = 250_000, 25_000
SECONDS_FULL: Final = 120
#: From one size to ten times as many cases.
GROWTH_MOST: Final = 11
MEGABYTES: Final = 8_000
ZEN_CASES: Final = 500
ROWS_FULL, ROWS_QUICK = 1_000_000, 100_000
_MARK: Final = "kept-propose:"
_COLUMNS: Final = (proposed_column, priority_column)


def measures(*, quick: bool) -> Iterator[Measure]:
    yield _against_zen(quick)
    yield _against_hand(quick)
    sizes, chunk = (SIZES_QUICK, CHUNK_QUICK) if quick else (SIZES_FULL, CHUNK_FULL)
    small, large = (_in_process(size, chunk) for size in sizes)
    scale = f"{sizes[1]:,} cases from Parquet, 23 treatments, 3 past calls of two in three"
    given: dict[str, Any] = {"scale": scale, "full": not quick}
    yield Measure.held(
        "propose, permit and price",
        _whole(large),
        "s",
        peer=f"{_whole(small):.3g} s at {sizes[0]:,} cases",
        ratio=_whole(large) / _whole(small),
        goal=Goal(Figure.VALUE, most=SECONDS_FULL),
        **given,
    )
    yield Measure.held(
        "propose, permit and price: growth",
        _whole(large),
        "s",
        peer=f"{sizes[0]:,} cases",
        ratio=_whole(large) / _whole(small),
        goal=Goal(Figure.RATIO, most=GROWTH_MOST),
        **given,
    )
    yield from _parts(large, given)


def _parts(large: dict[str, float], given: dict[str, Any]) -> Iterator[Measure]:
    for name in ("propose and permit", "price"):
        yield Measure.held(
            f"propose, permit and price: {name}",
            large[name],
            "s",
            peer="the whole",
            ratio=large[name] / _whole(large),
            goal=Goal(Figure.RATIO, most=1),
            **given,
        )
    yield Measure.held(
        "propose, permit and price: peak memory",
        large["peak_bytes"] / 1_000_000,
        "MB",
        peer="a limit",
        goal=Goal(Figure.VALUE, most=MEGABYTES),
        **given,
    )


def _whole(found: dict[str, float]) -> float:
    return found["propose and permit"] + found["price"]


def _in_process(cases: int, chunk: int) -> dict[str, float]:
    """The snapshot is written first and not counted."""
    with tempfile.TemporaryDirectory(prefix="kept-bench-") as folder:
        write_snapshot(Path(folder), cases, chunk)
        command = [sys.executable, "-m", "kept.bench.propose", folder]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line for line in ran.stdout.splitlines() if line.startswith(_MARK)]
    if ran.returncode or not found:
        raise MeasurementFailed(ran.stderr.strip() or "the process answered nothing")
    answer: dict[str, float] = json.loads(found[-1].removeprefix(_MARK))
    return answer


def run(folder: str) -> dict[str, float]:
    """Decide on a snapshot; seconds of both steps and the peak memory of this process."""
    from kept.batch.deciding.engines import Polars

    engine, begun = Polars(), time.perf_counter()
    engine.propose(Path(folder), lambda done: None)
    proposed = time.perf_counter()
    engine.plan(Path(folder), lambda passes: None)
    ended = time.perf_counter()
    return {
        "propose and permit": proposed - begun,
        "price": ended - proposed,
        "peak_bytes": own_peak(),
    }


# --- proposing against peers ----------------------------------------------------------------------


def _against_zen(quick: bool) -> Measure:
    facts = facts_of_cases(0, ZEN_CASES)
    many = facts_of_cases(0, ROWS_QUICK if quick else ROWS_FULL)
    decision, given = zen_decision(strategy()), contexts(strategy(), facts)
    _refuse_other(_proposed(facts), zen_proposed(strategy(), decision, given))
    found = paired(
        lambda: with_proposals(strategy(), many),
        lambda: [decision.evaluate(each) for each in given],
        pairs=PAIRS_MIN,
    )
    per_case = found.ours / len(many)
    return Measure.held(
        "propose, a case of many",
        per_case * 1e6,
        "µs",
        peer=f"zen-engine, the same conditions case by case, {found.peer / ZEN_CASES * 1e6:.3g} µs",
        ratio=found.ratio * ZEN_CASES / len(many),
        scale=f"{len(many):,} cases in columns, {ZEN_CASES} one by one, 23 treatments",
        full=not quick,
        goal=Goal(Figure.RATIO, most=0.1),
    )


def _against_hand(quick: bool) -> Measure:
    rows = ROWS_QUICK if quick else ROWS_FULL
    facts, expressions = facts_of_cases(0, rows), by_hand(strategy())
    _refuse_other(_proposed_with_urgency(facts), facts.select(**expressions))
    found = paired(
        lambda: _proposed_with_urgency(facts),
        lambda: facts.lazy().select(**expressions).collect(),
        pairs=PAIRS_MIN,
    )
    return Measure.held(
        "propose in columns",
        found.ours,
        "s",
        peer="hand-written Polars of the same conditions and urgency",
        ratio=found.ratio,
        scale=f"{rows:,} cases, 23 treatments",
        full=not quick,
        goal=Goal(Figure.RATIO, most=6 if quick else 3),
    )


def _proposed(facts: pl.DataFrame) -> pl.DataFrame:
    found: pl.DataFrame = with_proposals(strategy(), facts)
    return found.select(proposed_column(each) for each in strategy().treatments)


def _proposed_with_urgency(facts: pl.DataFrame) -> pl.DataFrame:
    found: pl.DataFrame = with_proposals(strategy(), facts)
    return found.select(name(e) for name in _COLUMNS for e in strategy().treatments)


def _refuse_other(ours: pl.DataFrame, peer: pl.DataFrame) -> None:
    for name in ours.columns:
        if not ours[name].equals(peer[name]):
            raise AssertionError(f"the peer differs in {name}: there is nothing to compare")


if __name__ == "__main__":
    print(_MARK + json.dumps(run(sys.argv[1])))
