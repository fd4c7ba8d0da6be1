"""Timed access of the house's staff to one creditor's data: asked for, granted, used, ended.

Where a creditor is closed to staff, roles for all creditors do not hold there. Staff ask for a
role, for some hours, with a reason; somebody on the creditor's side decides (docs/decisions/0013).
The access ends by itself; which cases were opened by it is written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind, Reach, Role
from kept.core.events import ChainKind
from kept.store.events import append_event
from kept.store.models import Approval, Case, Creditor, StaffAccess, StaffAccessUse
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.changes import not_there
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import NotAllowed, refuse

__all__ = [
    "ACCESS_ROLES",
    "HOURS_MOST",
    "AccessView",
    "access_command",
    "do_close_ended_accesses",
    "do_end_access",
    "list_accesses",
    "list_creditors_to_access",
    "note_use",
]

#: As what staff may look in: roles that read and control, none that decides or administers.
ACCESS_ROLES: Final = (
    Role.AUDITOR,
    Role.QUALITY_REVIEWER,
    Role.COMPLIANCE_OFFICER,
    Role.TEAM_LEAD,
    Role.DATA_SCIENTIST,
)
HOURS_MOST: Final = 24
LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class AccessView:
    """`cases` are those that were opened by it, with the instant of the first time."""

    access_id: int
    username: str
    creditor_code: str
    creditor_name: str
    role: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    is_running: bool
    is_mine: bool
    cases: tuple[tuple[int, datetime], ...]


def access_command(creditor_id: int, role: Role, hours: int) -> Command:
    """The command of a request of the kind `staff_access`."""
    return {"creditor_id": creditor_id, "role": Role(role).value, "hours": hours}


def list_creditors_to_access(*, actor: Actor) -> tuple[tuple[int, str, str], ...]:
    """(id, code, name) of the creditors that staff may ask for: those closed to them."""
    require_house(actor, Permission.ACCESS_REQUEST)
    rows = Creditor.objects.filter(needs_access=True).order_by("code")
    return tuple(rows.values_list("pk", "code", "name"))


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    require_house(actor, Permission.ACCESS_REQUEST)
    if actor.kind is not ActorKind.PERSON:
        raise NotAllowed(_("Only a person asks for access."))
    creditor = Creditor.objects.filter(pk=command["creditor_id"], needs_access=True).first()
    if creditor is None:
        raise not_there()
    faults = {}
    if command["role"] not in set(ACCESS_ROLES):
        faults["role"] = _("Choose one of: %s.") % ", ".join(ACCESS_ROLES)
    if not 1 <= command["hours"] <= HOURS_MOST:
        faults["hours"] = _("From 1 to %(most)s hours.") % {"most": HOURS_MOST}
    refuse(faults)
    return Subject(
        subject=f"creditor:{creditor.pk}",
        creditor_id=creditor.pk,
        details={"role": command["role"], "hours": command["hours"]},
    )


def _run(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> Mapping[str, int]:
    """The access begins with the final yes."""
    _describe(actor, command, now)
    asked = Approval.objects.filter(pk=approval_id or 0).first()
    row = StaffAccess.objects.create(
        user_id=actor.id,
        creditor_id=command["creditor_id"],
        role=command["role"],
        reason=asked.reason[:500] if asked else "",
        approval=asked,
        starts_at=now,
        ends_at=now + timedelta(hours=command["hours"]),
    )
    # Not why: what somebody typed stays in the rows, where erasing reaches it.
    _tell(actor, "access.start", row, now, approval=approval_id)
    return {"access_id": row.pk}


register(
    Approvable(
        "staff_access",
        (frozenset({Role.APPROVER, Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.ADMINISTRATOR}),),
        _describe,
        _run,
        lasts=timedelta(days=1),
        needs_creditors_side=True,
        never_alone=True,
    )
)


def note_use(actor: Actor, within: Reach, case: Case, now: datetime) -> None:
    """Write down that a case is opened by an access alone: the first time, on the case's chain."""
    access_id = dict(within.accesses).get(case.creditor_id)
    if access_id is None:
        return
    with transaction.atomic():
        _row, is_new = StaffAccessUse.objects.get_or_create(
            access_id=access_id, case=case, defaults={"used_at": now}
        )
        if is_new:
            append_event(
                actor=actor,
                action="access.use",
                subject=f"access:{access_id}",
                body={},
                now=now,
                chain=ChainKind.CASE,
                chain_id=case.pk,
            )


