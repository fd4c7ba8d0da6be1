"""Stops the embedded databases of a test and removes their folders when the test process ends.

Databases of homes further down are found too, and those that root keeps outside their home.

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
from kept.running.paths import find_place, socket_folder


def homes_below(folder: Path) -> list[Path]:
    """The folder and every home of an installation below it."""
    found = [folder]
    for path, folders, files in os.walk(folder):
        if "database" in folders or "database.place" in files:
            found.append(Path(path))
            folders[:] = [name for name in folders if name != "database"]
    return found


def remove(folder: Path, pg_user: str) -> None:
    for home in homes_below(folder):
        place = find_place(home)
        if place is not None:
            Cluster(home, pg_user=pg_user).stop()
            shutil.rmtree(socket_folder(place), ignore_errors=True)
            shutil.rmtree(place.folder, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def main(home: str, *flags: str) -> None:
    pg_user = os.environ.get("KEPT_PG_USER") or "nobody"
    cluster = Cluster(Path(home), pg_user=pg_user, is_durable=False)
    try:
        print(cluster.ensure().url if "--start" in flags else "", flush=True)
    except RunningError as error:
        print(error, file=sys.stderr)
    sys.stdin.read()
    remove(Path(home), pg_user)


if __name__ == "__main__":
    main(*sys.argv[1:])
