"""Long runs in stages and chunks that resume where they were ended.

A run is found or made under its kind and key. While it works it holds an advisory lock of its
database session, so two processes never work on one run and a process that is ended by force
leaves nothing behind to clean up. A stage that is done leaves a row; a chunk of a stage leaves a
row in the same transaction as its work. What a stage needs from an earlier one it reads back from
the tables, never from memory.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.store.models import Run, RunChunk

__all__ = [
    "Progress",
    "RunBusy",
    "Stage",
    "done_chunks",
    "finish_chunk",
    "only_here",
    "open_run",
    "run_stages",
    "say_nothing",
    "stage_result",
]

_log = logging.getLogger("kept.runs")

#: Called with (stage, units done, units in all, a word to the person who waits).
Progress = Callable[[str, int, int, str], None]

_LOCK_SPACE = 0x6B657074  # "kept": our own room among the advisory locks of the database
_WHOLE_STAGE = -1


class RunBusy(Exception):
    """Another process works on this run: wait until it ends, or look at its progress."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A named step; `work` gets the run and a progress, and returns what to remember (JSON)."""

    name: str
    work: Callable[[Run, Progress], Mapping[str, Any]]


def say_nothing(stage: str, done: int, total: int, message: str) -> None:
    """A progress for callers who watch the run's row in the database."""


def open_run(
    *,
    actor: Actor,
    kind: str,
    key: str,
    now: datetime,
    creditor_id: int | None = None,
    business_date: date | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Run:
    """The run of this kind and key: the one that is there, with its first `now`, or a new one."""
    run, _made = Run.objects.get_or_create(
        kind=kind,
        key=key,
        defaults={
            "actor": actor.name,
            "now": now,
            "creditor_id": creditor_id,
            "business_date": business_date,
            "parameters": dict(parameters or {}),
        },
    )
    return run


@contextmanager
def only_here(run: Run) -> Iterator[None]:
    """Hold the run's lock; raises `RunBusy` when another process has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, run.pk])
        if not cursor.fetchone()[0]:
            raise RunBusy(
                _("Another process works on this run: wait until it ends, or look at its progress.")
            )
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, run.pk])


def run_stages(run: Run, stages: Sequence[Stage], progress: Progress = say_nothing) -> None:
    """Work through the stages that are not done yet; the caller holds `only_here`.

    A stage's result is committed with the mark that it is done. A stage that works in chunks
    commits them one by one with `finish_chunk` and opens its own transactions.
    """
    for stage in stages:
        if stage_result(run, stage.name) is not None:
            continue
        Run.objects.filter(pk=run.pk).update(stage=stage.name, done_units=0, total_units=0)
        told = {"run_id": run.pk, "kind": run.kind, "stage": stage.name}
        _log.info("stage begun", extra=told)
        result = stage.work(run, _recorded(run, progress))
        RunChunk.objects.create(run=run, stage=stage.name, chunk=_WHOLE_STAGE, result=dict(result))
        _log.info("stage done", extra=told)


def _recorded(run: Run, progress: Progress) -> Progress:
    """The same progress, also written to the run's row for whoever looks at a page.

    Inside a transaction the row would stay locked and unseen until its end, so it is left alone.
    """

    def report(stage: str, done: int, total: int, message: str) -> None:
        if not connection.in_atomic_block:
            Run.objects.filter(pk=run.pk).update(done_units=done, total_units=total)
        progress(stage, done, total, message)

    return report


def stage_result(run: Run, stage: str) -> dict[str, Any] | None:
    """What a finished stage remembered, or None while it is not done."""
    found = RunChunk.objects.filter(run=run, stage=stage, chunk=_WHOLE_STAGE).first()
    return None if found is None else found.result


def done_chunks(run: Run, stage: str) -> dict[int, dict[str, Any]]:
    """The finished chunks of a stage with what each remembered."""
    rows = RunChunk.objects.filter(run=run, stage=stage, chunk__gt=_WHOLE_STAGE)
    return dict(rows.values_list("chunk", "result"))


def finish_chunk(run: Run, stage: str, chunk: int, result: Mapping[str, Any]) -> None:
    """Mark a chunk done in the transaction of its work; outside one it would prove nothing."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("finish_chunk belongs into the transaction of the chunk's work")
    RunChunk.objects.create(run=run, stage=stage, chunk=chunk, result=dict(result))
