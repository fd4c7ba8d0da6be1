"""The jobs of the queue for people: what runs and how far it is, what waits, what failed and why.

Jobs are put into the queue and worked off in `batch`; here they are read, and one that failed is
put back. A job belongs to the creditor whose file or night it is; those of the house are seen by
who sees the whole house.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach
from kept.store.events import append_event
from kept.store.jobs import JobRow, begin_again, count_jobs, lock_job, read_jobs
from kept.store.models import Creditor, IntakeFile, Run
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, may_house, require
from kept.work.refusals import Refusal

__all__ = ["FAILED", "JobView", "JobsView", "do_run_job_again", "list_jobs"]

SHOWN: Final = 50
RUNNING, WAITING, FAILED = "doing", "todo", "failed"


@dataclass(frozen=True, slots=True)
class JobView:
    """One job. `about` is the file or date it works on; units are those of its run, where it has
    one; `code` and `detail` say why it failed last, `is_known` whether its code is still there."""

    job_id: int
    task_name: str
    state: str
    attempts: int
    creditor_name: str
    about: str
    since: datetime | None
    not_before: datetime | None
    stage: str
    done_units: int
    total_units: int
    code: str
    detail: Mapping[str, Any]
    is_known: bool


@dataclass(frozen=True, slots=True)
class JobsView:
    """At most `SHOWN` of each; `counts` are of the whole queue, for who sees the whole house."""

    running: tuple[JobView, ...]
    waiting: tuple[JobView, ...]
    failed: tuple[JobView, ...]
    counts: Mapping[str, int]


def list_jobs(actor: Actor, *, known: Callable[[str], bool]) -> JobsView:
    """The jobs that the actor may see; `known` says whether there is code for a task's name."""
    reach = require(actor, Permission.JOB_READ)
    sees_house = may_house(actor, Permission.JOB_READ)
    shown: dict[str, list[JobView]] = {RUNNING: [], WAITING: [], FAILED: []}
    for state, views in shown.items():
        rows = read_jobs([state], SHOWN)
        owners = _owners(reach, rows, sees_house=sees_house)
        views += [_view(row, owners[row.id], known) for row in rows if row.id in owners]
    counts = count_jobs() if sees_house else {}
    return JobsView(tuple(shown[RUNNING]), tuple(shown[WAITING]), tuple(shown[FAILED]), counts)


@transaction.atomic
def do_run_job_again(
    *, actor: Actor, job_id: int, known: Callable[[str], bool], now: datetime
) -> None:
    """Put a failed job back into the queue; what it did before it failed is not done again."""
    reach = require(actor, Permission.JOB_RUN)
    row = lock_job(job_id)
    sees_house = may_house(actor, Permission.JOB_RUN)
    if row is None or row.id not in _owners(reach, [row], sees_house=sees_house):
        raise not_there()
    if row.status != FAILED:
        raise Refusal(_("This job is not failed any more; look at the page again."))
    if not known(row.task_name):
        raise Refusal(_("The code of this job is gone; it cannot be run by this version."))
    begin_again(row.id)
    append_event(
        actor=actor,
        action="job.run_again",
        subject=f"job:{row.id}",
        body={"task": row.task_name, "attempts": row.attempts},
        now=now,
    )


# --- whose a job is -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Owner:
    creditor_name: str = ""
    about: str = ""
    run: Run | None = None


def _owners(reach: Reach, rows: list[JobRow], *, sees_house: bool) -> dict[int, _Owner]:
    """Whom each job belongs to, by the job's number, without jobs that the actor may not see."""
    file_ids = [row.args["intake_file_id"] for row in rows if "intake_file_id" in row.args]
    files = {
        file.pk: file
        for file in visible_rows(IntakeFile, reach)
        .filter(pk__in=file_ids)
        .select_related("creditor", "run")
    }
    ids = {row.args["creditor_id"] for row in rows if "creditor_id" in row.args}
    creditors = visible_rows(Creditor, reach).in_bulk(ids)
    found: dict[int, _Owner] = {}
    for row in rows:
        owner = _owner(row, files, creditors, sees_house=sees_house)
        if owner is not None:
            found[row.id] = owner
    return found


def _owner(
    row: JobRow,
    files: Mapping[int, IntakeFile],
    creditors: Mapping[int, Creditor],
    *,
    sees_house: bool,
) -> _Owner | None:
    if "intake_file_id" in row.args:
        file = files.get(row.args["intake_file_id"])
        return None if file is None else _Owner(file.creditor.name, file.name, file.run)
    if "creditor_id" in row.args:
        creditor = creditors.get(row.args["creditor_id"])
        on = str(row.args.get("on", ""))
        return None if creditor is None else _Owner(creditor.name, on, _night(creditor, on))
    return _Owner() if sees_house else None


def _night(creditor: Creditor, on: str) -> Run | None:
    nights = Run.objects.filter(kind="nightly", creditor=creditor)
    return nights.filter(business_date=on).first() if on else None


def _view(row: JobRow, owner: _Owner, known: Callable[[str], bool]) -> JobView:
    run = owner.run if row.status == RUNNING else None
    is_known = known(row.task_name)
    return JobView(
        job_id=row.id,
        task_name=row.task_name,
        state=row.status,
        attempts=row.attempts,
        creditor_name=owner.creditor_name,
        about=owner.about,
        since=row.since,
        not_before=row.scheduled_at,
        stage=run.stage if run else "",
        done_units=run.done_units if run else 0,
        total_units=run.total_units if run else 0,
        code=(row.code or "") if is_known or row.status != FAILED else "code_gone",
        detail=row.detail or {},
        is_known=is_known,
    )
