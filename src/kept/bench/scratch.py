"""A database of its own for a benchmark, dropped afterwards, and processes that work on it.

The server is the installation's. A piece of work runs in a fresh process, so that its peak memory
is its own and it finds no warm caches of another piece.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from kept.bench.memory import MeasurementFailed
from kept.running.database import ensure_database
from kept.running.settings import load_settings

__all__ = ["Scratch", "scratch_database"]

_MARK = "kept-bench-result:"


@dataclass(frozen=True, slots=True)
class Scratch:
    """`folder` holds files of the benchmark; `environment` leads processes to the database."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, function: str, *arguments: str) -> Any:
        """What `module:function` answers (JSON) when called with text in a fresh process."""
        command = [sys.executable, "-m", "kept.bench.scratch", function, *arguments]
        ran = subprocess.run(
            command, env=dict(self.environment), capture_output=True, text=True, check=False
        )
        found = [line for line in ran.stdout.splitlines() if line.startswith(_MARK)]
        if ran.returncode or not found:
            raise MeasurementFailed(ran.stderr.strip() or f"{function} answered nothing")
        return json.loads(found[-1].removeprefix(_MARK))


@contextmanager
def scratch_database(name: str) -> Iterator[Scratch]:
    """A database with kept's tables, and a folder; both are gone afterwards."""
    url = ensure_database(load_settings(os.environ)).url
    database = sql.Identifier(f"kept_bench_{name}_{os.getpid()}")
    with (
        tempfile.TemporaryDirectory(prefix="kept-bench-") as folder,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        try:
            environment = {
                **os.environ,
                "DATABASE_URL": _with_database(url, f"kept_bench_{name}_{os.getpid()}"),
                "KEPT_HOME": folder,
                "KEPT_DATA_KEY": base64.b64encode(os.urandom(32)).decode(),
            }
            scratch = Scratch(Path(folder), environment)
            scratch.run("kept.bench.scratch:make_tables")
            yield scratch
        finally:
            # Without FORCE: the server ends its own upkeep workers, which a role may not.
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(database))


def _with_database(url: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


def make_tables() -> None:
    from kept.running.migrations import apply_migrations

    apply_migrations()


def _child(function: str, *arguments: str) -> None:
    from kept.cli.shell import set_up_django

    set_up_django()
    module, _, name = function.partition(":")
    answer = getattr(importlib.import_module(module), name)(*arguments)
    print(_MARK + json.dumps(answer))


if __name__ == "__main__":
    _child(*sys.argv[1:])
