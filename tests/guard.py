"""Stops the embedded database of a test and removes its folder when the test process ends.

Run as `python guard.py HOME [--start]` with a pipe as its input: the pipe closes when the test
process ends, however it ends, so that a killed test run leaves no server behind. With `--start` it
starts the database first (without fsync) and prints its address.
"""

import os
import shutil
import sys
from pathlib import Path

from kept.running.cluster import Cluster
from kept.running.errors import RunningError
from kept.running.paths import find_place


def remove(cluster: Cluster) -> None:
    place = find_place(cluster.home)
    if place is not None:
        cluster.stop()
        shutil.rmtree(place.folder, ignore_errors=True)
    shutil.rmtree(cluster.home, ignore_errors=True)


def main(home: str, *flags: str) -> None:
    cluster = Cluster(
        Path(home), pg_user=os.environ.get("KEPT_PG_USER") or "nobody", is_durable=False
    )
    try:
        print(cluster.ensure().url if "--start" in flags else "", flush=True)
    except RunningError as error:
        print(error, file=sys.stderr)
    sys.stdin.read()
    remove(cluster)


if __name__ == "__main__":
    main(*sys.argv[1:])
