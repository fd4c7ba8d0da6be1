"""Beginning and ending a record of what a person said or is, each with its event; and reading them.

What the nouns share: consents, stops, representations, circumstances, disputes, complaints,
hardships and vulnerabilities. A record is never edited. What somebody typed is sealed with the key
of the person, in the row and in the event; of a vulnerability not even the kind is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.events import ChainKind
from kept.store.events import append_event
from kept.store.models import (
    Account,
    Case,
    Circumstance,
    Complaint,
    Consent,
    ContactPoint,
    Debtor,
    Dispute,
    Hardship,
    HouseholdFigures,
    RelatedPerson,
    Representation,
    Stop,
    Vulnerability,
)
from kept.store.models.person_records import Recorded
from kept.store.person_keys import KeyOwner, open_personal, seal_personal
from kept.store.to_decide import Cause, mark_person
from kept.store.visibility import visible_rows
from kept.work.changes import not_there, plain
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse, refuse_invalid

__all__ = [
    "RecordView",
    "Subject",
    "begin_record",
    "do_read_vulnerabilities",
    "end_record",
    "list_records",
    "tell_of_person",
]

Row = TypeVar("Row", bound=Recorded)

_NOUNS: Final[Mapping[str, type[Recorded]]] = {
    "consent": Consent,
    "stop": Stop,
    "representation": Representation,
    "circumstance": Circumstance,
    "dispute": Dispute,
    "complaint": Complaint,
    "hardship": Hardship,
    "householdfigures": HouseholdFigures,
    "vulnerability": Vulnerability,
}
_SHARED: Final = frozenset(each.name for each in Recorded._meta.get_fields()) | {"id"}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom and what a record is about: the debtor, or one of the debtor's related persons.

    `account_ids` None: all of the debts.
    """

    debtor_id: int
    related_person_id: int | None = None
    account_ids: Collection[int] | None = None


def begin_record(
    model: type[Row],
    *,
    actor: Actor,
    about: Subject,
    received_at: datetime,
    values: Mapping[str, Any],
    words: str = "",
    sealed: Mapping[str, object] | None = None,
    now: datetime,
) -> Row:
    """A new record of a noun; the caller has opened the transaction.

    Refused is a time that has not come, and whatever is not the debtor's or beyond the reach.
    """
    debtor = _debtor(actor, about, values.get("contact_point_id"))
    if received_at > now:
        refuse({"received_at": _("This lies in the future.")})
    typed: dict[str, object] = {**(sealed or {}), **({"words": words} if words.strip() else {})}
    row = model(
        debtor=debtor,
        related_person_id=about.related_person_id,
        account_ids=None if about.account_ids is None else sorted(about.account_ids),
        received_at=received_at,
        recorded_at=now,
        recorded_by=actor.name,
        **values,
    )
    _seal(row, typed, now)
    refuse_invalid(row)
    row.save()
    _tell(actor, f"{_noun(row)}.record", row, dict(values), typed, now)
    return row


def _debtor(actor: Actor, about: Subject, contact_point_id: object) -> Debtor:
    within = require(actor, Permission.PERSON_RECORD)
    debtor = visible_rows(Debtor, within).filter(pk=about.debtor_id, erased_at=None).first()
    if debtor is None:
        raise not_there()
    of_debtor: list[tuple[Any, list[Any]]] = [
        (RelatedPerson, [about.related_person_id] if about.related_person_id else []),
        (Account, list(about.account_ids or ())),
        (ContactPoint, [contact_point_id] if contact_point_id else []),
    ]
    for model, ids in of_debtor:
        found = model.objects.filter(debtor_id=debtor.pk, pk__in=ids).count() if ids else 0
        if found < len(set(ids)):
            raise not_there()
    return debtor


def _seal(row: Recorded, typed: Mapping[str, object], now: datetime) -> None:
    if typed:
        sealed = seal_personal(_owner(row), typed, now)
        row.key_id, row.sealed = sealed.key_id, sealed.value


def _owner(row: Any) -> KeyOwner:
    return KeyOwner(row.debtor_id, row.related_person_id)


def end_record(
    model: type[Row],
    *,
    actor: Actor,
    row_id: int,
    reason: str,
    values: Mapping[str, Any] | None = None,
    permission: Permission = Permission.PERSON_RELEASE,
    ended_at: datetime | None = None,
    now: datetime,
) -> Row:
    """End a record that stands, saying why; the caller has opened the transaction."""
    within = require(actor, permission)
    rows = visible_rows(model, within)
    row = rows.filter(pk=row_id).select_for_update(of=("self",)).first()
    if row is None:
        raise not_there()
    if row.ended_at is not None:
        raise Refusal(_("This was ended before."))
    if not reason.strip():
        refuse({"reason": _("Say why it ends.")})
    at = ended_at or now
    if not row.received_at <= at <= now:
        refuse({"ended_at": _("It ends after it began, and not in the future.")})
    before = _opened(row)
    for name, value in {**(values or {}), "ended_at": at, "ended_by": actor.name}.items():
        setattr(row, name, value)
    _seal(row, {**before, "end": reason}, now)
    row.save()
    _tell(actor, f"{_noun(row)}.end", row, dict(values or {}), {"reason": reason}, now)
    return row


