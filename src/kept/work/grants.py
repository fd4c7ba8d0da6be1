"""Granting and revoking roles: to whom, within which limits, from when to when, and why.

An administrator of the whole house grants any role; an administrator of one creditor grants roles
at that creditor only. A further administrator needs a second person (docs/decisions/0012).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach, Role
from kept.store.events import append_event
from kept.store.models import RoleGrant, User
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.changes import not_there, plain, row_to_change
from kept.work.limits import Limits, known_limits, valid_at
from kept.work.permissions import Permission, may_house, require, require_house
from kept.work.refusals import Refusal, refuse

__all__ = ["do_grant_role", "do_revoke_role"]

_LIMITS = ("creditor_id", "product_id", "team_id", "agency_id")


@transaction.atomic
def do_grant_role(
    *,
    actor: Actor,
    user_id: int,
    role: Role,
    creditor_id: int | None = None,
    product_id: int | None = None,
    team_id: int | None = None,
    agency_id: int | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    may_pick: bool = False,
    reason: str = "",
    now: datetime,
) -> RoleGrant:
    """Grant a role within limits, or for all there is; the same again changes its dates.

    `may_pick`: who works cases may do so in any order.

    Raises `NeedsApproval` for the role of administrator where there is one already.
    """
    limits = Limits(creditor_id, product_id, team_id, agency_id, valid_from, valid_until)
    within = _within(actor, limits)
    user = row_to_change(User, user_id)
    columns = {**known_limits(within, limits, now), "may_pick": may_pick}
    _refuse_unfit(role, limits)
    if role is Role.ADMINISTRATOR and _has_administrator(columns["creditor_id"], now):
        command = _command(user_id, limits, reason)
        subject = _subject(user, columns)
        refuse_unapproved(actor=actor, kind="administrator", command=command, subject=subject)
    return _grant(actor, user, role, columns, reason, now)


def _grant(
    actor: Actor,
    user: User,
    role: Role,
    columns: Mapping[str, object],
    reason: str,
    now: datetime,
    **more: object,
) -> RoleGrant:
    grant = RoleGrant.objects.filter(
        user=user, role=role.value, **{name: columns[name] for name in _LIMITS}
    ).first()
    if grant is None:
        grant = RoleGrant(user=user, role=role.value)
    elif not _changes(grant, columns):
        return grant
    for name, value in columns.items():
        setattr(grant, name, value)
    grant.granted_at, grant.granted_by, grant.reason = now, actor.name, reason.strip()
    grant.save()
    _tell(actor, "user.grant_role", grant, now, **more)
    return grant


def _within(actor: Actor, limits: Limits) -> Reach:
    """Whoever is limited themselves grants at their own creditors, named one by one."""
    if limits.creditor_id is None and limits.product_id is None:
        return require_house(actor, Permission.USER_CHANGE)
    return require(actor, Permission.USER_CHANGE)


def _refuse_unfit(role: Role, limits: Limits) -> None:
    if role is Role.AGENCY_USER and limits.agency_id is None:
        refuse({"agency": _("Say which agency this person works for.")})


def _changes(grant: RoleGrant, columns: Mapping[str, object]) -> bool:
    return any(getattr(grant, name) != value for name, value in columns.items())


@transaction.atomic
def do_revoke_role(*, actor: Actor, grant_id: int, now: datetime) -> None:
    """Take a grant back. Nobody revokes their own administrator's role: somebody must remain."""
    within = require(actor, Permission.USER_CHANGE)
    grant = RoleGrant.objects.select_for_update().filter(pk=grant_id).first()
    if grant is None or not _is_within(actor, within, grant):
        raise not_there()
    if grant.user_id == actor.person_id and grant.role == Role.ADMINISTRATOR:
        raise Refusal(_("You cannot revoke your own role of administrator; ask another one."))
    _tell(actor, "user.revoke_role", grant, now)
    grant.delete()


def _is_within(actor: Actor, within: Reach, grant: RoleGrant) -> bool:
    if grant.creditor_id is None:
        return may_house(actor, Permission.USER_CHANGE)
    return within.reaches_creditor(grant.creditor_id)


def _has_administrator(creditor_id: Any, now: datetime) -> bool:
    """Whether somebody administers the house, or this creditor, already."""
    held = RoleGrant.objects.filter(
        valid_at(now), role=Role.ADMINISTRATOR.value, user__is_active=True
    )
    wide = held.filter(creditor_id__isnull=True)
    own = held.filter(creditor_id=creditor_id) if creditor_id is not None else held.none()
    return wide.exists() or own.exists()


def _command(user_id: int, limits: Limits, reason: str) -> Command:
    found = {name: value for name, value in asdict(limits).items() if value is not None}
    return {"user_id": user_id, **plain(found), "reason": reason}


def _read(command: Command) -> tuple[int, Limits, str]:
    given = dict(command)
    user_id, reason = given.pop("user_id"), given.pop("reason")
    for name in ("valid_from", "valid_until"):
        if name in given:
            given[name] = datetime.fromisoformat(given[name])
    return user_id, Limits(**given), reason


def _subject(user: User, columns: Mapping[str, Any]) -> Subject:
    return Subject(
        subject=f"user:{user.pk}",
        creditor_id=columns["creditor_id"],
        details={"user": user.get_username()},
    )


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    user_id, limits, _reason = _read(command)
    columns = known_limits(_within(actor, limits), limits, now)
    return _subject(row_to_change(User, user_id), columns)


def _run(actor: Actor, command: Command, now: datetime, approval_id: int | None) -> dict[str, int]:
    user_id, limits, reason = _read(command)
    columns = known_limits(_within(actor, limits), limits, now)
    user = row_to_change(User, user_id)
    grant = _grant(actor, user, Role.ADMINISTRATOR, columns, reason, now, approval=approval_id)
    return {"grant_id": grant.pk}


register(
    Approvable(
        "administrator",
        (frozenset({Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER}),),
        _describe,
        _run,
        never_alone=True,
    )
)


def _tell(actor: Actor, action: str, grant: RoleGrant, now: datetime, **more: object) -> None:
    columns: dict[str, Any] = {
        name: getattr(grant, name)
        for name in (*_LIMITS, "valid_from", "valid_until")
        if getattr(grant, name) is not None
    }
    append_event(
        actor=actor,
        action=action,
        subject=f"user:{grant.user_id}",
        body={"role": grant.role, **plain(columns), "reason": grant.reason, **more},
        now=now,
    )
