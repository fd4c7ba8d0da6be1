"""A file's way through the stages, and the order in which a creditor's files go through them.

One file of a creditor is worked on at a time, under a lock of the database session, so that checks
made against the book still hold when the rows are applied. A file that was ended by force is
finished before the next one begins; a file that came too early waits for those before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Max

from kept.batch.effects import carry_out
from kept.batch.intake.acknowledging import acknowledge_unread
from kept.batch.intake.course import Course, QuarantinedFile
from kept.batch.intake.courses import open_course
from kept.batch.intake.outbox import intend_acknowledgement
from kept.batch.intake.profiled import AsksPerson
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.telling import WAITS
from kept.batch.stages import Progress, only_here, run_stages, say_nothing, stage_result
from kept.core.actors import job
from kept.store.clock import database_now
from kept.store.events import append_event
from kept.store.key_check import hashing_held
from kept.store.models import IntakeFile, Run
from kept.store.partitions import ensure_partitions
from kept.store.staging import drop_staging, open_staging, staged_runs
from kept.store.statistics import renew_statistics

__all__ = ["run_file", "run_files_of"]

_LOCK_SPACE = 0x696E7461  # "inta": one file of a creditor at a time
State = IntakeFile.State
_OPEN = (State.RECEIVED, State.CHECKED, State.PROFILED, State.APPLIED, State.WAITING)
_SETTLED = (State.APPLIED, State.ACKNOWLEDGED, State.SKIPPED)


def run_files_of(creditor_id: int, progress: Progress = say_nothing) -> None:
    """Work through the creditor's files that can be worked on, in order, until none is left.

    Waits for another process that does the same. Files that come too early or wait for a person
    are left waiting.
    """
    with _one_at_a_time(creditor_id):
        _clear_finished()
        while (file := _next_file(creditor_id)) is not None:
            run_file(file, progress)


@contextmanager
def _one_at_a_time(creditor_id: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK_SPACE, creditor_id])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, creditor_id])


def _clear_finished() -> None:
    """Drop what a run that ended between its last mark and its clearing left behind."""
    finished = Run.objects.filter(pk__in=staged_runs()).exclude(
        state__in=[Run.State.RUNNING, Run.State.WAITING]
    )
    for run_id in finished.values_list("pk", flat=True):
        drop_staging(run_id)


def _next_file(creditor_id: int) -> IntakeFile | None:
    """The first file, as they were received, whose turn it is; the others are marked as waiting."""
    files = IntakeFile.objects.filter(creditor_id=creditor_id, state__in=_OPEN)
    for file in files.select_related("run", "creditor").order_by("received_at", "id"):
        if _asks_person(file):
            continue
        awaited = _awaited_sequence(file)
        if awaited is None or awaited == file.sequence:
            return file
        _wait(file, awaited)
    return None


def _asks_person(file: IntakeFile) -> bool:
    return file.state == State.PROFILED and file.run.state == Run.State.WAITING


def _awaited_sequence(file: IntakeFile) -> int | None:
    """The sequence whose turn it is in this file's row; None where files are not numbered."""
    if file.sequence is None:
        return None
    settled = IntakeFile.objects.filter(
        creditor_id=file.creditor_id, file_type=file.file_type, state__in=_SETTLED
    ).aggregate(last=Max("sequence"))
    return int(settled["last"] or 0) + 1 if file.state != State.APPLIED else file.sequence


def _wait(file: IntakeFile, awaited: int) -> None:
    """A file below the awaited one waits too: a person has skipped it, or numbered it wrongly."""
    with transaction.atomic():
        IntakeFile.objects.filter(pk=file.pk).update(state=State.WAITING)
        Run.objects.filter(pk=file.run_id).update(
            state=Run.State.WAITING, message=f"{WAITS}{awaited}"
        )


def run_file(file: IntakeFile, progress: Progress = say_nothing) -> None:
    """One file from where it stands to its acknowledgement, quarantine, or question to a person."""
    run = file.run
    ensure_partitions(run.now.date(), run.now.date())
    renew_statistics()
    with only_here(run), hashing_held(), open_staging(run.pk):
        Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, message="")
        if file.state == State.WAITING:
            _set_state(file, State.RECEIVED)
        try:
            with open_course(file) as course:
                _run_stages(course, progress)
        except FileRefused as refused:
            _put_in_quarantine(file, refused.code, dict(refused.detail), acknowledge_unread(file))
        except QuarantinedFile as found:
            reason = found.quarantine
            _put_in_quarantine(file, reason.code, dict(reason.detail), found.acknowledgement)
        except AsksPerson as asks:
            _ask_person(file, asks)
            return
        drop_staging(run.pk)
    carry_out(clock=lambda: max(run.now, database_now()))


def _run_stages(course: Course, progress: Progress) -> None:
    run = course.file.run
    if stage_result(run, "acknowledged") is None:
        course.prove()
        run_stages(run, course.stages(), progress)
    Run.objects.filter(pk=run.pk).update(state=Run.State.DONE, stage="acknowledged")


def _set_state(file: IntakeFile, state: IntakeFile.State) -> None:
    file.state = state
    IntakeFile.objects.filter(pk=file.pk).update(state=state)


def _put_in_quarantine(
    file: IntakeFile, code: str, detail: dict[str, object], acknowledgement: dict[str, object]
) -> None:
    """Nothing of the file is applied; the sender is told why."""
    answer = {
        **acknowledgement,
        "state": "quarantined",
        "quarantine": {"code": str(code), "detail": detail},
    }
    with transaction.atomic():
        if file.state != State.DRY_RUN:
            file.state = State.QUARANTINED
        file.quarantine_code, file.quarantine_detail = str(code), detail
        file.acknowledgement = answer
        file.save(
            update_fields=["state", "quarantine_code", "quarantine_detail", "acknowledgement"]
        )
        Run.objects.filter(pk=file.run_id).update(state=Run.State.QUARANTINED, message=str(code))
        append_event(
            actor=job(file.run.actor),
            action="intake.quarantine",
            subject=f"intake_file:{file.pk}",
            body={"code": str(code), "rows": acknowledgement.get("rows")},
            now=file.run.now,
            batch_id=file.run_id,
        )
        if file.state != State.DRY_RUN:
            intend_acknowledgement(file)


def _ask_person(file: IntakeFile, asks: AsksPerson) -> None:
    with transaction.atomic():
        if file.state != State.DRY_RUN:
            _set_state(file, State.PROFILED)
        Run.objects.filter(pk=file.run_id).update(state=Run.State.WAITING, message=str(asks))
