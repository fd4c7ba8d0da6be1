"""The one door by which a masked value is shown: one value, one reason, one event.

A telephone, address or identity number is stored encrypted and masked everywhere. Whatever limits
how often that may be done belongs into `do_reveal_value`, since nothing else opens a value for a
person to see.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.events import ChainKind
from kept.core.reveals import RevealKind, RevealReason
from kept.store.cipher import house_cipher
from kept.store.events import append_event
from kept.store.models import Case, ContactPoint, IdentityKey
from kept.store.visibility import visible_rows
from kept.work.accesses import note_use
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse

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
    note_use(actor, within, case, now)
    append_event(
        actor=actor,
        action="number.reveal",
        subject=f"{RevealKind(kind).value}:{value_id}",
        body={"kind": row.kind, "reason": reason, **({"note": note.strip()} if note else {})},
        now=now,
        chain=ChainKind.CASE,
        chain_id=case.pk,
    )
    return house_cipher().open(row.kind, row.value_cipher)


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
