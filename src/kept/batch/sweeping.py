"""What ends by itself is written down: requests that ran out, accesses whose time is over, permits
that nobody used; attempts are noted of which nobody said in time what came of them, tasks that
waited too long are escalated, and waivers and plans are judged by the ledger.

Nothing is open longer when this is late: what holds is decided by its times alone.
"""

from __future__ import annotations

from datetime import datetime

from kept.batch.working import job
from kept.core.actors import job as job_actor
from kept.store.models import Approval, StaffAccess
from kept.work.accesses import do_close_ended_accesses
from kept.work.approvals import do_expire_approvals
from kept.work.escalations import do_escalate_tasks, tasks_wait
from kept.work.permit_ends import do_expire_permits, do_note_overdue_permits, permits_wait
from kept.work.plan_ends import do_judge_plans, plans_wait
from kept.work.waiver_ends import do_judge_waivers, waivers_wait

__all__ = ["has_ended", "sweep_as_of", "write_ends"]


def has_ended(now: datetime) -> bool:
    """Whether the end of anything is still to be written down."""
    requests = Approval.objects.filter(state="open", expires_at__lte=now)
    accesses = StaffAccess.objects.filter(closed_at__isnull=True, ends_at__lte=now)
    waits = (permits_wait, tasks_wait, waivers_wait, plans_wait)
    return requests.exists() or accesses.exists() or any(each(now) for each in waits)


def sweep_as_of(now: datetime) -> tuple[int, int]:
    """Write down the ends as of an instant: how many requests, how many accesses."""
    actor = job_actor("sweep")
    do_expire_permits(actor=actor, now=now)
    do_note_overdue_permits(actor=actor, now=now)
    do_escalate_tasks(actor=actor, now=now)
    do_judge_waivers(actor=actor, now=now)
    do_judge_plans(actor=actor, now=now)
    expired = do_expire_approvals(actor=actor, now=now)
    return expired, do_close_ended_accesses(actor=actor, now=now)


@job("house.write_ends", queue="house")
def write_ends(*, now: datetime) -> None:
    sweep_as_of(now)
