"""Trying out the law: "may I call this person at …?", for a case or for a plain situation.

Nothing is written and nothing reserved. The answer has the verdict with its trace and the lawful
hours of the days that follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kept.core.actors import Actor as Asking
from kept.core.attempts import Channel
from kept.core.calendar import DAY_MINUTES, OffsetTable
from kept.core.law.grounds import Judged, judge_situation
from kept.core.law.lawful_hours import lawful_spans
from kept.core.law.situations import Account, Actor, Attempt, Circumstances, Situation
from kept.work.law_books import binding_packs, law_book, stored_switches
from kept.work.permissions import Permission, require
from kept.work.places import (
    Place,
    Whereabouts,
    holidays_of,
    whereabouts,
    zone_table,
    zone_tables,
)
from kept.work.situations import IntendedContact, consider

__all__ = ["PlainContact", "Trial", "get_plain_trial", "get_trial"]

_DAYS: Final = 7
_ARTIFICIAL: Final = frozenset({Channel.AI_CALL, Channel.RINGLESS_VOICEMAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainContact:
    """A contact with somebody of whom nothing is recorded and whom nobody has contacted before.

    `place` is a code such as CN or US-MA, '' where nobody knows; without a `zone` all zones of the
    place must agree. `minute` is a UTC minute.
    """

    place: str
    zone: str
    actor_type: str
    own_name: bool
    debt_type: str
    channel: str
    role: str
    purpose: str
    minute: int


@dataclass(frozen=True, slots=True)
class Trial:
    """`spans` are the lawful minutes of seven days from the asked one, [from, to).

    `place` has the clocks to show them by, None where nothing is known. `lacks` as in `Considered`.
    """

    judged: Judged
    spans: tuple[tuple[int, int], ...]
    place: OffsetTable | None
    has_place: bool
    lacks: tuple[str, ...] = ()


def get_trial(*, actor: Asking, wanted: IntendedContact) -> Trial:
    """For somebody of a case that the actor may see; refuses as `consider` does."""
    found = consider(require(actor, Permission.CASE_READ), wanted)
    return _trial(found.judge(), found.situation, found.lacks)


def get_plain_trial(*, actor: Asking, contact: PlainContact) -> Trial:
    """For a situation that is typed in, under the switches of this house."""
    require(actor, Permission.LAW_READ)
    where = _whereabouts(contact)
    book = law_book(binding_packs(where.codes), stored_switches())
    countries = where.countries
    if countries is None:
        countries = frozenset(pack.country for pack in book.packs if pack.country)
    situation = Situation(
        actor=Actor("1", contact.actor_type, contact.own_name),
        debts=(Account("1", contact.debt_type, "1"),),
        attempt=_attempt(contact),
        history=(),
        known=Circumstances(
            artificial_voice=contact.channel in _ARTIFICIAL,
            autodialled=contact.channel in _ARTIFICIAL or contact.channel == Channel.SMS,
        ),
        place=zone_table(where.zone, contact.minute) if where.zone else None,
        candidates=zone_tables(where.zones, contact.minute),
        clocks={zone: zone_table(zone, contact.minute) for zone in book.clocks},
        holidays=holidays_of(sorted(countries), contact.minute),
    )
    lacks = () if where.codes is not None else ("residence",)
    return _trial(judge_situation(book, situation), situation, lacks)


def _whereabouts(contact: PlainContact) -> Whereabouts:
    country, dash, _region = contact.place.partition("-")
    zones = (contact.zone,) if contact.zone else ()
    residence = Place(country, contact.place if dash else "", zones if country else ())
    # Of a person whose place nobody knows, a zone that was typed is that of the creditor.
    creditor = Place("", "", zones)
    return whereabouts(residence=residence, present=None, number=None, creditor=creditor)


def _attempt(contact: PlainContact) -> Attempt:
    return Attempt(
        minute=contact.minute,
        channel=contact.channel,
        person=f"{contact.role}:1",
        role=contact.role,
        debts=frozenset({"1"}),
        purpose=contact.purpose,
        place="work" if contact.channel == Channel.WORKPLACE_CALL else "none",
    )


def _trial(judged: Judged, situation: Situation, lacks: tuple[str, ...]) -> Trial:
    first = situation.attempt.minute
    spans = lawful_spans(judged.book, judged.grounds, first, first + _DAYS * DAY_MINUTES)
    has_place = bool(situation.place and situation.candidates)
    shown = situation.place or next(iter(situation.candidates), None)
    return Trial(judged, tuple(spans), shown, has_place, lacks)
