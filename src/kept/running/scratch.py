"""An empty database to try something out in, gone afterwards: a backup is restored into one.

Beside the embedded database it is another database of that server. Where DATABASE_URL is set it is
a small server of kept's own, since the role there may not be allowed to make a database, and the
operator's server should not bear the work.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from kept.running.cluster import Cluster
from kept.running.database import database_url
from kept.running.paths import find_place
from kept.running.settings import Settings

__all__ = ["scratch_database"]

PREFIX = "kept_scratch_"


@contextmanager
def scratch_database(settings: Settings) -> Iterator[str]:
    """The address of an empty database."""
    if settings.database_url is None:
        with _beside(database_url(settings)) as url:
            yield url
    else:
        with _server(settings.pg_user) as url:
            yield url


@contextmanager
def _beside(url: str) -> Iterator[str]:
    name = PREFIX + secrets.token_hex(6)
    with psycopg.connect(url, autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
        connection.execute(made.format(sql.Identifier(name)))
        try:
            yield _with_database(url, name)
        finally:
            dropped = sql.SQL("DROP DATABASE IF EXISTS {}")
            connection.execute(dropped.format(sql.Identifier(name)))


@contextmanager
def _server(pg_user: str) -> Iterator[str]:
    home = Path(tempfile.mkdtemp(prefix="kept-scratch-"))
    home.chmod(0o711)
    cluster = Cluster(home, pg_user, is_durable=False)
    try:
        yield cluster.ensure().url
    finally:
        place = find_place(home)
        if place is not None:
            cluster.stop()
            shutil.rmtree(place.folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
