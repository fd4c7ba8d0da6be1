"""Follow-ups (催记): what was done on a case and what is next, and call-backs that were asked for.

The words are the person's: they go into the event alone, sealed with the person's key, and end with
it. A call-back is a task of the day: it comes first from the minute asked for, or as soon after it
as the law allows the call, and nothing of it is permitted before its permit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach
from kept.core.attempts import Channel
from kept.core.calendar import utc_datetime
from kept.core.events import ChainKind
from kept.core.task_clocks import (
    CALLBACK,
    CALLBACK_AHEAD,
    CALLBACK_MINUTES,
    CALLBACK_PRIORITY,
    callback_clocks,
)
from kept.store.events import append_event
from kept.store.facts import facts_of_case
from kept.store.models import Case, FollowUp, Task
from kept.store.person_keys import KeyOwner
from kept.store.visibility import visible_rows
from kept.store.work_counts import add_work
from kept.work.changes import not_there
from kept.work.lights import Light, list_lights
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse
from kept.work.speech_checks import speech_of_note
from kept.work.turns import take_in_turn

__all__ = ["WrittenFollowUp", "do_write_follow_up"]

_LONGEST: Final = 4_000
_SKILL: Final = "call"


@dataclass(frozen=True, slots=True)
class WrittenFollowUp:
    """`callback` is the task that the debtor is called back by; its `lawful_from` may be later
    than the minute asked for."""

    follow_up: FollowUp
    callback: Task | None


@transaction.atomic
def do_write_follow_up(
    *,
    actor: Actor,
    case_id: int,
    text: str,
    now: datetime,
    next_at: datetime | None = None,
    task_id: int | None = None,
) -> WrittenFollowUp:
    """Record what was done; with `next_at`, call the debtor back then.

    A call-back that is open already is moved to the new time. Refused where the law allows no call
    within its horizon of that minute, and for a case that is out of turn (`work/turns.py`): a
    call-back goes before everything, so that whoever asks for one would pick.
    """
    within = require(actor, Permission.TASK_CLOSE)
    case = _open_case(within, case_id)
    task = _task_of(within, case, task_id)
    refuse(_faults(text, next_at, now))
    if next_at is not None:
        take_in_turn(actor, case.pk, now)
    callback = None if next_at is None else _call_back(actor, case, next_at, now)
    written = FollowUp.objects.create(
        creditor_id=case.creditor_id,
        case=case,
        seat_id=_seat_of(actor, case),
        task=task,
        made_at=now,
        made_by=actor.name,
        next_at=next_at,
    )
    add_work(
        creditor_id=case.creditor_id,
        seat_id=written.seat_id,
        treatment=task.treatment if task else "",
        now=now,
        follow_ups=1,
    )
    _tell(actor, case, written, callback, text.strip(), now)
    return WrittenFollowUp(written, callback)


def _open_case(within: Reach, case_id: int) -> Case:
    """Locked, so that two people who ask for a call-back at once follow each other."""
    rows = visible_rows(Case, within).select_related("creditor")
    case = rows.select_for_update(of=("self",), no_key=True).filter(pk=case_id).first()
    if case is None:
        raise not_there()
    if case.closed_on is not None:
        raise Refusal(_("This case is closed; nothing is followed up on it any more."))
    return case


def _task_of(within: Reach, case: Case, task_id: int | None) -> Task | None:
    if task_id is None:
        return None
    task = visible_rows(Task, within).filter(pk=task_id, case=case).first()
    if task is None:
        raise not_there()
    return task


def _faults(text: str, next_at: datetime | None, now: datetime) -> dict[str, str]:
    faults = {}
    if not text.strip():
        faults["text"] = _("Say in a sentence what was done and what is next.")
    elif len(text) > _LONGEST:
        faults["text"] = _("At most %(most)s characters.") % {"most": _LONGEST}
    if next_at is not None and next_at <= now:
        faults["next_at"] = _("A call-back lies in the future.")
    elif next_at is not None and next_at > now + CALLBACK_AHEAD:
        faults["next_at"] = _("At most %(days)s days ahead; later steps are the strategy's.") % {
            "days": CALLBACK_AHEAD // timedelta(days=1)
        }
    return faults


def _seat_of(actor: Actor, case: Case) -> int | None:
    """The seat that works: the actor's own, where there is one, else the case's."""
    return next(iter(actor.seat_ids)) if len(actor.seat_ids) == 1 else case.seat_id


# --- call-backs -----------------------------------------------------------------------------------


def _call_back(actor: Actor, case: Case, wanted_at: datetime, now: datetime) -> Task:
    clocks = callback_clocks(wanted_at, _lawful_from(actor, case, wanted_at))
    task = Task.objects.filter(case=case, state=Task.State.OPEN, treatment=CALLBACK).first()
    task = task or _new_task(case, now)
    task.seat_id = _seat_of(actor, case)
    task.wanted_at, task.lawful_from = wanted_at, clocks.begins_at
    task.due_at, task.escalates_at, task.escalated_at = clocks.due_at, clocks.escalates_at, None
    task.save()
    return task


def _lawful_from(actor: Actor, case: Case, wanted_at: datetime) -> datetime:
    """The first lawful minute of a call to the debtor from the minute asked for."""
    minutes = list(_minutes(list_lights(actor, case.pk, now=wanted_at), _own_points(case)))
    if not minutes:
        raise Refusal(
            _(
                "No number of the debtor may be called at that time or later. Look at the light of"
                " the case, or record a number."
            )
        )
    return utc_datetime(min(minutes))


def _own_points(case: Case) -> set[int]:
    points = case.debtor.contact_points.filter(related_person__isnull=True)
    return set(points.values_list("pk", flat=True))


def _minutes(lights: Iterable[Light], own: set[int]) -> Iterable[int]:
    for light in lights:
        if light.contact_point_id not in own or light.channel not in _BY_PHONE:
            continue
        if light.verdict is not None and light.verdict.lawful_from is not None:
            yield light.verdict.lawful_from


_BY_PHONE: Final = (Channel.CALL, Channel.WORKPLACE_CALL)


def _new_task(case: Case, now: datetime) -> Task:
    """With the figures of the day, as a night would have written them."""
    on = now.astimezone(ZoneInfo(case.creditor.zone)).date()
    figures = facts_of_case(case.pk, as_of=on, known_at=now)
    if figures is None:
        raise Refusal(_("This case has no figures yet; it opens on a later day."))
    return Task(
        creditor_id=case.creditor_id,
        case=case,
        business_date=on,
        strategy="",
        treatment=CALLBACK,
        stage=case.stage,
        channel=Channel.CALL.value,
        skill=_SKILL,
        minutes=CALLBACK_MINUTES,
        priority=CALLBACK_PRIORITY,
        reason={"dealing": CALLBACK},
        dpd=figures["dpd"],
        bucket=figures["bucket"],
        balance_minor=figures["balance"],
        overdue_minor=figures["overdue_balance"],
        currency=figures["currency"],
    )


def _tell(
    actor: Actor, case: Case, written: FollowUp, callback: Task | None, text: str, now: datetime
) -> None:
    body: dict[str, object] = {"task": written.task_id, **speech_of_note(text)}
    if callback is not None and callback.wanted_at and callback.lawful_from:
        body["callback"] = {
            "task": callback.pk,
            "wanted_at": callback.wanted_at.isoformat(),
            "lawful_from": callback.lawful_from.isoformat(),
        }
    append_event(
        actor=actor,
        action="follow_up.write",
        subject=f"follow_up:{written.pk}",
        body=body,
        now=now,
        chain=ChainKind.CASE,
        chain_id=case.pk,
        personal={"text": text},
        personal_of=KeyOwner(case.debtor_id),
    )
