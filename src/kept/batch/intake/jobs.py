"""Intake in the worker: a page receives a file and puts it into the queue, the worker works it off.

The files of a creditor follow each other anyway; the lock keeps further workers free for others.
A job that was ended with its worker starts again and goes on where the run stood.
"""

from __future__ import annotations

from datetime import datetime

from kept.batch.intake.receiving import run_received
from kept.batch.working import URGENT, job
from kept.store.models import IntakeFile

__all__ = ["defer_intake", "work_off_file"]


@job("intake.work_off_file", queue="intake", priority=URGENT)
def work_off_file(*, intake_file_id: int, now: datetime) -> None:
    run_received(intake_file_id)


def defer_intake(file: IntakeFile) -> None:
    """Put a received file into the queue; in the caller's transaction, if there is one."""
    work_off_file.configure(lock=f"intake of creditor {file.creditor_id}").defer(
        intake_file_id=file.pk
    )
