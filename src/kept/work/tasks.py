"""One task: reading it, and closing it as done or cancelled.

Nights make tasks and end those that nobody did; the worklist is in `work/worklists.py`. What came
of the contact (a promise, an outcome) is recorded by its own nouns.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.events import ChainKind
from kept.core.task_clocks import is_in_time
from kept.store.events import append_event
from kept.store.models import Task
from kept.store.person_keys import KeyOwner
from kept.store.to_decide import Cause, mark_person
from kept.store.visibility import visible_rows
from kept.store.work_counts import add_work
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse
from kept.work.speech_checks import speech_of_note
from kept.work.task_texts import label_of_text
from kept.work.turns import take_in_turn

__all__ = ["do_close_task", "get_task"]

_CLOSING = (Task.State.DONE, Task.State.CANCELLED)


def get_task(actor: Actor, task_id: int) -> Task | None:
    """The task, if the actor may see it."""
    within = require(actor, Permission.WORKLIST_READ)
    return visible_rows(Task, within).filter(pk=task_id).first()


@transaction.atomic
def do_close_task(
    *, actor: Actor, task_id: int, state: str, now: datetime, reason: str = ""
) -> Task:
    """Close an open task as `done` or `cancelled`; cancelling says why.

    A task that is done counts as carried out: its treatment comes again only after the days that
    the strategy says. Closing it a second time in the same way changes nothing.
    """
    within = require(actor, Permission.TASK_CLOSE)
    refuse(_faults(state, reason))
    # The row itself is locked, so that two people who close it at once follow each other.
    task = visible_rows(Task, within).filter(pk=task_id).select_for_update(of=("self",)).first()
    if task is None:
        raise not_there()
    if task.state == state:
        return task
    if task.state != Task.State.OPEN:
        raise Refusal(_("This task is closed already (%(state)s).") % {"state": task.state})
    take_in_turn(actor, task.case_id, now)
    task.state, task.closed_at = state, now
    if reason.strip():
        task.reason = {**task.reason, "closed": reason.strip()}
    task.save(update_fields=["state", "closed_at", "reason"])
    _count(task, now)
    append_event(
        actor=actor,
        action="task.close",
        subject=f"task:{task.pk}",
        body={
            "state": state,
            "treatment": task.treatment,
            **_text_said(task, now),
            **speech_of_note(reason),
        },
        now=now,
        chain=ChainKind.CASE,
        chain_id=task.case_id,
        personal={"reason": reason.strip()} if reason.strip() else None,
        personal_of=KeyOwner(task.case.debtor_id),
    )
    mark_person(task.case.debtor_id, Cause.TASK, now)
    return task


def _text_said(task: Task, now: datetime) -> dict[str, str]:
    """Which version of its script or template a task that was done went by."""
    label = label_of_text(task, now) if task.state == Task.State.DONE else ""
    return {"text": label} if label else {}


def _count(task: Task, now: datetime) -> None:
    """For the timeliness of its seat (`work/timeliness.py`)."""
    done, in_time = task.state == Task.State.DONE, is_in_time(now, task.due_at)
    add_work(
        creditor_id=task.creditor_id,
        seat_id=task.seat_id,
        treatment=task.treatment,
        now=now,
        done_in_time=int(done and in_time),
        done_late=int(done and not in_time),
        cancelled=int(not done),
    )


def _faults(state: str, reason: str) -> dict[str, str]:
    if state not in _CLOSING:
        return {"state": _("Choose one of: %s.") % ", ".join(_CLOSING)}
    if state == Task.State.CANCELLED and not reason.strip():
        return {"reason": _("Say why the task is not to be done.")}
    return {}
