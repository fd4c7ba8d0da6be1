"""Escalating tasks: once a task has waited past the time that its strategy gives, its team lead is
told, by an event and in the worklist. It stays with its seat."""

from __future__ import annotations

from datetime import datetime

from kept.core.actors import Actor
from kept.store.queries import load
from kept.work.permissions import Permission
from kept.work.sweeps import sweep

__all__ = ["do_escalate_tasks", "tasks_wait"]


def tasks_wait(now: datetime) -> bool:
    """Whether there is a task to escalate."""
    return bool(load("work_counts")["to_escalate"].rows({"now": now})[0]["found"])


def do_escalate_tasks(*, actor: Actor, now: datetime) -> int:
    """Escalate every open task whose time has come; returns how many. For a job."""
    return sweep(
        actor=actor,
        permission=Permission.TASK_CLOSE,
        marking=load("work_counts")["escalate"],
        given={"now": now},
        action="task.escalate",
        noun="tasks",
        now=now,
    )
