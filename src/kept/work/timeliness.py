"""How the work kept to its time, by collector, team, treatment, creditor or day.

Read from counts that are kept as things happen, and from the open tasks that are late now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from django.db.models import Count, Sum

from kept.core.actors import Actor, Reach
from kept.core.task_clocks import Timeliness
from kept.store.models import Task, WorkCount
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["TimelinessBy", "TimelinessRow", "list_timeliness"]


class TimelinessBy(StrEnum):
    SEAT = "seat"
    TEAM = "team"
    TREATMENT = "treatment"
    CREDITOR = "creditor"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class TimelinessRow:
    """`key` names whose it is (an id, a code or a day); None is work that no seat has."""

    key: Any
    name: str
    timeliness: Timeliness
    cancelled: int
    follow_ups: int


_COUNTED: Final[Mapping[TimelinessBy, tuple[str, str]]] = {
    TimelinessBy.SEAT: ("seat_id", "seat__code"),
    TimelinessBy.TEAM: ("team_id", "team__name"),
    TimelinessBy.TREATMENT: ("treatment", "treatment"),
    TimelinessBy.CREDITOR: ("creditor_id", "creditor__name"),
    TimelinessBy.DAY: ("day", "day"),
}
_LATE: Final[Mapping[TimelinessBy, tuple[str, str]]] = {
    **_COUNTED,
    TimelinessBy.TEAM: ("seat__team_id", "seat__team__name"),
}
_SUMS: Final = ("done_in_time", "done_late", "lapsed", "cancelled", "follow_ups")


def list_timeliness(
    actor: Actor, *, first: date, last: date, by: TimelinessBy, now: datetime
) -> tuple[TimelinessRow, ...]:
    """What was due from the `first` to the `last` day of each creditor, and what is late at `now`.

    The least timely come first; days in their order. By day, what is late now is not said: it has
    no day yet.
    """
    within = require(actor, Permission.WORKLIST_READ)
    sums = _sums(within, first, last, by)
    late = {} if by is TimelinessBy.DAY else _late(within, by, now)
    keys = dict.fromkeys((*sums, *late))
    rows = [_row(key, sums.get(key, {}), late.get(key, {})) for key in keys]
    if by is TimelinessBy.DAY:
        return tuple(sorted(rows, key=lambda row: row.key))
    return tuple(sorted(rows, key=_least_timely))


def _sums(within: Reach, first: date, last: date, by: TimelinessBy) -> dict[Any, dict[str, Any]]:
    key, name = _COUNTED[by]
    rows = visible_rows(WorkCount, within).filter(day__gte=first, day__lte=last)
    found = rows.order_by().values(*dict.fromkeys((key, name)))
    summed = found.annotate(**{f"sum_{each}": Sum(each) for each in _SUMS})
    return {row[key]: {"name": row[name], **row} for row in summed}


def _late(within: Reach, by: TimelinessBy, now: datetime) -> dict[Any, dict[str, Any]]:
    key, name = _LATE[by]
    rows = visible_rows(Task, within).filter(state=Task.State.OPEN, due_at__lt=now)
    found = rows.order_by().values(*dict.fromkeys((key, name))).annotate(late=Count("pk"))
    return {row[key]: {"name": row[name], **row} for row in found}


def _row(key: Any, sums: Mapping[str, Any], late: Mapping[str, Any]) -> TimelinessRow:
    def counted(name: str) -> int:
        return int(sums.get(f"sum_{name}", 0))

    name = sums.get("name", late.get("name"))
    timeliness = Timeliness(
        counted("done_in_time"), counted("done_late"), counted("lapsed"), late.get("late", 0)
    )
    shown = "" if name is None else str(name)
    return TimelinessRow(key, shown, timeliness, counted("cancelled"), counted("follow_ups"))


def _least_timely(row: TimelinessRow) -> tuple[int, int, str]:
    permille = row.timeliness.permille
    return (1001 if permille is None else permille, -row.timeliness.due, row.name)