def _opened(row: Any) -> dict[str, Any]:
    if row.key_id is None or row.sealed is None:
        return {}
    return open_personal([(row.key_id, bytes(row.sealed))])[0] or {}


def _noun(row: Recorded) -> str:
    return str(row._meta.model_name)


def _tell(
    actor: Actor,
    action: str,
    row: Any,
    values: dict[str, Any],
    typed: Mapping[str, object],
    now: datetime,
) -> None:
    hidden = isinstance(row, Vulnerability)
    body = {
        "related_person": row.related_person_id,
        "accounts": row.account_ids and [{"account": each} for each in row.account_ids],
        "received_at": row.received_at.isoformat(),
        **({} if hidden else _plain(values)),
    }
    tell_of_person(
        actor=actor,
        action=action,
        subject=f"{_noun(row)}:{row.pk}",
        debtor_id=row.debtor_id,
        body=body,
        typed={} if hidden else typed,
        owner=_owner(row),
        now=now,
    )
    mark_person(row.debtor_id, Cause.RECORD, now)


def _plain(values: Mapping[str, Any]) -> dict[str, object]:
    found = dict(plain({name: value for name, value in values.items() if value not in (None, "")}))
    return {
        name: [each.isoformat() if isinstance(each, date) else each for each in value]
        if isinstance(value, list)
        else value
        for name, value in found.items()
    }


def tell_of_person(
    *,
    actor: Actor,
    action: str,
    subject: str,
    debtor_id: int,
    body: Mapping[str, object],
    typed: Mapping[str, object],
    owner: KeyOwner | None = None,
    now: datetime,
) -> None:
    """An event on the chain of the debtor's open case or else of the debtor; `typed` is sealed."""
    cases = Case.objects.filter(debtor_id=debtor_id, closed_on__isnull=True)
    case_id = cases.values_list("pk", flat=True).first()
    append_event(
        actor=actor,
        action=action,
        subject=subject,
        body=body,
        now=now,
        chain=ChainKind.DEBTOR if case_id is None else ChainKind.CASE,
        chain_id=debtor_id if case_id is None else case_id,
        personal=typed,
        personal_of=owner or KeyOwner(debtor_id),
    )


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record to read: `details` are its own fields, `words` what was typed, opened."""

    noun: str
    record_id: int
    related_person_id: int | None
    account_ids: tuple[int, ...] | None
    received_at: datetime
    ended_at: datetime | None
    recorded_by: str
    details: Mapping[str, Any]
    words: Mapping[str, Any]


def list_records(
    *, actor: Actor, debtor_id: int, with_ended: bool = False
) -> tuple[RecordView, ...]:
    """What is recorded about a debtor, by noun and time.

    A vulnerability is there without its kind and words: those are `do_read_vulnerabilities`.
    """
    within = require(actor, Permission.CASE_READ)
    found: list[RecordView] = []
    for noun, model in _NOUNS.items():
        rows = visible_rows(model, within).filter(debtor_id=debtor_id)
        if not with_ended:
            rows = rows.filter(ended_at__isnull=True)
        found += [_view(noun, row) for row in rows.order_by("received_at", "pk")]
    return tuple(found)


def _view(noun: str, row: Any, *, opened: bool = False) -> RecordView:
    names = [f.attname for f in row._meta.concrete_fields if f.name not in _SHARED]
    return RecordView(
        noun=noun,
        record_id=row.pk,
        related_person_id=row.related_person_id,
        account_ids=None if row.account_ids is None else tuple(row.account_ids),
        received_at=row.received_at,
        ended_at=row.ended_at,
        recorded_by=row.recorded_by,
        details={name: getattr(row, name) for name in names},
        words=_opened(row) if opened or noun != "vulnerability" else {},
    )


@transaction.atomic
def do_read_vulnerabilities(
    *, actor: Actor, debtor_id: int, reason: str, now: datetime
) -> tuple[RecordView, ...]:
    """Kind, evidence and treatment of a debtor's vulnerabilities; reading them is an event."""
    within = require(actor, Permission.VULNERABILITY_READ)
    if not visible_rows(Debtor, within).filter(pk=debtor_id).exists():
        raise not_there()
    if not reason.strip():
        refuse({"reason": _("Say what it is read for.")})
    rows = visible_rows(Vulnerability, within).filter(debtor_id=debtor_id)
    found = tuple(_view("vulnerability", row, opened=True) for row in rows.order_by("pk"))
    tell_of_person(
        actor=actor,
        action="vulnerability.read",
        subject=f"debtor:{debtor_id}",
        debtor_id=debtor_id,
        body={"vulnerabilities": [each.record_id for each in found]},
        typed={"reason": reason},
        now=now,
    )
    return found
