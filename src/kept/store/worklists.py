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
    is_escalated: bool = False
    due_from: datetime | None = None
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskKey:
    """A task's place in the order of a worklist; the last one of a page is its cursor.

    `lawful_from` is that of a contact that is not lawful yet: those come after the others.
    """

    priority: int
    id: int
    lawful_from: datetime | None = None


def pick_tasks(
    filters: TaskFilters,
    *,
    creditor_ids: Sequence[int],
    seat_ids: Sequence[int] | None,
    product_ids: Sequence[int] | None = None,
    after: TaskKey | None,
    now: datetime,
    limit: int,
) -> list[TaskKey]:
    """The first `limit` tasks after a key; open ones that are not lawful at `now` come last.

    `seat_ids` None means whatever seat, or none; `product_ids` None whatever portfolio.
    """
    sql = load("tasks")
    parameters = {
        **asdict(filters),
        "creditor_ids": list(creditor_ids),
        "seat_ids": None if seat_ids is None else list(seat_ids),
        "product_ids": None if product_ids is None else list(product_ids),
        "after_priority": after and after.priority,
        "after_id": after and after.id,
        "after_lawful": after and after.lawful_from,
        "now": now,
    }
    found: list[TaskKey] = []
    for name in _orders(filters, seat_ids is None, after):
        left = limit - len(found)
        rows = sql[name].scoped("filters").rows({**parameters, "limit": left}) if left else ()
        found += [TaskKey(row["priority"], row["id"], row.get("lawful_from")) for row in rows]
    return found


def _orders(filters: TaskFilters, any_seat: bool, after: TaskKey | None) -> tuple[str, ...]:
    """The statements that hold the order one after the other, from the key on."""
    if filters.state != "open":
        return ("closed",)
    by = "creditor" if any_seat else "seat"
    later = f"later_by_{by}"
    is_later = after is not None and after.lawful_from is not None
    return (later,) if is_later else (f"open_by_{by}", later)


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
