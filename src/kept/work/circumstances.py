"""Stored records of a person as the law's circumstances, and stored attempts as its contacts.

Rows come from `work/situations.py`; nothing here reads the book. A record is taken at its worst
where it leaves something open, and a permission never counts for another company than the one that
it was given to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from kept.core.attempts import Channel, Outcome
from kept.core.calendar import DAY_MINUTES, OffsetTable, local_day
from kept.core.law.past import Alike, Past
from kept.core.law.situations import (
    Attempt,
    CallConsent,
    Circumstances,
    Contact,
    Dispute,
    Representation,
    TimeConsent,
)
from kept.core.law.times import ALL_DAYS, NEVER, Window
from kept.core.law.vocabulary import CONVERSATION_OUTCOMES, UNKNOWN_OUTCOME
from kept.work.places import Place

__all__ = [
    "Records",
    "Target",
    "circumstances_of",
    "past_of_rows",
    "place_in_past",
    "role_of",
    "windows_of",
]

Row = Mapping[str, Any]

# The words of statutes for who somebody is to a debtor; whoever is not named is a contact person.
_ROLES: Final[Mapping[str, str]] = {
    "guarantor": "guarantor",
    "co_debtor": "co_borrower",
    "spouse": "spouse",
    "employer": "third_party",
    "attorney": "attorney",
    "executor": "executor",
    "guardian": "guardian",
    "legal_representative": "third_party",
}
_SPEAKING_FOR: Final[Mapping[str, str]] = {
    "attorney": "attorney",
    "executor": "executor",
    "guardian": "guardian",
    "parent": "parent",
}
# Those whom the law takes for the debtor: what the debtor asked for holds for them too.
_AS_DEBTOR: Final = frozenset({"consumer", "spouse", "parent", "guardian", "executor"})
_OF_WHOLE_CASE: Final = frozenset({"cease_request", "breathing_space", "sensitive_occasion"})
_WRITTEN: Final = frozenset({Channel.LETTER, "fax", "court", "in_person"})


def role_of(relation: str) -> str:
    return _ROLES.get(relation, "contact")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a contact would reach: `natural` is the person over all creditors, where known."""

    role: str
    natural: int | None
    related_id: int | None
    address: str | None

    @property
    def key(self) -> str:
        """The same for one natural person whoever of the creditors asks.

        Never a bare number: the numbers of companies are others, and an attorney of a person is
        not the attorney of the company of the same number.
        """
        name = f"p{self.natural}" if self.natural is not None else f"r{self.related_id}"
        return f"{self.role}:{name}"

    def represented_as(self, records: Records) -> Target:
        """The role that a representation gives; it is surer than the relation of a file."""
        for each in records.representations:
            if self.related_id is not None and each["related_person_id"] == self.related_id:
                return replace(self, role=_SPEAKING_FOR.get(each["kind"], self.role))
        return self


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of what is recorded about a debtor and, as to stops, about the person everywhere."""

    stops: Sequence[Row]
    circumstances: Sequence[Row]
    consents: Sequence[Row]
    representations: Sequence[Row]
    disputes: Sequence[Row]
    is_vulnerable: bool
    has_performing_plan: bool
    holds: frozenset[str]
    has_attorney: bool
    numbers_invalid: bool
    is_paid: bool
    withdrawn_address: str | None
    debtor_id: int
    person_id: int
    account_ids: frozenset[int]

    def stops_of(self, target: Target, *kinds: str) -> Iterator[Row]:
        for each in self.stops:
            if each["kind"] in kinds and self._binds(each, target):
                yield each

    def _binds(self, stop: Row, target: Target) -> bool:
        """A stop binds for who said it; a debtor's for those who are taken for the debtor."""
        of_debtor = stop["related_person_id"] is None and stop["person_id"] == self.person_id
        if of_debtor and (stop["kind"] in _OF_WHOLE_CASE or target.role in _AS_DEBTOR):
            return True
        return self._said_by(stop, target)

    def _said_by(self, stop: Row, target: Target) -> bool:
        if stop["related_person_id"] is None:
            return bool(stop["person_id"] == target.natural)
        if stop["related_person_id"] == target.related_id:
            return True
        return bool(target.natural is not None and stop["related_person"] == target.natural)

    def of_debtor(self, *kinds: str) -> list[Row]:
        return [
            each
            for each in self.circumstances
            if each["kind"] in kinds and each["related_person_id"] is None
        ]

    def of_related(self, kind: str, target: Target) -> bool:
        return target.related_id is not None and any(
            each["kind"] == kind and each["related_person_id"] == target.related_id
            for each in self.circumstances
        )

    def on_these_accounts(self, row: Row) -> bool:
        named = row["account_ids"]
        return named is None or not self.account_ids.isdisjoint(named)

    def residence(self, target: Target) -> Place | None:
        found = self._places("residence", target)
        return _place(found[-1]) if found else None

    def present_place(self, target: Target, minute: int) -> Place | None:
        today = minute // DAY_MINUTES
        found = [
            each
            for each in self._places("present_place", target)
            if each["until_day"] is None or each["until_day"] >= today
        ]
        return _place(found[-1]) if found and (found[-1]["country"] or found[-1]["zone"]) else None

    def _places(self, kind: str, target: Target) -> list[Row]:
        return [
            each
            for each in self.circumstances
            if each["kind"] == kind
            and each["related_person_id"] == target.related_id
            and each["debtor_id"] == self.debtor_id
        ]

    def refusals(self, target: Target, actor: str) -> tuple[Contact, ...]:
        """What a person who does not owe refused by word of mouth, as contacts of the past."""
        if target.role == "consumer":
            return ()
        return tuple(
            Contact(
                minute=each["received"],
                channel=Channel.LETTER,
                inbound=True,
                person=target.key,
                role=target.role,
                outcome=Outcome.CONTACT_REFUSED,
                debts=frozenset(),
                talked=frozenset(),
                actor=actor,
            )
            for each in self.stops
            if each["kind"] in ("refusal", "cease_request") and self._said_by(each, target)
        )


