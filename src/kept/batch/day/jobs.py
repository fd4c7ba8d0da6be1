"""The day as a job: put into the queue by whatever changes a case."""

from __future__ import annotations

from datetime import datetime

from kept.batch.day.running import decide_due
from kept.batch.working import URGENT, job
from kept.store.clock import database_now
from kept.store.to_decide import DECIDE

__all__ = ["decide_marked_cases"]


@job(DECIDE, queue="day", priority=URGENT)
def decide_marked_cases(*, creditor_id: int, now: datetime) -> None:
    """Several at once do no harm: one decides, the others find nothing to do."""
    decide_due(creditor_id, database_now)
