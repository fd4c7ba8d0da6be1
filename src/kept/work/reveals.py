"""The one door by which a masked value is shown: one value, one reason, one event.

A telephone, address or identity number is stored encrypted and masked everywhere. Whatever limits
how often that may be done belongs into `do_reveal_value`, since nothing else opens a value for a
person to see.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.events import ChainKind
from kept.core.reveals import RevealKind, RevealReason
from kept.store.cipher import house_cipher
from kept.store.events import append_event
from kept.store.models import Case, ContactPoint, IdentityKey
from kept.store.person_keys import KeyOwner
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.accesses import note_use
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse
from kept.work.speech_checks import speech_of_note

__all__ = ["do_reveal_value"]

NOTE_MOST = 300


@transaction.atomic
def do_reveal_value(
    *,
    actor: Actor,
    case_id: int,
    kind: RevealKind,
    value_id: int,
    reason: str,
    note: str = "",
    now: datetime,
) -> str:
    """The whole value of one contact point or identity number of a case that the actor sees.

    The event on the case's chain says who, which and why, and never holds the value.
    """
    within = require(actor, Permission.NUMBER_REVEAL)
    case = visible_rows(Case, within).filter(pk=case_id).first()
    if case is None:
        raise not_there()
    refuse(_faults(reason, note))
    row = _row(case, RevealKind(kind), value_id)
    _count(actor, now)
    note_use(actor, within, case, now)
    append_event(
        actor=actor,
        action="number.reveal",
        subject=f"{RevealKind(kind).value}:{value_id}",
        body={"kind": row.kind, "reason": reason, **speech_of_note(note)},
        now=now,
        chain=ChainKind.CASE,
        chain_id=case.pk,
        personal={"note": note.strip()} if note.strip() else None,
        personal_of=KeyOwner(case.debtor_id),
    )
    return house_cipher().open(row.kind, row.value_cipher)


def _count(actor: Actor, now: datetime) -> None:
    """Who asks for value after value copies a book: from KEPT_REVEALS_PER_HOUR on it is refused."""
    sql, most = load("reveals"), settings.KEPT.reveals_per_hour
    sql["forget"].run({"actor": actor.name, "now": now})
    if not sql["count"].run({"actor": actor.name, "now": now, "most": most}):
        raise Refusal(
            _("You were shown %(most)s values in this hour; the next can be shown in the next one.")
            % {"most": most}
        )


def _row(case: Case, kind: RevealKind, value_id: int) -> ContactPoint | IdentityKey:
    """Of this case's debtor only: another debtor's number is not there."""
    found: ContactPoint | IdentityKey | None
    if kind is RevealKind.CONTACT_POINT:
        points = ContactPoint.objects.filter(debtor_id=case.debtor_id)
        found = points.filter(pk=value_id).first()
    else:
        keys = IdentityKey.objects.filter(person_id=case.debtor.person_id)
        found = keys.filter(pk=value_id).first()
    if found is None:
        raise not_there()
    return found


def _faults(reason: str, note: str) -> dict[str, str]:
    if reason not in set(RevealReason):
        return {"reason": _("Choose why the value is needed.")}
    if reason == RevealReason.OTHER and not note.strip():
        return {"note": _("Say why.")}
    if len(note) > NOTE_MOST:
        return {"note": _("At most %(most)s characters.") % {"most": NOTE_MOST}}
    return {}
