"""The plan policy of a creditor: from which day on which thresholds hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Role
from kept.core.agreements.plan_policy import (
    PlanPolicy,
    plan_policy_fault,
    plan_policy_of,
    plan_policy_values,
)
from kept.store.models import PlanPolicy as PlanPolicyRow
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.changes import creditor_to_change, save_with_event
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse

__all__ = ["do_set_plan_policy", "list_plan_policies", "policy_on"]

KIND: Final = "plan_policy"


def policy_on(creditor_id: int, on: date) -> PlanPolicy:
    """What holds for a creditor on a day; the defaults where nothing was set."""
    rows = PlanPolicyRow.objects.filter(creditor_id=creditor_id, valid_from__lte=on)
    found = rows.order_by("-valid_from").first()
    return PlanPolicy() if found is None else plan_policy_of(found.values)


def list_plan_policies(*, actor: Actor) -> tuple[tuple[str, date, PlanPolicy], ...]:
    """(creditor, valid from, policy) of every row in reach, the newest first."""
    rows = visible_rows(PlanPolicyRow, require(actor, Permission.NIGHT_READ))
    found = rows.order_by("creditor__code", "-valid_from").values_list(
        "creditor__code", "valid_from", "values"
    )
    return tuple((code, day, plan_policy_of(values)) for code, day, values in found)


@transaction.atomic
def do_set_plan_policy(
    *, actor: Actor, creditor_id: int, policy: PlanPolicy, valid_from: date, now: datetime
) -> None:
    """Thresholds from today or a later day on; a second person approves them."""
    command = {
        "creditor_id": creditor_id,
        "values": plan_policy_values(policy),
        "valid_from": valid_from.isoformat(),
    }
    subject = _describe(actor, command, now)
    refuse_unapproved(actor=actor, kind=KIND, command=command, subject=subject)
    _run(actor, command, now, None)


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    within = require(actor, Permission.WAIVER_CHANGE_POLICY)
    creditor = creditor_to_change(within, command["creditor_id"])
    policy = plan_policy_of(command["values"])
    fault = plan_policy_fault(policy)
    if fault is not None:
        refuse({fault: _("This is not a value that plans can use: see docs/plans.md.")})
    if command["valid_from"] < now.astimezone(ZoneInfo(creditor.zone)).date().isoformat():
        refuse({"valid_from": _("A policy holds from today or a later day on, not from a past.")})
    details = {"valid_from": command["valid_from"]}
    return Subject(f"creditor:{creditor.pk}", creditor_id=creditor.pk, details=details)


def _run(actor: Actor, command: Command, now: datetime, approval_id: int | None) -> dict[str, Any]:
    _describe(actor, command, now)
    key = {"creditor_id": command["creditor_id"]}
    key["valid_from"] = date.fromisoformat(command["valid_from"])
    row = PlanPolicyRow.objects.filter(**key).first() or PlanPolicyRow()
    values = {**key, "values": dict(command["values"])}
    save_with_event(actor=actor, noun="plan_policy", row=row, values=values, now=now)
    return {"valid_from": command["valid_from"]}


register(
    Approvable(
        KIND,
        (frozenset({Role.COMPLIANCE_OFFICER, Role.APPROVER}),),
        _describe,
        _run,
        never_alone=True,
    )
)
