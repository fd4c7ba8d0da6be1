"""The light: whether each person of a case may be contacted now, by each way that leads there.

It says what the law says at this minute and reserves nothing; the right to act is a permit's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kept.core.actors import Actor
from kept.core.attempts import Channel
from kept.core.calendar import OffsetTable, instant_of
from kept.core.law.rules import Effect
from kept.core.law.verdicts import Verdict
from kept.work.permissions import Permission, require
from kept.work.situations import Considered, IntendedContact, NoEngagement, consider_points

__all__ = ["RELAY", "Light", "list_lights"]

RELAY: Final = "ask_debtor_contact_or_relay"
_COLLECT: Final = "collect"
# Who does not owe and stands for nobody is never asked to pay.
_OUTSIDERS: Final = frozenset({"contact", "third_party"})
_CHANNELS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": (Channel.CALL, Channel.SMS),
    "email": (Channel.EMAIL,),
    "address": (Channel.LETTER, Channel.FIELD_VISIT),
    "handle": (Channel.SOCIAL_DM,),
}


@dataclass(frozen=True, slots=True)
class Light:
    """What the law says of one way to one contact point.

    `verdict` is None where nobody may act at all, and `refusal` says why. `place` has the clocks of
    the person, None where they are not known; `lacks` as in `Considered`.
    """

    contact_point_id: int
    channel: str
    purpose: str
    verdict: Verdict | None
    place: OffsetTable | None = None
    has_place: bool = False
    refusal: str = ""
    lacks: tuple[str, ...] = ()

    @property
    def is_green(self) -> bool:
        """Lawful at once, though perhaps only after a duty."""
        return self.verdict is not None and self.verdict.lawful_from == self.verdict.asked

    @property
    def is_held(self) -> bool:
        """Closed by presumptions of violation alone, which an entitled person may release."""
        if self.verdict is None or self.is_green:
            return False
        return self.verdict.outcome is Effect.HOLD


def list_lights(actor: Actor, case_id: int, *, now: datetime) -> tuple[Light, ...]:
    """The lights of a case in the order of its contact book; raises `NotThere` beyond the reach."""
    within = require(actor, Permission.CASE_READ)
    found = consider_points(within, case_id, instant_of(now), _ways)
    return tuple(_light(wanted, each) for wanted, each in found)


def _ways(kind: str, usage: str, role: str) -> Iterator[tuple[str, str]]:
    purpose = RELAY if role in _OUTSIDERS else _COLLECT
    for channel in _CHANNELS.get(kind, ()):
        at_work = channel == Channel.CALL and usage == "work"
        yield (Channel.WORKPLACE_CALL if at_work else channel), purpose


def _light(wanted: IntendedContact, found: Considered | NoEngagement) -> Light:
    point = wanted.contact_point_id
    assert point is not None
    if isinstance(found, NoEngagement):
        return Light(point, wanted.channel, wanted.purpose, None, refusal=found.message)
    situation = found.situation
    return Light(
        point,
        wanted.channel,
        wanted.purpose,
        found.judge().verdict,
        situation.place,
        has_place=bool(situation.place and situation.candidates),
        lacks=found.lacks,
    )
