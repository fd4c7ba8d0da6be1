"""Escalating tasks: once a task has waited past the time that its strategy gives, its team lead is
told, by an event and in the worklist. It stays with its seat."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.store.events import append_prepared_events
from kept.store.queries import load
from kept.work.permissions import Permission, require
from kept.work.refusals import NotAllowed

__all__ = ["do_escalate_tasks", "tasks_wait"]

_BATCH: Final = 1_000


def tasks_wait(now: datetime) -> bool:
    """Whether there is a task to escalate."""
    return bool(load("work_counts")["to_escalate"].rows({"now": now})[0]["found"])


def do_escalate_tasks(*, actor: Actor, now: datetime) -> int:
    """Escalate every open task whose time has come; returns how many. For a job."""
    require(actor, Permission.TASK_CLOSE)
    if actor.kind is not ActorKind.JOB:
        raise NotAllowed(_("Only a job of kept does this."))
    escalated = 0
    while True:
        count = _batch(actor, now)
        escalated += count
        if count < _BATCH:
            return escalated


@transaction.atomic
def _batch(actor: Actor, now: datetime) -> int:
    sql = load("work_counts")
    rows = sql["escalate"].rows({"now": now, "limit": _BATCH})
    if rows:
        ids, case_ids = [row["id"] for row in rows], [row["case_id"] for row in rows]
        sql["tell"].run({"ids": ids, "case_ids": case_ids})
        append_prepared_events(actor=actor, now=now, batch_id=None)
        sql["forget_told"].run()
    return len(rows)
