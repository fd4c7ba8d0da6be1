"""Verdicts of the law: one at a time, over columns from facts, and from histories of a whole book.

Beside them `zen-engine` evaluates the same listed rules on the same facts already in memory; both
sides name the same fired rules before anything is timed. What only kept tells, the time from when a
contact is lawful, is part of its side. The permit is measured in `law_permits`.
"""

from __future__ import annotations

import statistics
import time
import timeit
from collections.abc import Callable, Iterator

import polars as pl

from kept.bench.form import PAIRS_MIN, Figure, Goal, Measure, paired
from kept.bench.law_book import book, facts_frame, frames, grounds_of_row, one_situation, zone
from kept.bench.law_permits import permit_measures
from kept.bench.law_zen import context_of, decision_for, fired_in
from kept.core.law.columns import fired_keys, word_count
from kept.core.law.grounds import grounds_of, judge_situation
from kept.core.law.lawbook import scope_key
from kept.core.law.verdicts import judge
from kept.work.law_columns import judge_facts
from kept.work.law_verdicts import verdicts_for

__all__ = ["measures"]

ROWS_FULL, ROWS_QUICK = 1_000_000, 100_000
SAMPLE_FULL, SAMPLE_QUICK = 5_000, 1_000
ZEN = "zen-engine, the same listed rules"


def measures(*, quick: bool) -> Iterator[Measure]:
    facts = facts_frame(ROWS_QUICK if quick else ROWS_FULL)
    sample = facts.head(SAMPLE_QUICK if quick else SAMPLE_FULL)
    _refuse_differences(sample)
    yield from _one(quick)
    yield _one_against_zen(sample, quick)
    yield from _columns(facts, sample, quick)
    yield _whole_book(quick)
    yield from permit_measures(quick=quick)


def _refuse_differences(sample: pl.DataFrame) -> None:
    """Columns, single verdicts and zen name the same rules; columns and single ones the time."""
    rows = sample.to_dicts()
    decision, plan = decision_for(rows[0]), book().plan(scope_key(rows[0]))
    columns = judge_facts(book(), sample, zone).to_dicts()
    for row, found in zip(rows, columns, strict=True):
        single = judge(book(), grounds_of_row(row), row["asked"])
        keys = frozenset(each.part.key for each in single.fired)
        words = (found[f"fired_{number}"] for number in range(word_count(book())))
        zen = fired_in(plan, decision.evaluate(context_of(row)))
        if not keys == fired_keys(book(), words) == zen:
            raise AssertionError(f"the sides differ: {sorted(keys ^ zen)}; nothing to compare")
        if single.lawful_from != found["lawful_from"]:
            raise AssertionError("columns and single verdicts differ: nothing to compare")


def _one(quick: bool) -> Iterator[Measure]:
    situation = one_situation()
    grounds, _ = grounds_of(book(), situation)
    asked = situation.attempt.minute
    runs: dict[str, tuple[Callable[[], object], float]] = {
        "one verdict from facts": (lambda: judge(book(), grounds, asked), 150),
        "one verdict from a situation": (lambda: judge_situation(book(), situation), 2_000),
    }
    for name, (run, most) in runs.items():
        yield Measure.held(
            name,
            min(timeit.repeat(run, number=100, repeat=25)) / 100 * 1e6,
            "µs",
            peer="a limit",
            scale="the rules of the United States, 30 days of history",
            full=not quick,
            goal=Goal(Figure.VALUE, most=most),
        )


def _one_against_zen(sample: pl.DataFrame, quick: bool) -> Measure:
    rows = sample.head(500).to_dicts()
    grounds = [(grounds_of_row(row), row["asked"]) for row in rows]
    decision, contexts = decision_for(rows[0]), [context_of(row) for row in rows]
    found = paired(
        lambda: [judge(book(), one, asked) for one, asked in grounds],
        lambda: [decision.evaluate(context) for context in contexts],
        pairs=PAIRS_MIN if quick else 5,
    )
    return Measure.held(
        "a verdict on each of many calls, one by one",
        found.ours / len(rows) * 1e6,
        "µs",
        peer=ZEN,
        ratio=found.ratio,
        scale=f"{len(rows)} calls",
        full=not quick,
        goal=Goal(Figure.RATIO, most=1),
    )


def _columns(facts: pl.DataFrame, sample: pl.DataFrame, quick: bool) -> Iterator[Measure]:
    rows = sample.to_dicts()
    decision, contexts = decision_for(rows[0]), [context_of(row) for row in rows]
    pairs = [
        (
            _seconds(lambda: judge_facts(book(), facts, zone)) / len(facts),
            _seconds(lambda: [decision.evaluate(each) for each in contexts]) / len(contexts),
        )
        for _ in range(1 if quick else PAIRS_MIN + 2)
    ]
    ours = statistics.median(one for one, _ in pairs)
    ratio = statistics.median(one / other for one, other in pairs)
    scale = f"{len(facts):,} calls from facts"
    for name, goal in (
        ("verdicts over columns", Goal(Figure.VALUE, least=200_000 if quick else 1_000_000)),
        ("verdicts over columns, against zen", Goal(Figure.RATIO, most=0.05 if quick else 0.01)),
    ):
        yield Measure.held(
            name,
            1 / ours,
            "verdicts/s",
            peer=f"{ZEN}, one call after the other",
            ratio=ratio,
            scale=scale,
            full=not quick,
            goal=goal,
        )


def _whole_book(quick: bool) -> Measure:
    debtors = ROWS_QUICK if quick else ROWS_FULL
    contacts, records, past = frames(debtors)
    runs = 1 if quick else PAIRS_MIN
    taken = [
        _seconds(lambda: verdicts_for(book(), contacts, records, past, zone)) for _ in range(runs)
    ]
    return Measure.held(
        "verdicts for a whole book, facts included",
        statistics.median(taken),
        "s",
        peer="a limit",
        scale=f"{debtors:,} debtors with 10 past contacts each",
        full=not quick,
        goal=Goal(Figure.VALUE, most=4 if quick else 10),
    )


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
