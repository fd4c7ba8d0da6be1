"""A creditor's file taken into the book, against COPY of the rows it made into the same tables.

Both sides write into the same empty tables with all their indexes, constraints and triggers. Taking
the file does everything: sealing, reading, normalising, encrypting, hashing, checking, figures,
cases, events. COPY gets the finished rows in the server's own binary form.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kept.bench.form import PAIRS_MIN, Figure, Goal, Measure
from kept.bench.intake_book import write_book
from kept.bench.scratch import Scratch, scratch_database

__all__ = ["ROWS_FULL", "ROWS_QUICK", "measures", "take"]

ROWS_FULL, ROWS_QUICK = 1_000_000, 3_000
# A run of three thousand rows is mostly the fixed cost of its statements.
RATIO_FULL, RATIO_QUICK = Goal(Figure.RATIO, most=4), Goal(Figure.RATIO, most=8)


def measures(*, quick: bool) -> Iterator[Measure]:
    rows = ROWS_QUICK if quick else ROWS_FULL
    scale = f"{rows:,} accounts with their contact points"
    with scratch_database("intake") as scratch:
        pairs = _pairs(scratch, rows, quick)
        yield _against_copy(pairs, scale, quick)
        yield from _breakdown(pairs, scale, quick)


def _pairs(scratch: Scratch, rows: int, quick: bool) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    book, dump = scratch.folder / "book.csv", scratch.folder / "dump"
    write_book(book, rows)
    found = []
    for _ in range(PAIRS_MIN):
        taken = take(scratch, book, quick=quick)
        copied = scratch.run("kept.bench.intake_sides:copy", str(dump))
        found.append((taken, copied))
    book.unlink()
    return found


def take(scratch: Scratch, book: Path, *, quick: bool) -> dict[str, Any]:
    """One file taken in a fresh process: its seconds, steps and peak memory."""
    # Small files in small chunks, so that there are several here too.
    chunk = ["1000"] if quick else []
    taken: dict[str, Any] = scratch.run("kept.bench.intake_sides:take", str(book), *chunk)
    return taken


def _against_copy(
    pairs: list[tuple[dict[str, Any], dict[str, Any]]], scale: str, quick: bool
) -> Measure:
    return Measure.held(
        "intake",
        statistics.median(taken["seconds"] for taken, _ in pairs),
        "s",
        peer="COPY (binary) of the same rows into the same tables",
        ratio=statistics.median(taken["seconds"] / copied["seconds"] for taken, copied in pairs),
        scale=scale,
        full=not quick,
        goal=RATIO_QUICK if quick else RATIO_FULL,
    )


def _breakdown(
    pairs: list[tuple[dict[str, Any], dict[str, Any]]], scale: str, quick: bool
) -> Iterator[Measure]:
    """The steps of the run in the middle; each is a part of the whole."""
    middle: Mapping[str, Any] = sorted((taken for taken, _ in pairs), key=_seconds)[len(pairs) // 2]
    for step, seconds in middle["steps"].items():
        yield Measure.held(
            f"intake: {step}",
            seconds,
            "s",
            peer="the whole run",
            ratio=seconds / middle["seconds"],
            scale=scale,
            full=not quick,
            goal=Goal(Figure.RATIO, most=1),
        )


def _seconds(side: Mapping[str, Any]) -> float:
    return float(side["seconds"])
