"""The plan that Spark makes of a snapshot is that of Polars, to the row and the last unit."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from kept.batch.deciding.engines import Polars
from kept.batch.deciding.planning import Plan
from kept.bench.propose_book import write_snapshot

pytestmark = pytest.mark.java

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("spark_plan.py")


@pytest.fixture(autouse=True)
def java() -> None:
    have_java = bool(os.environ.get("JAVA_HOME") or shutil.which("java"))
    have_spark = importlib.util.find_spec("pyspark") is not None
    if not (have_java and have_spark) and os.environ.get("CI") != "true":
        pytest.skip("needs Java 17 and PySpark (pip install 'kept[spark]'); CI never skips this")


def by_polars(folder: Path) -> Plan:
    engine = Polars()
    engine.propose(folder, lambda done: None)
    return engine.plan(folder, lambda passes: None)


def by_spark(folder: Path, block_rows: int) -> tuple[str, pl.DataFrame]:
    out = folder / "plan.parquet"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    ended = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), str(out), str(block_rows)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4_000:]
    return ended.stdout.strip(), pl.read_parquet(out)


def assert_equal_plans(folder: Path, cases: int, chunk: int, block_rows: int) -> None:
    write_snapshot(folder, cases, chunk)
    expected = by_polars(folder)
    told, chosen = by_spark(folder, block_rows)
    assert told == f"{cases} {expected.certificate}"
    assert chosen.equals(expected.chosen)
    assert len(list((folder / "blocks").glob("block=*"))) > 2
    assert expected.certificate.value > 0
    assert expected.chosen["required"].any()


def test_spark_and_polars_plan_the_same(tmp_path: Path) -> None:
    """Persons lie in several chunks; each of the blocks has its own worker's view only."""
    assert_equal_plans(tmp_path, cases=4_000, chunk=1_000, block_rows=800)


@pytest.mark.study
def test_spark_and_polars_plan_the_same_on_200_000_cases(tmp_path: Path) -> None:
    assert_equal_plans(tmp_path, cases=200_000, chunk=25_000, block_rows=50_000)
