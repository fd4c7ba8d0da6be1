"""The engine for books that one machine does not hold: chunks and blocks are Spark's tasks.

Spark moves numbers of chunks and answers about blocks; each task reads its Parquet file and calls
the function that the Polars engine calls, so every worker needs kept with `[server,spark]` and the
snapshot's folder under the same path. Persons whose cases lie in several chunks are brought into
one block by one shuffle, which is the only thing that crosses chunks. Prices are searched on the
driver: each trial is one job that returns a block's value and use, whole numbers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import polars as pl

from kept.batch.deciding.engines import Told, priced_columns, propose_chunk
from kept.batch.deciding.planning import OfferBlock, Plan, block_of, plan_spread
from kept.batch.deciding.snapshots import open_snapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["Spark", "SparkMissing", "spark_session"]

Answer = TypeVar("Answer")

_BLOCK_ROWS: Final = 50_000
#: Blocks that a worker's process keeps between the passes of the price.
_BLOCKS_KEPT: Final = 16
_NUMBER: Final = "block"


class SparkMissing(Exception):
    """`--engine spark` needs Java 17 and PySpark: install kept[server,spark] and a Java runtime."""


def spark_session(master: str) -> SparkSession:
    """A session at a master such as `local[2]` or `spark://host:7077`."""
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkMissing(SparkMissing.__doc__) from error
    builder = SparkSession.builder.master(master).appName("kept nightly")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        # A worker's process keeps its blocks from one pass of the price to the next.
        "spark.python.worker.reuse": "true",
    }
    if master.startswith("local"):
        # Nobody else is to reach a session that works on this machine alone.
        settings |= dict.fromkeys(("spark.driver.host", "spark.driver.bindAddress"), "127.0.0.1")
        # Else its workers are whatever `python3` is on the path, which may lack everything.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise SparkMissing(SparkMissing.__doc__) from error


@dataclass(frozen=True, slots=True)
class Spark:
    """`slices` are the tasks of one job, a few times as many as the cores of the cluster; 0 asks
    Spark. `block_rows` are the cases of a block, about."""

    session: SparkSession
    slices: int = 0
    block_rows: int = _BLOCK_ROWS
    name: str = "spark"

    def propose(self, folder: Path, tell: Callable[[int], None]) -> list[Told]:
        numbers = list(open_snapshot(folder).contents.chunks)
        told: list[Told] = self._answers(partial(propose_chunk, folder), numbers)
        tell(len(told))
        return told

    def plan(self, folder: Path, tell: Callable[[int], None]) -> Plan:
        tonight = open_snapshot(folder).tonight
        return plan_spread(tonight, _Blocks(self, folder, self._shuffled(folder)), tell)

    def _shuffled(self, folder: Path) -> int:
        """Write the offers once more, by block of whole persons; how many blocks there are."""
        from pyspark.sql import functions as f

        snapshot = open_snapshot(folder)
        if not snapshot.contents.chunks:
            return 0
        offers = self.session.read.parquet(str(folder / "offers"))
        offers = offers.select(*priced_columns(snapshot.strategy))
        blocks: int = -(-offers.count() // self.block_rows)
        if blocks:
            numbered = offers.withColumn(_NUMBER, f.pmod("person_id", f.lit(blocks)))
            by_block = numbered.repartition(max(1, min(blocks, 4 * self._slices)), _NUMBER)
            by_block.sortWithinPartitions(_NUMBER, "person_id", "case_id").write.mode(
                "overwrite"
            ).partitionBy(_NUMBER).parquet(str(folder / "blocks"))
        return blocks

    @property
    def _slices(self) -> int:
        return self.slices or 2 * int(self.session.sparkContext.defaultParallelism)

    def _answers(self, ask: Callable[[int], Answer], numbers: list[int]) -> list[Answer]:
        """What a function answers for each number, on the workers, in the order of the numbers."""
        if not numbers:
            return []
        spread = self.session.sparkContext.parallelize(numbers, min(len(numbers), self._slices))
        found: list[Answer] = spread.map(ask).collect()
        return found


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The blocks of a folder, as `core.price` asks them."""

    engine: Spark
    folder: Path
    count: int

    def each(self, ask: Callable[[Any], Answer]) -> list[Answer]:
        if not self.count:
            return []
        written = (self.folder / "blocks" / "_SUCCESS").stat().st_mtime_ns
        asked = partial(_ask_block, ask, self.folder, written)
        return self.engine._answers(asked, list(range(self.count)))


def _ask_block(ask: Callable[[Any], Any], folder: Path, written: int, number: int) -> Any:
    return ask(_block(folder, written, number))


@lru_cache(maxsize=_BLOCKS_KEPT)
def _block(folder: Path, written: int, number: int) -> OfferBlock:
    """A block with what it remembers of earlier questions."""
    snapshot = open_snapshot(folder)
    columns = priced_columns(snapshot.strategy)
    paths = sorted((folder / "blocks" / f"{_NUMBER}={number}").glob("*.parquet"))
    parts = [pl.read_parquet(path, columns=columns, hive_partitioning=False) for path in paths]
    offers = pl.concat([pl.DataFrame(schema=dict.fromkeys(columns, pl.Int64)), *parts])
    return block_of(snapshot.tonight.menu, number, offers.sort("person_id", "case_id"))
