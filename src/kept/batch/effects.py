"""Carrying out intents: each kind says how it is done and how a peer is asked whether it was.

`EFFECTS` is the list of kinds; to reach the outside world in a new way, add one. A worker takes
what is due in small batches, carries it out outside any transaction and finishes it under its
fence. What escapes here with an error, or is ended by force, leaves its lease to run out: then it
is unknown, and asked about before it is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kept.batch.intake.outbox import ACKNOWLEDGE, ask_acknowledgement, put_acknowledgement
from kept.core.intents import Outcome
from kept.work.intents import (
    LEASE_SECONDS,
    ClaimedIntent,
    claim_intents,
    finish_intents,
    lapse_intents,
)

__all__ = ["EFFECTS", "Effect", "carry_out"]

_BATCH: Final = 20


@dataclass(frozen=True, slots=True)
class Effect:
    """`perform` does it; `ask` says what came of an earlier try, or None if the peer saw none.

    Both are called outside a transaction and may be called again for the same intent.
    """

    perform: Callable[[ClaimedIntent], Outcome]
    ask: Callable[[ClaimedIntent], Outcome | None]


EFFECTS: Final[Mapping[str, Effect]] = {
    ACKNOWLEDGE: Effect(put_acknowledgement, ask_acknowledgement),
}


def carry_out(
    *,
    clock: Callable[[], datetime],
    effects: Mapping[str, Effect] = EFFECTS,
    lease_seconds: int = LEASE_SECONDS,
    batch: int = _BATCH,
    most: int = 1_000,
) -> int:
    """Carry out what is due of these kinds, at most so many; returns how many were finished.

    A whole batch must be carried out well within the lease.
    """
    lapse_intents(now=clock(), lease_seconds_max=lease_seconds)
    finished = 0
    while finished < most:
        claimed = claim_intents(
            kinds=sorted(effects), now=clock(), limit=batch, lease_seconds=lease_seconds
        )
        if not claimed:
            break
        outcomes = [(each, _outcome(effects[each.kind], each)) for each in claimed]
        finished += len(finish_intents(outcomes, now=clock()))
    return finished


def _outcome(effect: Effect, intent: ClaimedIntent) -> Outcome:
    known = effect.ask(intent) if intent.in_doubt else None
    return effect.perform(intent) if known is None else known
