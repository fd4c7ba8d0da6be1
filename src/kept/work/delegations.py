"""Who decides for whom while somebody is away. It carries only the right to decide approvals.

A stand-in decides under their own name, with the name of whom they stand in for beside it, and
never what they, or that other person, asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.store.events import append_event
from kept.store.models import Delegation, User
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import NotAllowed, refuse

__all__ = ["DelegationView", "do_delegate", "do_end_delegation", "list_delegations"]

LONGEST_DAYS = 92


@dataclass(frozen=True, slots=True)
class DelegationView:
    """`is_mine` when the actor is the one who is away."""

    delegation_id: int
    from_user: str
    to_user: str
    first_day: date
    last_day: date
    reason: str
    is_mine: bool


@transaction.atomic
def do_delegate(
    *,
    actor: Actor,
    to_username: str,
    first_day: date,
    last_day: date,
    reason: str,
    now: datetime,
) -> Delegation:
    """Let somebody decide in the actor's stead on these days, both included."""
    require(actor, Permission.APPROVAL_DECIDE)
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(_("Only a person decides."))
    other = User.objects.filter(username=to_username.strip(), is_active=True).first()
    refuse(_faults(actor, other, first_day, last_day, reason, now))
    assert other is not None
    row = Delegation.objects.create(
        from_user_id=actor.id,
        to_user=other,
        first_day=first_day,
        last_day=last_day,
        reason=reason.strip(),
        made_at=now,
    )
    _tell(actor, "approval.delegate", row, now)
    return row


def _faults(
    actor: Actor,
    other: User | None,
    first_day: date,
    last_day: date,
    reason: str,
    now: datetime,
) -> dict[str, str]:
    faults = {}
    if other is None or other.pk == actor.id:
        faults["to_username"] = _("Name another person by their user name.")
    if last_day < first_day or last_day < now.date():
        faults["last_day"] = _("The last day lies before the first, or in the past.")
    elif (last_day - first_day).days >= LONGEST_DAYS:
        faults["last_day"] = _("At most %(days)s days.") % {"days": LONGEST_DAYS}
    if not reason.strip() or len(reason) > 500:
        faults["reason"] = _("Say why.")
    return faults


@transaction.atomic
def do_end_delegation(*, actor: Actor, delegation_id: int, now: datetime) -> None:
    """Whoever is back, or whoever stood in, ends it; twice is once."""
    row = _own(actor).filter(pk=delegation_id).select_for_update().first()
    if row is None:
        raise not_there()
    if row.ended_at is None:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        _tell(actor, "approval.end_delegation", row, now)


def list_delegations(*, actor: Actor, on: date) -> tuple[DelegationView, ...]:
    """Those of the actor, either way, that run on this day or later."""
    rows = _own(actor).filter(ended_at__isnull=True, last_day__gte=on)
    return tuple(
        DelegationView(
            row.pk,
            row.from_user.get_username(),
            row.to_user.get_username(),
            row.first_day,
            row.last_day,
            row.reason,
            row.from_user_id == actor.id,
        )
        for row in rows.select_related("from_user", "to_user").order_by("first_day", "pk")
    )


def _own(actor: Actor) -> QuerySet[Delegation]:
    if actor.kind is not ActorKind.PERSON:
        return Delegation.objects.none()
    return Delegation.objects.filter(Q(from_user_id=actor.id) | Q(to_user_id=actor.id))


def _tell(actor: Actor, action: str, row: Delegation, now: datetime) -> None:
    """Not why: that somebody is ill is nothing to be kept for ever."""
    append_event(
        actor=actor,
        action=action,
        subject=f"user:{row.from_user_id}",
        body={
            "to": row.to_user_id,
            "first_day": row.first_day.isoformat(),
            "last_day": row.last_day.isoformat(),
        },
        now=now,
    )
