"""The night as a job: put into the queue by the schedule, worked off in stages that resume."""

from __future__ import annotations

from datetime import date, datetime

from kept.batch.nightly.running import run_night
from kept.batch.working import job
from kept.core.actors import job as job_actor
from kept.store.models import Creditor

__all__ = ["NIGHT", "run_scheduled_night"]

NIGHT = "nightly.run"


@job(NIGHT, queue="nights")
def run_scheduled_night(*, creditor_id: int, on: str, now: datetime) -> None:
    """A night that was ended goes on where it was; one that is done is only read."""
    creditor = Creditor.objects.get(pk=creditor_id)
    run_night(actor=job_actor("schedule"), creditor=creditor, now=now, as_of=date.fromisoformat(on))
