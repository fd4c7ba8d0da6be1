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

from kept.store.queries import Query, copy_in

__all__ = ["read_frame", "write_frame"]


def read_frame(
    query: Query, parameters: Mapping[str, Any], schema: Mapping[str, Any]
) -> pl.DataFrame:
    """The rows of a query with the columns of the schema, by name; truths travel as 0 and 1."""
    stored = {name: pl.Int8 if kind == pl.Boolean else kind for name, kind in schema.items()}
    text = io.BytesIO()
    connection.ensure_connection()
    statement = f"COPY ({query.text}) TO STDOUT (FORMAT csv, HEADER true)"
    with connection.connection.cursor() as cursor, cursor.copy(statement, parameters) as copy:
        for part in copy:
            text.write(part)
    text.seek(0)
    frame = pl.read_csv(text, schema_overrides=stored, infer_schema=False)
    truths = [name for name, kind in schema.items() if kind == pl.Boolean]
    return frame.select(*schema).with_columns(pl.col(truths).cast(pl.Boolean))


def write_frame(frame: pl.DataFrame, table: str, columns: tuple[str, ...]) -> None:
    """Append the frame's columns to a table; nulls stay nulls, texts must not be empty."""
    text = io.BytesIO()
    frame.select(*columns).write_csv(text, include_header=False)
    named = ", ".join(columns)
    with copy_in(f"COPY {table} ({named}) FROM STDIN (FORMAT csv, NULL '')") as copy:
        copy.write(text.getvalue())
