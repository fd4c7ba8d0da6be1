"""The tables in which a file's rows wait beside the book: made, filled, counted and dropped.

Each run has unlogged tables of its own, so that dropping them costs nothing and two files never
meet; `sql/staging.sql` names them with `_RUN` in place of the run's number. A crash of the server
empties them, which `staged_counts` shows. What is written here is encrypted like the book.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection

from kept.store.queries import copy_in, load

__all__ = [
    "STAGED_COLUMNS",
    "StagedCounts",
    "copy_staged",
    "drop_staging",
    "empty_staging",
    "open_staging",
    "run_staged",
    "staged_counts",
    "staged_runs",
    "text_rows",
]

# The columns of each table in the order in which they are written. Rejects are kept in the book.
STAGED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "rejects": (
        "intake_file_id",
        "line_no",
        "external_id",
        "field",
        "code",
        "severity",
        "detail",
        "value_cipher",
    ),
    "rows": (
        "line_no",
        "external_id",
        "product_id",
        "currency",
        "opened_on",
        "original_amount_minor",
        "row_version",
        "state",
        "as_of",
        "debtor_external_id",
        "debtor_kind",
        "name",
        "name_key",
        "language",
        "country",
        "zones",
        "identity_kind",
        "identity_country",
        "identity_hash",
        "identity_cipher",
        "identity_masked",
        "due_on",
        "next_due_on",
        "overdue_minor",
        "balances",
        "balance_minor",
        "hold_reasons",
        "row_hash",
    ),
    "contacts": (
        "line_no",
        "related_index",
        "kind",
        "usage",
        "value_hash",
        "value_cipher",
        "masked",
        "country",
        "validity",
        "consent",
        "source",
        "position",
    ),
    "related": (
        "line_no",
        "index",
        "relation",
        "name",
        "name_key",
        "language",
        "identity_kind",
        "identity_country",
        "identity_hash",
        "identity_cipher",
        "identity_masked",
    ),
    "records": (
        "line_no",
        "external_id",
        "subject",
        "debtor_external_id",
        "accounts",
        "related_key",
        "contact_kind",
        "value_hash",
        "noun",
        "kind",
        "at",
        "ended_at",
        "legal_entity",
        "channel",
        "outcome",
        "inbound",
        "details",
        "secret_cipher",
        "row_hash",
    ),
    "payments": (
        "line_no",
        "external_id",
        "what",
        "channel",
        "bank_reference",
        "amount_minor",
        "currency",
        "received_on",
        "value_on",
        "way",
        "payer_relation",
        "details_cipher",
        "reference",
        "virtual_account",
        "accounts",
        "debtor",
        "tokens",
        "name_key",
        "reverses",
        "code",
    ),
}


@dataclass(frozen=True, slots=True)
class StagedCounts:
    rows: int = 0
    contacts: int = 0
    related: int = 0
    records: int = 0
    payments: int = 0


@contextmanager
def open_staging(run_id: int) -> Iterator[None]:
    """Make the run's tables where they are absent, and see them under the names `staged_*`.

    For the length of the work the session may sort and join in more memory than a page may.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '128MB'")
    run_staged("make_tables", run_id)
    run_staged("see_tables", run_id)
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("RESET work_mem")


def run_staged(name: str, run_id: int, parameters: Mapping[str, Any] | None = None) -> int:
    """A statement of `sql/staging.sql` on the tables of one run."""
    text = load("staging")[name].text.replace("_RUN", f"_{run_id:d}")
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return int(cursor.rowcount)


def empty_staging(run_id: int) -> None:
    run_staged("empty_tables", run_id)


def drop_staging(run_id: int) -> None:
    run_staged("drop_tables", run_id)


def staged_counts() -> StagedCounts:
    return StagedCounts(**load("staging")["count_rows"].rows()[0])


def staged_runs() -> list[int]:
    """The runs that have staging tables, finished ones too if they were ended before clearing."""
    return [row["run_id"] for row in load("staging")["list_runs"].rows()]


def text_rows(table: str, frame: pl.DataFrame) -> bytes:
    """The frame's rows as PostgreSQL's CSV: a null is nothing, an empty text is quoted.

    Needs no connection, so that it can be made ready beside a running COPY.
    """
    columns = STAGED_COLUMNS[table]
    written = io.BytesIO()
    frame.select(_as_text(frame.schema[name], name) for name in columns).write_csv(
        written, include_header=False
    )
    return written.getvalue()


def _as_text(kind: pl.DataType, name: str) -> pl.Expr:
    value = pl.col(name)
    if kind == pl.Binary():
        return ("\\x" + value.bin.encode("hex")).alias(name)
    if isinstance(kind, pl.List):  # of numbers or plain codes: nothing in them needs quoting
        return ("{" + value.cast(pl.List(pl.String())).list.join(",") + "}").alias(name)
    return value


def copy_staged(table: str, run_id: int, rows: bytes) -> None:
    """Write what `text_rows` made, inside the caller's transaction."""
    if not rows:
        return
    columns = ", ".join(STAGED_COLUMNS[table])
    name = "intake_rejects" if table == "rejects" else f"staged_{table}_{run_id:d}"
    statement = f"COPY {name} ({columns}) FROM STDIN (FORMAT csv)"
    with copy_in(statement) as copy:
        copy.write(rows)
