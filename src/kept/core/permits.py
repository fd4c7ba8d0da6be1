"""Permits: their states, how long one holds, what settles it, and what a verdict still asks for.

A permit is the right to make one attempt. What the law says is decided in `core.law`; here a
verdict is read for what must be done before a contact may leave. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kept.core.attempts import Channel, Outcome
from kept.core.law.rules import Effect
from kept.core.law.verdicts import Fired, Verdict
from kept.core.law.vocabulary import VOICE

__all__ = [
    "HELD_MINUTES",
    "NEXT_OUTCOMES",
    "REVIEWS",
    "PermitState",
    "RebuttalReason",
    "Weighed",
    "outcomes_of",
    "settle_minutes",
    "weigh",
]


class PermitState(StrEnum):
    """`reserved` counts at its worst; `used` too, until its attempt has an outcome."""

    RESERVED = "reserved"
    USED = "used"
    SETTLED = "settled"
    RELEASED = "released"
    EXPIRED = "expired"


class RebuttalReason(StrEnum):
    """What may rebut a presumption of violation, comment 14(b)(2)(i)-1 to 12 CFR 1006."""

    REQUIRED_BY_LAW = "required_by_law"
    ACTIVE_LITIGATION = "active_litigation"
    CONSUMER_REQUESTED_INFORMATION = "consumer_requested_information"
    TIME_CRITICAL_NOT_IN_COLLECTOR_CONTROL = "time_critical_not_in_collector_control"
    DROPPED_CALL = "dropped_call"


#: Duties that whoever makes the contact cannot have done: an entitled other person has looked at
#: all contacts first, and that is recorded.
REVIEWS: Final = frozenset({"human_review_cumulative_effect"})

_PAPER: Final = (Channel.LETTER, Channel.POSTCARD, Channel.CALLING_CARD, Channel.COURT_FILING)
_HOUR: Final = 60
_DAY: Final = 24 * _HOUR

#: Minutes that a permit holds unless less is asked; so long its reservation stands in the way.
HELD_MINUTES: Final[Mapping[str, int]] = {
    **dict.fromkeys(Channel, 15),
    Channel.FIELD_VISIT: 12 * _HOUR,
    **dict.fromkeys(_PAPER, _DAY),
}

_VISIT: Final = frozenset(
    {Outcome.CONVERSATION, Outcome.CONTACT_REFUSED, Outcome.DELIVERED, Outcome.UNDELIVERABLE}
)
_MESSAGE: Final = frozenset({Outcome.SENT, Outcome.DELIVERED, Outcome.UNDELIVERABLE})
_CALL: Final = frozenset(
    {
        Outcome.BUSY_SIGNAL,
        Outcome.NOT_IN_SERVICE,
        Outcome.NETWORK_FAILURE,
        Outcome.RING_NO_ANSWER,
        Outcome.VOICEMAIL_LEFT,
        Outcome.VOICEMAIL_LEFT_NAMING_DEBTS,
        Outcome.LIMITED_CONTENT_MESSAGE,
        Outcome.VOICEMAIL_FULL_NO_MESSAGE,
        Outcome.VOICEMAIL_NO_RING,
        Outcome.ANSWERED_DROPPED,
        Outcome.DECLINED,
        Outcome.MACHINE_NO_MESSAGE,
        Outcome.CONVERSATION,
        Outcome.WRONG_NUMBER_LEARNED,
        Outcome.CONTACT_REFUSED,
    }
)

#: What is learned later of a message that was settled: whether it arrived.
NEXT_OUTCOMES: Final[Mapping[str, frozenset[str]]] = {
    Outcome.SENT: frozenset({Outcome.DELIVERED, Outcome.UNDELIVERABLE}),
    Outcome.MAILED_VALIDATION_NOTICE: frozenset({Outcome.UNDELIVERABLE}),
}


def outcomes_of(channel: str) -> frozenset[str]:
    """The outcomes that an attempt of kept on a channel can have; inbound ones are none."""
    if channel in VOICE:
        return _CALL
    if channel == Channel.FIELD_VISIT:
        return _VISIT
    if channel == Channel.WEB_PORTAL:
        return _MESSAGE | {Outcome.SESSION_ENDED}
    if channel in (Channel.LETTER, Channel.EMAIL):
        return _MESSAGE | {Outcome.MAILED_VALIDATION_NOTICE}
    return _MESSAGE


def settle_minutes(channel: str) -> int:
    """How long after its use an attempt may lack an outcome before somebody has to look."""
    if channel in VOICE:
        return 2 * _HOUR
    return 14 * _DAY if channel in _PAPER else _DAY


@dataclass(frozen=True, slots=True)
class Weighed:
    """What stands between a verdict and a contact: `denied` and `held` are ids of rules.

    `missing` are duties that nobody named as done.
    """

    denied: tuple[str, ...]
    held: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def may_leave(self) -> bool:
        return not (self.denied or self.held or self.missing)


def weigh(verdict: Verdict, done: Collection[str] = (), released: Collection[str] = ()) -> Weighed:
    """Read a verdict at the asked minute; `released` are rules whose presumption was released.

    The duties are those of that minute, not of the one from which it would be lawful by itself.
    """
    duties = _ordered(name for fired in verdict.fired for name in _duties(fired))
    return Weighed(
        denied=_rules(verdict, Effect.DENY),
        held=tuple(rule for rule in _rules(verdict, Effect.HOLD) if rule not in released),
        missing=tuple(name for name in duties if name not in done),
    )


def _duties(fired: Fired) -> tuple[str, ...]:
    """A duty without a name of its own goes by the name of its rule."""
    if fired.effect is Effect.REQUIRE and not fired.part.requires:
        return (fired.rule.id,)
    return fired.part.requires


def _rules(verdict: Verdict, effect: Effect) -> tuple[str, ...]:
    return _ordered(fired.rule.id for fired in verdict.fired if fired.effect is effect)


def _ordered(names: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))  # type: ignore[call-overload]
