"""Cases to be decided again by day: marking them with the write that changed them, and the queue.

Whoever changes something marks the cases in its own transaction, after its event (marks are locked
last, here and by the decision, so that nobody waits in a circle), and a job is put into the queue
with it where none is on the way. The decision (`batch/day`) takes a mark off only in the version
that it has seen, so that a write in between is never lost. Statements: `sql/to_decide.sql`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from procrastinate.contrib.django import app

from kept.store.queries import Query, load

__all__ = [
    "DECIDE",
    "TRIES_MOST",
    "Cause",
    "ToDecide",
    "claim",
    "count_try",
    "creditors_waiting",
    "forget",
    "is_due",
    "mark_case",
    "mark_paid",
    "mark_person",
    "mark_tasks",
    "mark_touched",
    "only_decider",
    "send_decider",
    "take_off",
]

#: The job that decides a creditor's marked cases.
DECIDE: Final = "case.decide"
#: A case whose decision did not end so often waits for the next write or night.
TRIES_MOST: Final = 8
_URGENT: Final = 100
_LOCK: Final = 0x64656369  # "deci": one decider at a time for each creditor


class Cause:
    """What happened to a case; closed words, told in its events."""

    OUTCOME = "outcome"
    TASK = "task"
    HOLD = "hold"
    RECORD = "record"
    PAYMENT = "payment"
    SEAT = "seat"
    CAPACITY = "capacity"
    PROMISE = "promise"


@dataclass(frozen=True, slots=True)
class ToDecide:
    """One marked case."""

    case_id: int
    cause: str
    asked_at: datetime
    version: int
    priority: int
    tries: int


def mark_person(debtor_id: int, cause: str, now: datetime) -> None:
    """The open cases of the debtor's person, at every creditor: contacts count per person."""
    _mark(_sql("mark").scoped("person"), {"debtor_id": debtor_id}, cause, now)


def mark_case(case_id: int, cause: str, now: datetime) -> None:
    """One case alone."""
    _mark(_sql("mark").scoped("case"), {"case_id": case_id}, cause, now)


def mark_paid(run_id: int, cause: str, now: datetime) -> None:
    """The cases of `touched_accounts` for which a run has posted payments."""
    _mark(_sql("mark").scoped("paid"), {"run_id": run_id}, cause, now)


def mark_touched(cause: str, now: datetime) -> None:
    """The cases of `touched_accounts`."""
    _mark(_sql("mark").scoped("touched"), {}, cause, now)


def mark_tasks(
    cause: str,
    now: datetime,
    *,
    seat_id: int | None = None,
    creditor_id: int | None = None,
    channels: Sequence[str] | None = None,
    least_urgent_first: bool = False,
) -> None:
    """The cases of open tasks that a change of a seat or a capacity concerns."""
    given = {
        "seat_id": seat_id,
        "creditor_id": creditor_id,
        "channels": None if channels is None else list(channels),
        "direction": 1 if least_urgent_first else -1,
    }
    _mark(_sql("mark_tasks"), given, cause, now)


def send_decider(creditor_ids: Iterable[int]) -> None:
    """A job for each creditor, in the transaction of the caller."""
    task = app.configure_task(DECIDE, queue="day", priority=_URGENT)
    for creditor_id in sorted(set(creditor_ids)):
        task.defer(creditor_id=creditor_id)


@contextmanager
def only_decider(creditor_id: int) -> Iterator[bool]:
    """Whether we are the one who decides a creditor's cases; held until the end of the block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, creditor_id])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, creditor_id])


def claim(creditor_id: int, now: datetime, limit: int) -> list[ToDecide]:
    """The next ones to be decided; one that did not end before comes alone."""
    given = {**_due(creditor_id, now), "limit": limit}
    found = [ToDecide(**row) for row in _sql("claim").rows(given)]
    return found[:1] if found and found[0].tries else [each for each in found if not each.tries]


def count_try(cases: Collection[ToDecide]) -> None:
    _sql("count_try").run({"case_ids": [each.case_id for each in cases]})


def take_off(cases: Collection[ToDecide], put_off: Mapping[int, datetime]) -> None:
    """Those that were not written to since they were claimed; the others begin anew.

    `put_off` are the cases that are looked at again at a later time.
    """
    ids = [each.case_id for each in cases]
    _sql("lock_marks").rows({"case_ids": ids})
    done = [each for each in cases if each.case_id not in put_off]
    versions = [each.version for each in done]
    _sql("take_off").run({"case_ids": [each.case_id for each in done], "versions": versions})
    for each in cases:
        if each.case_id in put_off:
            given = {"case_id": each.case_id, "version": each.version}
            _sql("put_off").run({**given, "due_at": put_off[each.case_id]})
    _sql("forgive").run({"case_ids": ids})


def is_due(creditor_id: int, now: datetime) -> bool:
    return bool(_sql("is_due").rows(_due(creditor_id, now))[0]["found"])


def creditors_waiting(before: datetime) -> list[int]:
    """Creditors with cases that have waited since before a moment and could be decided."""
    given = {"before": before, "tries_most": TRIES_MOST}
    return [row["creditor_id"] for row in _sql("creditors_waiting").rows(given)]


def forget(creditor_id: int) -> None:
    _sql("forget").run({"creditor_id": creditor_id})


def _mark(query: Query, given: Mapping[str, Any], cause: str, now: datetime) -> None:
    rows = query.rows({**given, "cause": cause, "now": now})
    send_decider(row["creditor_id"] for row in rows if row["is_new"])


def _due(creditor_id: int, now: datetime) -> dict[str, Any]:
    return {"creditor_id": creditor_id, "now": now, "tries_most": TRIES_MOST}


def _sql(name: str) -> Query:
    return load("to_decide")[name]
