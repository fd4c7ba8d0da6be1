"""Reading the book for many intended contacts of one creditor: set-based, bounded by the caller.

The statements are `store/sql/intended.sql`, the many-sized twins of those that `work/situations.py`
reads one contact by. Rows are only read here; what they mean to the law is `intended_frames.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.db import connection

from kept.store.frames import read_frame, write_frame
from kept.store.queries import Query, load

__all__ = ["IntendedRows", "read_intended"]

_CONTACTS: Final = ("number", "case_id", "channel", "contact_point_id", "related_person_id")
_GROUPS: Final = ("number", "case_id", "debtor_id", "person_id", "natural_id")
_TABLES: Final = ("intended_contacts", "intended_groups", "intended_people")
_PARTIES: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("number", "case_id", "debtor_id", "person_id"), pl.Int64),
    **dict.fromkeys(("team_entity_id", "point_id", "related_id"), pl.Int64),
    "related_person_person_id": pl.Int64,
    **dict.fromkeys(("is_erased", "is_withdrawn", "has_home", "has_own_home"), pl.Boolean),
    **dict.fromkeys(("close_reason", "debtor_country", "debtor_zones", "point_usage"), pl.String),
    **dict.fromkeys(("address", "number_cipher", "relation", "account_ids"), pl.String),
    **dict.fromkeys(("product_ids", "home_country", "home_region", "home_zone"), pl.String),
    **dict.fromkeys(("own_country", "own_region", "own_zone"), pl.String),
}
_HISTORY: Final[Mapping[str, Any]] = {
    "instant": pl.Float64,
    **dict.fromkeys(("id", "number", "entity_id", "related_id"), pl.Int64),
    **dict.fromkeys(("related_person_person_id", "person_id"), pl.Int64),
    **dict.fromkeys(("inbound", "is_told"), pl.Boolean),
    **dict.fromkeys(("channel", "outcome", "account_ids", "talked_account_ids"), pl.String),
    **dict.fromkeys(("relation", "address", "usage"), pl.String),
}
_MARKS: Final[Mapping[str, Any]] = {
    "number": pl.Int64,
    "has_attorney": pl.Boolean,
    "hold_reasons": pl.String,
    "numbers_invalid": pl.Boolean,
}
_KNOWING: Final[Mapping[str, Any]] = {"number": pl.Int64, "creditor_ids": pl.String}
_LISTS: Final = ("stops", "circumstances", "consents", "representations", "disputes")


@dataclass(frozen=True, slots=True)
class IntendedRows:
    """What the book knows of the contacts of one chunk.

    `parties` has a row for each contact, in the order of their numbers, and its `group`: contacts
    of one case with one person. `history` is by group, oldest first. `marks`, `records` and
    `knowing` (the creditors of a person whom several know) are by group, where there are any.
    """

    minute: int
    creditor_id: int
    creditor: Mapping[str, Any]
    parties: pl.DataFrame
    history: pl.DataFrame
    marks: Mapping[int, Mapping[str, Any]]
    records: Mapping[int, Mapping[str, Any]]
    knowing: Mapping[int, tuple[int, ...]]
    histories: Mapping[int, Mapping[str, Any]]


def read_intended(contacts: pl.DataFrame, *, creditor_id: int, minute: int) -> IntendedRows:
    """Inside the caller's transaction; `contacts` have `number`, `case_id`, `channel`,
    `contact_point_id` and `related_person_id` (both may be null)."""
    sql = load("intended").queries
    at = {"creditor_id": creditor_id, "minute": minute}
    _make(contacts)
    creditor = _read_json(sql["mandates"].rows(at)[0], ("engagements", "products", "switches"))
    parties = read_frame(sql["parties"], at, _PARTIES)
    same = pl.struct("case_id", pl.col("related_id").fill_null(0))
    parties = parties.with_columns(group=same.rank("dense").cast(pl.Int64) - 1)
    _make_groups(parties)
    records = _records_query().rows({"minute": minute, "zone": creditor["creditor_zone"]})
    known = read_frame(sql["knowing_creditors"], {}, _KNOWING)
    return IntendedRows(
        minute=minute,
        creditor_id=creditor_id,
        creditor=creditor,
        parties=parties,
        history=_oldest_first(read_frame(sql["history"], at, _HISTORY)),
        marks={row["number"]: row for row in _dicts(read_frame(sql["marks"], {}, _MARKS))},
        records={row["number"]: _read_json(row, _LISTS) for row in records},
        knowing={each: tuple(map(int, ids.split(","))) for each, ids in known.iter_rows()},
        histories={row["creditor_id"]: row for row in sql["histories"].rows()},
    )


def _oldest_first(history: pl.DataFrame) -> pl.DataFrame:
    """By group; `minute` instead of `instant`, the seconds since 1970."""
    ordered = history.sort("number", "instant", "id")
    minute = (pl.col("instant") / 60).floor().cast(pl.Int64)
    return ordered.with_columns(minute=minute).drop("instant", "id")


def _make(contacts: pl.DataFrame) -> None:
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    load("intended")["make_contacts"].run()
    write_frame(contacts, "intended_contacts", _CONTACTS)


def _make_groups(parties: pl.DataFrame) -> None:
    natural = pl.when(pl.col("related_id").is_not_null()).then("related_person_person_id")
    groups = parties.select(
        "case_id", "debtor_id", "person_id", number="group", natural_id=natural
    ).unique("number", keep="first", maintain_order=True)
    sql = load("intended").queries
    sql["make_groups"].run()
    write_frame(groups, "intended_groups", _GROUPS)
    sql["make_people"].run()
    sql["count_groups"].run()


def _records_query() -> Query:
    """The statement for one debtor, beside each debtor of whom something is recorded."""
    one = load("situations")["records"].text
    one = one.replace("%(person_ids)s::bigint[]", "g.person_ids")
    one = one.replace("%(debtor_id)s", "g.debtor_id")
    many = load("intended")["records"]
    return Query(many.name, many.description, many.text.replace("/* records */", one))


def _read_json(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    found = dict(row)
    for name in names:
        value = found[name]
        found[name] = json.loads(value) if isinstance(value, str) else value
    return found


def _dicts(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dicts()
