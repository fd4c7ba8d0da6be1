"""Counting work as it happens: what was done in time or late, what lapsed, what was followed up."""

from __future__ import annotations

from datetime import datetime

from kept.store.nights import Night
from kept.store.queries import load

__all__ = ["add_work", "count_lapsed"]


def add_work(
    *,
    creditor_id: int,
    seat_id: int | None,
    treatment: str,
    now: datetime,
    done_in_time: int = 0,
    done_late: int = 0,
    cancelled: int = 0,
    follow_ups: int = 0,
    lapsed: int = 0,
) -> None:
    """Add to the day's counts of a seat; the last lock but the event's that a change takes."""
    load("work_counts")["add"].run(
        {
            "creditor_id": creditor_id,
            "seat_id": seat_id,
            "treatment": treatment,
            "now": now,
            "done_in_time": done_in_time,
            "done_late": done_late,
            "cancelled": cancelled,
            "follow_ups": follow_ups,
            "lapsed": lapsed,
        }
    )


def count_lapsed(night: Night) -> None:
    """What this night ended that was late; counting again changes nothing."""
    load("work_counts")["count_lapsed"].run(night.parameters)
