"""Disputes and complaints: opened with a clock and a hold, given an owner, closed with an answer.

How many days there are until an answer is due is the house's own measure here; where a law gives
fewer, the due time is given with the dispute.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.store.models import Complaint, Dispute, Hold, User
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.holds import place_hold, release_hold
from kept.work.permissions import Permission, require
from kept.work.person_records import Subject, begin_record, end_record, tell_of_person
from kept.work.refusals import Refusal, refuse

__all__ = [
    "COMPLAINT_DAYS",
    "DISPUTE_DAYS",
    "do_assign_complaint",
    "do_assign_dispute",
    "do_close_complaint",
    "do_close_dispute",
    "do_open_complaint",
    "do_open_dispute",
]

DISPUTE_DAYS: Final = 30
COMPLAINT_DAYS: Final = 15

Clocked = TypeVar("Clocked", Dispute, Complaint)


@transaction.atomic
def do_open_dispute(
    *,
    actor: Actor,
    about: Subject,
    category: str,
    received_at: datetime,
    written: bool = False,
    due_at: datetime | None = None,
    words: str = "",
    now: datetime,
) -> int:
    """The debtor denies the debt: contact and treatment are held until it is answered."""
    if category not in Dispute.Category.values:
        refuse({"category": _("Choose one of: %s.") % ", ".join(Dispute.Category.values)})
    return _open(
        Dispute,
        {"category": category, "written": written},
        actor=actor,
        about=about,
        received_at=received_at,
        due_at=due_at or received_at + timedelta(days=DISPUTE_DAYS),
        words=words,
        now=now,
    )


@transaction.atomic
def do_open_complaint(
    *,
    actor: Actor,
    about: Subject,
    category: str,
    received_at: datetime,
    medium: str = "",
    due_at: datetime | None = None,
    words: str = "",
    now: datetime,
) -> int:
    """Somebody complains of how they were treated; contact and treatment are held until then."""
    if category not in Complaint.Category.values:
        refuse({"category": _("Choose one of: %s.") % ", ".join(Complaint.Category.values)})
    return _open(
        Complaint,
        {"category": category, "medium": medium},
        actor=actor,
        about=about,
        received_at=received_at,
        due_at=due_at or received_at + timedelta(days=COMPLAINT_DAYS),
        words=words,
        now=now,
    )


@transaction.atomic
def do_assign_dispute(*, actor: Actor, dispute_id: int, owner_id: int, now: datetime) -> None:
    _assign(Dispute, actor, dispute_id, owner_id, now)


@transaction.atomic
def do_assign_complaint(*, actor: Actor, complaint_id: int, owner_id: int, now: datetime) -> None:
    _assign(Complaint, actor, complaint_id, owner_id, now)


@transaction.atomic
def do_close_dispute(
    *, actor: Actor, dispute_id: int, answer: str, words: str, now: datetime
) -> None:
    """Close with an answer and what was written to the debtor; the hold ends with the last one."""
    if answer not in Dispute.Answer.values:
        refuse({"answer": _("Choose one of: %s.") % ", ".join(Dispute.Answer.values)})
    _close(Dispute, actor, dispute_id, answer, words, now)


@transaction.atomic
def do_close_complaint(
    *, actor: Actor, complaint_id: int, answer: str, words: str, now: datetime
) -> None:
    if answer not in Complaint.Answer.values:
        refuse({"answer": _("Choose one of: %s.") % ", ".join(Complaint.Answer.values)})
    _close(Complaint, actor, complaint_id, answer, words, now)


def _open(
    model: type[Clocked],
    values: dict[str, Any],
    *,
    actor: Actor,
    about: Subject,
    received_at: datetime,
    due_at: datetime,
    words: str,
    now: datetime,
) -> int:
    if due_at < received_at:
        refuse({"due_at": _("The end lies before the beginning.")})
    row = begin_record(
        model,
        actor=actor,
        about=about,
        received_at=received_at,
        values={**values, "due_at": due_at},
        words=words,
        now=now,
    )
    row.hold = _hold(model, actor, about, now)
    row.save(update_fields=["hold"])
    return int(row.pk)


def _hold(model: type[Clocked], actor: Actor, about: Subject, now: datetime) -> Hold:
    """The open hold of this reason, or a new one: of the one account where it is one."""
    reason = Hold.Reason.DISPUTED if model is Dispute else Hold.Reason.COMPLAINT
    named = list(about.account_ids or ())
    account_id = named[0] if len(named) == 1 else None
    standing = Hold.objects.filter(
        debtor_id=about.debtor_id, reason=reason, released_at__isnull=True
    )
    found = next((each for each in standing if each.account_id == account_id), None)
    return found or place_hold(
        actor=actor,
        debtor_id=about.debtor_id,
        account_id=account_id,
        reason=reason,
        effects=[Hold.Effect.CONTACT, Hold.Effect.TREATMENT],
        note="",
        until=None,
        now=now,
    )


def _assign(model: type[Clocked], actor: Actor, row_id: int, owner_id: int, now: datetime) -> None:
    within = require(actor, Permission.PERSON_RELEASE)
    rows = visible_rows(model, within)
    row = rows.filter(pk=row_id).select_for_update(of=("self",)).first()
    owner = User.objects.filter(pk=owner_id, is_active=True).first()
    if row is None or owner is None:
        raise not_there()
    if row.ended_at is not None:
        raise Refusal(_("This was ended before."))
    before, row.owner = row.owner_id, owner
    row.save(update_fields=["owner"])
    noun = str(model._meta.model_name)
    tell_of_person(
        actor=actor,
        action=f"{noun}.assign",
        subject=f"{noun}:{row.pk}",
        debtor_id=row.debtor_id,
        body={"before": before, "after": owner.pk},
        typed={},
        now=now,
    )


def _close(
    model: type[Clocked], actor: Actor, row_id: int, answer: str, words: str, now: datetime
) -> None:
    row = end_record(
        model, actor=actor, row_id=row_id, reason=words, values={"answer": answer}, now=now
    )
    hold = row.hold
    if hold is None or hold.released_at is not None:
        return
    still = model._default_manager.filter(hold=hold, ended_at__isnull=True).exists()
    if not still:
        release_hold(actor=actor, hold=hold, reason=answer, now=now)