def _place(row: Row) -> Place:
    return Place(row["country"], row["region"], (row["zone"],) if row["zone"] else ())


# --- contacts -------------------------------------------------------------------------------------


def past_of_rows(rows: Sequence[Row], target: Target, records: Records, actor: str) -> Past:
    """The history as the law reads it; an attempt of nobody known is the actor's."""
    learned = _learned_wrong(rows)
    return Past(
        Alike(contact, minutes, (_place_in_minute(rows, number),) * len(minutes))
        for number, row in enumerate(rows)
        for contact, minutes in _contacts(row, target, records, actor, learned)
    )


def place_in_past(rows: Sequence[Row], past: Past, attempt_id: int | None) -> int | None:
    """Where an attempt stands in a past whose rows were read apart; None where it is not there."""
    ids = [row["id"] for row in rows]
    if attempt_id is None or attempt_id not in ids:
        return None
    number = ids.index(attempt_id)
    moment = (_minutes(rows[number])[0], _place_in_minute(rows, number))
    every = (zip(each.minutes, each.places, strict=True) for each in past.alike)
    return sum(other < moment for moments in every for other in moments)


def _place_in_minute(rows: Sequence[Row], number: int) -> int:
    """Rows that were read apart keep their order; of like ones together a talk comes last in its
    minute, so that what failed beside it makes nobody lost."""
    row = rows[number]
    is_talk = row["id"] is None and row["outcome"] in CONVERSATION_OUTCOMES
    return number + len(rows) if is_talk else number


