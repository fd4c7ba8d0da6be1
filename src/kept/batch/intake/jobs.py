"""Intake in the worker: a page receives a file and puts it into the queue, the worker works it off.

The files of a creditor follow each other anyway; the lock keeps further workers free for others.
A job that was ended with its worker starts again and goes on where the run stood.
"""

from __future__ import annotations

from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kept.batch.intake.receiving import run_received
from kept.store.models import IntakeFile

__all__ = ["defer_intake", "work_off_file"]


@app.task(  # type: ignore[untyped-decorator]
    name="intake.work_off_file",
    queue="intake",
    retry=RetryStrategy(max_attempts=5, exponential_wait=5),
)
def work_off_file(*, intake_file_id: int) -> None:
    try:
        run_received(intake_file_id)
    finally:
        connection.close()  # the worker's threads live for days; the server may not


def defer_intake(file: IntakeFile) -> None:
    """Put a received file into the queue; in the caller's transaction, if there is one."""
    work_off_file.configure(lock=f"intake of creditor {file.creditor_id}").defer(
        intake_file_id=file.pk
    )
