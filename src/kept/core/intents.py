"""Effects on the outside world as values: what came of one, and when it is tried again.

An effect (a file put into a folder, a message, a call of another system) cannot be part of a
database transaction. So it is intended first, in the transaction of the change that asks for it,
and carried out after. What is not known is never guessed: a carrying-out that ended in the middle
is asked about at the peer before it is tried again. The table is `store/models/intents.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["ATTEMPTS_MAX", "PAUSE_MAX", "Ending", "Outcome", "after", "pause_seconds"]

#: Seconds; an hour between tries is seldom enough not to be a burden, often enough to be noticed.
PAUSE_MAX = 3_600
_PAUSE_FIRST = 5
ATTEMPTS_MAX = 20  # about half a day of tries


class Ending(StrEnum):
    DONE = "done"
    AGAIN = "again"  # it surely did not happen; it may at another time
    FAILED = "failed"  # it will never happen as it is
    DOUBTFUL = "doubtful"  # nobody knows whether it happened: the peer is asked first


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one effect; `reason` is a code, `result` ids of the peer, never personal."""

    ending: Ending
    reason: str = ""
    result: Mapping[str, str | int] = field(default_factory=dict)


def pause_seconds(attempts: int, spread: int) -> int:
    """Seconds before the next try, after `attempts` tries: 5, 10, 20 and on, an hour at most.

    `spread`, a number of the intent such as its id, moves it by up to a quarter, so that a peer
    that comes back is not met by everybody in the same second.
    """
    pause = min(PAUSE_MAX, _PAUSE_FIRST << min(max(attempts, 1) - 1, 20))
    return pause - pause * (spread % 16) // 64


def after(outcome: Outcome, attempts: int) -> Ending:
    """How the intent stands then: one that was tried too often has failed, and a person decides."""
    if outcome.ending is Ending.AGAIN and attempts >= ATTEMPTS_MAX:
        return Ending.FAILED
    return outcome.ending
