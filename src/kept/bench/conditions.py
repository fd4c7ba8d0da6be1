"""Conditions over columns against hand-written Polars of the same content, and on one case.

Both sides read the same facts with unknowns and give the same truths; the run refuses to go on when
they do not. No database is touched.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from kept.bench.form import Figure, Goal, Measure, paired
from kept.bench.memory import peak_memory
from kept.core.conditions import compile_condition, with_truths

__all__ = ["measures"]

ROWS_FULL, ROWS_QUICK = 1_000_000, 100_000
# On few rows the fixed cost of planning (about ten milliseconds) weighs more.
SPEED_FULL, SPEED_QUICK = Goal(Figure.RATIO, most=3), Goal(Figure.RATIO, most=6)

# What a strategy's treatments look like: money in a currency, unknown days, flags, text.
TEXTS = {
    "remind": 'dpd == 0 and days_until_due <= 3 and balance >= money(50, "CNY")',
    "call": '6 <= dpd <= 17 and balance >= money(500, "CNY") and not has_open_promise',
    "firm": "18 <= dpd <= 30 and (days_since_last_payment > 30 or attempts_7d < 3)",
    "letter": 'product in ("card", "cash") and 31 <= dpd <= 90 and has_address',
    "visit": 'overdue_balance * 2 > balance and balance > money(20000, "CNY") and not is_company',
    "legal": "dpd > 90 and (is_unknown(days_since_last_payment) or has_guarantor)",
}
CONDITIONS = {name: compile_condition(text) for name, text in TEXTS.items()}


def measures(*, quick: bool) -> Iterator[Measure]:
    rows = ROWS_QUICK if quick else ROWS_FULL
    scale = f"{rows:,} rows, {len(TEXTS)} conditions"
    frame = book(rows)
    for surely_false, said in ((False, "surely true"), (True, "both truths")):
        yield _columns(frame, surely_false, said, scale, quick)
    yield _memory(rows, scale, quick)
    yield _one_case(frame, quick)


def _columns(
    frame: pl.DataFrame, surely_false: bool, said: str, scale: str, quick: bool
) -> Measure:
    def ours() -> pl.DataFrame:
        return with_truths(frame, CONDITIONS, surely_false=surely_false)

    def peer() -> pl.DataFrame:
        return by_hand(frame, surely_false)

    if not ours().equals(peer()):
        raise AssertionError("conditions and hand-written Polars differ: nothing to compare")
    found = paired(ours, peer, pairs=5 if quick else 9)
    return Measure.held(
        f"conditions over columns, {said}",
        found.ours * 1_000,
        "ms",
        peer="hand-written Polars",
        ratio=found.ratio,
        scale=scale,
        full=not quick,
        goal=SPEED_QUICK if quick else SPEED_FULL,
    )


def _memory(rows: int, scale: str, quick: bool) -> Measure:
    ours = peak_memory("kept.bench.conditions:run_ours", str(rows))
    peer = peak_memory("kept.bench.conditions:run_peer", str(rows))
    return Measure.held(
        "conditions over columns, peak memory",
        ours / 2**20,
        "MB",
        peer="hand-written Polars, frame included",
        ratio=ours / peer,
        scale=scale,
        full=not quick,
        goal=Goal(Figure.RATIO, most=2),
    )


def _one_case(frame: pl.DataFrame, quick: bool) -> Measure:
    """A condition on one case, against the same `if` written in Python for that case."""
    condition, cases = CONDITIONS["call"], frame.head(1_000).to_dicts()

    def ours() -> int:
        return sum(condition.evaluate(facts).surely_true for facts in cases)

    def peer() -> int:
        return sum(call_by_hand(facts) for facts in cases)

    if ours() != peer():
        raise AssertionError("a condition and hand-written Python differ: nothing to compare")
    found = paired(ours, peer, pairs=5)
    best = min(timeit.repeat(ours, number=10, repeat=5)) / 10
    return Measure.held(
        "a condition on one case",
        best / len(cases) * 1e6,
        "µs",
        peer="hand-written Python",
        ratio=found.ratio,
        scale="1 case, 1 condition of 4 facts",
        full=not quick,
        goal=Goal(Figure.VALUE, most=50),
    )


# --- the same content by hand ---------------------------------------------------------------------


def by_hand(frame: pl.DataFrame, surely_false: bool = False) -> pl.DataFrame:
    """Polars' own nulls are Kleene's unknown; the end turns them into two plain truths."""
    truths: dict[str, pl.Expr] = {}
    for name, truth in _treatments().items():
        truths[name] = truth.fill_null(False)
        if surely_false:
            truths[f"{name}__false"] = (~truth).fill_null(False)
    return frame.lazy().with_columns(**truths).collect()


def _treatments() -> dict[str, pl.Expr]:
    col = pl.col
    yuan = pl.when(col("currency") == "CNY").then(col("balance"))
    silent = col("days_since_last_payment")
    return {
        "remind": (col("dpd") == 0) & (col("days_until_due") <= 3) & (yuan >= 5_000),
        "call": col("dpd").is_between(6, 17) & (yuan >= 50_000) & ~col("has_open_promise"),
        "firm": col("dpd").is_between(18, 30) & ((silent > 30) | (col("attempts_7d") < 3)),
        "letter": col("product").is_in(["card", "cash"])
        & col("dpd").is_between(31, 90)
        & col("has_address"),
        "visit": (col("overdue_balance") * 2 > col("balance"))
        & (yuan > 2_000_000)
        & ~col("is_company"),
        "legal": (col("dpd") > 90) & (silent.is_null() | col("has_guarantor")),
    }


def call_by_hand(facts: Mapping[str, Any]) -> bool:
    return (
        facts["dpd"] is not None
        and 6 <= facts["dpd"] <= 17
        and facts["balance"] is not None
        and facts["currency"] == "CNY"
        and facts["balance"] >= 50_000
        and facts["has_open_promise"] is not None
        and not facts["has_open_promise"]
    )


# --- facts ----------------------------------------------------------------------------------------


def book(rows: int) -> pl.DataFrame:
    """Facts of a made-up book: shapes like a real one, a seed that never changes."""
    random = np.random.default_rng(20_261_122)
    frame = pl.DataFrame(
        {
            "dpd": random.integers(0, 150, rows),
            "days_until_due": random.integers(0, 31, rows),
            "balance": random.integers(0, 5_000_000, rows),
            "overdue_balance": random.integers(0, 3_000_000, rows),
            "currency": random.choice(["CNY", "USD"], rows, p=[0.97, 0.03]),
            "product": random.choice(["card", "cash", "car", "home"], rows),
            "days_since_last_payment": random.integers(0, 400, rows),
            "attempts_7d": random.integers(0, 8, rows),
            **{
                name: random.random(rows) < share
                for name, share in (
                    ("has_open_promise", 0.1),
                    ("has_address", 0.8),
                    ("is_company", 0.05),
                    ("has_guarantor", 0.1),
                )
            },
        }
    )
    unknown = {"days_until_due": 0.4, "days_since_last_payment": 0.3, "has_address": 0.01}
    return frame.with_columns(
        pl.when(pl.Series(random.random(rows) >= share)).then(pl.col(name)).alias(name)
        for name, share in unknown.items()
    )


def run_ours(rows: str) -> None:
    _use(lambda frame: with_truths(frame, CONDITIONS), int(rows))


def run_peer(rows: str) -> None:
    _use(by_hand, int(rows))


def _use(run: Callable[[pl.DataFrame], pl.DataFrame], rows: int) -> None:
    if run(book(rows)).height != rows:
        raise AssertionError("rows were lost")
