"""What a nightly run does to the tables, in sets: buckets, proposals that wait, tasks and events.

The caller (`batch/nightly`) opens the transactions; the statements are `sql/nights.sql`. Proposals
wait in an ordinary table of the run's own, so that an ended run finds them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from django.db import connection

from kept.core.actors import Actor
from kept.store.cases import Turn, settle_cases
from kept.store.events import append_prepared_events
from kept.store.facts import CasesAsked
from kept.store.frames import read_frame, write_frame
from kept.store.queries import Query, load

__all__ = [
    "PROPOSAL_COLUMNS",
    "IdRange",
    "Night",
    "debtor_ranges",
    "drop_proposals",
    "make_proposals",
    "not_before_the_book",
    "read_addresses",
    "read_proposals",
    "seat_minutes_taken",
    "settle_range",
    "stand_at_end",
    "summarise_dealing",
    "summarise_tasks",
    "write_refused",
    "write_tasks",
]

PROPOSAL_COLUMNS: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64,
    "treatment": pl.Int64,
    "priority": pl.Int64,
    "seat_id": pl.Int64,
    "language": pl.String,
    "dpd": pl.Int64,
    "bucket": pl.Int64,
    "balance": pl.Int64,
    "overdue_balance": pl.Int64,
    "currency": pl.String,
    "lawful_minute": pl.Int64,
}
REFUSED_COLUMNS: Final = ("case_id", "treatment", "channel", "outcome", "rule_ids", "has_place")
_ADDRESSES: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64,
    "contact_point_id": pl.Int64,
    "kind": pl.String,
    "usage": pl.String,
    "position": pl.Int64,
}
_DEALT_COLUMNS: Final = (
    "case_id",
    "treatment",
    "priority",
    "seat_id",
    "reason",
    "dpd",
    "bucket",
    "balance",
    "overdue_balance",
    "currency",
    "lawful_minute",
)
_READING: Final = ("join_treatments", "find_open")
_WRITING: Final = (
    "expire",
    "carry_over",
    "write_tasks",
    "hand_over",
    "take_along",
    "tell_of_tasks",
)


@dataclass(frozen=True, slots=True)
class Night:
    """One run: whose book, for which business date, and the moment it began."""

    run_id: int
    creditor_id: int
    on: date
    now: datetime
    actor: Actor

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "creditor_id": self.creditor_id,
            "on": self.on,
            "now": self.now,
        }


@dataclass(frozen=True, slots=True)
class IdRange:
    """Rows by id, from `first_id` up to `end_id` (exclusive)."""

    first_id: int
    end_id: int


def not_before_the_book(now: datetime) -> datetime:
    """`now`, or the later moment that the book already has, where the clock was set back.

    A night sees every hold, entry and attempt that was written before it began. More than a day is
    not made up for: then the clock was wrong before.
    """
    found: datetime = load("nights")["newest_record"].rows({"now": now})[0]["newest"]
    return found.astimezone(now.tzinfo)


def debtor_ranges(creditor_id: int, size: int) -> list[IdRange]:
    """Ranges of `size` ids each that together hold every debtor of the creditor."""
    bounds = load("nights")["debtor_bounds"].rows({"creditor_id": creditor_id})[0]
    if bounds["first_id"] is None:
        return []
    starts = range(bounds["first_id"] // size * size, bounds["last_id"] + 1, size)
    return [IdRange(start, start + size) for start in starts]


def settle_range(
    night: Night, debtors: IdRange, last_account_id: int, turn: Turn
) -> dict[str, Any]:
    """Cases and buckets of a range of debtors brought to the business date, with their events.

    The caller has locked or shared the creditor's cases. `last_account_id` is the newest account
    that the night before knew (0: there was none).
    """
    sql, parameters = load("nights"), {**night.parameters, **_bounds(debtors)}
    _drop("touched_accounts", "new_moves")
    touched = sql["touch_by_time"].run(parameters)
    settle_cases(now=night.now, on=night.on, turn=turn)
    sql["move_buckets"].run(parameters)
    sql["write_moves"].run(parameters)
    sql["tell_of_settling"].run(parameters)
    append_prepared_events(actor=night.actor, now=night.now, batch_id=night.run_id)
    moves = sql["count_moves"].rows({"last_account_id": last_account_id})
    return {
        "accounts": touched,
        "moves": {f"{row['from_bucket']}>{row['to_bucket']}": row["accounts"] for row in moves},
    }


def stand_at_end(night: Night, last_case_id: int, last_stay_id: int) -> dict[str, int]:
    """The creditor's cases and stays in one look, and how many are newer than those ids.

    Ids of one creditor follow the order of commits: they are given under `lock_cases`.
    """
    parameters = {
        "creditor_id": night.creditor_id,
        "last_case_id": last_case_id,
        "last_stay_id": last_stay_id,
    }
    return load("nights")["stand_at_end"].rows(parameters)[0]


def make_proposals(run_id: int) -> None:
    _of_run("make_proposals", run_id).run()


def read_addresses(cases: CasesAsked) -> pl.DataFrame:
    """The debtors' own contact points (`case_id`, `contact_point_id`, `kind`, `usage`, `position`)
    in the open ones of the cases, but for those known to be dead."""
    query = load("nights")["own_addresses"].scoped(cases.scope)
    return read_frame(query, cases.parameters, _ADDRESSES)


def write_refused(night: Night, refused: pl.DataFrame) -> None:
    """What the law never allows, as refusals that stay in view and an event of each case.

    `refused` has `REFUSED_COLUMNS`, `rule_ids` a list with the deciding rule first. One that stands
    there since an earlier night is not written again within a month.
    """
    sql = load("nights")
    parameters = {**night.parameters, "actor": night.actor.name}
    _drop("refused_contacts")
    sql["make_refused"].run()
    arrays = pl.format("{{{}}}", pl.col("rule_ids").list.join(","))
    write_frame(refused.with_columns(rule_ids=arrays), "refused_contacts", REFUSED_COLUMNS)
    sql["forget_refused"].run(parameters)
    sql["write_refused"].run(parameters)
    sql["tell_of_refused"].run(parameters)
    append_prepared_events(actor=night.actor, now=night.now, batch_id=night.run_id)


def read_proposals(run_id: int) -> pl.DataFrame:
    """All proposals of the run in the order of their cases."""
    return read_frame(_of_run("read_proposals", run_id), {}, PROPOSAL_COLUMNS)


def drop_proposals(run_id: int) -> None:
    _of_run("drop_proposals", run_id).run()


def write_tasks(
    night: Night,
    cases: IdRange,
    dealt: pl.DataFrame,
    *,
    strategy: str,
    treatments: Sequence[Mapping[str, Any]],
    turn: Turn,
) -> dict[str, int]:
    """Tonight's tasks for a range of cases, with their events, written after the `turn`; the caller
    has locked or shared the creditor's cases.

    An open task of an earlier night goes on where tonight decides on the same, else it expires.

    `dealt` has the columns of a proposal, the seat found (null: it waits) and the reason as JSON;
    `treatments` say what each position of the strategy stands for.
    """
    sql = load("nights")
    parameters = {
        **night.parameters,
        **_bounds(cases),
        "strategy": strategy,
        "treatments": json.dumps(treatments),
    }
    _drop("dealt_cases", "tonight", "open_before", "written_tasks")
    sql["make_dealt"].run()
    write_frame(dealt, "dealt_cases", _DEALT_COLUMNS)
    for step in _READING:
        _of_run(step, night.run_id).run(parameters)
    turn()
    for step in _WRITING:
        sql[step].run(parameters)
    append_prepared_events(actor=night.actor, now=night.now, batch_id=night.run_id)
    return sql["count_tasks"].rows()[0]


def seat_minutes_taken(night: Night) -> dict[int, int]:
    """Minutes of seats that nights of other creditors have filled for the same business date, and
    those of call-backs that were asked for by its end."""
    rows = load("nights")["seat_minutes_taken"].rows(night.parameters)
    return {row["seat_id"]: row["minutes"] for row in rows}


def summarise_tasks(run_id: int) -> list[dict[str, Any]]:
    return load("nights")["summarise_tasks"].rows({"run_id": run_id})


def summarise_dealing(run_id: int) -> dict[str, int]:
    rows = load("nights")["summarise_dealing"].rows({"run_id": run_id})
    return {row["dealing"]: row["tasks"] for row in rows}


def _bounds(ids: IdRange) -> dict[str, int]:
    return {"first_id": ids.first_id, "end_id": ids.end_id}


def _of_run(name: str, run_id: int) -> Query:
    query = load("nights")[name]
    return Query(query.name, query.description, query.text.replace("_RUN", f"_{run_id:d}"))


def _drop(*tables: str) -> None:
    """Tables of an earlier chunk that is in the same transaction (a dry run is one)."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"DROP TABLE IF EXISTS pg_temp.{table}" for table in tables))
