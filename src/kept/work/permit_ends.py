"""What ends by itself: permits that nobody used, and used ones whose outcome nobody told.

A permit past its minute counts no more and cannot be used, whether this ran or not; here its end
is written down. One that was used and not settled keeps counting at its worst until a person says
what came of it: it is noted once, as work to be done (`work/permit_lists.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.core.attempts import Channel
from kept.core.permits import settle_minutes
from kept.store.events import append_prepared_events
from kept.store.queries import load
from kept.work.permissions import Permission, require
from kept.work.refusals import NotAllowed

__all__ = ["do_expire_permits", "do_note_overdue_permits", "permits_wait"]

_BATCH: Final = 1_000


def do_expire_permits(*, actor: Actor, now: datetime) -> int:
    """End the unused permits that are past their minute; returns how many. For a job."""
    return _in_batches(actor, "expire", "permit.expire", {"now": now}, now)


def do_note_overdue_permits(*, actor: Actor, now: datetime) -> int:
    """Note the used permits that should have an outcome by now; returns how many. For a job."""
    return _in_batches(actor, "note_overdue", "permit.miss_outcome", _limits(now), now)


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


def _in_batches(actor: Actor, query: str, action: str, given: dict[str, Any], now: datetime) -> int:
    require(actor, Permission.CONTACT_MAKE)
    if actor.kind is not ActorKind.JOB:
        raise NotAllowed(_("Only a job of kept does this."))
    ended = 0
    while True:
        count = _batch(actor, query, action, given, now)
        ended += count
        if count < _BATCH:
            return ended


@transaction.atomic
def _batch(actor: Actor, query: str, action: str, given: dict[str, Any], now: datetime) -> int:
    """Chains are locked in the order of their ids, as every bulk write does."""
    sql = load("permits")
    rows = sql[query].rows({**given, "limit": _BATCH})
    if rows:
        sql["tell"].run(
            {
                "action": action,
                "ids": [row["id"] for row in rows],
                "case_ids": [row["case_id"] for row in rows],
            }
        )
        append_prepared_events(actor=actor, now=now, batch_id=None)
        sql["forget_told"].run()
    return len(rows)
