"""Dealing outside the night: what lies open is dealt again to the seats of the day, and undone.

Tried dry it says every move and changes nothing. Done, it is one run with its moves; the same key
again is the same run. Undone, every case goes back that nobody touched since, and the others are
named. Nights deal by themselves (`nightly/dealing.py`), by the same rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from kept.batch.dealing_frames import Rules, deal_frame, fairness_of_frame
from kept.batch.stages import open_run
from kept.core.actors import Actor
from kept.core.dealing import NO_SEAT, Seat, Why
from kept.store.cases import lock_cases
from kept.store.dealings import (
    MOVED_COLUMNS,
    Before,
    cases_of_conflicts,
    minutes_spoken_for,
    read_before,
    read_conflicts,
    read_open_pile,
    undo_moves,
    write_moves,
)
from kept.store.events import append_event
from kept.store.models import Creditor, Run, Task
from kept.store.models import Seat as SeatRow
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.dealing_policies import dealing_policy_of
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import Refusal
from kept.work.seat_days import SeatOfDay, dealing_seat, seats_of_day
from kept.work.seats import do_save_seat

__all__ = ["KIND", "MOVES_SHOWN", "do_undo_dealing", "do_withdraw_seat", "run_dealing"]

KIND: Final = "dealing"
MOVES_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class _Plan:
    """The pile as it lies and as it would lie; `found` 0 is the pile, `task_seat` where it lies."""

    frame: pl.DataFrame
    moves: pl.DataFrame
    seats: Sequence[Seat]
    codes: Mapping[int, str]

    @property
    def mark(self) -> str:
        """Tells whether what is applied is what was shown."""
        rows = self.moves.select("case_id", "task_id", "found", "why").rows()
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def run_dealing(
    *,
    actor: Actor,
    creditor: Creditor,
    now: datetime,
    dry_run: bool = False,
    key: str = "",
    mark: str = "",
) -> dict[str, Any]:
    """Deal what lies open at a creditor; the result says the moves by reason, seats and fairness.

    A `mark` is that of a dry run: refused when the dealing would come out otherwise by now. The
    same `key` again changes nothing and gives the first result.
    """
    seat_ids = _seats_in_reach(actor, creditor)
    on = now.astimezone(ZoneInfo(creditor.zone)).date()
    if dry_run:
        return {**_result(_plan(creditor, on, now, seat_ids)), "run_id": None}
    with transaction.atomic():
        lock_cases(creditor.pk)
        run = open_run(
            actor=actor,
            kind=KIND,
            key=f"{creditor.code} {key or now.isoformat()}",
            now=now,
            creditor_id=creditor.pk,
            business_date=on,
        )
        if run.state == Run.State.DONE:
            return {**run.result, "run_id": run.pk, "done_before": True}
        plan = _plan(creditor, on, now, seat_ids)
        if mark and mark != plan.mark:
            raise Refusal(_("The book has changed since this was tried: look at it again."))
        return _apply(actor, run, plan, on, now)


@transaction.atomic
def do_undo_dealing(*, actor: Actor, run_id: int, now: datetime) -> dict[str, Any]:
    """Take a dealing back as a whole, but for cases that somebody touched since."""
    within = require(actor, Permission.CASE_DEAL)
    run = visible_rows(Run, within).filter(pk=run_id, kind=KIND).select_related("creditor").first()
    if run is None or run.creditor is None:
        raise not_there()
    if not within.reaches_creditor(run.creditor.pk):
        raise not_there()
    lock_cases(run.creditor.pk)
    run = Run.objects.select_for_update(of=("self",)).select_related("creditor").get(pk=run.pk)
    if "undone" in run.result:
        return dict(run.result["undone"])
    assert run.creditor is not None
    on = now.astimezone(ZoneInfo(run.creditor.zone)).date()
    undone, left = undo_moves(run.pk, actor=actor, on=on, now=now)
    reasons: dict[str, int] = {}
    for why in left.values():
        reasons[why] = reasons.get(why, 0) + 1
    told = {"moves": undone, "left": dict(sorted(reasons.items()))}
    told["left_cases"] = sorted(left)[:MOVES_SHOWN]
    run.result = {**run.result, "undone": told}
    run.save(update_fields=["result"])
    _tell(actor, run, "dealing.undo", {"moves": undone, "left": len(left)}, now)
    return told


@transaction.atomic
def do_withdraw_seat(*, actor: Actor, seat_id: int, now: datetime) -> dict[str, Any]:
    """Take a seat out of work at once: its open tasks go back to the pile and are dealt again.

    Returns how many tasks it had, and for each creditor what dealing them came to.
    """
    require_house(actor, Permission.SEAT_CHANGE)
    seat = SeatRow.objects.prefetch_related("creditors").filter(pk=seat_id).first()
    if seat is None:
        raise not_there()
    open_tasks = Task.objects.filter(seat_id=seat_id, state=Task.State.OPEN)
    creditors = list(
        Creditor.objects.filter(pk__in=open_tasks.values("creditor_id")).order_by("code")
    )
    tasks = open_tasks.count()
    do_save_seat(
        actor=actor,
        seat_id=seat_id,
        code=seat.code,
        team_id=seat.team_id,
        user_id=seat.user_id,
        skills=seat.skills,
        languages=seat.languages,
        creditor_ids=[each.pk for each in seat.creditors.all()],
        minutes_per_day=seat.minutes_per_day,
        active=False,
        returns_tasks=True,
        now=now,
    )
    key = f"withdrawn {seat.code} {now.isoformat()}"
    dealt = {
        each.code: run_dealing(actor=actor, creditor=each, now=now, key=key) for each in creditors
    }
    return {"tasks": tasks, "dealt": dealt}


# --- what it would come to ------------------------------------------------------------------------


def _seats_in_reach(actor: Actor, creditor: Creditor) -> Collection[int] | None:
    """None for the whole creditor; else the seats of the teams that the actor leads."""
    within = require(actor, Permission.CASE_DEAL)
    if within.reaches_creditor(creditor.pk):
        return None
    found: set[int] = set()
    for scope in within.scopes:
        serves = scope.creditor_ids is None or creditor.pk in scope.creditor_ids
        if serves and scope.product_ids is None and scope.seat_ids is not None:
            found |= scope.seat_ids
    if not found:
        raise not_there()
    return found


def _plan(creditor: Creditor, on: date, now: datetime, seat_ids: Collection[int] | None) -> _Plan:
    policy = dealing_policy_of(creditor.pk, on)
    of_day = seats_of_day(creditor.pk, on, policy, seat_ids=seat_ids)
    taken = minutes_spoken_for(creditor.pk, on)
    seats = [dealing_seat(each, max(0, each.minutes - taken.get(each.id, 0))) for each in of_day]
    rules = Rules(
        creditor_id=creditor.pk,
        currency=creditor.currency,
        policy=policy,
        before=read_before(Before(creditor.pk, on, now), policy),
        conflicts=cases_of_conflicts(read_conflicts(creditor.pk)),
    )
    pile = read_open_pile(creditor.pk, None if seat_ids is None else sorted(seat_ids))
    frame = deal_frame(pile.with_columns(value=pl.lit(0, dtype=pl.Int64)), seats, rules)
    frame = _where_it_stays(frame, of_day, rules.conflicts)
    return _Plan(frame, _moves(frame), seats, _codes(frame))


def _where_it_stays(
    frame: pl.DataFrame, of_day: Sequence[SeatOfDay], conflicts: Mapping[int, frozenset[int]]
) -> pl.DataFrame:
    """A task for which there is no room stays with a seat that is here and may have it: nothing is
    taken off a desk to lie on none. One that waits for its seat lies there already."""
    here = [seat.id for seat in of_day if seat.off is None]
    known = [seat.id for seat in of_day]
    why, lies = pl.col("why"), pl.col("task_seat")
    pairs = [(case, seat) for case, seats in conflicts.items() for seat in seats]
    columns = {"case_id": pl.Int64, "task_seat": pl.Int64}
    barred = pl.DataFrame(pairs, schema=columns, orient="row").with_columns(is_barred=True)
    is_full = (why == int(Why.NO_ROOM)) & lies.is_in(here) & pl.col("is_barred").is_null()
    is_waiting = (why == int(Why.WAITS_FOR_SEAT)) & lies.is_in(known)
    return (
        frame.join(barred, on=list(columns), how="left", maintain_order="left")
        .with_columns(found=pl.when(is_full | is_waiting).then(lies).otherwise("found"))
        .drop("is_barred")
    )


def _moves(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("found") != pl.col("task_seat")).sort("case_id")


def _codes(frame: pl.DataFrame) -> dict[int, str]:
    ids = {*frame["task_seat"].to_list(), *frame["found"].to_list()} - {NO_SEAT}
    return dict(SeatRow.objects.filter(pk__in=ids).values_list("pk", "code"))


def _result(plan: _Plan) -> dict[str, Any]:
    by_why = plan.moves.group_by("why").len().sort("why").rows()
    return {
        "tasks": len(plan.frame),
        "moves": len(plan.moves),
        "to_pile": len(plan.moves.filter(pl.col("found") == NO_SEAT)),
        "by_reason": {Why(why).name.lower(): count for why, count in by_why},
        "seats": _by_seat(plan),
        "fairness_before": fairness_of_frame(plan.frame, plan.seats, "task_seat"),
        "fairness": fairness_of_frame(plan.frame, plan.seats, "found"),
        "shown": _shown(plan),
        "mark": plan.mark,
        "done_before": False,
    }


def _by_seat(plan: _Plan) -> list[dict[str, Any]]:
    """What each seat has and would have; amounts are overdue, in minor units."""
    sides = []
    for column, suffix in (("task_seat", "before"), ("found", "after")):
        grouped = plan.frame.group_by(pl.col(column).alias("seat_id")).agg(
            pl.len().cast(pl.Int64).alias(f"tasks_{suffix}"),
            pl.col("minutes").sum().alias(f"minutes_{suffix}"),
            pl.col("overdue_minor").sum().alias(f"amount_{suffix}"),
        )
        sides.append(grouped)
    room = pl.DataFrame(
        {
            "seat_id": [seat.id for seat in plan.seats],
            "room": [0 if seat.is_away else seat.minutes for seat in plan.seats],
        },
        schema={"seat_id": pl.Int64, "room": pl.Int64},
    )
    joined = sides[0].join(sides[1], on="seat_id", how="full", coalesce=True)
    joined = joined.join(room, on="seat_id", how="full", coalesce=True).fill_null(0)
    rows = joined.sort("seat_id").to_dicts()
    codes = {**{seat.id: "" for seat in plan.seats}, **plan.codes}
    missing = [seat_id for seat_id, code in codes.items() if not code]
    codes |= dict(SeatRow.objects.filter(pk__in=missing).values_list("pk", "code"))
    return [{**row, "code": codes.get(row["seat_id"], "")} for row in rows]


def _shown(plan: _Plan) -> list[dict[str, Any]]:
    """The first moves, those of the most urgent tasks first."""
    first = plan.moves.sort("priority", "case_id", descending=[True, False]).head(MOVES_SHOWN)
    return [
        {
            "case_id": row["case_id"],
            "treatment": row["treatment"],
            "from": plan.codes.get(row["task_seat"], ""),
            "to": plan.codes.get(row["found"], ""),
            "why": Why(row["why"]).name.lower(),
        }
        for row in first.to_dicts()
    ]


# --- doing it -------------------------------------------------------------------------------------


def _apply(actor: Actor, run: Run, plan: _Plan, on: date, now: datetime) -> dict[str, Any]:
    names = {int(why): why.name.lower() for why in Why}
    moves = plan.moves.with_columns(
        seat_after=pl.when(pl.col("found") != NO_SEAT).then("found"),
        why=pl.col("why").cast(pl.Int64).replace_strict(names, return_dtype=pl.String),
    )
    result = _result(plan)
    if len(moves):
        write_moves(moves.select(MOVED_COLUMNS), actor=actor, run_id=run.pk, on=on, now=now)
    Run.objects.filter(pk=run.pk).update(state=Run.State.DONE, result=result)
    told = {"moves": result["moves"], "by_reason": result["by_reason"]}
    _tell(actor, run, "dealing.finish", told, now)
    return {**result, "run_id": run.pk}


def _tell(actor: Actor, run: Run, action: str, body: Mapping[str, object], now: datetime) -> None:
    append_event(
        actor=actor, action=action, subject=f"run:{run.pk}", body=body, now=now, batch_id=run.pk
    )
