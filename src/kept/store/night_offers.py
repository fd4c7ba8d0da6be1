"""What a run's cases could get, waiting in a table of the run's own until it is priced.

One row a case: who it is, and for each treatment of the strategy what it is worth where it is
proposed and lawful. Ids, codes and figures only. The caller opens the transactions.
"""

from __future__ import annotations

import polars as pl
from django.db import connection

from kept.store.facts import CasesAsked
from kept.store.frames import read_frame, write_frame
from kept.store.nights import PROPOSAL_COLUMNS
from kept.store.offer_columns import offer_columns
from kept.store.queries import Query, load

__all__ = [
    "case_bounds",
    "make_offers",
    "people_of_cases",
    "read_offers",
    "replace_proposals",
    "write_offers",
]


def make_offers(run_id: int, treatments: int, channels: int) -> None:
    columns = [
        f"{name} {'text' if kind == pl.String else 'bigint'}"
        for name, kind in offer_columns(treatments, channels).items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {_table(run_id)} ({', '.join(columns)})")


def write_offers(run_id: int, offers: pl.DataFrame) -> None:
    write_frame(offers, _table(run_id), tuple(offers.columns))


def read_offers(run_id: int, treatments: int, channels: int) -> pl.DataFrame:
    """All of a run, by person and case."""
    columns = offer_columns(treatments, channels)
    text = f"TABLE {_table(run_id)}"
    found = read_frame(Query("offers", "what the cases of a run could get", text), {}, columns)
    return found.sort("person_id", "case_id")


def replace_proposals(run_id: int, proposals: pl.DataFrame) -> None:
    """What was chosen, in place of what an ended run may have written."""
    table = f"night_proposals_{run_id:d}"
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}")
    write_frame(proposals, table, (*PROPOSAL_COLUMNS, "price"))


def people_of_cases(cases: CasesAsked) -> pl.DataFrame:
    """The person behind each of the cases."""
    query = load("nights")["people_of_cases"].scoped(cases.scope)
    columns = {"case_id": pl.Int64, "person_id": pl.Int64}
    return read_frame(query, cases.parameters, columns)


def case_bounds(creditor_id: int) -> tuple[int, int] | None:
    """The lowest and the highest case that a creditor ever had, open or closed."""
    row = load("nights")["case_bounds"].rows({"creditor_id": creditor_id})[0]
    return None if row["first_id"] is None else (row["first_id"], row["last_id"])


def _table(run_id: int) -> str:
    return f"night_offers_{run_id:d}"
