"""The n-th last counted contact and how many stand in the window, for one attempt.

The set-based twin for whole books is `work/law_columns.py`; both use `core.law.measures`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kept.core.calendar import DAY_MINUTES, OffsetTable, instant_of_local, local_day
from kept.core.law.numbers import Numbers
from kept.core.law.past import Alike, past_of
from kept.core.law.rules import Part
from kept.core.law.situations import Contact, Situation
from kept.core.law.spans import first_counted_day

__all__ = ["NO_DAY", "Count", "consent_bounds", "count_for"]

NO_DAY = -10_000_000
"""The local day of a contact that never was."""


@dataclass(frozen=True, slots=True)
class Count:
    """The local day of the `most`-th last counted contact, and how many are in the window now."""

    nth_day: int
    in_window: int


def count_for(part: Part, situation: Situation, clock: OffsetTable, numbers: Numbers) -> Count:
    """The count of a spacing; over several debts the one that binds longest."""
    counted = tuple(_counted(part, situation, numbers))
    keyed = "debt" in part.keys or "talked" in part.keys
    if not keyed:
        return _count(part, clock, situation, counted)
    counts = [
        _count(part, clock, situation, [each for each in counted if _is_of(part, each, group)])
        for group in _groups(situation)
    ]
    return Count(max(c.nth_day for c in counts), max(c.in_window for c in counts))


def _count(part: Part, clock: OffsetTable, situation: Situation, counted: Iterable[Alike]) -> Count:
    first = first_counted_day(local_day(situation.attempt.minute, clock), part.period, part.days)
    days = sorted(
        local_day(minute, clock)
        for each in counted
        for minute in _latest(each.minutes, part.most, first)
    )
    nth = days[-part.most] if len(days) >= part.most else NO_DAY
    return Count(nth, len(days) - bisect_left(days, first))


def _latest(minutes: Sequence[int], most: int, first: int) -> Sequence[int]:
    """Of rising minutes those that can be among the `most` latest days, or be of `first` or later.

    A day more than that, for clocks that go back over midnight.
    """
    begins = (first - 2) * DAY_MINUTES
    if len(minutes) > most:
        begins = min(begins, minutes[-most] - DAY_MINUTES)
        return minutes[bisect_left(minutes, begins) :]
    return minutes


def _groups(situation: Situation) -> list[frozenset[str]]:
    """The debts of the attempt, each with those that are one particular debt with it."""
    by_id = {debt.id: debt.group for debt in situation.debts}
    wanted = {by_id.get(each, each) for each in situation.attempt.debts} or {""}
    return [
        frozenset(debt.id for debt in situation.debts if debt.group == group) | {group}
        for group in sorted(wanted)
    ]


def _is_of(part: Part, alike: Alike, group: frozenset[str]) -> bool:
    debts = alike.contact.talked if "talked" in part.keys else alike.contact.debts
    return not group.isdisjoint(debts)


def _counted(part: Part, situation: Situation, numbers: Numbers) -> Iterator[Alike]:
    """The contacts that count, like ones together."""
    consent = _consented_minutes(situation, numbers) if "not_under_consent" in part.keys else None
    for each in past_of(situation.history).until(situation.attempt.minute):
        if not each.counts_in(part.measure):
            continue
        if not all(_agrees(key, each.contact, situation) for key in part.keys):
            continue
        found = each if consent is None else _outside(each, consent)
        if found is not None:
            yield found


def _agrees(key: str, contact: Contact, situation: Situation) -> bool:
    attempt = situation.attempt
    match key:
        case "actor":
            return contact.actor == situation.actor.id
        case "person":
            return contact.person == attempt.person
        case "debtor":
            return contact.role == "consumer"
        case "address":
            return None in (contact.address, attempt.address) or contact.address == attempt.address
        case "place_class":
            unknown = attempt.place is None
            return unknown or (contact.place == "work") == (attempt.place == "work")
        case "not_misdirected":
            return contact.misdirected_from > attempt.minute
    return True


Consented = Callable[[int], bool]


def _outside(alike: Alike, consented: Consented) -> Alike | None:
    """Those that were not made under a consent."""
    moments = zip(alike.minutes, alike.places, strict=True)
    kept = [moment for moment in moments if not consented(moment[0])]
    return Alike(alike.contact, *zip(*kept, strict=True)) if kept else None


def _consented_minutes(situation: Situation, numbers: Numbers) -> Consented | None:
    """Whether a call at a minute was within a consent to more calls, 12 CFR 1006.14(b)(3)(i)."""
    bounds, table = consent_bounds(situation, numbers), situation.place
    if bounds is None or table is None:
        return None
    consent = situation.known.call_consent
    only_on = consent.only_on if consent else frozenset()

    def consented(minute: int) -> bool:
        inside = bounds[0] < minute < bounds[1]
        return inside and (not only_on or local_day(minute, table) in only_on)

    return consented


def consent_bounds(situation: Situation, numbers: Numbers) -> tuple[int, int] | None:
    """From receipt to the end of its last day, its revocation or the next conversation."""
    consent = situation.known.call_consent
    table = situation.place
    if consent is None or table is None or consent.directly_to != situation.actor.id:
        return None
    if consent.debts is not None and not situation.attempt.debts <= consent.debts:
        return None
    last = _first_minute(local_day(consent.received, table) + numbers["more_calls_days"], table)
    ends = [last, consent.revoked, *_talks_since(consent.received, situation)]
    return consent.received, min(ends)


def _talks_since(received: int, situation: Situation) -> Iterable[int]:
    """The first conversation of each like after the consent, on a debt of the attempt."""
    groups = _groups(situation)
    for each in past_of(situation.history).alike:
        contact, last = each.contact, each.minutes[-1]
        on_debt = any(not group.isdisjoint(contact.talked) for group in groups)
        mine = contact.person == situation.attempt.person and on_debt
        if mine and last > received and each.counts_in("conversations"):
            yield each.minutes[bisect_right(each.minutes, received)]


def _first_minute(day: int, table: OffsetTable) -> int:
    return instant_of_local(day * DAY_MINUTES, table)
