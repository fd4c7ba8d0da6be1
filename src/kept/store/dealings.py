"""What dealing reads of cases and seats, and the moves that it writes, in sets.

The caller opens the transaction; the statements are `sql/dealings.sql`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import polars as pl
from django.db import connection

from kept.core.actors import Actor
from kept.core.attempts import CONVERSATIONS
from kept.core.dealing_policy import DealingPolicy
from kept.store.events import append_prepared_events
from kept.store.frames import read_frame, write_frame
from kept.store.queries import Query, load

__all__ = [
    "MOVED_COLUMNS",
    "Before",
    "cases_held",
    "cases_of_conflicts",
    "keep_before",
    "minutes_spoken_for",
    "read_before",
    "read_conflicts",
    "read_kept_before",
    "read_open_pile",
    "return_to_pile",
    "undo_moves",
    "write_moves",
]

MOVED_COLUMNS: Final = ("case_id", "task_id", "seat_after", "why", "reason")
_BEFORE: Final = {"case_id": pl.Int64, "stage": pl.String, "leaves": pl.Int64}
_PILE: Final[Mapping[str, Any]] = {
    "task_id": pl.Int64,
    "case_id": pl.Int64,
    "treatment": pl.String,
    "stage": pl.String,
    "skill": pl.String,
    "minutes": pl.Int64,
    "priority": pl.Int64,
    "seat_id": pl.Int64,
    "task_seat": pl.Int64,
    "language": pl.String,
    "balance_minor": pl.Int64,
    "overdue_minor": pl.Int64,
    "currency": pl.String,
    "case_stage": pl.String,
}


@dataclass(frozen=True, slots=True)
class Before:
    """Whose cases, on which day, as known when."""

    creditor_id: int
    on: date
    now: datetime

    def parameters(self, policy: DealingPolicy) -> dict[str, Any]:
        return {
            "creditor_id": self.creditor_id,
            "on": self.on,
            "now": self.now,
            "idle_days": policy.idle_days,
            "tries": policy.tries,
            "try_days": policy.try_days,
            "conversations": sorted(CONVERSATIONS),
        }


def read_before(before: Before, policy: DealingPolicy) -> pl.DataFrame:
    """Cases with a seat: `case_id`, `stage`, `leaves` (0, or the `Why` for which it leaves)."""
    return read_frame(load("dealings")["cases_before"], before.parameters(policy), _BEFORE)


def keep_before(run_id: int, before: Before, policy: DealingPolicy) -> None:
    """The same for a night, kept in a table of its own, so that a resumed night sees no other."""
    query = load("dealings")["cases_before"]
    table = f"night_before_{run_id:d}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
    made = Query(query.name, query.description, f"CREATE TABLE {table} AS {query.text}")
    made.run(before.parameters(policy))


def read_kept_before(run_id: int) -> pl.DataFrame:
    query = load("dealings")["read_before"]
    text = query.text.replace("_RUN", f"_{run_id:d}")
    return read_frame(Query(query.name, query.description, text), {}, _BEFORE)


def read_conflicts(creditor_id: int) -> list[tuple[int, int]]:
    """(seat, debtor of the creditor) that must not meet."""
    rows = load("dealings")["conflicts"].rows({"creditor_id": creditor_id})
    return [(row["seat_id"], row["debtor_id"]) for row in rows]


def cases_of_conflicts(conflicts: Sequence[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """The seats that must keep off each case."""
    if not conflicts:
        return {}
    debtor_ids = sorted({debtor_id for _seat_id, debtor_id in conflicts})
    rows = load("dealings")["cases_of_debtors"].rows({"debtor_ids": debtor_ids})
    cases = {row["debtor_id"]: row["case_id"] for row in rows}
    found: dict[int, set[int]] = {}
    for seat_id, debtor_id in conflicts:
        if debtor_id in cases:
            found.setdefault(cases[debtor_id], set()).add(seat_id)
    return {case_id: frozenset(seats) for case_id, seats in found.items()}


def cases_held(seat_ids: Sequence[int]) -> dict[int, int]:
    rows = load("dealings")["cases_held"].rows({"seat_ids": list(seat_ids)})
    return {row["seat_id"]: row["cases"] for row in rows}


def minutes_spoken_for(creditor_id: int, on: date) -> dict[int, int]:
    rows = load("dealings")["minutes_spoken_for"].rows({"creditor_id": creditor_id, "on": on})
    return {row["seat_id"]: row["minutes"] for row in rows}


def read_open_pile(creditor_id: int, seat_ids: Sequence[int] | None = None) -> pl.DataFrame:
    """The open tasks of a creditor, one a case; with seats given, of these and of nobody."""
    given = {"creditor_id": creditor_id, "seat_ids": None if seat_ids is None else list(seat_ids)}
    return read_frame(load("dealings")["open_pile"], given, _PILE)


def write_moves(
    moves: pl.DataFrame,
    *,
    actor: Actor,
    run_id: int | None,
    on: date,
    now: datetime,
    clears: bool = False,
) -> int:
    """Move cases with their open tasks, one event a case; `moves` has `MOVED_COLUMNS`.

    With a run they can be undone. `clears`: a case that goes to the pile has no seat any more.
    """
    _make_moved()
    write_frame(moves, "moved_cases", MOVED_COLUMNS)
    return _move(actor=actor, run_id=run_id, on=on, now=now, clears=clears)


def return_to_pile(
    seat_id: int,
    *,
    why: str,
    skills: Sequence[str] | None,
    creditor_ids: Sequence[int],
    actor: Actor,
    on: date,
    now: datetime,
) -> int:
    """The seat's open tasks that it cannot take any more (all: `skills` None) go to the pile."""
    _make_moved()
    given = {"seat_id": seat_id, "why": why, "all": skills is None}
    given |= {"skills": list(skills or ()), "creditor_ids": list(creditor_ids)}
    load("dealings")["stranded_to_pile"].run(given)
    return _move(actor=actor, run_id=None, on=on, now=now, clears=True)


def undo_moves(run_id: int, *, actor: Actor, on: date, now: datetime) -> tuple[int, dict[int, str]]:
    """How many cases went back, and why each of the others stays."""
    sql, given = load("dealings"), {"run_id": run_id, "on": on, "now": now}
    sql["lock_moves"].rows(given)
    _make_moved()
    undone = sql["moves_to_undo"].run(given)
    sql["tell_of_moves"].run(given)
    sql["move_tasks"].run(given)
    sql["undo_case_seats"].run(given)
    sql["mark_undone"].run(given)
    append_prepared_events(actor=actor, now=now, batch_id=run_id)
    return undone, {row["case_id"]: row["why"] for row in sql["moves_left"].rows(given)}


def _make_moved() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.moved_cases")
    load("dealings")["make_moved"].run()


def _move(*, actor: Actor, run_id: int | None, on: date, now: datetime, clears: bool) -> int:
    sql, given = load("dealings"), {"run_id": run_id, "on": on, "clears": clears}
    if run_id is not None:
        sql["record_moves"].run(given)
    sql["tell_of_moves"].run(given)
    sql["move_tasks"].run(given)
    moved = sql["move_cases"].run(given)
    append_prepared_events(actor=actor, now=now, batch_id=run_id)
    return moved
