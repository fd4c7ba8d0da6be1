"""An engine takes a snapshot to a plan: facts → propose → permit → price, chunk by chunk.

What a chunk goes through is the same function on every engine (`propose_chunk`), and so are the
questions that the price asks of its blocks; an engine only says where they run. `Polars` runs them
in this process. Its plan is the measure for every other one, to the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import polars as pl

from kept.batch.deciding.offering import channels_of, offers_of
from kept.batch.deciding.planning import Plan, plan_cases
from kept.batch.deciding.snapshots import Snapshot, chunk_path, open_snapshot, read_chunk
from kept.batch.deciding.telling import told_of
from kept.core.strategies import Strategy
from kept.store.offer_columns import offer_columns, value_name
from kept.work.intended_law import judge_grounded

__all__ = ["Engine", "Polars", "Told", "chosen_offers", "priced_columns", "propose_chunk"]

#: What a chunk came to, as `telling.told_of` says it.
Told = Mapping[str, Any]
_OFFERS: Final = "offers"
_AT_ONCE: Final = 2


class Engine(Protocol):
    """`tell` hears of each chunk that is done, or each pass of the price over all cases."""

    @property
    def name(self) -> str: ...

    def propose(self, folder: Path, tell: Callable[[int], None]) -> Sequence[Told]:
        """Write the offers and refusals of every chunk into the snapshot's folder; in the order of
        its chunks, what they came to."""

    def plan(self, folder: Path, tell: Callable[[int], None]) -> Plan:
        """Price what `propose` left."""


def propose_chunk(folder: Path, number: int) -> Told:
    """Propose, permit and value the cases of one chunk; done again, it writes the same again."""
    snapshot, chunk = open_snapshot(folder), read_chunk(folder, number)

    def judge(ways: pl.DataFrame) -> pl.DataFrame:
        return chunk.asked.join(judge_grounded(chunk.grounds), on="number", how="inner")

    rates = snapshot.tonight.rates
    found = offers_of(snapshot.strategy, chunk.facts, chunk.people, judge, rates)
    for kind, frame in ((_OFFERS, found.offers), ("refused", found.law.refused)):
        path = chunk_path(folder, kind, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path, compression="lz4")
    return told_of(found, rates)


class Polars:
    """In this process, two chunks at a time: while one is reckoned in columns by all processors, of
    the other the expressions are made by one. The offers of all cases are held for the price."""

    name = "polars"

    def propose(self, folder: Path, tell: Callable[[int], None]) -> Sequence[Told]:
        told: list[Told] = []
        numbers = open_snapshot(folder).contents.chunks
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="chunk") as threads:
            for found in threads.map(partial(propose_chunk, folder), numbers):
                told.append(found)
                tell(len(told))
        return told

    def plan(self, folder: Path, tell: Callable[[int], None]) -> Plan:
        snapshot = open_snapshot(folder)
        columns = priced_columns(snapshot.strategy)
        offers = _offers(snapshot).select(*columns).collect().sort("person_id", "case_id")
        return plan_cases(snapshot.tonight, offers, tell)


def priced_columns(strategy: Strategy) -> list[str]:
    """The columns of offers that the price reads."""
    values = [value_name(place) for place in range(len(strategy.treatments))]
    return ["case_id", "person_id", "required", "required_priority", *values]


def chosen_offers(folder: Path, plan: Plan) -> pl.DataFrame:
    """The offers of the cases that get something."""
    found = _offers(open_snapshot(folder))
    return found.join(plan.chosen.lazy().select("case_id"), on="case_id", how="semi").collect()


def _offers(snapshot: Snapshot) -> pl.LazyFrame:
    chunks, strategy = snapshot.contents.chunks, snapshot.strategy
    if not chunks:
        columns = offer_columns(len(strategy.treatments), len(channels_of(strategy)))
        return pl.LazyFrame(schema=columns)
    paths = [chunk_path(snapshot.folder, _OFFERS, number) for number in chunks]
    return pl.scan_parquet(paths)