def _learned_wrong(rows: Iterable[Row]) -> Mapping[str, list[int]]:
    """When an address turned out not to be the person's, by address."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row["outcome"] == Outcome.WRONG_NUMBER_LEARNED and row["address"] is not None:
            found.setdefault(row["address"], []).extend(_minutes(row))
    return found


def _minutes(row: Row) -> list[int]:
    return sorted([int(second // 60) for second in row["seconds"]])


def _contacts(
    row: Row, target: Target, records: Records, actor: str, learned: Mapping[str, list[int]]
) -> Iterator[tuple[Contact, tuple[int, ...]]]:
    """One contact with its minutes; several where it was learned in between that it was wrong."""
    contact, minutes = _contact(row, target, records, actor), _minutes(row)
    for known in sorted(set(learned.get(row["address"], ()))):
        before = minutes[: bisect_right(minutes, known)]
        if before:
            yield replace(contact, misdirected_from=known), tuple(before)
        minutes = minutes[len(before) :]
    if minutes:
        yield contact, tuple(minutes)


def _contact(row: Row, target: Target, records: Records, actor: str) -> Contact:
    person, role = _who(row, target, records)
    debts = frozenset(map(str, row["account_ids"] or ()))
    talked = row["talked_account_ids"]
    entity = row["legal_entity_id"]
    return Contact(
        minute=0,
        channel=row["channel"],
        inbound=row["inbound"],
        person=person,
        role=role,
        outcome=row["outcome"] or UNKNOWN_OUTCOME,
        debts=debts,
        talked=debts if talked is None else frozenset(map(str, talked)),
        actor=actor if entity is None else str(entity),
        address=row["address"],
        place=_place_class(row),
    )


def _who(row: Row, target: Target, records: Records) -> tuple[str, str]:
    """Person and role of a contact: one natural person is one, whatever they were to whom."""
    if row["related_id"] is None:
        natural, role = row["person_id"], "consumer"
        is_target = natural == target.natural
    else:
        natural, role = row["related_person"], role_of(row["relation"] or "other")
        is_target = row["related_id"] == target.related_id or (
            natural is not None and natural == target.natural
        )
    if is_target:
        # A debtor of another creditor who stands surety here is no debtor of this case.
        elsewhere = role == "consumer" and natural != records.person_id
        return target.key, target.role if elsewhere else role
    name = f"p{natural}" if natural is not None else f"r{row['related_id']}"
    return f"{role}:{name}", role


def _place_class(row: Row) -> str:
    if row["channel"] == Channel.WORKPLACE_CALL:
        return "work"
    return row["usage"] if row["usage"] in ("home", "work") else "none"


# --- circumstances --------------------------------------------------------------------------------


def circumstances_of(
    records: Records,
    target: Target,
    actor: str,
    attempt: Attempt,
    place: OffsetTable | None,
) -> Circumstances:
    """What stands in the records. How the attempt is made, and by whom, is added by the caller."""
    today = attempt.minute // DAY_MINUTES if place is None else local_day(attempt.minute, place)
    return Circumstances(
        **_stops(records, target, attempt, today),
        **_consents(records, target, int(actor), attempt),
        **_person(records, target, attempt),
        **_debts(records),
    )


def windows_of(rows: Iterable[Sequence[int]], until_day: int | None = None) -> tuple[Window, ...]:
    """Stored rows (weekdays as bits, opens, closes) as windows of the local day."""
    last = {} if until_day is None else {"until_day": until_day}
    return tuple(Window(days, opens, closes, **last) for days, opens, closes in rows)


def _stops(records: Records, target: Target, attempt: Attempt, today: int) -> dict[str, Any]:
    of = records.stops_of
    opted_out = list(of(target, "opt_out"))
    ceased = [each for each in of(target, "cease_request") if _is_of_debtor(each)]
    asked_only = [each for each in ceased if not _is_notice(each)]
    spaces = [
        (each["from_day"], each["until_day"])
        for each in of(target, "breathing_space")
        if each["until_day"] >= today
    ]
    return {
        "inconvenient": tuple(
            window
            for each in of(target, "inconvenient_times")
            for window in windows_of(each["windows"], each["until_day"])
        ),
        "inconvenient_places": frozenset(
            each["place"] for each in of(target, "inconvenient_place")
        ),
        "reasonable_times": tuple(
            window
            for each in of(target, "reasonable_times")
            for window in windows_of(each["windows"], each["until_day"])
        ),
        "employer_prohibits": any(of(target, "employer")),
        "cease_from": min((each["received"] for each in ceased if _is_notice(each)), default=NEVER),
        "opted_out": _closed_channels(opted_out),
        "blocked_addresses": _closed_addresses(opted_out, attempt.channel)
        | ({records.withdrawn_address} - {None}),
        "prior_refusal": bool(asked_only) or any(of(target, "refusal")),
        "breathing": max(spaces, key=lambda each: each[1], default=None),
        "sensitive_occasion": any(
            each["until_day"] is None or each["until_day"] >= today
            for each in of(target, "sensitive_occasion")
        ),
    }


def _is_of_debtor(stop: Row) -> bool:
    return stop["related_person_id"] is None


def _is_notice(stop: Row) -> bool:
    """Paper always; a notice by an electronic medium where the house takes them."""
    return stop["medium"] in _WRITTEN or bool(stop["accepted"])


def _closed_channels(stops: Iterable[Row]) -> frozenset[str]:
    """Channels that are closed whatever the address; no channel named closes them all."""
    whole = [each["channel"] for each in stops if each["address"] is None]
    return frozenset(Channel if "" in whole else whole)


def _closed_addresses(stops: Iterable[Row], channel: str | None) -> frozenset[str]:
    """Addresses that are closed to this channel; a stop of calls is one of every voice."""
    return frozenset(
        each["address"]
        for each in stops
        if each["address"] is not None and _reaches(each["channel"], channel)
    )


def _reaches(stopped: str, channel: str | None) -> bool:
    voices = (Channel.AI_CALL, Channel.RINGLESS_VOICEMAIL, Channel.WORKPLACE_CALL)
    return stopped in ("", channel) or (stopped == Channel.CALL and channel in voices)


def _consents(records: Records, target: Target, actor: int, attempt: Attempt) -> dict[str, Any]:
    given = [each for each in records.consents if each["related_person_id"] == target.related_id]
    standing = [each for each in given if each["until"] is None or each["until"] > attempt.minute]
    mine = [each for each in standing if each["directly_to"] == actor]
    both = [each for each in standing if each["directly_to"] in (None, actor)]
    return {
        "call_consent": _call_consent(given, actor),
        "time_consent": _time_consent(mine, actor),
        "agreed_times": tuple(
            window
            for each in both
            if each["kind"] == "agreed_times"
            for window in windows_of(each["windows"])
        ),
        "agreed_frequency": any(each["kind"] == "agreed_frequency" for each in both),
        "only_convenient_time": any(each["kind"] == "only_time" for each in both),
        "court_permission": any(each["kind"] == "court" for each in both),
        "address_consent": str(actor) if _allows("address", mine, attempt) else None,
        "express_consent": _allows("machine", mine, attempt),
    }


def _allows(kind: str, consents: Iterable[Row], attempt: Attempt) -> bool:
    return any(
        each["kind"] == kind
        and each["address"] in (None, attempt.address)
        and each["channel"] in ("", attempt.channel)
        for each in consents
    )


def _call_consent(given: Sequence[Row], actor: int) -> CallConsent | None:
    """The latest one, revoked or not: calls that were made under it stay out of the count."""
    found = [e for e in given if e["kind"] == "more_calls" and e["directly_to"] == actor]
    if not found:
        return None
    last = found[-1]
    accounts = last["account_ids"]
    return CallConsent(
        directly_to=str(actor),
        received=last["received"],
        debts=None if accounts is None else frozenset(map(str, accounts)),
        only_on=frozenset(last["only_on"]),
        revoked=NEVER if last["until"] is None else last["until"],
    )


def _time_consent(mine: Sequence[Row], actor: int) -> TimeConsent | None:
    windows: list[Window] = []
    for each in mine:
        if each["kind"] == "times" and not each["given_while_inconvenient"]:
            windows += windows_of(each["windows"]) or [Window(ALL_DAYS, 0, DAY_MINUTES)]
    return TimeConsent(str(actor), tuple(windows)) if windows else None


def _person(records: Records, target: Target, attempt: Attempt) -> dict[str, Any]:
    kinds = {each["kind"] for each in records.of_debtor("death", "incapacity", "minor")}
    advisers = [
        each["since_day"] for each in records.representations if each["kind"] == "debt_adviser"
    ]
    now = records.of_debtor("present_place")
    place = now[-1]["place"] if now else ""
    return {
        "is_minor": "minor" in kinds,
        "deceased": "death" in kinds or "deceased" in records.holds,
        "incapable": "incapacity" in kinds,
        "known_place": place or None,
        "attorney": _attorney(records),
        "adviser_since_day": max(advisers, default=None),
        "vulnerable": records.is_vulnerable or "vulnerable" in records.holds,
        "number_invalid": records.numbers_invalid,
        "employer_email": attempt.channel == Channel.EMAIL and attempt.place == "work",
        "household_debt": bool(records.of_debtor("household_debt")),
        "guarantee_valid": records.of_related("valid_guarantee", target) or None,
        "offers_to_pay": records.of_related("offers_to_pay", target),
        "location_again": records.of_related("location_again", target),
    }


def _attorney(records: Records) -> Representation | None:
    """Of several, one who cannot be reached stands back behind one who can."""
    found = [each for each in records.representations if each["kind"] == "attorney"]
    mine = [each for each in found if records.on_these_accounts(each)]
    if not mine:
        return Representation(known=True, reachable=True) if records.has_attorney else None
    return Representation(
        known=True if any(each["is_certain"] for each in mine) else None,
        reachable=any(each["is_reachable"] or each["related_person_id"] for each in mine),
        debts=None,
        consents=all(each["allows_contact"] for each in mine),
        unresponsive=all(each["is_unresponsive"] for each in mine),
    )


def _debts(records: Records) -> dict[str, Any]:
    open_ones = [each for each in records.disputes if records.on_these_accounts(each)]
    written = [each for each in open_ones if each["written"]]
    requests = [each for each in written if each["category"] == "first_creditor"]
    denials = [each for each in written if each["category"] != "first_creditor"]
    kinds = {each["kind"] for each in records.circumstances if records.on_these_accounts(each)}
    bankrupt = [e["status"] for e in records.of_debtor("bankruptcy")]
    return {
        "dispute": _earliest(denials),
        "creditor_request": _earliest(requests),
        "disputed_debts": _disputed(records, open_ones),
        "bankruptcy_pending": "pending" in bankrupt or "bankrupt" in records.holds,
        "debt_discharged": any(
            each["status"] == "discharged" and records.on_these_accounts(each)
            for each in records.of_debtor("bankruptcy")
        ),
        "identity_theft_block": "identity_theft" in kinds
        or any(each["category"] == "identity_theft" for each in open_ones),
        "time_barred": "time_barred" in kinds
        or any(each["category"] == "time_barred" for each in open_ones),
        "refuses_time_barred": "refuses_time_barred" in kinds,
        "debt_illegal": "illegal_debt" in kinds,
        "instalment_performing": records.has_performing_plan,
        "debt_paid": records.is_paid,
    }


def _earliest(disputes: Sequence[Row]) -> Dispute | None:
    if not disputes:
        return None
    return Dispute(min(each["received"] for each in disputes))


def _disputed(records: Records, disputes: Iterable[Row]) -> frozenset[str]:
    found: set[int] = set()
    for each in disputes:
        if each["category"] != "first_creditor":
            found |= (
                records.account_ids if each["account_ids"] is None else set(each["account_ids"])
            )
    if "disputed" in records.holds:
        found |= records.account_ids
    return frozenset(map(str, found))
