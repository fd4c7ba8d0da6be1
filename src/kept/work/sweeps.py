"""What jobs write down by themselves: rows that a statement marks, batch by batch, with an event
for each case. A batch is one transaction; what somebody has in hand waits for the next time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.store.events import append_prepared_events
from kept.store.queries import Query, load
from kept.work.permissions import Permission, require
from kept.work.refusals import NotAllowed

__all__ = ["sweep"]

_BATCH: Final = 1_000


def sweep(
    *,
    actor: Actor,
    permission: Permission,
    marking: Query,
    given: Mapping[str, Any],
    action: str,
    noun: str,
    now: datetime,
) -> int:
    """Run a statement that marks at most `limit` rows and returns their `id` and `case_id`, until
    nothing is left; returns how many. Each case is told by one event with the ids under `noun`."""
    require(actor, permission)
    if actor.kind is not ActorKind.JOB:
        raise NotAllowed(_("Only a job of kept does this."))
    marked = 0
    while True:
        count = _batch(actor, marking, given, action, noun, now)
        marked += count
        if count < _BATCH:
            return marked


@transaction.atomic
def _batch(
    actor: Actor, marking: Query, given: Mapping[str, Any], action: str, noun: str, now: datetime
) -> int:
    """Chains are locked in the order of their ids, as every bulk write does."""
    rows = marking.rows({**given, "limit": _BATCH})
    if rows:
        ids, case_ids = [row["id"] for row in rows], [row["case_id"] for row in rows]
        told = {"action": action, "noun": noun, "ids": ids, "case_ids": case_ids}
        load("events")["tell_of_cases"].run(told)
        append_prepared_events(actor=actor, now=now, batch_id=None)
    return len(rows)
