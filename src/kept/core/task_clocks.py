"""The clocks of a task: when it is late, when its team lead is told, and what comes first by day.

A task of the night has its times from the strategy. One that the day makes, a call-back that the
debtor asked for, has them from the minute asked for; it goes before everything that a price orders
from that minute on, and not before. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

__all__ = [
    "CALLBACK",
    "CALLBACK_AHEAD",
    "CALLBACK_MINUTES",
    "CALLBACK_PRIORITY",
    "Clocks",
    "Timeliness",
    "callback_clocks",
    "is_in_time",
]

#: The treatment of a call-back: no strategy's, since it is the debtor who asks.
CALLBACK: Final = "callback"
#: Above every price, so that a call-back comes first at its minute.
CALLBACK_PRIORITY: Final = 2**61
#: How long it takes of its seat's day.
CALLBACK_MINUTES: Final = 5
#: So far ahead a call-back may be asked for; what is later is for the strategy.
CALLBACK_AHEAD: Final = timedelta(days=60)
_CALLBACK_TOLERANCE: Final = timedelta(minutes=15)
_CALLBACK_ESCALATES: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Clocks:
    """`begins_at` is the first minute at which the task may be worked; then it comes by priority.
    After `due_at` it is late, and at `escalates_at` its team lead is told."""

    begins_at: datetime
    due_at: datetime
    escalates_at: datetime


def callback_clocks(wanted_at: datetime, lawful_from: datetime) -> Clocks:
    """A call-back is worked at its minute, or as soon after it as the law allows."""
    begins_at = max(wanted_at, lawful_from)
    return Clocks(begins_at, begins_at + _CALLBACK_TOLERANCE, begins_at + _CALLBACK_ESCALATES)


def is_in_time(closed_at: datetime, due_at: datetime) -> bool:
    return closed_at <= due_at


@dataclass(frozen=True, slots=True)
class Timeliness:
    """Follow-up timeliness (跟进及时率, METRICS.md): next actions done by their due time, of those
    that were due. What was cancelled is not among them, nor what is open and not late yet."""

    done_in_time: int = 0
    done_late: int = 0
    lapsed: int = 0
    late_now: int = 0

    @property
    def due(self) -> int:
        return self.done_in_time + self.done_late + self.lapsed + self.late_now

    @property
    def permille(self) -> int | None:
        """In thousandths, rounded down; None where nothing was due."""
        return self.done_in_time * 1000 // self.due if self.due else None
