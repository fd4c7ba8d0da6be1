"""Which waiver matrix holds for a creditor on a day, and setting one with a second person's yes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Role
from kept.core.agreements.waiver_policy import WaiverPolicy
from kept.packs.waivers import WaiverFileError, load_default_waivers, parse_waiver_policy
from kept.store.events import append_event
from kept.store.models import Creditor
from kept.store.models import WaiverPolicy as WaiverPolicyRow
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.changes import creditor_to_change
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse

__all__ = [
    "PolicyView",
    "do_set_waiver_policy",
    "list_waiver_policies",
    "policy_command",
    "waiver_policy_of",
]

KIND: Final = "waiver_policy"


@dataclass(frozen=True, slots=True)
class PolicyView:
    creditor_code: str
    valid_from: date
    policy: WaiverPolicy
    text: str
    recorded_by: str


def waiver_policy_of(creditor_id: int, on: date) -> WaiverPolicy:
    """What holds for a creditor on a day; as shipped where the creditor has none of its own."""
    rows = WaiverPolicyRow.objects.filter(creditor_id=creditor_id, valid_from__lte=on)
    text = rows.order_by("-valid_from").values_list("text", flat=True).first()
    return load_default_waivers() if text is None else _parsed(text)


@lru_cache(maxsize=64)
def _parsed(text: str) -> WaiverPolicy:
    return parse_waiver_policy(text, "policy.yaml")


def list_waiver_policies(*, actor: Actor) -> tuple[PolicyView, ...]:
    """Each version of each creditor in reach, the newest first."""
    rows = visible_rows(WaiverPolicyRow, require(actor, Permission.NIGHT_READ))
    found = rows.select_related("creditor").order_by("creditor__code", "-valid_from")
    return tuple(
        PolicyView(row.creditor.code, row.valid_from, _parsed(row.text), row.text, row.recorded_by)
        for row in found
    )


@transaction.atomic
def do_set_waiver_policy(*, actor: Actor, creditor_id: int, text: str, now: datetime) -> date:
    """The matrix of a creditor from its `valid_from` on; the same day again replaces it.

    Raises `NeedsApproval` for everybody but a job: nobody widens alone what may be given up.
    """
    command = policy_command(creditor_id, text)
    subject = _describe(actor, command, now)
    refuse_unapproved(actor=actor, kind=KIND, command=command, subject=subject)
    return _set(actor, creditor_id, text, now, None)


def policy_command(creditor_id: int, text: str) -> Command:
    return {"creditor_id": creditor_id, "text": text}


def _policy(text: str, creditor: Creditor, now: datetime) -> WaiverPolicy:
    try:
        policy = parse_waiver_policy(text, "policy.yaml")
    except WaiverFileError as error:
        raise Refusal(str(error), {"text": str(error)}) from error
    if policy.valid_from < now.astimezone(ZoneInfo(creditor.zone)).date():
        refuse({"valid_from": _("A policy holds from today or a later day on, not from a past.")})
    return policy


def _set(actor: Actor, creditor_id: int, text: str, now: datetime, approval_id: int | None) -> date:
    creditor = creditor_to_change(require(actor, Permission.WAIVER_CHANGE_POLICY), creditor_id)
    policy = _policy(text, creditor, now)
    rows = WaiverPolicyRow.objects.filter(creditor=creditor, valid_from=policy.valid_from)
    row = rows.first() or WaiverPolicyRow(creditor=creditor, valid_from=policy.valid_from)
    before, row.text = row.text, text
    row.recorded_at, row.recorded_by, row.approval_id = now, actor.name, approval_id
    row.save()
    append_event(
        actor=actor,
        action="waiver_policy.set",
        subject=f"creditor:{creditor_id}",
        body={"before": before, "after": text, "valid_from": policy.valid_from.isoformat()},
        now=now,
    )
    return policy.valid_from


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    within = require(actor, Permission.WAIVER_CHANGE_POLICY)
    creditor = creditor_to_change(within, command["creditor_id"])
    policy = _policy(command["text"], creditor, now)
    details = {
        "policy": policy.label,
        "valid_from": policy.valid_from.isoformat(),
        "rules": ", ".join(each.code for each in policy.rules),
    }
    return Subject(f"creditor:{creditor.pk}", creditor_id=creditor.pk, details=details)


def _run(actor: Actor, command: Command, now: datetime, approval_id: int | None) -> dict[str, Any]:
    day = _set(actor, command["creditor_id"], command["text"], now, approval_id)
    return {"valid_from": day.isoformat()}


register(
    Approvable(
        KIND,
        (frozenset({Role.COMPLIANCE_OFFICER, Role.APPROVER}),),
        _describe,
        _run,
        never_alone=True,
    )
)
