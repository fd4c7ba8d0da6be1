"""Columns out of the database and back by COPY, on Django's connection and in its transaction.

So a frame shows what the transaction has written, and what is written from one is undone with it.
Bounded by the caller: what is read is held in memory.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db import connection
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from kept.store.queries import Query, copy_in

__all__ = ["read_frame", "write_frame"]


def read_frame(
    query: Query, parameters: Mapping[str, Any], schema: Mapping[str, Any]
) -> pl.DataFrame:
    """The rows of a query with the columns of the schema, by name; truths travel as 0 and 1."""
    stored = {name: pl.Int8 if kind == pl.Boolean else kind for name, kind in schema.items()}
    statement = f"COPY ({query.text}) TO STDOUT (FORMAT csv, HEADER true)"
    text = _copied_out(statement, parameters)
    frame = pl.read_csv(text, schema_overrides=stored, infer_schema=False)
    truths = [name for name, kind in schema.items() if kind == pl.Boolean]
    return frame.select(*schema).with_columns(pl.col(truths).cast(pl.Boolean))


def _copied_out(statement: str, parameters: Mapping[str, Any]) -> io.BytesIO:
    """By libpq itself: a step of the driver for each row takes longer than the row."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        # Begins the transaction where one is wanted and none has begun.
        cursor.execute("SELECT")
        server = connection.connection.pgconn
        begun = server.exec_(cursor.mogrify(statement, parameters).encode())
    if begun.status != ExecStatus.COPY_OUT:
        raise error_from_result(begun)
    text = io.BytesIO()
    size, part = server.get_copy_data(0)
    while size > 0:
        text.write(part)
        size, part = server.get_copy_data(0)
    _end_copy(server)
    text.seek(0)
    return text


def _end_copy(server: PGconn) -> None:
    """Nothing may be left on the wire; what failed in the middle of the rows is told here."""
    failed = None
    while (ended := server.get_result()) is not None:
        if ended.status != ExecStatus.COMMAND_OK:
            failed = failed or error_from_result(ended)
    if failed is not None:
        raise failed


def write_frame(frame: pl.DataFrame, table: str, columns: tuple[str, ...]) -> None:
    """Append the frame's columns to a table; nulls stay nulls, texts must not be empty."""
    text = io.BytesIO()
    frame.select(*columns).write_csv(text, include_header=False)
    named = ", ".join(columns)
    with copy_in(f"COPY {table} ({named}) FROM STDIN (FORMAT csv, NULL '')") as copy:
        copy.write(text.getvalue())
