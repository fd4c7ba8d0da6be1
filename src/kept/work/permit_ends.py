"""What ends by itself: permits that nobody used, and used ones whose outcome nobody told.

A permit past its minute counts no more and cannot be used, whether this ran or not; here its end
is written down. One that was used and not settled keeps counting at its worst until a person says
what came of it: it is noted once, as work to be done (`work/permit_lists.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kept.core.actors import Actor
from kept.core.attempts import Channel
from kept.core.permits import settle_minutes
from kept.store.queries import load
from kept.work.permissions import Permission
from kept.work.sweeps import sweep

__all__ = ["do_expire_permits", "do_note_overdue_permits", "permits_wait"]


def do_expire_permits(*, actor: Actor, now: datetime) -> int:
    """End the unused permits that are past their minute; returns how many. For a job."""
    return _sweep(actor, "expire", "permit.expire", {"now": now}, now)


def do_note_overdue_permits(*, actor: Actor, now: datetime) -> int:
    """Note the used permits that should have an outcome by now; returns how many. For a job."""
    return _sweep(actor, "note_overdue", "permit.miss_outcome", _limits(now), now)


def permits_wait(now: datetime) -> bool:
    """Whether one of the two has something to do."""
    return bool(load("permits")["waiting"].rows(_limits(now))[0]["found"])


def _limits(now: datetime) -> dict[str, Any]:
    channels = [channel.value for channel in Channel]
    return {
        "now": now,
        "channels": channels,
        "minutes": [settle_minutes(channel) for channel in channels],
    }


def _sweep(actor: Actor, query: str, action: str, given: dict[str, Any], now: datetime) -> int:
    return sweep(
        actor=actor,
        permission=Permission.CONTACT_MAKE,
        marking=load("permits")[query],
        given=given,
        action=action,
        noun="permits",
        now=now,
    )
