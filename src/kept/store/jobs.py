"""The queue's tables as kept reads and mends them: stalled jobs, notes of failures, what is old.

Putting a job into the queue and taking one out is procrastinate's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from kept.store.queries import load

__all__ = [
    "JobRow",
    "begin_again",
    "count_jobs",
    "drop_old_jobs",
    "is_known",
    "lock_job",
    "note_failure",
    "read_jobs",
    "sweep_stalled",
    "work_waits",
]

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class JobRow:
    """`code` and `detail` say why it failed last; `since` is when it came into its state."""

    id: int
    task_name: str
    status: str
    attempts: int
    args: Mapping[str, Any]
    queue_name: str = ""
    priority: int = 0
    scheduled_at: datetime | None = None
    code: str | None = None
    detail: Mapping[str, Any] | None = None
    since: datetime | None = None


@transaction.atomic
def sweep_stalled(*, stalled_seconds: float, ends_most: int) -> int:
    """Put jobs of workers that are gone back into the queue; returns how many were found.

    One that was under way when its worker ended `ends_most` times is failed: it may be what ends
    them. Safe to run everywhere at once.
    """
    sql = load("jobs")
    sql["set_heartbeats_right"].run({"seconds": stalled_seconds})
    rows = sql["stalled"].rows({"seconds": stalled_seconds, "limit": _BATCH})
    for row in rows:
        if row["attempts"] + 1 >= ends_most:
            sql["give_up"].run(row)
            note_failure(row["id"], "ended_by_force", {"times": row["attempts"] + 1})
        else:
            sql["begin_again"].run(row)
    return len(rows)


def note_failure(job_id: int, code: str, detail: Mapping[str, object]) -> None:
    load("jobs")["note"].run({"id": job_id, "code": code, "detail": json.dumps(dict(detail))})


def begin_again(job_id: int) -> None:
    load("jobs")["begin_again"].run({"id": job_id})


def read_jobs(states: Sequence[str], limit: int) -> list[JobRow]:
    """The most urgent first; failed ones the newest first."""
    rows = load("jobs")["shown"].rows({"states": list(states), "limit": limit})
    return [_row(row) for row in rows]


def lock_job(job_id: int) -> JobRow | None:
    rows = load("jobs")["locked"].rows({"id": job_id})
    return _row(rows[0]) if rows else None


def count_jobs() -> dict[str, int]:
    return {row["status"]: row["jobs"] for row in load("jobs")["counts"].rows()}


def is_known(task_name: str, args: Mapping[str, object]) -> bool:
    """Whether such a job waits, runs or has failed; one that ended well is not known any more."""
    given = {"task": task_name, "args": json.dumps(dict(args))}
    return bool(load("jobs")["is_known"].rows(given)[0]["known"])


def work_waits(now: datetime) -> Mapping[str, bool]:
    """Whether there are intents and news to be carried out."""
    found: Mapping[str, bool] = load("jobs")["work_waits"].rows({"now": now})[0]
    return found


def drop_old_jobs(before: datetime) -> int:
    """Forget jobs that ended well before a time; failed ones stay until somebody looks."""
    dropped = 0
    while True:
        count = load("jobs")["drop_old"].run({"before": before, "limit": _BATCH})
        dropped += count
        if count < _BATCH:
            load("jobs")["drop_old_notes"].run()
            return dropped


def _row(row: Mapping[str, Any]) -> JobRow:
    given = dict(row)
    for name in ("args", "detail"):
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    return JobRow(**given)
