"""The worklist: open tasks in the order in which they are worth doing, a page at a time.

What is lawful now comes first, by priority; then what will be, by the time from which it is.

Pages are found by key, never counted or skipped over, so the millionth task is as near as the
first. Searching for one debtor is in `work/searches.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from kept.core.actors import Actor, Reach, Scope
from kept.core.calendar import instant_of, utc_datetime
from kept.store.models import Creditor, Hold, ProductTerms, Seat, Task
from kept.store.promises import promises_standing
from kept.store.visibility import visible_rows
from kept.store.worklists import (
    SeatSummary,
    TaskFilters,
    TaskKey,
    pick_tasks,
    read_seat_summary,
)
from kept.work.permissions import Permission, require
from kept.work.turns import may_pick

__all__ = [
    "SeatSummary",
    "TaskFilters",
    "TaskPage",
    "TaskRow",
    "WorklistChoices",
    "get_worklist_choices",
    "list_tasks",
    "parse_cursor",
    "summarise_own_tasks",
]

PAGE = 50


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of a worklist. Figures are those the night saw, as of `business_date`.

    `promise` is `due` where one falls due on the day or is in its grace, `broken` where one was
    not kept, or only in part, in the last days.
    """

    task_id: int
    case_id: int
    creditor_code: str
    creditor_name: str
    debtor_name: str
    debtor_kind: str
    strategy: str
    treatment: str
    stage: str
    channel: str
    state: str
    priority: int
    due_at: datetime
    lawful_from: datetime | None
    wanted_at: datetime | None
    escalated_at: datetime | None
    dpd: int
    bucket: int
    balance_minor: int
    overdue_minor: int
    currency: str
    seat_code: str
    holds: tuple[str, ...]
    promise: str = ""


@dataclass(frozen=True, slots=True)
class TaskPage:
    """`next_cursor` asks for the page after this one; None when there is none."""

    rows: tuple[TaskRow, ...]
    next_cursor: str | None


def parse_cursor(text: str) -> TaskKey | None:
    """The key that `TaskPage.next_cursor` holds; text that is none begins at the start."""
    parts = text.split(".")
    if len(parts) not in (2, 3) or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    priority, task_id, *minute = map(int, parts)
    if max(abs(priority), abs(task_id)) >= 2**63 or not all(0 <= m < 2**31 for m in minute):
        return None
    return TaskKey(priority, task_id, utc_datetime(minute[0]) if minute else None)


_NUMBER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def _cursor(key: TaskKey) -> str:
    later = "" if key.lawful_from is None else f".{instant_of(key.lawful_from)}"
    return f"{key.priority}.{key.id}{later}"


def list_tasks(
    actor: Actor,
    filters: TaskFilters,
    cursor: str = "",
    *,
    now: datetime,
    on: date,
    limit: int = PAGE,
) -> TaskPage:
    """One page of the tasks that the actor may see, what is lawful at `now` first.

    `on` is the day for which holds are shown.
    """
    within = require(actor, Permission.WORKLIST_READ)
    if not may_pick(actor):
        return _next_only(actor, within, now, on)
    keys = _keys(within, filters, parse_cursor(cursor), now, limit + 1)
    shown = keys[:limit]
    more = len(keys) > limit
    return TaskPage(
        rows=_rows(within, [key.id for key in shown], on),
        next_cursor=_cursor(shown[-1]) if more else None,
    )


def _next_only(actor: Actor, within: Reach, now: datetime, on: date) -> TaskPage:
    """What is the next in turn, whatever was asked for: nobody picks by filters."""
    keys = _keys(within, TaskFilters(), None, now, 1)
    return TaskPage(_rows(within, [key.id for key in keys], on), None)


def _keys(
    within: Reach, filters: TaskFilters, after: TaskKey | None, now: datetime, limit: int
) -> list[TaskKey]:
    """The first page of each scope from its own index, merged: most actors have one scope."""
    found = {
        key
        for scope in within.scopes
        for key in pick_tasks(
            filters,
            creditor_ids=_creditor_ids(scope, filters),
            seat_ids=_seat_ids(scope, filters),
            product_ids=None if scope.product_ids is None else sorted(scope.product_ids),
            after=after,
            now=now,
            limit=limit,
        )
    }
    is_open = filters.state == "open"
    return sorted(found, key=_in_order if is_open else lambda key: (-key.id,))[:limit]


def _in_order(key: TaskKey) -> tuple[int, ...]:
    later = -1 if key.lawful_from is None else instant_of(key.lawful_from)
    return later, -key.priority, key.id


