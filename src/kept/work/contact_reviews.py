"""A review of all contacts with somebody, where a rule asks a person for one before the next.

Whoever makes a contact cannot say that it was reviewed: an entitled other person does, in a
sentence that is sealed, and it holds for a day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.events import ChainKind
from kept.core.permits import REVIEWS
from kept.store.events import append_event
from kept.store.models import ContactReview
from kept.store.person_keys import KeyOwner
from kept.work.permissions import Permission, require
from kept.work.presumptions import case_with_person
from kept.work.refusals import refuse
from kept.work.speech_checks import speech_of_note

__all__ = ["REVIEWED_FOR", "do_review_contacts", "reviewed_duties"]

REVIEWED_FOR: Final = timedelta(hours=24)


@transaction.atomic
def do_review_contacts(
    *,
    actor: Actor,
    case_id: int,
    duty: str,
    note: str,
    now: datetime,
    related_person_id: int | None = None,
) -> int:
    """Let contacts with a person go on for `REVIEWED_FOR`; returns the id of the review.

    `note` says what was weighed; it is sealed.
    """
    within = require(actor, Permission.PRESUMPTION_RELEASE)
    case = case_with_person(within, case_id, related_person_id)
    refuse(_faults(duty, note))
    review = ContactReview.objects.create(
        case=case,
        related_person_id=related_person_id,
        duty=duty,
        reviewed_at=now,
        reviewed_by=actor.name,
        expires_at=now + REVIEWED_FOR,
    )
    append_event(
        actor=actor,
        action="contacts.review",
        subject=f"contact_review:{review.pk}",
        body={
            "duty": duty,
            "related_person": related_person_id,
            "expires_at": review.expires_at.isoformat(),
            **speech_of_note(note),
        },
        now=now,
        chain=ChainKind.CASE,
        chain_id=case.pk,
        personal={"note": note.strip()},
        personal_of=KeyOwner(case.debtor_id),
    )
    return review.pk


def reviewed_duties(
    actor: Actor, *, case_id: int, related_person_id: int | None, now: datetime
) -> Collection[str]:
    """The duties that somebody other than the caller has done for this contact by a review."""
    rows = ContactReview.objects.filter(
        case_id=case_id,
        related_person_id=related_person_id,
        reviewed_at__lte=now,
        expires_at__gt=now,
    )
    return set(rows.exclude(reviewed_by=actor.name).values_list("duty", flat=True))


def _faults(duty: str, note: str) -> dict[str, str]:
    faults = {}
    if duty not in REVIEWS:
        faults["duty"] = _("No rule asks for this review: %s.") % duty
    if not note.strip():
        faults["note"] = _("Say in a sentence what you weighed.")
    return faults
