"""Erasing a person, and what retention says about it: refused with citation and day while barred.

A person is erased as one creditor knows them. Who sees one creditor only erases what that creditor
has; the official numbers that find one person again go with the last creditor. Ledger, cases,
attempts and events stay, and nothing in them says who it was: the keys of what events hold are
destroyed. A received file that may still name the person bars the erasing until its own time is
over, and is destroyed with it afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from kept.core.actors import Actor
from kept.core.retention import (
    Bar,
    BarKind,
    Erasability,
    Moment,
    Record,
    RecordFacts,
    RetentionDuty,
    erasability,
)
from kept.packs.retention import load_retention
from kept.store.erasures import (
    PersonAt,
    PersonRecord,
    StoredFile,
    erase_picked,
    forget_files,
    list_candidates,
    list_due_files,
    list_files,
    pick_persons,
    purge_refused_values,
    take_samples_anew,
)
from kept.store.events import append_event, append_prepared_events
from kept.store.models import Creditor, Debtor
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import NotAllowed, Refusal

__all__ = [
    "DuePerson",
    "ErasureBarred",
    "ErasureReason",
    "bar_sentence",
    "do_destroy_due_records",
    "do_erase_person",
    "get_erasability",
    "list_due_persons",
]

_STATUS = {
    "verified": _later("text read"),
    "reported": _later("as reported"),
    "unverified": _later("to be confirmed"),
    "policy": _later("policy of the house"),
}
PERSONS_AT_A_TIME = 500
#: Nothing is due before this, whatever the duties say: what ended yesterday is not looked at.
SHORTEST = timedelta(days=180)


class ErasureReason(StrEnum):
    ASKED = "asked"  # the person asked for it
    PERIOD_OVER = "period_over"  # no purpose and no duty needs the record any more


class ErasureBarred(Refusal):
    """A duty, a legal hold, or something open stands against it; `found` says what, until when."""

    def __init__(self, found: Mapping[str, Erasability]) -> None:
        lines = [
            f"{code}: {bar_sentence(bar)}" for code, each in found.items() for bar in each.bars
        ]
        days = [each.allowed_from for each in found.values() if not each.is_allowed]
        known = [day for day in days if day is not None]
        if len(known) == len(days):
            lines.append(_("It may be done from %(day)s on.") % {"day": max(known).isoformat()})
        super().__init__(" ".join(lines))
        self.found = dict(found)


def bar_sentence(bar: Bar) -> str:
    """What stands against erasing, with its citation and its last day."""
    until = "" if bar.until is None else bar.until.isoformat()
    match bar.kind:
        case BarKind.DUTY:
            assert bar.duty is not None
            chinese = (get_language() or "").startswith("zh")
            return _("%(name)s (%(citation)s, %(status)s) must be kept until %(day)s.") % {
                "name": bar.duty.name_zh if chinese else bar.duty.name_en,
                "citation": bar.duty.citation,
                "status": _STATUS[bar.duty.status],
                "day": until,
            }
        case BarKind.LEGAL_HOLD if until:
            return _("A legal hold stands until %(day)s.") % {"day": until}
        case BarKind.LEGAL_HOLD:
            return _("A legal hold stands; release it first.")
        case BarKind.OPEN_CASE:
            return _("A case is open.")
        case BarKind.OPEN_ACCOUNT:
            return _("An account is open.")


def get_erasability(
    actor: Actor, *, person_id: int, now: datetime, creditor_id: int | None = None
) -> Mapping[str, Erasability]:
    """For each creditor (code) who knows the person and whom the actor sees: may it be done?"""
    require(actor, Permission.PERSON_ERASE)
    with transaction.atomic():
        who = _visible(actor, person_id, creditor_id)
        return {each.creditor_code: _judge(each, now)[0] for each in pick_persons(who)}


@transaction.atomic
def do_erase_person(
    *,
    actor: Actor,
    person_id: int,
    reason: str,
    second: Actor,
    now: datetime,
    creditor_id: int | None = None,
) -> Mapping[str, int]:
    """Erase a person at one creditor, or at all whom the actor sees; says what was taken away.

    `second` is another person who may do the same and agrees. Raises `ErasureBarred`, and changes
    nothing, where any of the creditors must still keep what they have.
    """
    require(actor, Permission.PERSON_ERASE)
    _refuse_alone(actor, second)
    found = pick_persons(_visible(actor, person_id, creditor_id))
    if not found:
        raise Refusal(_("This person was erased already."))
    judged = {each.who: _judge(each, now) for each in found}
    barred = {
        each.creditor_code: judged[each.who][0]
        for each in found
        if not judged[each.who][0].is_allowed
    }
    if barred:
        raise ErasureBarred(barred)
    files = [file for _verdict, stored in judged.values() for file in stored]
    taken = _erase(actor, second, found, files, ErasureReason(reason), now)
    take_samples_anew()
    return taken


@dataclass(frozen=True, slots=True)
class DuePerson:
    """Nothing stands against erasing them any more; `since` is the first day that was so."""

    who: PersonAt
    creditor_code: str
    since: date


def list_due_persons(
    actor: Actor, *, now: datetime, limit: int = PERSONS_AT_A_TIME
) -> list[DuePerson]:
    """Persons whom no duty keeps any more, by creditor, the first ones in the order of numbers."""
    require(actor, Permission.PERSON_ERASE)
    creditor_ids = list(visible_rows(Creditor, actor).values_list("pk", flat=True))
    due: list[DuePerson] = []
    after = PersonAt(0, 0)
    while len(due) < limit:
        with transaction.atomic():
            who = list_candidates(creditor_ids, now - SHORTEST, after, PERSONS_AT_A_TIME)
            records = pick_persons(who) if who else []
            due += [each for each in (_due(record, now) for record in records) if each]
        if len(who) < PERSONS_AT_A_TIME:
            break
        after = who[-1]
    return due[:limit]


def _due(record: PersonRecord, now: datetime) -> DuePerson | None:
    verdict, _files = _judge(record, now)
    if not verdict.is_allowed or verdict.allowed_from is None:
        return None
    return DuePerson(record.who, record.creditor_code, verdict.allowed_from)


@transaction.atomic
def do_destroy_due_records(*, actor: Actor, now: datetime) -> Mapping[str, int]:
    """Destroy received files and refused values whose time is over; says how many of each.

    Nobody is erased by it, and a second person is not asked: what goes is a copy.
    """
    require_house(actor, Permission.PERSON_ERASE)
    zone = ZoneInfo("UTC")
    files = [file for file in list_due_files(now, zone) if not _bars_of_file(file, now, zone)]
    forget_files(files)
    values = purge_refused_values(_before(Record.REFUSED_VALUE, now))
    if files or values:
        append_event(
            actor=actor,
            action="retention.destroy",
            subject="run:0",
            body={"intake_files": [file.file_id for file in files], "refused_values": values},
            now=now,
        )
    return {"files": len(files), "refused_values": values}


def _visible(actor: Actor, person_id: int, creditor_id: int | None) -> list[PersonAt]:
    rows = visible_rows(Debtor, actor).filter(person_id=person_id)
    if creditor_id is not None:
        rows = rows.filter(creditor_id=creditor_id)
    found = sorted(set(rows.values_list("creditor_id", flat=True)))
    if not found:
        raise not_there()
    return [PersonAt(person_id, each) for each in found]


def _refuse_alone(actor: Actor, second: Actor) -> None:
    require(second, Permission.PERSON_ERASE)
    if (second.kind, second.id, second.name) == (actor.kind, actor.id, actor.name):
        raise NotAllowed(_("A second person must agree to this; you cannot be both."))


def _judge(record: PersonRecord, now: datetime) -> tuple[Erasability, list[StoredFile]]:
    """The verdict on everything about the person, and the files that go with them."""
    zone = ZoneInfo(Creditor.objects.get(pk=record.who.creditor_id).zone)
    on = now.astimezone(zone).date()
    verdict = erasability(load_retention().duties, record.facts, Record.CASE, on)
    files = list_files(record.who.creditor_id, record.last_as_of, zone)
    bars = [bar for file in files for bar in _bars_of_file(file, now, zone)]
    if not bars:
        return verdict, files
    last = max(bars, key=lambda bar: bar.until or date.max)
    days = [verdict.allowed_from, None if last.until is None else last.until + timedelta(days=1)]
    known = [day for day in days if day is not None]
    allowed = max(known) if len(known) == len(days) else None
    return Erasability(allowed, (*verdict.bars, last)), files


def _bars_of_file(file: StoredFile, now: datetime, zone: ZoneInfo) -> Sequence[Bar]:
    facts = RecordFacts(frozenset(), frozenset(), {Moment.RECEIVED: file.received_on})
    on = now.astimezone(zone).date()
    return erasability(load_retention().duties, facts, Record.RECEIVED_FILE, on).bars


def _before(record: Record, now: datetime) -> datetime:
    """Records received before this moment are kept by no duty any more."""
    longest = max(_days(duty) for duty in load_retention().duties if duty.record is record)
    return now - timedelta(days=longest + 1)


def _days(duty: RetentionDuty) -> int:
    return duty.keep.years * 366 + duty.keep.months * 31 + duty.keep.days


def _erase(
    actor: Actor,
    second: Actor,
    found: Collection[PersonRecord],
    files: Sequence[StoredFile],
    reason: ErasureReason,
    now: datetime,
) -> Mapping[str, int]:
    taken = dict(erase_picked(reason.value, now))
    forget_files(list({file.file_id: file for file in files}.values()))
    append_prepared_events(actor=actor, now=now, batch_id=None)
    for each in found:
        append_event(
            actor=actor,
            action="person.erase",
            subject=f"person:{each.who.person_id}",
            body={
                "agreed": second.name,
                "creditor": each.creditor_code,
                "intake_files": sorted(file.file_id for file in files),
                "reason": reason.value,
                "taken": taken,
            },
            now=now,
        )
    return taken
