"""The benchmarks by name. Each is a module of this package with a function `measures`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Protocol, cast

from kept.bench.form import Measure

__all__ = ["ALL", "BENCHMARKS", "measures_of", "names_of"]

ALL = "all"

BENCHMARKS: dict[str, str] = {
    "conditions": "conditions over columns and on one case, against hand-written code",
    "jobs": "small jobs through batches under leases, against bare rows",
    "events": "chained writes against bare inserts, verification against one scan, a seal",
    "law": "verdicts one by one, in columns and for a whole book, against zen-engine; permits",
    "propose": "facts from Parquet to a plan; proposing against zen-engine and Polars",
    "price": "one treatment a case under capacities, against HiGHS and against simple rules",
    "nightly": "the night of a book: facts, law, price, dealing, tasks; seconds by stage",
    "day": "a case decided again by the worker after a write, against a bare job of the queue",
    "money": "payments posted against COPY of the same rows; balances against one GROUP BY",
    "promises": "a promise taken at the desk, against its bare rows",
    "intake": "a file taken into the book, against COPY of the same rows",
    "intake_memory": "the peak memory of taking a file, at one size and at three times that size",
    "speech": "forbidden speech found in sentences labelled by hand, against search of the words",
    "documents": "letters a minute in both languages, against the same letters by fpdf2",
    "backup": "a backup and its restoring, against pg_dump and pg_restore alone",
}


class Benchmark(Protocol):
    def measures(self, *, quick: bool) -> Iterator[Measure]: ...


def names_of(name: str) -> list[str]:
    """The benchmarks behind a name: itself, or every one for `all`."""
    return list(BENCHMARKS) if name == ALL else [name]


def measures_of(name: str, *, quick: bool) -> Iterator[Measure]:
    """Runs one benchmark. Its module is loaded only now: one may need what another does not."""
    module = cast(Benchmark, importlib.import_module(f"kept.bench.{name}"))
    yield from module.measures(quick=quick)
