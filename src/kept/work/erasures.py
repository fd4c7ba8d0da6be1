"""Erasing a person, and what retention says about it: refused with citation and day while barred.

A person is erased as one creditor knows them, so each creditor decides on its own; the official
numbers that find one person again go with the last creditor. Ledger, cases, attempts and events
stay, and nothing in them says who it was: the keys of what events hold are destroyed. A received
file that may still name the person bars the erasing until its own time is over, and is destroyed
with it afterwards. Printed documents are destroyed; that there was one of a kind on a day stays.
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

from kept.core.actors import Actor, Reach, Role
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
from kept.store.documents import forget_documents
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
    pick_requests,
    purge_refused_values,
    take_samples_anew,
)
from kept.store.events import append_event, append_prepared_events
from kept.store.models import Creditor, Debtor
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import expire_requests, refuse_unapproved
from kept.work.changes import not_there
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import Refusal

__all__ = [
    "PERSONS_AT_A_TIME",
    "DuePerson",
    "ErasureBarred",
    "ErasureReason",
    "bar_sentence",
    "do_destroy_due_records",
    "do_erase_persons",
    "erasure_command",
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
    """A duty, a legal hold, or something open stands against it; `found` says what, by person."""

    def __init__(self, found: Mapping[int, Erasability]) -> None:
        lines = list(
            dict.fromkeys(bar_sentence(bar) for each in found.values() for bar in each.bars)
        )
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
    *, actor: Actor, person_id: int, creditor_id: int, now: datetime
) -> Erasability:
    """May the person be erased at this creditor, and if not, what bars it and until when?"""
    within = require(actor, Permission.PERSON_ERASE)
    with transaction.atomic():
        found = pick_persons(_visible(within, creditor_id, [person_id]))
        if not found:
            raise Refusal(_("This person was erased already."))
        return _judge(found[0], now)[0]


def erasure_command(creditor_id: int, person_ids: Sequence[int], reason: ErasureReason) -> Command:
    """The command of a request of the kind `erasure`."""
    ids = sorted(set(person_ids))
    return {"creditor_id": creditor_id, "person_ids": ids, "reason": ErasureReason(reason).value}


@transaction.atomic
def do_erase_persons(
    *,
    actor: Actor,
    creditor_id: int,
    person_ids: Sequence[int],
    reason: ErasureReason,
    now: datetime,
) -> Mapping[str, int]:
    """Erase persons as one creditor knows them; says what was taken away, by table.

    Asks for an approval first. Raises `ErasureBarred`, and changes nothing, where anything about
    any of them must still be kept.
    """
    command = erasure_command(creditor_id, person_ids, reason)
    subject = _describe(actor, command, now)
    refuse_unapproved(actor=actor, kind="erasure", command=command, subject=subject)
    return _run(actor, command, now, None)


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    within = require(actor, Permission.PERSON_ERASE)
    who = _visible(within, command["creditor_id"], command["person_ids"])
    _unbarred(who, now)
    ids = command["person_ids"]
    return Subject(
        subject=f"person:{ids[0]}" if len(ids) == 1 else f"creditor:{command['creditor_id']}",
        creditor_id=command["creditor_id"],
        details={"persons": len(ids), "reason": command["reason"]},
    )


def _run(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> Mapping[str, int]:
    within = require(actor, Permission.PERSON_ERASE)
    who = _visible(within, command["creditor_id"], command["person_ids"])
    found, files = _unbarred(who, now)
    expire_requests(actor, pick_requests(), now)
    taken = dict(erase_picked(command["reason"], now))
    taken["take_documents"] = forget_documents()
    forget_files(files)
    append_prepared_events(actor=actor, now=now, batch_id=None)
    body = {
        "approval": approval_id,
        "creditor_id": command["creditor_id"],
        "intake_files": sorted(file.file_id for file in files),
        "reason": command["reason"],
    }
    for each in found:
        append_event(
            actor=actor,
            action="person.erase",
            subject=f"person:{each.who.person_id}",
            body=body,
            now=now,
        )
    take_samples_anew()
    return taken


def _unbarred(
    who: Sequence[PersonAt], now: datetime
) -> tuple[Collection[PersonRecord], Sequence[StoredFile]]:
    """The persons, picked and locked, and the files that go with them; refuses what is barred."""
    found = pick_persons(who)
    if len(found) < len(who):
        raise Refusal(_("This person was erased already."))
    judged = [_judge(each, now) for each in found]
    barred = {
        each.who.person_id: verdict
        for each, (verdict, _files) in zip(found, judged, strict=True)
        if not verdict.is_allowed
    }
    if barred:
        raise ErasureBarred(barred)
    files = {file.file_id: file for _verdict, stored in judged for file in stored}
    return found, list(files.values())


register(
    Approvable(
        "erasure",
        (frozenset({Role.APPROVER, Role.COMPLIANCE_OFFICER, Role.ADMINISTRATOR}),),
        _describe,
        _run,
        never_alone=True,
    )
)


@dataclass(frozen=True, slots=True)
class DuePerson:
    """Nothing stands against erasing them any more; `since` is the first day that was so."""

    who: PersonAt
    creditor_code: str
    since: date


def list_due_persons(
    *, actor: Actor, now: datetime, limit: int = PERSONS_AT_A_TIME
) -> list[DuePerson]:
    """Persons whom no duty keeps any more, by creditor, the first ones in the order of numbers."""
    within = require(actor, Permission.PERSON_ERASE)
    creditor_ids = list(visible_rows(Creditor, within).values_list("pk", flat=True))
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


def _visible(within: Reach, creditor_id: int, person_ids: Sequence[int]) -> list[PersonAt]:
    """These persons, if the reach covers everything that the creditor has of anybody."""
    is_whole = any(
        scope.product_ids is None
        and scope.seat_ids is None
        and (scope.creditor_ids is None or creditor_id in scope.creditor_ids)
        for scope in within.scopes
    )
    rows = visible_rows(Debtor, within).filter(person_id__in=person_ids, creditor_id=creditor_id)
    known = set(rows.values_list("person_id", flat=True))
    if not is_whole or not known or known != set(person_ids):
        raise not_there()
    return [PersonAt(each, creditor_id) for each in sorted(known)]


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
