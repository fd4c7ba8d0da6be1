"""The peak memory of taking a creditor's file, at one size and at three times that size."""

from __future__ import annotations

from collections.abc import Iterator

from kept.bench.form import Figure, Goal, Measure
from kept.bench.intake import ROWS_FULL, ROWS_QUICK, take
from kept.bench.intake_book import write_book
from kept.bench.scratch import Scratch, scratch_database

__all__ = ["measures"]

PEAK = Goal(Figure.VALUE, most=1500)
GROWTH = Goal(Figure.RATIO, most=1.1)
MEGABYTE = 1_000_000


def measures(*, quick: bool) -> Iterator[Measure]:
    rows = ROWS_QUICK if quick else ROWS_FULL
    with scratch_database("intake_memory") as scratch:
        once, thrice = _peak(scratch, rows, quick), _peak(scratch, 3 * rows, quick)
    yield Measure.held(
        "peak memory of intake",
        max(once, thrice) / MEGABYTE,
        "MB",
        peer="1,500 MB",
        scale=f"{3 * rows:,} accounts",
        full=not quick,
        goal=PEAK,
    )
    yield Measure.held(
        "peak memory, three times the rows",
        thrice / MEGABYTE,
        "MB",
        peer=f"{once / MEGABYTE:,.0f} MB at {rows:,} accounts",
        ratio=thrice / once,
        scale=f"{3 * rows:,} accounts",
        full=not quick,
        goal=GROWTH,
    )


def _peak(scratch: Scratch, rows: int, quick: bool) -> int:
    book = scratch.folder / f"book-{rows}.csv"
    write_book(book, rows)
    peak: int = take(scratch, book, quick=quick)["peak_bytes"]
    book.unlink()
    return peak
