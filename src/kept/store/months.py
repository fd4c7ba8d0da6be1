"""Which months of events and attempts there are, what keeps one, and dropping it whole.

A dropped month of events leaves of each chain the place and hash of its last event there
(`event_starts`), and the event of the drop holds a hash over all of these: verification goes on
from them, and finds a beginning that retention did not leave.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kept.store.partitions import PARTITIONED, next_month
from kept.store.queries import Query, load

__all__ = [
    "Month",
    "Staying",
    "are_starts_told",
    "drop_month",
    "list_months",
    "starts_digest",
    "staying",
]

_NAME = re.compile(r"(events|attempts)_([0-9]{4})_([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one table."""

    table: str
    first_day: date

    @property
    def part(self) -> str:
        return f"{self.table}_{self.first_day:%Y_%m}"

    @property
    def last_day(self) -> date:
        return next_month(self.first_day) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Staying:
    """Why a month stays: how many of its chains are not sealed, live on, or are under a hold."""

    unsealed: int
    living: int
    held: int
    chains: int

    @property
    def is_free(self) -> bool:
        return not (self.unsealed or self.living or self.held)


def list_months(table: str) -> list[Month]:
    """The months of a table, oldest first."""
    assert table in PARTITIONED
    names = (row["part"] for row in load("months")["list_months"].rows({"parent": table}))
    found = (_NAME.fullmatch(name) for name in names)
    return [Month(each[1], date(int(each[2]), int(each[3]), 1)) for each in found if each]


def staying(month: Month, kept_from: datetime) -> Staying:
    """`kept_from` is the moment since which a chain or case counts as living."""
    query = _of(month, f"{month.table}_that_stay")
    return Staying(**query.rows({"kept_from": kept_from})[0])


def drop_month(month: Month) -> int:
    """Drop it in the caller's transaction; says how many rows went."""
    rows = int(_of(month, "count_rows").rows()[0]["n"])
    if month.table == "events":
        _of(month, "cut_chains").run()
    _of(month, "drop_month").run()
    if month.table == "attempts":
        days = {"first": month.first_day, "next": next_month(month.first_day)}
        for name in ("forget_refused_permits", "drop_permits"):
            load("months")[name].run(days)
    return rows


def starts_digest() -> str | None:
    """SHA-256, in hex, over the beginnings of all chains that were cut; None where none was."""
    found: str | None = load("months")["starts_digest"].rows()[0]["digest"]
    return found


def are_starts_told() -> bool:
    """Whether the beginnings, where there are any, are those the newest dropped month tells of."""
    found = starts_digest()
    if found is None:
        return True
    told = load("months")["told_digest"].rows()
    return bool(told) and json.loads(told[0]["body"])["starts"] == found


def _of(month: Month, name: str) -> Query:
    query = load("months")[name]
    return Query(query.name, query.description, query.text.replace("_PART", month.part))
