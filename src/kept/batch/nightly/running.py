"""Starting, resuming and refusing nights.

A night is one run for one creditor and one business date. Done, it is never done again; ended by
force, it goes on where it was, with the `now` it began with. Nights go forward: an older night that
was left unfinished is given up when a later one begins, and cannot be run any more.

The task of an earlier night that nobody did goes on when this night decides on the same treatment:
it stays one task, with tonight's figures, and one that lay with a seat keeps its due time, so that
it is seen to be late. What tonight does not decide on again expires.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _

from kept.batch.nightly.dealing import deal_proposals
from kept.batch.nightly.elsewhere import Elsewhere
from kept.batch.nightly.preparing import prepare
from kept.batch.nightly.pricing import price
from kept.batch.nightly.promises import judge_promises_of_night
from kept.batch.nightly.proposing import propose
from kept.batch.nightly.settling import settle
from kept.batch.nightly.summing import sum_up
from kept.batch.stages import (
    Progress,
    RunBusy,
    Stage,
    only_here,
    open_run,
    run_stages,
    say_nothing,
    stage_result,
)
from kept.core.actors import Actor
from kept.core.strategies import Strategy
from kept.packs.strategies import StrategyFileError
from kept.store.events import append_event
from kept.store.facts import case_ranges
from kept.store.models import Creditor, Run
from kept.store.nights import Night, debtor_ranges, drop_proposals, not_before_the_book
from kept.store.partitions import ensure_partitions
from kept.store.statistics import renew_statistics
from kept.store.to_decide import is_due, send_decider
from kept.store.work_counts import count_lapsed
from kept.work.changes import not_there
from kept.work.night_group_lists import (
    DEFAULT_GROUP,
    group_code_of,
    group_ids_of_creditors,
    groups_that_share_seats,
)
from kept.work.permissions import Permission, require
from kept.work.strategies import strategy_code_of, strategy_for, strategy_labelled

__all__ = ["KIND", "NightRefused", "Sizes", "business_date_of", "refuse_unknown", "run_night"]

KIND: Final = "nightly"
_EVER: Final = datetime.max.replace(tzinfo=UTC)
#: The engine of nights that are decided in this process, straight from the tables.
_HERE: Final = "here"
_LEAST: Final = 25_000
_MOST: Final = 100_000
_SEVERAL: Final = 8
_LOCK: Final = 0x6B6E6774  # with a group's number: one night at a time for the same seats


class NightRefused(Exception):
    """A night cannot be run; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many ids a chunk spans. A run keeps the sizes it began with."""

    debtors: int
    cases: int

    @classmethod
    def for_book(cls, creditor_id: int) -> Sizes:
        """As few chunks as memory allows, since each reads whole tables; yet several, since two
        are worked on at once."""
        chunks = (debtor_ranges(creditor_id, _LEAST), case_ranges(creditor_id, _LEAST))
        return cls(*(min(max(len(each) * _LEAST // _SEVERAL, _LEAST), _MOST) for each in chunks))


def business_date_of(creditor: Creditor, now: datetime) -> date:
    """The creditor's own date at this moment."""
    return now.astimezone(ZoneInfo(creditor.zone)).date()


def run_night(
    *,
    actor: Actor,
    creditor: Creditor,
    now: datetime,
    as_of: date | None = None,
    dry_run: bool = False,
    progress: Progress = say_nothing,
    sizes: Sizes | None = None,
    group_night: str = "",
    elsewhere: Elsewhere | None = None,
) -> Mapping[str, Any]:
    """Run, resume or just read the night of a business date; returns its result.

    `done_before` in it says that the night had been done and nothing was changed. `group_night`
    (a group's code and date) names the nights that share the group's capacities; a creditor of a
    group whose night is run by itself shares those of its own date.

    A dry run does everything in one transaction and undoes it: nothing is left, and while it
    lasts nobody else can write to the cases it looks at.
    """
    if not require(actor, Permission.NIGHT_RUN).reaches_creditor(creditor.pk):
        raise not_there()
    on = as_of or business_date_of(creditor, now)
    _refuse_far_day(creditor, on, now)
    spans = sizes or Sizes.for_book(creditor.pk)
    parameters = {**asdict(spans), **_group_night(creditor, on, group_night)}
    with _alone(creditor):
        _refuse_older(creditor, on)
        ensure_partitions(now.date(), now.date())
        renew_statistics()
        if not dry_run:
            return _work(actor, creditor, on, now, parameters, progress, elsewhere)
        with transaction.atomic():
            found = _work(actor, creditor, on, now, parameters, progress, elsewhere)
            transaction.set_rollback(True)
            return found


def _work(
    actor: Actor,
    creditor: Creditor,
    on: date,
    now: datetime,
    parameters: Mapping[str, Any],
    progress: Progress,
    elsewhere: Elsewhere | None,
) -> Mapping[str, Any]:
    engine = elsewhere.engine.name if elsewhere else _HERE
    run = open_run(
        actor=actor,
        kind=KIND,
        key=f"{creditor.code} {on.isoformat()}",
        now=not_before_the_book(now),
        creditor_id=creditor.pk,
        business_date=on,
        parameters={
            "strategy": _strategy_of(creditor, on).label,
            "engine": engine,
            **parameters,
        },
    )
    with only_here(run):
        run.refresh_from_db()
        if run.state == Run.State.DONE:
            return {**run.result, "done_before": True}
        _refuse_other_engine(run, engine)
        night = Night(run.pk, creditor.pk, on, run.now, actor)
        _give_up_older(night)
        sizes = Sizes(run.parameters["debtors"], run.parameters["cases"])
        strategy = strategy_labelled(run.parameters["strategy"])
        if elsewhere:
            elsewhere.forget_lost(run)
        run_stages(run, _stages(night, strategy, sizes, elsewhere), progress)
        found = _finish(run, night)
        if elsewhere:
            elsewhere.clear(run)
        return found


