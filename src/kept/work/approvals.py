"""Asking for an approval, deciding it and carrying it out; who may is `core/approvals.py`.

A request stores the command that will run and its hash. The final yes runs it in its own
transaction, under a lock on the request, so that two people who say yes at once count as two and
one who says it in two sessions counts as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind, Grant, Reach, Role
from kept.core.approvals import (
    ApprovalState,
    Band,
    Denial,
    Given,
    Levels,
    Request,
    StandIn,
    levels_for,
    stands_in_for,
    why_not,
)
from kept.core.events import ChainKind, canonical_json
from kept.store.events import append_event
from kept.store.models import Approval, ApprovalPolicy, Case, Decision, Delegation, User
from kept.store.visibility import visible_rows
from kept.work.actors import actor_of
from kept.work.approvable import Approvable, Command, Subject, approvable
from kept.work.changes import not_there
from kept.work.permissions import Permission, holds, require
from kept.work.refusals import NotAllowed, Refusal, refuse

__all__ = [
    "NeedsApproval",
    "Settled",
    "bands_of",
    "denial_text",
    "do_decide_approval",
    "do_expire_approvals",
    "do_request_approval",
    "do_withdraw_approval",
    "expire_requests",
    "refuse_unapproved",
    "request_of",
    "roles_on",
    "stand_ins",
]


class NeedsApproval(Refusal):
    """The command needs a second person: ask with `do_request_approval`, kind and command."""

    def __init__(self, kind: str, command: Command) -> None:
        super().__init__(_("This needs the approval of a second person: ask for it."))
        self.kind = kind
        self.command = command


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a request stands after a decision; `result` is what the command answered."""

    approval_id: int
    state: str
    result: Mapping[str, Any]


def refuse_unapproved(*, actor: Actor, kind: str, command: Command, subject: Subject) -> None:
    """Raise `NeedsApproval` where a policy asks for a second person. Jobs run approved code."""
    if actor.kind is ActorKind.JOB:
        return
    if _levels(_known(kind), subject):
        raise NeedsApproval(kind, command)


def _known(kind: str) -> Approvable:
    found = approvable(kind)
    if found is None:
        raise Refusal(_("Nothing of this kind is approved here: %(kind)s.") % {"kind": kind})
    return found


def _levels(command: Approvable, subject: Subject) -> Levels:
    """By the noun's own policy, else the creditor's, else that of the house, else as it comes."""
    if subject.levels is not None:
        return subject.levels
    rows = ApprovalPolicy.objects.filter(kind=command.kind)
    own = rows.filter(creditor_id=subject.creditor_id) if subject.creditor_id else rows.none()
    found = bands_of(own) or bands_of(rows.filter(creditor_id__isnull=True))
    return levels_for(found, subject.amount_minor, subject.currency, command.levels)


def bands_of(rows: Any) -> list[Band]:
    """Stored rows as bands; level 0 stands for a band without levels."""
    grouped: dict[tuple[str, int | None], dict[int, set[Role]]] = {}
    columns = ("currency", "up_to_minor", "level", "role")
    for currency, up_to_minor, level, role in rows.values_list(*columns):
        levels = grouped.setdefault((currency, up_to_minor), {})
        if level:
            levels.setdefault(level, set()).add(Role(role))
    return [
        Band(tuple(frozenset(levels[n]) for n in sorted(levels)), up_to_minor, currency)
        for (currency, up_to_minor), levels in grouped.items()
    ]


class _TakenBack(Exception):
    """Ends the try of a command, so that its transaction is rolled back."""


