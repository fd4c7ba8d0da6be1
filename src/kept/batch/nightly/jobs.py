"""The night as a job: put into the queue by the schedule, worked off in stages that resume."""

from __future__ import annotations

from datetime import date, datetime

from kept.batch.nightly.groups import run_group
from kept.batch.nightly.running import run_night
from kept.batch.working import job
from kept.core.actors import job as job_actor
from kept.store.models import Creditor, NightGroup

__all__ = ["GROUP_NIGHT", "NIGHT", "run_scheduled_group", "run_scheduled_night"]

NIGHT = "nightly.run"
GROUP_NIGHT = "nightly.run_group"


@job(NIGHT, queue="nights")
def run_scheduled_night(*, creditor_id: int, on: str, now: datetime) -> None:
    """A night that was ended goes on where it was; one that is done is only read."""
    creditor = Creditor.objects.get(pk=creditor_id)
    run_night(actor=job_actor("schedule"), creditor=creditor, now=now, as_of=date.fromisoformat(on))


@job(GROUP_NIGHT, queue="nights")
def run_scheduled_group(*, group_id: int, on: str, now: datetime) -> None:
    """As one creditor's: what is done is only read. A group that was ended since has no night."""
    group = NightGroup.objects.filter(pk=group_id).first()
    if group is not None:
        run_group(actor=job_actor("schedule"), group=group, now=now, on=date.fromisoformat(on))