def _creditor_ids(scope: Scope, filters: TaskFilters) -> list[int]:
    """Written out, since the indexes of tasks begin with the creditor."""
    rows = visible_rows(Creditor, Reach((scope,)))
    if filters.creditor_id is not None:
        rows = rows.filter(pk=filters.creditor_id)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _seat_ids(scope: Scope, filters: TaskFilters) -> list[int] | None:
    if scope.seat_ids is None:
        return None if filters.seat_id is None else [filters.seat_id]
    return [i for i in sorted(scope.seat_ids) if filters.seat_id in (None, i)]


def _rows(within: Reach, task_ids: Sequence[int], on: date) -> tuple[TaskRow, ...]:
    found = (
        visible_rows(Task, within)
        .filter(pk__in=task_ids)
        .values(*_COLUMNS, *_RELATED, "case__debtor_id")
    )
    by_id = {row["id"]: row for row in found}
    holds = _holds({row["case__debtor_id"] for row in by_id.values()}, on)
    told = promises_standing({row["case_id"] for row in by_id.values()}, on)
    return tuple(_row(by_id[task_id], holds, told) for task_id in task_ids if task_id in by_id)


_COLUMNS = (
    "id",
    "case_id",
    "strategy",
    "treatment",
    "stage",
    "channel",
    "state",
    "priority",
    "due_at",
    "lawful_from",
    "wanted_at",
    "escalated_at",
    "dpd",
    "bucket",
    "balance_minor",
    "overdue_minor",
    "currency",
)
_RELATED = {
    "creditor__code": "creditor_code",
    "creditor__name": "creditor_name",
    "case__debtor__name": "debtor_name",
    "case__debtor__kind": "debtor_kind",
    "seat__code": "seat_code",
}


def _row(
    found: Mapping[str, Any], holds: Mapping[int, tuple[str, ...]], told: Mapping[int, str]
) -> TaskRow:
    values = {name: found[name] for name in _COLUMNS if name != "id"}
    related: dict[str, Any] = {name: found[path] or "" for path, name in _RELATED.items()}
    return TaskRow(
        task_id=found["id"],
        holds=holds.get(found["case__debtor_id"], ()),
        promise=told.get(found["case_id"], ""),
        **values,
        **related,
    )


def _holds(debtor_ids: set[int], on: date) -> dict[int, tuple[str, ...]]:
    """Reasons of the standing holds of debtors whose tasks the actor sees anyway."""
    found: dict[int, tuple[str, ...]] = {}
    open_holds = Hold.objects.filter(
        Q(until__isnull=True) | Q(until__gte=on),
        debtor_id__in=debtor_ids,
        released_at__isnull=True,
    )
    for debtor_id, reason in open_holds.order_by("id").values_list("debtor_id", "reason"):
        found[debtor_id] = (*found.get(debtor_id, ()), reason)
    return found


def summarise_own_tasks(actor: Actor, *, now: datetime, day_ends_at: datetime) -> list[SeatSummary]:
    """What lies open before the actor's own seats, by treatment, the most first."""
    within = require(actor, Permission.WORKLIST_READ)
    creditor_ids = list(visible_rows(Creditor, within).values_list("pk", flat=True))
    return read_seat_summary(sorted(actor.seat_ids), creditor_ids, now, day_ends_at)


@dataclass(frozen=True, slots=True)
class WorklistChoices:
    """By what the actor may narrow a worklist: (id, code, name) and (id, code)."""

    creditors: tuple[tuple[int, str, str], ...]
    seats: tuple[tuple[int, str], ...]
    highest_bucket: int


def get_worklist_choices(actor: Actor) -> WorklistChoices:
    within = require(actor, Permission.WORKLIST_READ)
    creditors = visible_rows(Creditor, within).order_by("code")
    boundaries = visible_rows(ProductTerms, within).values_list("bucket_boundaries", flat=True)
    return WorklistChoices(
        tuple(creditors.values_list("pk", "code", "name")),
        tuple(_seats_to_show(within).values_list("pk", "code")),
        max((len(each) for each in boundaries.distinct()), default=0),
    )


def _seats_to_show(within: Reach) -> QuerySet[Seat]:
    """Seats to which the actor may see work dealt."""
    shown = Q(pk__in=[])
    for scope in within.scopes:
        here = Q() if scope.seat_ids is None else Q(pk__in=scope.seat_ids)
        if scope.creditor_ids is not None:
            here &= Q(creditors__in=scope.creditor_ids) | Q(creditors__isnull=True)
        shown |= here
    everything = Scope() in within.scopes
    rows = Seat.objects.filter(active=True).order_by("code")
    return rows if everything else rows.filter(shown).distinct()