@transaction.atomic
def do_request_approval(
    *, actor: Actor, kind: str, command: Command, reason: str, now: datetime
) -> Approval:
    """Ask for a command to be carried out. It is tried first, so that nobody decides in vain.

    The same command that waits already is answered with the request that waits.
    """
    known = _known(kind)
    subject = known.describe(actor, command, now)
    if not reason.strip():
        refuse({"reason": _("Say why.")})
    levels = _levels(known, subject)
    if not levels:
        raise Refusal(_("This needs no approval: do it at once."))
    digest = _hash(kind, command)
    waiting = Approval.objects.filter(kind=kind, command_hash=digest, state="open")
    found = waiting.select_for_update().first()
    if found is not None and found.expires_at > now:
        return found
    if found is not None:
        _settle(found, ApprovalState.EXPIRED, actor, now)
    _try(known, actor, command, now)
    row = Approval(
        kind=kind,
        creditor_id=subject.creditor_id,
        case_id=subject.case_id,
        subject=subject.subject,
        amount_minor=subject.amount_minor,
        currency=subject.currency,
        command=dict(command),
        command_hash=digest,
        levels=[sorted(level) for level in levels],
        reason=reason.strip(),
        requested_by_id=actor.person_id,
        requester=actor.name,
        requested_at=now,
        expires_at=now + known.lasts,
        result={"details": dict(subject.details)},
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # asked for in two sessions at once: the other was first
        return waiting.get()
    _tell(actor, "approval.request", row, now, levels=row.levels)
    return row


def _try(known: Approvable, actor: Actor, command: Command, now: datetime) -> None:
    try:
        with transaction.atomic():
            known.run(actor, command, now, None)
            raise _TakenBack
    except _TakenBack:
        pass


def _hash(kind: str, command: Command) -> bytes:
    return hashlib.sha256(canonical_json({"kind": kind, "command": command}).encode()).digest()


@transaction.atomic
def do_decide_approval(
    *,
    actor: Actor,
    approval_id: int,
    answer: bool,
    reason: str = "",
    on_behalf_of: int | None = None,
    now: datetime,
) -> Settled:
    """Say yes or no at the level that is due; a no says why, and settles the request.

    Whoever may decide in their own right does so; `on_behalf_of` names whom they stand in for. The
    final yes carries the command out as the requester, with the roles that they have by now.
    """
    voice = _voice(actor, on_behalf_of, now)
    row = _locked(actor, voice, approval_id)
    before = _same_decision(row, actor, answer, on_behalf_of)
    if before is not None:
        return before
    _refuse_denied(row, actor, voice, on_behalf_of, now)
    if not answer and not reason.strip():
        refuse({"reason": _("Say why not.")})
    level = row.decisions.count() + 1
    Decision.objects.create(
        approval=row,
        level=level,
        user_id=actor.id,
        on_behalf_of_id=on_behalf_of,
        answer=answer,
        reason=reason.strip(),
        decided_at=now,
    )
    more = {} if on_behalf_of is None else {"on_behalf_of": on_behalf_of}
    _tell(actor, f"approval.{'accept' if answer else 'refuse'}", row, now, level=level, **more)
    if not answer:
        _settle(row, ApprovalState.REFUSED, actor, now, tells=False)
    elif level == len(row.levels):
        _carry_out(row, actor, now)
    return Settled(row.pk, row.state, row.result)


def _voice(actor: Actor, on_behalf_of: int | None, now: datetime) -> Actor:
    """With whose roles the actor speaks: their own, or those of whom they stand in for."""
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(_("Only a person decides."))
    if on_behalf_of is None:
        require(actor, Permission.APPROVAL_DECIDE)
        return actor
    if on_behalf_of not in stand_ins(actor, now):
        raise NotAllowed(_("You do not decide for this person today."))
    return actor_of(User.objects.get(pk=on_behalf_of), now=now)


def _locked(actor: Actor, voice: Actor, approval_id: int) -> Approval:
    """The request, locked. Where they neither decide nor asked, it is not there for them."""
    row = Approval.objects.select_for_update(of=("self",)).filter(pk=approval_id).first()
    if row is None:
        raise not_there()
    if row.requested_by_id != actor.person_id and not roles_on(row, voice):
        raise not_there()
    return row


def stand_ins(actor: Actor, now: datetime) -> frozenset[int]:
    """For whom the person decides today, by the house's calendar."""
    if actor.kind is not ActorKind.PERSON:
        return frozenset()
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    rows = Delegation.objects.filter(to_user_id=actor.id, ended_at__isnull=True)
    columns = ("from_user_id", "to_user_id", "first_day", "last_day")
    return stands_in_for([StandIn(*row) for row in rows.values_list(*columns)], actor.id, today)


def roles_on(row: Approval, actor: Actor) -> frozenset[Role]:
    """The roles by which an actor decides on what this request is about.

    A timed access decides nothing: what it lets in is staff of the house.
    """
    known = approvable(row.kind)
    by_name = known is not None and known.needs_creditors_side
    return frozenset(
        grant.role
        for grant in actor.grants
        if grant.role is not None
        and grant.access_id is None
        and holds(grant, Permission.APPROVAL_DECIDE)
        and (grant.names_creditor or not by_name)
        and _holds_on(grant, row)
    )


def _holds_on(grant: Grant, row: Approval) -> bool:
    """Whether the grant reaches what the request is about: the house, a creditor, or the case."""
    if row.creditor_id is None:
        return grant.is_of_house
    within = Reach((grant.scope,))
    if row.case_id is None or within.reaches_creditor(row.creditor_id):
        return within.reaches_creditor(row.creditor_id)
    return visible_rows(Case, within).filter(pk=row.case_id).exists()


def request_of(row: Approval, now: datetime) -> Request:
    given = sorted(row.decisions.all(), key=lambda decision: decision.level)
    return Request(
        levels=tuple(frozenset(Role(role) for role in level) for level in row.levels),
        requester=row.requested_by_id,
        given=tuple(Given(each.user_id, each.on_behalf_of_id) for each in given),
        is_expired=row.expires_at <= now,
    )


def _same_decision(
    row: Approval, actor: Actor, answer: bool, on_behalf_of: int | None
) -> Settled | None:
    """The same answer again, from another session of the same person, changes nothing."""
    found = row.decisions.filter(
        user_id=actor.id, answer=answer, on_behalf_of_id=on_behalf_of
    ).first()
    return None if found is None else Settled(row.pk, row.state, row.result)


def _refuse_denied(
    row: Approval, actor: Actor, voice: Actor, on_behalf_of: int | None, now: datetime
) -> None:
    if row.state != ApprovalState.OPEN:
        raise Refusal(denial_text(Denial.SETTLED))
    denial = why_not(request_of(row, now), actor.id, on_behalf_of, roles_on(row, voice))
    if denial is not None:
        raise NotAllowed(denial_text(denial))


def denial_text(denial: Denial) -> str:
    return {
        Denial.EXPIRED: _("This request has run out: it has to be made anew."),
        Denial.SETTLED: _("This request is settled already."),
        Denial.OWN_REQUEST: _("You asked for this yourself: somebody else decides."),
        Denial.DECIDED_BEFORE: _("You decided in this request before: somebody else goes on."),
        Denial.WRONG_ROLE: _("The level that is due is decided by another role."),
    }[denial]


def _carry_out(row: Approval, actor: Actor, now: datetime) -> None:
    known = _known(row.kind)
    if _hash(row.kind, row.command) != bytes(row.command_hash):
        raise Refusal(_("The request was altered after it was made: refuse it."))
    requester = _requester(row, now)
    result = known.run(requester, row.command, now, row.pk)
    row.result = {**row.result, **result}
    _settle(row, ApprovalState.APPROVED, actor, now)


def _requester(row: Approval, now: datetime) -> Actor:
    """Who asked, with the roles of now: somebody who lost theirs is not served."""
    if row.requested_by is None:
        raise Refusal(_("Nobody asked for this: refuse the request."))
    return actor_of(row.requested_by, now=now)


def _settle(
    row: Approval, state: ApprovalState, actor: Actor, now: datetime, *, tells: bool = True
) -> None:
    row.state, row.settled_at = state.value, now
    row.save(update_fields=["state", "settled_at", "result"])
    if tells:
        _tell(actor, f"approval.{_DONE[state]}", row, now)
    known = approvable(row.kind)
    if state is not ApprovalState.APPROVED and known is not None and known.ended is not None:
        known.ended(actor, row.command, state, now)


_DONE = {
    ApprovalState.APPROVED: "carry_out",
    ApprovalState.WITHDRAWN: "withdraw",
    ApprovalState.EXPIRED: "expire",
}


@transaction.atomic
def do_withdraw_approval(*, actor: Actor, approval_id: int, now: datetime) -> None:
    """Whoever asked takes it back while nobody has settled it; twice is once."""
    row = Approval.objects.select_for_update(of=("self",)).filter(pk=approval_id).first()
    if row is None or actor.person_id is None or row.requested_by_id != actor.person_id:
        raise not_there()
    if row.state == ApprovalState.WITHDRAWN:
        return
    if row.state != ApprovalState.OPEN:
        raise Refusal(_("This request is settled already."))
    _settle(row, ApprovalState.WITHDRAWN, actor, now)


def do_expire_approvals(*, actor: Actor, now: datetime) -> int:
    """Settle what has run out, with an event each; returns how many. For the sweep of a job."""
    if actor.kind is not ActorKind.JOB:
        raise NotAllowed(_("Only a job of kept does this."))
    with transaction.atomic():
        rows = Approval.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state="open", expires_at__lte=now
        )
        found = list(rows.order_by("id"))
        for row in found:
            _settle(row, ApprovalState.EXPIRED, actor, now)
    return len(found)


def expire_requests(actor: Actor, approval_ids: Sequence[int], now: datetime) -> None:
    """Settle requests that cannot be decided any more; in the transaction of what made it so."""
    rows = Approval.objects.select_for_update(of=("self",)).filter(pk__in=approval_ids)
    for row in rows.filter(state=ApprovalState.OPEN).order_by("id"):
        _settle(row, ApprovalState.EXPIRED, actor, now)


def _tell(actor: Actor, action: str, row: Approval, now: datetime, **more: object) -> None:
    """On the chain of the case that it is about, or else of the house."""
    append_event(
        actor=actor,
        action=action,
        subject=f"approval:{row.pk}",
        body={"kind": row.kind, "about": row.subject, **more},
        now=now,
        chain=ChainKind.HOUSE if row.case_id is None else ChainKind.CASE,
        chain_id=row.case_id or 0,
    )
