"""Named SQL: every statement of `store/sql/<noun>.sql` by its name, described and loaded once.

A file holds statements, each under a line `-- name: <name>` and a line of description. A statement
that must run over different sets of rows has `/* scope */ true` in it and is narrowed with
`scoped`, whose fragments stand in the same file under `-- scope: <name>`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, LiteralString, cast

import psycopg
from django.db import connection

__all__ = ["Query", "SqlFile", "load", "rows_in", "rows_in_turn"]

_HEADER = re.compile(r"^-- (name|scope): ([a-z_]+)$", re.MULTILINE)
_SCOPE = "/* scope */ true"


class _PreparedCursor(psycopg.Cursor[tuple[Any, ...]]):
    """Binds on the server, and has every statement prepared there."""

    def execute(self, query: Any, params: Any = None, **_given: Any) -> Any:
        return super().execute(query, params, prepare=True)


@contextmanager
def _prepared() -> Iterator[Callable[[], Any]]:
    """Makes cursors that prepare; Django keeps the driver from preparing anything by itself."""
    connection.ensure_connection()
    raw: Any = connection.connection
    logged = connection.queries_logged
    wrap = connection.make_debug_cursor if logged else connection.make_cursor
    raw.prepare_threshold = 0
    try:
        yield lambda: wrap(_PreparedCursor(raw))
    finally:
        raw.prepare_threshold = None


def _rows_of(cursor: Any) -> list[dict[str, Any]]:
    columns = [column.name for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def rows_in_turn(
    asked: Sequence[tuple[Query, Mapping[str, Any]]],
) -> list[list[dict[str, Any]]]:
    """The rows of several prepared statements that are sent at once and run one after the other.

    Each sees what was committed when the one before it ended, so one that waits for a lock may
    stand before those that read under it.
    """
    with _prepared() as make_cursor:
        raw: Any = connection.connection
        cursors = [make_cursor() for _ in asked]
        with connection.wrap_database_errors, raw.pipeline():
            for cursor, (query, parameters) in zip(cursors, asked, strict=True):
                cursor.execute(query.text, parameters)
        return [_rows_of(cursor) for cursor in cursors]


@dataclass(frozen=True, slots=True)
class Query:
    """One statement; parameters by name, `%(name)s`."""

    name: str
    description: str
    text: str
    scopes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def scoped(self, name: str) -> Query:
        """The same statement over the rows of one named scope."""
        return Query(
            f"{self.name}:{name}",
            self.description,
            self.text.replace(_SCOPE, f"({self.scopes[name]})"),
            self.scopes,
        )

    def run(self, parameters: Mapping[str, Any] | None = None) -> int:
        """Execute on Django's connection; returns the number of rows touched."""
        with connection.cursor() as cursor:
            cursor.execute(self.text, parameters)
            return int(cursor.rowcount)

    def prepared_rows(self, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """As `rows`, planned by the server once a connection: for what is asked all day.

        The server sees types and not values, so an array that may be empty says its type.
        """
        with _prepared() as make_cursor:
            cursor = make_cursor()
            cursor.execute(self.text, parameters)
            return _rows_of(cursor)

    def rows(self, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Every row as a mapping from column to value; for small results only."""
        with connection.cursor() as cursor:
            cursor.execute(self.text, parameters)
            return _rows_of(cursor)


@dataclass(frozen=True, slots=True)
class SqlFile:
    """The statements of one file by name."""

    noun: str
    queries: Mapping[str, Query]

    def __getitem__(self, name: str) -> Query:
        return self.queries[name]


@cache
def load(noun: str) -> SqlFile:
    """Read `store/sql/<noun>.sql`; raises FileNotFoundError when there is none."""
    text = files("kept.store").joinpath("sql", f"{noun}.sql").read_text(encoding="utf-8")
    return SqlFile(noun, _parse(text))


def _parse(text: str) -> dict[str, Query]:
    parts: Sequence[str] = _HEADER.split(text)[1:]
    named: dict[str, str] = {}
    scopes: dict[str, str] = {}
    for kind, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        (named if kind == "name" else scopes)[name] = body.strip()
    return {name: _query(name, body, scopes) for name, body in named.items()}


def _query(name: str, body: str, scopes: Mapping[str, str]) -> Query:
    first, _, statement = body.partition("\n")
    if not first.startswith("-- "):
        raise ValueError(f"statement {name}: the line under its name must describe it")
    return Query(name, first[3:], statement.strip().rstrip(";"), scopes)


def copy_in(statement: str) -> AbstractContextManager[Any]:
    """`COPY … FROM STDIN` on Django's connection, inside its transaction."""
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    return cast(AbstractContextManager[Any], cursor.copy(cast(LiteralString, statement)))


def rows_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows into a table by COPY, inside the caller's transaction; for temporary tables."""
    names = ", ".join(columns)
    with copy_in(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
