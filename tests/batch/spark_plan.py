"""Plans a snapshot on a local Spark with two workers and small blocks; run as a process.

A session of its own: the Java process ends with it, and no other test's session is touched.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kept.batch.deciding.on_spark import Spark, spark_session


def main(folder: Path, out: Path, block_rows: int) -> None:
    session = spark_session("local[2]")
    try:
        engine = Spark(session, block_rows=block_rows)
        told = engine.propose(folder, lambda done: None)
        plan = engine.plan(folder, lambda passes: None)
        print(sum(each["cases"] for each in told), plan.certificate)
        plan.chosen.write_parquet(out)
    finally:
        session.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
