"""What the house does about its record every night: seal all chains, and count what is due to go.

Nothing is erased here: a person asks for that and another agrees (`kept retention`, `kept erase`).
"""

from __future__ import annotations

from datetime import datetime

from kept.batch.seals import make_seal
from kept.batch.stages import open_run
from kept.batch.working import BACKGROUND, job
from kept.core.actors import job as job_actor
from kept.store.models import Run
from kept.work.erasures import PERSONS_AT_A_TIME, list_due_persons

__all__ = ["KIND", "list_due", "seal_chains"]

KIND = "retention"


@job("house.seal_chains", queue="house", priority=BACKGROUND)
def seal_chains(*, on: str, now: datetime) -> None:
    make_seal(actor=job_actor("schedule"), now=now)


@job("house.list_due", queue="house", priority=BACKGROUND)
def list_due(*, on: str, now: datetime) -> None:
    """A run of the day with the persons whom no duty keeps any more, by creditor."""
    actor = job_actor("schedule")
    run = open_run(actor=actor, kind=KIND, key=on, now=now)
    due = list_due_persons(actor=actor, now=now)
    counts: dict[str, int] = {}
    for each in due:
        counts[each.creditor_code] = counts.get(each.creditor_code, 0) + 1
    result = {"due": counts, "is_all": len(due) < PERSONS_AT_A_TIME}
    Run.objects.filter(pk=run.pk).update(state=Run.State.DONE, result=result)
