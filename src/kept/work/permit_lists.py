"""Reading permits: those that are open or lack an outcome, what was refused, and in which words.

Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kept.core.actors import Actor
from kept.core.permits import PermitState
from kept.store.models import Permit, PermitRefusal, PresumptionRelease
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["list_open_permits", "list_overdue_permits", "list_refusals", "list_waiting_refusals"]


def list_open_permits(actor: Actor, *, case_id: int, now: datetime) -> list[Permit]:
    """The permits of a case that count at their worst now: reserved ones, and used ones."""
    within = require(actor, Permission.PERMIT_READ)
    rows = visible_rows(Permit, within).filter(case_id=case_id)
    reserved = rows.filter(state=PermitState.RESERVED, expires_at__gt=now)
    used = rows.filter(state=PermitState.USED)
    return sorted([*reserved, *used], key=lambda permit: permit.issued_at)


def list_overdue_permits(actor: Actor, *, limit: int = 50) -> list[Permit]:
    """Attempts of which nobody has said what came of them, the oldest first."""
    within = require(actor, Permission.PERMIT_READ)
    rows = visible_rows(Permit, within).filter(state=PermitState.USED, overdue_at__isnull=False)
    return list(rows.select_related("case", "debtor").order_by("used_at", "id")[:limit])


def list_refusals(
    actor: Actor,
    *,
    case_id: int | None = None,
    outcomes: Sequence[str] = (),
    since: datetime | None = None,
    limit: int = 50,
) -> list[PermitRefusal]:
    """What was asked for and not permitted, the newest first.

    `outcomes` narrows to `deny`, `require` or `hold`: the last are those that a release can lift.
    """
    within = require(actor, Permission.PERMIT_READ)
    rows = visible_rows(PermitRefusal, within)
    if case_id is not None:
        rows = rows.filter(case_id=case_id)
    if outcomes:
        rows = rows.filter(outcome__in=outcomes)
    if since is not None:
        rows = rows.filter(asked_at__gte=since)
    return list(rows.select_related("case", "case__debtor").order_by("-asked_at", "-id")[:limit])


def list_waiting_refusals(actor: Actor, *, limit: int = 50) -> list[PermitRefusal]:
    """Refused by presumption alone, and since then nobody has released it, the newest first."""
    found = list_refusals(actor, outcomes=("hold",), limit=limit)
    released = PresumptionRelease.objects.filter(case_id__in={row.case_id for row in found})
    last: dict[tuple[int, str, int | None], datetime] = {}
    for row in released.order_by("released_at"):
        last[row.case_id, row.channel, row.related_person_id] = row.released_at
    return [row for row in found if not _is_released(row, last)]


def _is_released(row: PermitRefusal, last: Mapping[tuple[int, str, int | None], datetime]) -> bool:
    moment = last.get((row.case_id, row.channel, row.related_person_id))
    return moment is not None and moment >= row.asked_at
