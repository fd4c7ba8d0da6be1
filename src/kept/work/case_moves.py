"""Moving cases by hand: a team lead gives some cases to a seat, for a reason, within its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.dealing import speaks
from kept.core.dealing_policy import DealingPolicy, grade_of
from kept.store.cases import lock_cases
from kept.store.dealings import MOVED_COLUMNS, cases_of_conflicts, read_conflicts, write_moves
from kept.store.events import append_event
from kept.store.models import Case, Seat, Task
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.dealing_policies import dealing_policy_of
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse
from kept.work.seat_days import SeatOfDay, seats_of_day

__all__ = ["do_move_cases"]

_MOST: Final = 500
_SCHEMA: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64,
    "task_id": pl.Int64,
    "seat_after": pl.Int64,
    "why": pl.String,
    "reason": pl.String,
}


@transaction.atomic
def do_move_cases(
    *, actor: Actor, case_ids: Sequence[int], seat_id: int, reason: str, now: datetime
) -> int:
    """Give open cases of one creditor, with their open tasks, to a seat; returns how many moved.

    All or none: a conflict, a grade, a skill, a language or a limit of the seat is told by case.
    """
    within = require(actor, Permission.CASE_DEAL)
    wanted = sorted(set(case_ids))
    refuse(_faults(wanted, reason))
    rows = visible_rows(Case, within).filter(pk__in=wanted, closed_on__isnull=True)
    cases = list(rows.select_related("creditor", "debtor").order_by("pk"))
    if len(cases) < len(wanted) or not _reaches(within, seat_id, cases[0]):
        raise not_there()
    if len({case.creditor_id for case in cases}) > 1:
        refuse({"cases": _("Cases of one creditor at a time.")})
    creditor = cases[0].creditor
    lock_cases(creditor.pk)
    on = now.astimezone(ZoneInfo(creditor.zone)).date()
    policy = dealing_policy_of(creditor.pk, on)
    moving = [case for case in cases if case.seat_id != seat_id]
    found = seats_of_day(creditor.pk, on, policy, seat_ids=[seat_id])
    tasks = {task.case_id: task for task in _open_tasks(moving)}
    _refuse_unfit(found, moving, tasks, policy)
    _move(actor, moving, tasks, seat_id, reason.strip(), now)
    return len(moving)


def _faults(wanted: Sequence[int], reason: str) -> dict[str, str]:
    if not 0 < len(wanted) <= _MOST:
        return {"cases": _("Choose from 1 to %(most)s cases.") % {"most": _MOST}}
    if not 3 <= len(reason.strip()) <= 200:
        return {"reason": _("Say why, in at most 200 characters.")}
    return {}


def _reaches(within: Any, seat_id: int, case: Case) -> bool:
    """A lead of some team gives to that team's seats only."""
    return any(
        (scope.seat_ids is None or seat_id in scope.seat_ids)
        and (scope.creditor_ids is None or case.creditor_id in scope.creditor_ids)
        for scope in within.scopes
    )


def _open_tasks(cases: Sequence[Case]) -> list[Task]:
    """The one that speaks for a case is the last: a night's before what was asked for by day."""
    rows = Task.objects.filter(case_id__in=[case.pk for case in cases], state=Task.State.OPEN)
    return sorted(rows, key=lambda row: (row.case_id, bool(row.run_id), row.priority, -row.pk))


def _refuse_unfit(
    found: Sequence[SeatOfDay],
    cases: Sequence[Case],
    tasks: Mapping[int, Task],
    policy: DealingPolicy,
) -> None:
    if not found:
        raise Refusal(_("This seat is not in work, or does not serve the creditor."))
    seat = found[0]
    if seat.off is not None and not seat.keeps_cases:
        raise Refusal(_("This seat is away; nothing is given to it."))
    if seat.cases_room is not None and len(cases) > seat.cases_room:
        told = _("This seat may hold %(room)s more cases, not %(count)s.")
        raise Refusal(told % {"room": seat.cases_room, "count": len(cases)})
    barred = cases_of_conflicts(read_conflicts(cases[0].creditor_id)) if cases else {}
    faults = {
        f"case {case.pk}": fault
        for case in cases
        if (fault := _fault(seat, case, tasks.get(case.pk), policy, barred))
    }
    refuse(faults)


def _fault(
    seat: SeatOfDay,
    case: Case,
    task: Task | None,
    policy: DealingPolicy,
    barred: Mapping[int, frozenset[int]],
) -> str:
    if seat.id in barred.get(case.pk, ()):
        return _("this seat must not work it (conflict)")
    if not speaks(frozenset(seat.languages), case.debtor.language):
        return _("this seat does not speak the debtor's language")
    if task is None:
        return ""
    if task.skill not in seat.skills:
        return _("this seat lacks the skill %(skill)s") % {"skill": task.skill}
    grade = grade_of(
        policy,
        case.creditor.currency,
        currency=task.currency,
        balance_minor=task.balance_minor,
        treatment=task.treatment,
    )
    return "" if grade <= seat.grade else _("it is of grade %(grade)s") % {"grade": grade}


def _move(
    actor: Actor,
    cases: Sequence[Case],
    tasks: Mapping[int, Task],
    seat_id: int,
    reason: str,
    now: datetime,
) -> None:
    if not cases:
        return
    code = Seat.objects.only("code").get(pk=seat_id).code
    on = now.astimezone(ZoneInfo(cases[0].creditor.zone)).date()
    moves = pl.DataFrame(
        [
            {
                "case_id": case.pk,
                "task_id": tasks[case.pk].pk if case.pk in tasks else None,
                "seat_after": seat_id,
                "why": "by_hand",
                "reason": '{"dealing":"by_hand"}',
            }
            for case in cases
        ],
        schema=_SCHEMA,
    )
    write_moves(moves.select(MOVED_COLUMNS), actor=actor, run_id=None, on=on, now=now)
    append_event(
        actor=actor,
        action="dealing.move",
        subject=f"seat:{seat_id}",
        body={"cases": [case.pk for case in cases], "reason": reason, "seat": code},
        now=now,
    )
