"""Picking the tasks of one page of a worklist: ids only, from the indexes of `sql/tasks.sql`.

Who may see what is the caller's: the creditors and seats given here are already those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from kept.store.queries import load

__all__ = ["SeatSummary", "TaskFilters", "TaskKey", "pick_tasks", "read_seat_summary"]


@dataclass(frozen=True, slots=True)
class TaskFilters:
    """What a worklist is narrowed to; None for no limit. `dpd` in days, both ends included.

    `due_from` is included, `due_before` is not.
    """

    state: str = "open"
    bucket: int | None = None
    dpd_from: int | None = None
    dpd_to: int | None = None
    stage: str | None = None
    treatment: str | None = None
    creditor_id: int | None = None
    seat_id: int | None = None
    is_not_dealt: bool = False
    due_from: datetime | None = None
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskKey:
    """A task's place in the order of a worklist; the last one of a page is its cursor."""

    priority: int
    id: int


def pick_tasks(
    filters: TaskFilters,
    *,
    creditor_ids: Sequence[int],
    seat_ids: Sequence[int] | None,
    product_ids: Sequence[int] | None = None,
    after: TaskKey | None,
    limit: int,
) -> list[TaskKey]:
    """The first `limit` tasks after a key.

    `seat_ids` None means whatever seat, or none; `product_ids` None whatever portfolio.
    """
    sql = load("tasks")
    if filters.state != "open":
        query = sql["closed"]
    else:
        query = sql["open_by_creditor" if seat_ids is None else "open_by_seat"]
    rows = query.scoped("filters").rows(
        {
            **asdict(filters),
            "creditor_ids": list(creditor_ids),
            "seat_ids": None if seat_ids is None else list(seat_ids),
            "product_ids": None if product_ids is None else list(product_ids),
            "after_priority": after and after.priority,
            "after_id": after and after.id,
            "limit": limit,
        }
    )
    return [TaskKey(row["priority"], row["id"]) for row in rows]


@dataclass(frozen=True, slots=True)
class SeatSummary:
    """Open tasks of one treatment before some seats; `minutes` is how long they should take."""

    treatment: str
    tasks: int
    minutes: int
    late: int
    due_today: int


def read_seat_summary(
    seat_ids: Sequence[int], creditor_ids: Sequence[int], now: datetime, day_ends_at: datetime
) -> list[SeatSummary]:
    rows = load("tasks")["summary_of_seats"].rows(
        {
            "seat_ids": list(seat_ids),
            "creditor_ids": list(creditor_ids),
            "now": now,
            "day_ends_at": day_ends_at,
        }
    )
    return [SeatSummary(**row) for row in rows]
