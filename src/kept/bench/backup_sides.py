"""The four sides of the backup benchmark, each in a process of its own on a scratch database."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from kept.batch.backup import Tools, restore_backup, take_backup
from kept.batch.backup.house import house_tools
from kept.batch.backup.programs import libpq_environment
from kept.bench.memory import own_peak
from kept.running.migrations import known_migrations

__all__ = ["backup", "pg_dump", "pg_restore", "restore"]

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def backup(folder: str) -> dict[str, Any]:
    tools = _tools(folder)
    return _timed(lambda: take_backup(tools, Path(folder) / "backups", NOW, is_checked=False))


def pg_dump(folder: str) -> dict[str, Any]:
    tools = _tools(folder)
    options = ["--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges"]
    dump = f"--file={folder}/book.dump"
    command = [str(tools.programs / "pg_dump"), *options, dump]
    return _timed(lambda: subprocess.run(command, env=libpq_environment(tools.url), check=True))


def restore(folder: str) -> dict[str, Any]:
    (taken,) = (Path(folder) / "backups").iterdir()
    with _empty_database(_tools(folder)) as tools:
        home = replace(tools, home=Path(folder) / "other")
        return _timed(lambda: restore_backup(home, taken, known_migrations()))


def pg_restore(folder: str) -> dict[str, Any]:
    with _empty_database(_tools(folder)) as tools:
        environment = libpq_environment(tools.url)
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        where = f"--dbname={environment['PGDATABASE']}"
        command = [str(tools.programs / "pg_restore"), *options, where, f"{folder}/book.dump"]
        return _timed(lambda: subprocess.run(command, env=environment, check=True))


def _tools(folder: str) -> Tools:
    """Without the house's files, which the peers do not copy."""
    return replace(house_tools(), home=Path(folder) / "home")


@contextmanager
def _empty_database(tools: Tools) -> Iterator[Tools]:
    name = f"kept_bench_restored_{os.getpid()}"
    parts = urlsplit(tools.url)
    url = urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
    with psycopg.connect(tools.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield replace(tools, url=url)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _timed(work: Callable[[], object]) -> dict[str, Any]:
    start = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - start, "peak": own_peak()}
