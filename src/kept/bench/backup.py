"""A backup and its restoring, against pg_dump and pg_restore alone on the same book.

Ours seals what pg_dump writes, counts every row of the snapshot, hashes the event heads and signs;
restoring proves every hash first, opens, restores, analyses and counts again. The peers are the
same two programs with the same options and nothing around them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from kept.bench.form import PAIRS_MIN, Figure, Goal, Measure
from kept.bench.intake_book import write_book
from kept.bench.scratch import Scratch, scratch_database

__all__ = ["measures"]

ROWS_FULL, ROWS_QUICK = 100_000, 2_000
# On a small book the fixed costs weigh: connecting, counting forty tables, the manifest.
BACKUP_FULL, BACKUP_QUICK = Goal(Figure.RATIO, most=1.5), Goal(Figure.RATIO, most=4)
RESTORE_FULL, RESTORE_QUICK = Goal(Figure.RATIO, most=2), Goal(Figure.RATIO, most=4)
PEAK = Goal(Figure.VALUE, most=300)
MEGABYTE = 1_000_000
_SIDES = "kept.bench.backup_sides"


def measures(*, quick: bool) -> Iterator[Measure]:
    rows = ROWS_QUICK if quick else ROWS_FULL
    scale = f"{rows:,} accounts with their contact points"
    with scratch_database("backup") as scratch:
        _make_book(scratch, rows, quick)
        pairs = [_pair(scratch, number) for number in range(PAIRS_MIN)]
    goals = (BACKUP_QUICK, RESTORE_QUICK) if quick else (BACKUP_FULL, RESTORE_FULL)
    for name, goal in zip(("backup", "restore"), goals, strict=True):
        peer = {"backup": "pg_dump", "restore": "pg_restore"}[name]
        yield Measure.held(
            name,
            statistics.median(pair[name]["seconds"] for pair in pairs),
            "s",
            peer=f"{peer} alone",
            ratio=statistics.median(
                each[name]["seconds"] / each[peer]["seconds"] for each in pairs
            ),
            scale=scale,
            full=not quick,
            goal=goal,
        )
        yield Measure.held(
            f"peak memory of {name}",
            max(pair[name]["peak"] for pair in pairs) / MEGABYTE,
            "MB",
            peer="a limit",
            scale=scale,
            full=not quick,
            goal=PEAK,
        )


def _make_book(scratch: Scratch, rows: int, quick: bool) -> None:
    book = scratch.folder / "book.csv"
    write_book(book, rows)
    scratch.run("kept.bench.intake_sides:take", str(book), *(["1000"] if quick else []))
    book.unlink()


def _pair(scratch: Scratch, number: int) -> dict[str, Any]:
    """One run of all four; every other pair begins with the peers."""
    folder = scratch.folder / f"pair-{number}"
    folder.mkdir()
    taking = ["backup", "pg_dump"] if number % 2 == 0 else ["pg_dump", "backup"]
    bringing = ["restore", "pg_restore"] if number % 2 == 0 else ["pg_restore", "restore"]
    return {name: scratch.run(f"{_SIDES}:{name}", str(folder)) for name in (*taking, *bringing)}
