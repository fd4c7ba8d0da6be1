"""The whole night of a book in the database: facts, law, price, dealing, tasks and events."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any, Final

from kept.bench.form import Figure, Goal, Measure
from kept.bench.memory import own_peak
from kept.bench.scratch import scratch_database

__all__ = ["measures", "run"]

CASES_FULL: Final = 1_000_000
CASES_QUICK: Final = 10_000
#: On two cores and 4 GB.
SECONDS_FULL: Final = 180
SECONDS_QUICK: Final = 40
MEGABYTES: Final = 4_000
GAP: Final = 1e-3
GAP_QUICK: Final = 1e-2
_MEGABYTE: Final = 1_000_000


def measures(*, quick: bool) -> Iterator[Measure]:
    """One night in a process of its own: a night is done once, so it is not repeated."""
    cases = CASES_QUICK if quick else CASES_FULL
    with scratch_database("nightly") as scratch:
        found = scratch.run("kept.bench.nightly:run", str(cases))
    scale = f"{cases:,} cases, 10 past contacts each, {found['seats']:,} seats"
    given: dict[str, Any] = {"scale": scale, "full": not quick}
    seconds = SECONDS_QUICK if quick else SECONDS_FULL
    yield Measure.held(
        "a night, end to end",
        found["seconds"],
        "s",
        peer="a limit",
        goal=Goal(Figure.VALUE, most=seconds),
        **given,
    )
    for stage, took in found["stages"].items():
        yield Measure.held(
            f"a night: {stage}",
            took,
            "s",
            peer="the whole night",
            ratio=took / found["seconds"],
            goal=Goal(Figure.RATIO, most=1),
            **given,
        )
    yield Measure.held(
        "a night: gap of its plan to the bound",
        found["gap"],
        "of the bound",
        peer="a limit",
        goal=Goal(Figure.VALUE, most=GAP_QUICK if quick else GAP),
        **given,
    )
    yield Measure.held(
        "a night: peak memory of its process",
        found["peak_bytes"] / _MEGABYTE,
        "MB",
        peer="a limit",
        goal=Goal(Figure.VALUE, most=MEGABYTES),
        **given,
    )


def run(cases: str) -> dict[str, Any]:
    """Write the book, then run its night; seconds by stage, and what it came to."""
    from kept.batch.nightly import run_night
    from kept.bench.nightly_book import NIGHT, NOW, write_book
    from kept.core.actors import job
    from kept.store.models import Seat

    creditor = write_book(int(cases))
    clock = _Stages()
    logging.getLogger("kept.runs").addHandler(clock)
    begun = time.perf_counter()
    result = run_night(actor=job("bench"), creditor=creditor, now=NOW, as_of=NIGHT)
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "stages": clock.seconds,
        "seats": Seat.objects.count(),
        "gap": result["price"]["gap_parts"] / 1_000_000_000,
        "tasks": result["tasks"],
        "peak_bytes": own_peak(),
    }


class _Stages(logging.Handler):
    """Reads the seconds of each stage from what a run says of its stages."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.seconds: dict[str, float] = {}
        self._begun = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "stage begun":
            self._begun = record.created
        elif record.getMessage() == "stage done":
            stage = str(record.__dict__["stage"])
            self.seconds[stage] = record.created - self._begun
