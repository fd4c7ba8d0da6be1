"""Who decides what, up to which amount: the policies of approvals. Changing one needs approval.

A policy is all bands of one kind, for one creditor or for all that have none of their own. Where
there is none, the levels that the command comes with hold (work/approvable.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Role
from kept.core.approvals import Band, bands_fault
from kept.store.events import append_event
from kept.store.models import ApprovalPolicy
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, approvable, register
from kept.work.approvals import bands_of, refuse_unapproved
from kept.work.changes import creditor_to_change
from kept.work.creditors import currency_error
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import refuse

__all__ = ["PolicyView", "do_set_policy", "list_policies", "policy_command"]

LEVELS_MOST = 5


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One band: up to an amount (None: any), by level the roles that decide."""

    kind: str
    creditor_code: str
    currency: str
    up_to_minor: int | None
    levels: tuple[tuple[str, ...], ...]


def policy_command(kind: str, creditor_id: int | None, bands: Sequence[Band]) -> Command:
    """What `do_set_policy` was asked to do, as a request for approval stores it."""
    return {
        "kind": kind,
        "creditor_id": creditor_id,
        "bands": [
            {
                "currency": band.currency,
                "up_to_minor": band.up_to_minor,
                "levels": [sorted(level) for level in band.levels],
            }
            for band in bands
        ],
    }


@transaction.atomic
def do_set_policy(
    *,
    actor: Actor,
    kind: str,
    bands: Sequence[Band],
    creditor_id: int | None = None,
    now: datetime,
) -> None:
    """Put these bands in place of a policy; none takes it away. Requests that wait keep theirs.

    Raises `NeedsApproval`: whoever could weaken a policy alone would need no second person.
    """
    _refuse_unfit(actor, kind, bands, creditor_id)
    command = policy_command(kind, creditor_id, bands)
    subject = _subject(kind, creditor_id, bands)
    refuse_unapproved(actor=actor, kind="approval_policy", command=command, subject=subject)
    _set(actor, kind, bands, creditor_id, now)


def _refuse_unfit(actor: Actor, kind: str, bands: Sequence[Band], creditor_id: int | None) -> None:
    if creditor_id is None:
        require_house(actor, Permission.APPROVAL_CHANGE_POLICY)
    else:
        creditor_to_change(require(actor, Permission.APPROVAL_CHANGE_POLICY), creditor_id)
    faults = {}
    known = approvable(kind)
    if known is None:
        faults["kind"] = _("Nothing of this kind is approved here: %(kind)s.") % {"kind": kind}
    for band in bands:
        wrong = _band_error(band)
        if wrong is not None:
            faults["bands"] = wrong
    if known is not None and known.never_alone and not all(band.levels for band in bands):
        faults["bands"] = _("This always needs a second person.")
    fault = bands_fault(bands)
    if fault is not None:
        faults["bands"] = {
            "twice": _("The same amount stands here twice."),
            "falls": _("A greater amount needs at least as many levels as a smaller one."),
        }[fault]
    refuse(faults)


def _band_error(band: Band) -> str | None:
    if band.currency and currency_error(band.currency):
        return currency_error(band.currency)
    if band.up_to_minor is not None and (band.up_to_minor <= 0 or not band.currency):
        return _("An amount is positive and has a currency.")
    if len(band.levels) > LEVELS_MOST or not all(band.levels):
        return _("Each of at most five levels needs a role.")
    return None


def _set(
    actor: Actor,
    kind: str,
    bands: Sequence[Band],
    creditor_id: int | None,
    now: datetime,
    **more: object,
) -> None:
    rows = ApprovalPolicy.objects.filter(kind=kind)
    is_houses = creditor_id is None
    rows = rows.filter(creditor__isnull=True) if is_houses else rows.filter(creditor=creditor_id)
    before = policy_command(kind, creditor_id, bands_of(rows))["bands"]
    rows.delete()
    ApprovalPolicy.objects.bulk_create(
        ApprovalPolicy(
            kind=kind,
            creditor_id=creditor_id,
            currency=band.currency,
            up_to_minor=band.up_to_minor,
            level=level,
            role=role,
        )
        for band in bands
        for level, role in _rows_of(band)
    )
    append_event(
        actor=actor,
        action="approval.set_policy",
        subject="approval_policy:0" if creditor_id is None else f"creditor:{creditor_id}",
        body={
            "kind": kind,
            "before": before,
            "after": policy_command(kind, creditor_id, bands)["bands"],
            **more,
        },
        now=now,
    )


def _rows_of(band: Band) -> list[tuple[int, str]]:
    found = [
        (level, role.value)
        for level, roles in enumerate(band.levels, start=1)
        for role in sorted(roles)
    ]
    return found or [(0, "")]


def _subject(kind: str, creditor_id: int | None, bands: Sequence[Band]) -> Subject:
    return Subject(
        subject="approval_policy:0" if creditor_id is None else f"creditor:{creditor_id}",
        creditor_id=creditor_id,
        details={"kind": kind, "bands": policy_command(kind, creditor_id, bands)["bands"]},
    )


def _read(command: Command) -> tuple[str, list[Band], int | None]:
    bands = [
        Band(
            tuple(frozenset(Role(role) for role in level) for level in band["levels"]),
            band["up_to_minor"],
            band["currency"],
        )
        for band in command["bands"]
    ]
    return command["kind"], bands, command["creditor_id"]


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    kind, bands, creditor_id = _read(command)
    _refuse_unfit(actor, kind, bands, creditor_id)
    return _subject(kind, creditor_id, bands)


def _run(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> Mapping[str, Any]:
    kind, bands, creditor_id = _read(command)
    _refuse_unfit(actor, kind, bands, creditor_id)
    _set(actor, kind, bands, creditor_id, now, approval=approval_id)
    return {}


register(
    Approvable(
        "approval_policy",
        (frozenset({Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER}),),
        _describe,
        _run,
        never_alone=True,
    )
)


def list_policies(*, actor: Actor) -> tuple[PolicyView, ...]:
    """The policies that are set, by kind and creditor, the smallest amount first."""
    within = require(actor, Permission.APPROVAL_CHANGE_POLICY)
    grouped: dict[tuple[str, str, str, int | None], dict[int, list[str]]] = {}
    rows = visible_rows(ApprovalPolicy, within).select_related("creditor")
    up_to = F("up_to_minor").asc(nulls_last=True)
    for row in rows.order_by("kind", "creditor__code", up_to, "currency", "level", "role"):
        code = row.creditor.code if row.creditor else ""
        levels = grouped.setdefault((row.kind, code, row.currency, row.up_to_minor), {})
        if row.level:
            levels.setdefault(row.level, []).append(row.role)
    return tuple(
        PolicyView(*key, tuple(tuple(levels[n]) for n in sorted(levels)))
        for key, levels in grouped.items()
    )
