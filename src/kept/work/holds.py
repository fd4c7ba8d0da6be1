"""Placing and releasing holds: what suspends contact, treatment, accrual or dealing, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.store.models import Account, Debtor, Hold
from kept.store.to_decide import Cause, mark_person
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.person_records import tell_of_person
from kept.work.promise_ends import end_promises_of_hold
from kept.work.refusals import Refusal, refuse
from kept.work.speech_checks import speech_of_note

__all__ = ["do_place_hold", "do_release_hold", "list_holds", "place_hold", "release_hold"]


def do_place_hold(
    *,
    actor: Actor,
    debtor_id: int,
    reason: str,
    effects: Sequence[str],
    note: str,
    now: datetime,
    account_id: int | None = None,
    until: date | None = None,
) -> int:
    """Place a hold on a debtor, or on one of their accounts; returns its id.

    A second open hold of the same reason on the same debtor or account is refused.
    """
    within = require(actor, Permission.HOLD_CHANGE)
    debtor = visible_rows(Debtor, within).filter(pk=debtor_id).first()
    if debtor is None or not _is_of(debtor_id, account_id):
        raise not_there()
    refuse(_faults(reason, effects, until, now))
    return place_hold(
        actor=actor,
        debtor_id=debtor_id,
        account_id=account_id,
        reason=reason,
        effects=effects,
        note=note,
        until=until,
        now=now,
    ).pk


def place_hold(
    *,
    actor: Actor,
    debtor_id: int,
    account_id: int | None,
    reason: str,
    effects: Sequence[str],
    note: str,
    until: date | None,
    now: datetime,
) -> Hold:
    """The hold and its event, for a use case that has decided: it asks for no permission."""
    try:
        with transaction.atomic():
            hold = Hold.objects.create(
                debtor_id=debtor_id,
                account_id=account_id,
                reason=reason,
                effects=sorted(set(effects)),
                placed_at=now,
                placed_by=actor.name,
                note=note,
                until=until,
            )
            _tell(actor, "hold.place", hold, now, {"note": note} if note else {})
    except IntegrityError as error:
        raise Refusal(_("There is an open hold for this reason: release it first.")) from error
    return hold


def do_release_hold(*, actor: Actor, hold_id: int, reason: str, now: datetime) -> None:
    """End a hold, saying why; it stays on record."""
    within = require(actor, Permission.HOLD_CHANGE)
    if not reason.strip():
        refuse({"reason": _("Say why the hold is released.")})
    with transaction.atomic():
        hold = visible_rows(Hold, within).filter(pk=hold_id).select_for_update(of=("self",)).first()
        if hold is None:
            raise not_there()
        if hold.released_at is not None:
            raise Refusal(_("This hold was released before."))
        release_hold(actor=actor, hold=hold, reason=reason, now=now)


def release_hold(*, actor: Actor, hold: Hold, reason: str, now: datetime) -> None:
    """The end of a hold and its event, for a use case that has decided, in its transaction."""
    hold.released_at, hold.released_by, hold.release_reason = now, actor.name, reason
    hold.save(update_fields=["released_at", "released_by", "release_reason"])
    _tell(actor, "hold.release", hold, now, {"reason": reason})


def list_holds(*, actor: Actor, debtor_id: int, on: date) -> list[Hold]:
    """The holds of a debtor that stand on a day: not released, not run out."""
    within = require(actor, Permission.CASE_READ)
    holds = visible_rows(Hold, within).filter(debtor_id=debtor_id, released_at__isnull=True)
    return [hold for hold in holds.order_by("id") if hold.until is None or hold.until >= on]


def _is_of(debtor_id: int, account_id: int | None) -> bool:
    return account_id is None or Account.objects.filter(pk=account_id, debtor_id=debtor_id).exists()


def _faults(
    reason: str, effects: Sequence[str], until: date | None, now: datetime
) -> dict[str, str]:
    faults = {}
    if reason not in Hold.Reason.values:
        faults["reason"] = _("Choose one of: %s.") % ", ".join(Hold.Reason.values)
    if not effects or not set(effects) <= set(Hold.Effect.values):
        faults["effects"] = _("Choose at least one of: %s.") % ", ".join(Hold.Effect.values)
    if until is not None and until < now.date():
        faults["until"] = _("The end lies in the past.")
    return faults


def _tell(
    actor: Actor, action: str, hold: Hold, now: datetime, typed: Mapping[str, object]
) -> None:
    """The hold's event, on the chain of the debtor's open case or else of the debtor.

    What a person typed may name somebody, so it is sealed.
    """
    tell_of_person(
        actor=actor,
        action=action,
        subject=f"hold:{hold.pk}",
        debtor_id=hold.debtor_id,
        body={
            "reason": hold.reason,
            "effects": hold.effects,
            "account": hold.account_id,
            "until": None if hold.until is None else hold.until.isoformat(),
            **speech_of_note(str(typed.get("note", typed.get("reason", "")))),
        },
        typed=typed,
        now=now,
    )
    if action == "hold.place":
        end_promises_of_hold(hold, actor=actor, now=now)
    mark_person(hold.debtor_id, Cause.HOLD, now)