def _strategy_of(creditor: Creditor, on: date) -> Strategy:
    try:
        return strategy_for(creditor.pk, on)
    except StrategyFileError as error:
        told = _(
            "%(creditor)s has no strategy on %(day)s: nothing of %(code)s is in force then. Put a"
            " version in force, or give the creditor another strategy."
        )
        code = strategy_code_of(creditor.pk, on)
        values = {"creditor": creditor.code, "day": on, "code": code}
        raise NightRefused(told % values) from error


def _stages(
    night: Night, strategy: Strategy, sizes: Sizes, elsewhere: Elsewhere | None
) -> list[Stage]:
    size = sizes.cases
    here = [
        Stage("proposed", lambda run, progress: propose(run, night, strategy, size, progress)),
        Stage("priced", lambda run, progress: price(run, night, strategy, progress)),
    ]
    return [
        Stage("prepared", lambda run, progress: prepare(run, night)),
        Stage("settled", lambda run, progress: settle(run, night, sizes.debtors, progress)),
        Stage(
            "promised",
            lambda run, progress: judge_promises_of_night(run, night, sizes.debtors, progress),
        ),
        *(elsewhere.stages(night, strategy, size) if elsewhere else here),
        Stage("dealt", lambda run, progress: deal_proposals(run, night, strategy, size, progress)),
        Stage("summed", lambda run, progress: sum_up(run, night, strategy)),
    ]


def _finish(run: Run, night: Night) -> Mapping[str, Any]:
    result = stage_result(run, "summed") or {}
    with transaction.atomic():
        append_event(
            actor=night.actor,
            action="night.finish",
            subject=f"run:{run.pk}",
            body={"business_date": night.on.isoformat(), "tasks": result["tasks"]},
            now=night.now,
            batch_id=run.pk,
        )
        count_lapsed(night)
        Run.objects.filter(pk=run.pk).update(state=Run.State.DONE, stage="", result=result)
        drop_proposals(run.pk)
        if is_due(night.creditor_id, _EVER):
            send_decider([night.creditor_id])  # what was written since the night began
    return {**result, "done_before": False}


# --- what is refused ------------------------------------------------------------------------------


def _group_night(creditor: Creditor, on: date, group_night: str) -> dict[str, str]:
    code = group_code_of(creditor.pk)
    found = group_night or (f"{code} {on.isoformat()}" if code else "")
    return {"group_night": found} if found else {}


@contextmanager
def _alone(creditor: Creditor) -> Iterator[None]:
    """One night at a time in a group, and none of another group that fills the same seats.

    The group's own lock is exclusive; those of groups with common seats are held shared, so that
    two groups without a common seat may run beside each other.
    """
    own = group_ids_of_creditors().get(creditor.pk, DEFAULT_GROUP)
    with ExitStack() as held:
        held.enter_context(_locked(own, ""))
        for other in sorted(groups_that_share_seats(own)):
            held.enter_context(_locked(other, "_shared"))
        yield


@contextmanager
def _locked(group_id: int, kind: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock{kind}(%s, %s)", [_LOCK, group_id])
        if not cursor.fetchone()[0]:
            raise RunBusy(_("Another night is being run: wait until it ends."))
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock{kind}(%s, %s)", [_LOCK, group_id])


def refuse_unknown(wanted: Collection[str], known: Sequence[str]) -> None:
    """Names the creditors that the actor may run, never another one."""
    missing = sorted(set(wanted) - set(known))
    if missing:
        there = ", ".join(known[:20])
        raise NightRefused(
            _("there is no creditor %(code)s; there are: %(known)s.")
            % {"code": missing[0], "known": there or _("none yet")}
        )


def _refuse_far_day(creditor: Creditor, on: date, now: datetime) -> None:
    today = business_date_of(creditor, now)
    if on > today + timedelta(days=1):
        raise NightRefused(
            _(
                "%(day)s is more than a day ahead of %(creditor)s's date, %(today)s; nights go"
                " forward, so that a night too late would stop all those before it."
            )
            % {"day": on, "creditor": creditor.code, "today": today}
        )


def _refuse_older(creditor: Creditor, on: date) -> None:
    later = Run.objects.filter(kind=KIND, creditor=creditor, business_date__gt=on)
    newest = later.order_by("-business_date").first()
    if newest is not None:
        raise NightRefused(
            _(
                "%(creditor)s has had the night of %(newest)s already; nights go forward, so that"
                " of %(day)s cannot be run any more."
            )
            % {"creditor": creditor.code, "newest": newest.business_date, "day": on}
        )


def _refuse_other_engine(run: Run, engine: str) -> None:
    """What a stage left for the next one lies where the engine keeps it."""
    begun = run.parameters.get("engine", _HERE)
    if begun != engine:
        named = "polars" if begun == _HERE else begun
        raise NightRefused(
            _("this night began with --engine %(engine)s: let it go on with that one.")
            % {"engine": named}
        )


def _give_up_older(night: Night) -> None:
    """An unfinished older night must not be resumed over this one."""
    older = Run.objects.filter(
        kind=KIND,
        creditor_id=night.creditor_id,
        business_date__lt=night.on,
        state=Run.State.RUNNING,
    )
    for each in older:
        with transaction.atomic():
            drop_proposals(each.pk)
            Run.objects.filter(pk=each.pk).update(
                state=Run.State.FAILED, message=f"given up for the night of {night.on}"
            )