@transaction.atomic
def do_end_access(*, actor: Actor, access_id: int, now: datetime) -> None:
    """End an access before its time: whoever has it, or the creditor's side. Twice is once."""
    row = StaffAccess.objects.select_for_update().filter(pk=access_id).first()
    if row is None or not _may_end(actor, row):
        raise not_there()
    if row.closed_at is None:
        _close(actor, row, min(now, row.ends_at), now)


def _may_end(actor: Actor, row: StaffAccess) -> bool:
    if actor.kind is ActorKind.PERSON and row.user_id == actor.id:
        return True
    return any(
        grant.names_creditor
        and grant.role in (Role.MANAGER, Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER)
        and row.creditor_id in (grant.scope.creditor_ids or ())
        for grant in actor.grants
    )


def _close(actor: Actor, row: StaffAccess, ended_at: datetime, now: datetime) -> None:
    row.ends_at = max(ended_at, row.starts_at + _LEAST)
    row.closed_at, row.closed_by = now, actor.name
    row.save(update_fields=["ends_at", "closed_at", "closed_by"])
    cases = row.uses.count()
    _tell(actor, "access.end", row, now, ended_at=row.ends_at.isoformat(), cases=cases)


_LEAST = timedelta(microseconds=1)


def do_close_ended_accesses(*, actor: Actor, now: datetime) -> int:
    """Write down the end of accesses that ran out; returns how many. For the sweep of a job.

    An access holds by its times alone: nothing is open longer when the sweep is late.
    """
    if actor.kind is not ActorKind.JOB:
        raise NotAllowed(_("Only a job of kept does this."))
    with transaction.atomic():
        rows = StaffAccess.objects.select_for_update(skip_locked=True).filter(
            closed_at__isnull=True, ends_at__lte=now
        )
        found = list(rows.order_by("pk"))
        for row in found:
            _close(actor, row, row.ends_at, now)
    return len(found)


def list_accesses(*, actor: Actor, now: datetime) -> tuple[AccessView, ...]:
    """Who of the staff has or had access, and what for: one's own, and those of one's creditors."""
    within = require(actor, Permission.ACCESS_READ)
    rows = visible_rows(StaffAccess, within)
    if actor.kind is ActorKind.PERSON:
        rows = rows | StaffAccess.objects.filter(user_id=actor.id)
    found = rows.select_related("user", "creditor").prefetch_related("uses").order_by("-pk")
    return tuple(_view(row, actor, now) for row in found[:LISTED])


def _view(row: StaffAccess, actor: Actor, now: datetime) -> AccessView:
    uses = sorted(row.uses.all(), key=lambda use: use.used_at)
    return AccessView(
        access_id=row.pk,
        username=row.user.get_username(),
        creditor_code=row.creditor.code,
        creditor_name=row.creditor.name,
        role=row.role,
        reason=row.reason,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_running=row.closed_at is None and row.starts_at <= now < row.ends_at,
        is_mine=actor.kind is ActorKind.PERSON and row.user_id == actor.id,
        cases=tuple((use.case_id, use.used_at) for use in uses),
    )


def _tell(actor: Actor, action: str, row: StaffAccess, now: datetime, **more: object) -> None:
    append_event(
        actor=actor,
        action=action,
        subject=f"access:{row.pk}",
        body={"creditor": row.creditor_id, "user": row.user_id, "role": row.role, **more},
        now=now,
    )
