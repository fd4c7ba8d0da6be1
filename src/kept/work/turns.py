"""Whose turn it is: a collector works the next case of their own worklist, not one they choose.

Without `case.pick` a person is shown one task, the next in turn, and closes tasks or asks for
permits for cases that are in turn: the next one, or one that they took up. The next one is taken
up by being worked; another of their own for a reason that is recorded (somebody called back); and
it stays in turn until the end of the taking, whatever comes first meanwhile. A call-back, which
goes before everything, is asked for in turn alone. Reading their own cases is not limited: who
calls in is found by search.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.core.events import ChainKind
from kept.store.events import append_event
from kept.store.models import Case, CaseTaking, Creditor, Task
from kept.store.person_keys import KeyOwner
from kept.store.visibility import visible_rows
from kept.store.worklists import TaskFilters, pick_tasks
from kept.work.changes import not_there
from kept.work.permissions import Permission, may, require
from kept.work.refusals import Refusal, refuse
from kept.work.speech_checks import speech_of_note

__all__ = ["do_take_case", "is_in_turn", "may_pick", "take_in_turn"]

#: How long a case that was taken up stays in turn.
TAKEN_FOR: Final = timedelta(hours=2)
_NOTE_MOST: Final = 300


def may_pick(actor: Actor) -> bool:
    """Whether the actor chooses among their cases. Programs and jobs are told what to do anyway."""
    return actor.kind is not ActorKind.PERSON or may(actor, Permission.CASE_PICK)


def is_in_turn(actor: Actor, case_id: int, now: datetime) -> bool:
    """Whether the actor may work this case now; that they may see it is the caller's to ask."""
    if may_pick(actor):
        return True
    return _held(actor, case_id, now) is not None or _next_case(actor, now) == case_id


def take_in_turn(actor: Actor, case_id: int, now: datetime) -> None:
    """Refuses a case that is out of turn; one that is the next is taken up by this.

    The caller opens the transaction, and has asked that the actor may see the case.
    """
    if may_pick(actor) or _held(actor, case_id, now) is not None:
        return
    if _next_case(actor, now) != case_id:
        raise Refusal(
            _(
                "This case is not the next of your worklist. Work the next one, or take this one up"
                " with a reason."
            )
        )
    _take(actor, Case.objects.get(pk=case_id), CaseTaking.Reason.NEXT, now)


@transaction.atomic
def do_take_case(
    *, actor: Actor, case_id: int, reason: str, note: str = "", now: datetime
) -> CaseTaking:
    """Take up one of one's own cases: `next` when it is the next, else why it comes first now.

    Out of turn it leaves an event of the case; taken up already, it stays as it is.
    """
    within = require(actor, Permission.TASK_CLOSE)
    case = visible_rows(Case, within).filter(pk=case_id, closed_on__isnull=True).first()
    if case is None or actor.kind is not ActorKind.PERSON:
        raise not_there()
    refuse(_faults(reason, note))
    is_next = reason == CaseTaking.Reason.NEXT
    if is_next:
        take_in_turn(actor, case_id, now)
    found = _held(actor, case_id, now)
    if found is not None:
        return found
    taking = _take(actor, case, reason, now)
    if not is_next:
        _tell(actor, case, reason, note, now)
    return taking


def _held(actor: Actor, case_id: int, now: datetime) -> CaseTaking | None:
    held = CaseTaking.objects.filter(person_id=actor.id, case_id=case_id, until__gt=now)
    return held.order_by("pk").first()


def _take(actor: Actor, case: Case, reason: str, now: datetime) -> CaseTaking:
    return CaseTaking.objects.create(
        creditor_id=case.creditor_id,
        case=case,
        person_id=actor.id,
        reason=reason,
        taken_at=now,
        until=now + TAKEN_FOR,
    )


def _faults(reason: str, note: str) -> dict[str, str]:
    if reason not in CaseTaking.Reason.values:
        return {"reason": _("Choose why this case comes first now.")}
    if reason == CaseTaking.Reason.OTHER and not note.strip():
        return {"note": _("Say why.")}
    if len(note) > _NOTE_MOST:
        return {"note": _("At most %(most)s characters.") % {"most": _NOTE_MOST}}
    return {}


def _tell(actor: Actor, case: Case, reason: str, note: str, now: datetime) -> None:
    append_event(
        actor=actor,
        action="case.take",
        subject=f"case:{case.pk}",
        body={"reason": reason, **speech_of_note(note)},
        now=now,
        chain=ChainKind.CASE,
        chain_id=case.pk,
        personal={"note": note.strip()} if note.strip() else None,
        personal_of=KeyOwner(case.debtor_id),
    )


def _next_case(actor: Actor, now: datetime) -> int | None:
    """The case of the first open task of the actor's own seats."""
    within = require(actor, Permission.WORKLIST_READ)
    creditor_ids = list(visible_rows(Creditor, within).values_list("pk", flat=True))
    keys = pick_tasks(
        TaskFilters(),
        creditor_ids=creditor_ids,
        seat_ids=sorted(actor.seat_ids),
        after=None,
        now=now,
        limit=1,
    )
    if not keys:
        return None
    return Task.objects.values_list("case_id", flat=True).get(pk=keys[0].id)
