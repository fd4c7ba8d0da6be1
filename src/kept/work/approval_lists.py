"""Reading approvals: what waits for the actor, what they asked for, and what became of it.

Deciding is in `work/approvals.py`. What an actor may neither decide nor read is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from kept.core.actors import Actor, ActorKind
from kept.core.approvals import ApprovalState, next_level, why_not
from kept.store.models import Approval, Case, User
from kept.store.visibility import visible_rows
from kept.work.actors import actor_of
from kept.work.approvals import request_of, roles_on, stand_ins
from kept.work.permissions import Permission, may, reach

__all__ = [
    "ApprovalPage",
    "ApprovalView",
    "DecisionView",
    "Which",
    "count_to_decide",
    "get_approval",
    "list_approvals",
]

PAGE = 30
#: No more open requests than this are looked through for one person.
LOOKED_AT = 500


class Which(StrEnum):
    TO_DECIDE = "to_decide"
    ASKED = "asked"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class DecisionView:
    level: int
    by: str
    on_behalf_of: str
    answer: bool
    reason: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """`voices` are (person's id or None for oneself, name) with whose roles the actor may decide.

    `level` is the one that is due, None once settled; `case_id` only where the actor may open it.
    """

    approval_id: int
    kind: str
    subject: str
    creditor_name: str
    case_id: int | None
    amount_minor: int | None
    currency: str
    details: Mapping[str, Any]
    reason: str
    requester: str
    requested_at: datetime
    expires_at: datetime
    state: str
    settled_at: datetime | None
    level: int | None
    levels: tuple[tuple[str, ...], ...]
    decisions: tuple[DecisionView, ...]
    voices: tuple[tuple[int | None, str], ...]
    is_mine: bool


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    approvals: tuple[ApprovalView, ...]
    next_cursor: str | None


def list_approvals(
    *,
    actor: Actor,
    which: Which = Which.TO_DECIDE,
    cursor: str = "",
    now: datetime,
    limit: int = PAGE,
) -> ApprovalPage:
    """A page of requests. What waits is in order of its end, what was, newest first."""
    if which is Which.TO_DECIDE:
        return ApprovalPage(_to_decide(actor, now)[:limit], None)
    rows = _asked(actor) if which is Which.ASKED else _readable(actor)
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    voices = _voices(actor, now)
    return ApprovalPage(
        _views(shown, actor, voices, now), str(shown[-1].pk) if len(found) > limit else None
    )


def count_to_decide(*, actor: Actor, now: datetime) -> int:
    """How many requests wait for the actor."""
    return len(_to_decide(actor, now))


def get_approval(*, actor: Actor, approval_id: int, now: datetime) -> ApprovalView | None:
    """One request, for who decides it, asked for it, or reads those of its creditor."""
    row = _with_relations(Approval.objects.filter(pk=approval_id)).first()
    if row is None:
        return None
    voices = _voices(actor, now)
    (view,) = _views([row], actor, voices, now)
    reads = _readable(actor).filter(pk=row.pk).exists()
    decides = any(roles_on(row, voice) for _id, _name, voice in voices)
    return view if view.is_mine or reads or decides else None


Voices = Sequence[tuple[int | None, str, Actor]]


def _voices(actor: Actor, now: datetime) -> Voices:
    """The actor's own voice, then those of whom they stand in for today."""
    if actor.kind is not ActorKind.PERSON:
        return []
    own: list[tuple[int | None, str, Actor]] = []
    if may(actor, Permission.APPROVAL_DECIDE):
        own.append((None, actor.name, actor))
    away = User.objects.filter(pk__in=stand_ins(actor, now)).order_by("username")
    return [*own, *((user.pk, user.get_username(), actor_of(user, now=now)) for user in away)]


def _with_relations(rows: QuerySet[Approval]) -> QuerySet[Approval]:
    people = ("decisions__user", "decisions__on_behalf_of")
    return rows.select_related("creditor").prefetch_related("decisions", *people)


def _to_decide(actor: Actor, now: datetime) -> tuple[ApprovalView, ...]:
    voices = _voices(actor, now)
    if not voices:
        return ()
    waiting = Approval.objects.filter(state=ApprovalState.OPEN, expires_at__gt=now)
    rows = _with_relations(waiting.exclude(requested_by_id=actor.id))
    creditors = [reach(voice, Permission.APPROVAL_DECIDE).creditor_ids for *_x, voice in voices]
    if None not in creditors:
        known = set[int]().union(*(ids for ids in creditors if ids is not None))
        rows = rows.filter(Q(creditor_id__in=known) | Q(creditor__isnull=True))
    views = _views(list(rows.order_by("expires_at", "pk")[:LOOKED_AT]), actor, voices, now)
    return tuple(view for view in views if view.voices)


def _asked(actor: Actor) -> QuerySet[Approval]:
    rows = Approval.objects.filter(requested_by_id=actor.person_id or 0)
    return _with_relations(rows)


def _readable(actor: Actor) -> QuerySet[Approval]:
    within = reach(actor, Permission.APPROVAL_READ)
    rows = visible_rows(Approval, within)
    return _with_relations(rows)


def _views(
    rows: Sequence[Approval], actor: Actor, voices: Voices, now: datetime
) -> tuple[ApprovalView, ...]:
    cases = [row.case_id for row in rows if row.case_id is not None]
    within = reach(actor, Permission.CASE_READ)
    seen = set(visible_rows(Case, within).filter(pk__in=cases).values_list("pk", flat=True))
    return tuple(_view(row, actor, voices, seen, now) for row in rows)


def _view(
    row: Approval, actor: Actor, voices: Voices, cases: set[int], now: datetime
) -> ApprovalView:
    is_open = row.state == ApprovalState.OPEN
    request = request_of(row, now)
    decisions = sorted(row.decisions.all(), key=lambda decision: decision.level)
    return ApprovalView(
        approval_id=row.pk,
        kind=row.kind,
        subject=row.subject,
        creditor_name=row.creditor.name if row.creditor else "",
        case_id=row.case_id if row.case_id in cases else None,
        amount_minor=row.amount_minor,
        currency=row.currency,
        details=row.result.get("details", {}),
        reason=row.reason,
        requester=row.requester,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        state=ApprovalState.EXPIRED if is_open and request.is_expired else row.state,
        settled_at=row.settled_at,
        level=next_level(request) if is_open else None,
        levels=tuple(tuple(level) for level in row.levels),
        decisions=tuple(
            DecisionView(
                each.level,
                each.user.get_username(),
                each.on_behalf_of.get_username() if each.on_behalf_of else "",
                each.answer,
                each.reason,
                each.decided_at,
            )
            for each in decisions
        ),
        voices=tuple(
            (person, name)
            for person, name, voice in voices
            if is_open and why_not(request, actor.id, person, roles_on(row, voice)) is None
        ),
        is_mine=actor.person_id is not None and row.requested_by_id == actor.person_id,
    )
