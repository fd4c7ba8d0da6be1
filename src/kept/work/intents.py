"""Effects on the outside world: intended with the change, claimed under a lease, finished once.

A use case writes the intent in its own transaction. A worker claims a batch, carries it out outside
any transaction, and finishes it; a worker that was too slow finishes nothing, because its fence is
old. A lease that ran out leaves the intent unknown, and who claims it next asks the peer first.
What carrying out means is said kind by kind in `batch/effects.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.intents import Ending, Outcome, after, pause_seconds
from kept.store.events import append_event
from kept.store.models import Intent
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal

__all__ = [
    "LEASE_SECONDS",
    "ClaimedIntent",
    "NewIntent",
    "claim_intents",
    "do_retry_intent",
    "finish_intents",
    "forget_intents",
    "lapse_intents",
    "list_failed_intents",
    "write_intent",
    "write_intents",
]

#: Longer than any effect takes. Only an effect that was ended by force waits for its end.
LEASE_SECONDS: Final = 60
KEPT_FOR: Final = timedelta(days=90)
_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class NewIntent:
    """One of many that are written at once; the fields are those of `write_intent`."""

    key: str
    subject: str
    lane: str = ""
    creditor_id: int | None = None
    payload: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClaimedIntent:
    """An intent under a lease; `in_doubt` when the peer must be asked whether it happened."""

    id: int
    kind: str
    key: str
    subject: str
    creditor_id: int | None
    payload: Mapping[str, Any]
    fence: int
    attempts: int
    in_doubt: bool


def write_intent(
    *,
    kind: str,
    key: str,
    subject: str,
    now: datetime,
    payload: Mapping[str, str | int] | None = None,
    lane: str = "",
    creditor_id: int | None = None,
    due_at: datetime | None = None,
) -> int:
    """Intend an effect, in the transaction of the change; returns the intent's id.

    The same key again is the same intent.
    """
    _refuse_outside()
    row = {
        "kind": kind,
        "key": key,
        "lane": lane,
        "subject": subject,
        "creditor_id": creditor_id,
        "payload": json.dumps(dict(payload or {})),
        "due_at": due_at or now,
        "now": now,
    }
    return int(load("intents")["write"].rows(row)[0]["id"])


def write_intents(*, kind: str, intents: Sequence[NewIntent], now: datetime) -> int:
    """Intend many effects of one kind in one statement; returns how many are new.

    In the transaction of the change, as `write_intent`; their order is that of their lanes.
    """
    _refuse_outside()
    if not intents:
        return 0
    return load("intents")["write_many"].run(
        {
            "kind": kind,
            "now": now,
            "keys": [each.key for each in intents],
            "lanes": [each.lane for each in intents],
            "subjects": [each.subject for each in intents],
            "creditor_ids": [each.creditor_id for each in intents],
            "payloads": [json.dumps(dict(each.payload)) for each in intents],
        }
    )


def _refuse_outside() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an intent is written in the transaction of the change that asks for it")


def claim_intents(
    *, kinds: Sequence[str], now: datetime, limit: int, lease_seconds: int = LEASE_SECONDS
) -> list[ClaimedIntent]:
    """Lease what is due, at most `limit`, the first of each lane; oldest first."""
    rows = load("intents")["claim"].rows(
        {"kinds": list(kinds), "now": now, "limit": limit, "lease_seconds": lease_seconds}
    )
    claimed = [ClaimedIntent(**{**row, "payload": _mapping(row["payload"])}) for row in rows]
    return sorted(claimed, key=lambda each: each.id)


def finish_intents(
    outcomes: Sequence[tuple[ClaimedIntent, Outcome]], *, now: datetime
) -> frozenset[int]:
    """Write what came of them; returns the ids that were still this holder's to finish."""
    if not outcomes:
        return frozenset()
    rows = [_finished(intent, outcome, now) for intent, outcome in outcomes]
    columns = ("ids", "fences", "states", "doubts", "reasons", "results", "dues")
    given = dict(zip(columns, (list(column) for column in zip(*rows, strict=True)), strict=True))
    return frozenset(row["id"] for row in load("intents")["finish"].rows({**given, "now": now}))


def lapse_intents(*, now: datetime, lease_seconds_max: int = LEASE_SECONDS) -> int:
    """Leases that ran out become unknown; returns how many. For the sweep."""
    return load("intents")["lapse"].run(
        {"now": now, "lease_seconds_max": lease_seconds_max, "limit": _BATCH}
    )


def forget_intents(*, now: datetime) -> int:
    """Drop intents that were done long ago; failed ones stay. For the housekeeping."""
    dropped = 0
    while True:
        count = load("intents")["drop_old"].run({"before": now - KEPT_FOR, "limit": _BATCH})
        dropped += count
        if count < _BATCH:
            return dropped


def list_failed_intents(actor: Actor, *, limit: int = 50) -> list[Intent]:
    """Effects that were given up, the newest first."""
    reach = require(actor, Permission.JOB_READ)
    rows = visible_rows(Intent, reach).filter(state=Intent.State.FAILED)
    return list(rows.select_related("creditor").order_by("-finished_at", "-id")[:limit])


@transaction.atomic
def do_retry_intent(*, actor: Actor, intent_id: int, now: datetime) -> None:
    """A failed effect is to be carried out again."""
    reach = require(actor, Permission.JOB_RUN)
    intent = visible_rows(Intent, reach).filter(pk=intent_id).first()
    if intent is None:
        raise not_there()
    if not load("intents")["again"].run({"id": intent_id, "now": now}):
        raise Refusal(_("This is not failed any more; look at the page again."))
    append_event(
        actor=actor,
        action="intent.retry",
        subject=f"intent:{intent_id}",
        body={"kind": intent.kind, "subject": intent.subject, "reason": intent.reason},
        now=now,
    )


_STATES: Final = {
    Ending.DONE: Intent.State.DONE,
    Ending.FAILED: Intent.State.FAILED,
    Ending.AGAIN: Intent.State.INTENDED,
    Ending.DOUBTFUL: Intent.State.UNKNOWN,
}


def _finished(intent: ClaimedIntent, outcome: Outcome, now: datetime) -> tuple[object, ...]:
    ending = after(outcome, intent.attempts)
    due_at = now + timedelta(seconds=pause_seconds(intent.attempts, intent.id))
    return (
        intent.id,
        intent.fence,
        _STATES[ending].value,
        ending is Ending.DOUBTFUL,
        outcome.reason[:64],
        json.dumps(dict(outcome.result)),
        due_at,
    )


def _mapping(payload: object) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(payload) if isinstance(payload, str) else payload  # type: ignore[assignment]
    return found
