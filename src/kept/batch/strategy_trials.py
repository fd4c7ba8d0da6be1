"""Trying a strategy as a job: asked for on a page, worked off by the worker, read as a run.

What is tried is `batch/trying.py`; here it is asked for, told how far it is, and its figures are
kept. A trial that was ended with its worker begins again: it has written nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connections, transaction
from django.utils.translation import gettext as _

from kept.batch.stages import Progress, only_here
from kept.batch.trying import Side, Trial, replay_strategy
from kept.batch.working import job
from kept.core.actors import Actor
from kept.core.actors import job as job_actor
from kept.core.strategies import Strategy
from kept.packs.strategies import StrategyFileError
from kept.store.models import Creditor, Run
from kept.work.changes import creditor_to_change
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse
from kept.work.strategies import strategy_labelled
from kept.work.strategy_trials import KIND

__all__ = ["DAYS_MOST", "do_start_strategy_trial", "work_strategy_trial"]

#: Days of one trial from a page; more are for the command.
DAYS_MOST: Final = 90
_BACK_MOST: Final = timedelta(days=3 * 366)


@transaction.atomic
def do_start_strategy_trial(
    *, actor: Actor, label: str, creditor_id: int, on: date | None, days: int, now: datetime
) -> int:
    """Ask for a trial on the days that end with `on` (the creditor's today); returns its run."""
    creditor = creditor_to_change(require(actor, Permission.STRATEGY_READ), creditor_id)
    today = now.astimezone(ZoneInfo(creditor.zone)).date()
    last = on or today
    refuse(_faults(last, today, days))
    strategy = _strategy(label)
    run = Run.objects.create(
        kind=KIND,
        key=f"{creditor.code} {label} {last} {days} {now.isoformat()}",
        creditor=creditor,
        actor=actor.name,
        now=now,
        business_date=last,
        parameters={"strategy": strategy.label, "days": days},
        state=Run.State.WAITING,
    )
    work_strategy_trial.configure(lock="strategy trials").defer(
        run_id=run.pk, creditor_id=creditor.pk, on=last.isoformat()
    )
    return run.pk


def _faults(last: date, today: date, days: int) -> dict[str, str]:
    faults = {}
    if last > today:
        faults["on"] = _("%(day)s is not there yet; try it on a day up to today.") % {"day": last}
    elif last < today - _BACK_MOST:
        faults["on"] = _("At most three years back.")
    if not 1 <= days <= DAYS_MOST:
        faults["days"] = _("Give 1 to %(most)s days.") % {"most": DAYS_MOST}
    return faults


def _strategy(label: str) -> Strategy:
    try:
        return strategy_labelled(label)
    except StrategyFileError as error:
        told = error.told(label, _)
        raise Refusal(_("It is not in order yet:\n%(faults)s") % {"faults": told}) from error


@job("strategy.try", queue="house")
def work_strategy_trial(*, run_id: int, creditor_id: int, on: str, now: datetime) -> None:
    """Try it and keep the figures; a trial that is done stays as it is."""
    run = Run.objects.get(pk=run_id)
    with only_here(run):
        run.refresh_from_db()
        if run.state == Run.State.DONE:
            return
        Run.objects.filter(pk=run_id).update(state=Run.State.RUNNING, stage="trying")
        with _beside(run) as progress:
            trial = replay_strategy(
                actor=job_actor("strategy trial"),
                creditor=Creditor.objects.get(pk=creditor_id),
                strategy=_strategy(run.parameters["strategy"]),
                on=date.fromisoformat(on),
                days=run.parameters["days"],
                now=run.now,
                progress=progress,
            )
        Run.objects.filter(pk=run_id).update(state=Run.State.DONE, stage="", result=_told(trial))


@contextmanager
def _beside(run: Run) -> Iterator[Progress]:
    """A progress told over a connection of its own: a trial is one transaction, seen at its end."""
    other = connections.create_connection("default")

    def report(stage: str, done: int, total: int, message: str) -> None:
        with other.cursor() as cursor:
            cursor.execute(
                "UPDATE runs SET done_units = %s, total_units = %s WHERE id = %s",
                [done, total, run.pk],
            )

    try:
        yield report
    finally:
        other.close()


def _told(trial: Trial) -> dict[str, Any]:
    """The figures as the run keeps them."""
    return {
        "currency": trial.currency,
        "values": trial.values,
        "cases": trial.cases,
        "changed": trial.changed,
        "days": trial.days,
        "tried": _side(trial.tried),
        "in_force": _side(trial.in_force),
        "moves": [[each.before, each.after, each.cases] for each in trial.moves],
        "by_day": [
            {
                "on": day.on.isoformat(),
                "cases": day.cases,
                "changed": day.changed,
                "tried": _short(day.tried),
                "in_force": _short(day.in_force),
            }
            for day in trial.by_day
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        **_short(side),
        "label": side.label,
        "treatments": dict(side.treatments),
        "by_skill": [
            [each.due_on.isoformat(), each.skill, each.tasks, each.minutes]
            for each in side.by_skill
        ],
        "minutes": side.minutes,
        "bound": side.bound,
        "gap_parts": side.gap_parts,
        "resources": [dict(each) for each in side.resources],
        "refused": dict(side.refused),
        "without_option": side.without_option,
        "no_seat": dict(side.no_seat),
        "skills": [dict(each) for each in side.skills],
    }


def _short(side: Side) -> Mapping[str, int]:
    return {"tasks": side.tasks, "cost": side.cost, "value": side.value}
