"""The n-th last counted contact and how many stand in the window, for one attempt.

The set-based twin for whole books is `work/law_columns.py`; both use `core.law.measures`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from kept.core.calendar import DAY_MINUTES, OffsetTable, instant_of_local, local_day
from kept.core.law.measures import MEASURES
from kept.core.law.rules import Part
from kept.core.law.situations import Contact, Situation
from kept.core.law.spans import first_counted_day

__all__ = ["NO_DAY", "Count", "consent_bounds", "count_for", "is_under_consent"]

NO_DAY = -10_000_000
"""The local day of a contact that never was."""


@dataclass(frozen=True, slots=True)
class Count:
    """The local day of the `most`-th last counted contact, and how many are in the window now."""

    nth_day: int
    in_window: int


def count_for(part: Part, situation: Situation, clock: OffsetTable) -> Count:
    """The count of a spacing; over several debts the one that binds longest."""
    counts = [
        _count(part, clock, situation, days) for days in _days_by_group(part, situation, clock)
    ]
    return Count(max(c.nth_day for c in counts), max(c.in_window for c in counts))


def _count(part: Part, clock: OffsetTable, situation: Situation, days: list[int]) -> Count:
    days.sort()
    nth = days[-part.most] if len(days) >= part.most else NO_DAY
    today = local_day(situation.attempt.minute, clock)
    first = first_counted_day(today, part.period, part.days)
    return Count(nth, len(days) - bisect_left(days, first))


def _days_by_group(part: Part, situation: Situation, clock: OffsetTable) -> list[list[int]]:
    counted = [each for each in situation.history if _is_counted(part, each, situation)]
    keyed = "debt" in part.keys or "talked" in part.keys
    if not keyed:
        return [[local_day(each.minute, clock) for each in counted]]
    return [
        [local_day(each.minute, clock) for each in counted if _is_of(part, each, group)]
        for group in _groups(situation)
    ]


def _groups(situation: Situation) -> list[frozenset[str]]:
    """The debts of the attempt, each with those that are one particular debt with it."""
    by_id = {debt.id: debt.group for debt in situation.debts}
    wanted = {by_id.get(each, each) for each in situation.attempt.debts} or {""}
    return [
        frozenset(debt.id for debt in situation.debts if debt.group == group) | {group}
        for group in sorted(wanted)
    ]


def _is_of(part: Part, contact: Contact, group: frozenset[str]) -> bool:
    debts = contact.talked if "talked" in part.keys else contact.debts
    return not group.isdisjoint(debts)


def _is_counted(part: Part, contact: Contact, situation: Situation) -> bool:
    if contact.minute > situation.attempt.minute or not MEASURES[part.measure](contact):
        return False
    return all(_agrees(key, contact, situation) for key in part.keys)


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
        case "not_under_consent":
            return not is_under_consent(contact.minute, situation)
    return True


def is_under_consent(minute: int, situation: Situation) -> bool:
    """Whether a call then was within a consent to more calls, 12 CFR 1006.14(b)(3)(i)."""
    bounds = consent_bounds(situation)
    if bounds is None or situation.place is None:
        return False
    consent = situation.known.call_consent
    only_on = consent.only_on if consent else frozenset()
    day = local_day(minute, situation.place)
    return bounds[0] < minute < bounds[1] and (not only_on or day in only_on)


def consent_bounds(situation: Situation) -> tuple[int, int] | None:
    """From receipt to the end of its seventh day, its revocation or the next conversation."""
    consent = situation.known.call_consent
    table = situation.place
    if consent is None or table is None or consent.directly_to != situation.actor.id:
        return None
    if consent.debts is not None and not situation.attempt.debts <= consent.debts:
        return None
    last = _first_minute(local_day(consent.received, table) + 7, table)
    ends = [last, consent.revoked, *_talks_since(consent.received, situation)]
    return consent.received, min(ends)


def _talks_since(received: int, situation: Situation) -> Iterable[int]:
    return (
        each.minute
        for each in situation.history
        if MEASURES["conversations"](each)
        and each.minute > received
        and each.person == situation.attempt.person
        and any(not group.isdisjoint(each.talked) for group in _groups(situation))
    )


def _first_minute(day: int, table: OffsetTable) -> int:
    return instant_of_local(day * DAY_MINUTES, table)
