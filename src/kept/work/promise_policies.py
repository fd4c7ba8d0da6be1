"""The policy of promises of a creditor: what holds on a day, changing it, and saying it in words.

A change needs a second person (`work/approvable.py`). What a promise breaks of the policy is found
in `core/agreements/promise_policy.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kept.core.actors import Actor, Role
from kept.core.agreements.promise_policy import (
    Allowed,
    Breach,
    PromisePolicy,
    policy_fault,
    policy_of,
    policy_values,
)
from kept.core.currencies import currency
from kept.core.money import Money
from kept.packs.promises import shipped_promise_policy
from kept.store.models import PromisePolicy as PolicyRow
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.changes import creditor_to_change, save_with_event
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse

__all__ = [
    "PolicyView",
    "breach_texts",
    "do_set_promise_policy",
    "list_promise_policies",
    "promise_policy_command",
    "promise_policy_of",
]


@dataclass(frozen=True, slots=True)
class PolicyView:
    creditor_code: str
    valid_from: date
    policy: PromisePolicy


def promise_policy_of(creditor_id: int, on: date) -> PromisePolicy:
    """What holds for a creditor on a day; what was not set is as the shipped policy says it."""
    shipped = shipped_promise_policy(on)
    rows = PolicyRow.objects.filter(creditor_id=creditor_id, valid_from__lte=on)
    found = rows.order_by("-valid_from").first()
    return shipped if found is None else policy_of({**policy_values(shipped), **found.values})


def list_promise_policies(*, actor: Actor) -> tuple[PolicyView, ...]:
    """What was set in reach, the newest first; a creditor without a row has the shipped policy."""
    rows = visible_rows(PolicyRow, require(actor, Permission.CASE_READ))
    found = rows.select_related("creditor").order_by("creditor__code", "-valid_from")
    return tuple(
        PolicyView(
            row.creditor.code,
            row.valid_from,
            policy_of({**policy_values(shipped_promise_policy(row.valid_from)), **row.values}),
        )
        for row in found
    )


def promise_policy_command(
    creditor_id: int, values: Mapping[str, Any], valid_from: date
) -> Command:
    """What `do_set_promise_policy` was asked to do, as a request for approval stores it."""
    return {
        "creditor_id": creditor_id,
        "values": dict(values),
        "valid_from": valid_from.isoformat(),
    }


@transaction.atomic
def do_set_promise_policy(
    *, actor: Actor, creditor_id: int, values: Mapping[str, Any], valid_from: date, now: datetime
) -> int:
    """From a day on these values differ from the shipped policy; the same day again replaces them.

    Promises that were made keep the terms they were made under. Raises `NeedsApproval` where the
    policy of approvals asks for a second person, which is the default.
    """
    command = promise_policy_command(creditor_id, values, valid_from)
    subject = _describe(actor, command, now)
    refuse_unapproved(actor=actor, kind="promise_policy", command=command, subject=subject)
    return _set(actor, command, now)


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    within = require(actor, Permission.PROMISE_CHANGE_POLICY)
    creditor = creditor_to_change(within, command["creditor_id"])
    shipped = shipped_promise_policy(date.fromisoformat(command["valid_from"]))
    known = policy_values(shipped)
    unknown = sorted(set(command["values"]) - set(known))
    if unknown:
        refuse({unknown[0]: _("Choose one of: %s.") % ", ".join(known)})
    fault = policy_fault(policy_of({**known, **command["values"]}))
    if fault is not None:
        refuse({fault: _("This is no value that a policy can use: see docs/promises.md.")})
    return Subject(
        subject=f"creditor:{creditor.pk}",
        creditor_id=creditor.pk,
        details={"valid_from": command["valid_from"], "values": command["values"]},
    )


def _set(actor: Actor, command: Command, now: datetime) -> int:
    valid_from = date.fromisoformat(command["valid_from"])
    rows = PolicyRow.objects.filter(creditor_id=command["creditor_id"], valid_from=valid_from)
    values = {
        "creditor_id": command["creditor_id"],
        "valid_from": valid_from,
        "values": dict(command["values"]),
    }
    row = rows.first() or PolicyRow()
    saved = save_with_event(actor=actor, noun="promise_policy", row=row, values=values, now=now)
    return int(saved.pk)


def _run(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> Mapping[str, Any]:
    _describe(actor, command, now)
    return {"promise_policy_id": _set(actor, command, now)}


register(
    Approvable(
        "promise_policy", (frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER}),), _describe, _run
    )
)


def breach_texts(
    breaches: Iterable[Breach], policy: PromisePolicy, allowed: Allowed, code: str
) -> dict[str, str]:
    """By input, what the policy does not take and what it would."""
    said: dict[Breach, tuple[str, str]] = {
        Breach.TOO_LITTLE: (
            "amount",
            _("The least that may be promised here is %(least)s.")
            % {"least": Money(allowed.least_minor, currency(code)).text},
        ),
        Breach.TOO_FAR: (
            "due_on",
            _("At most %(days)s days ahead: until %(last)s.")
            % {"days": policy.days_ahead_most, "last": allowed.last_on.isoformat()},
        ),
        Breach.TOO_MANY_OPEN: (
            "",
            ngettext(
                "At most %(most)s promise may be open: replace it.",
                "At most %(most)s promises may be open: replace one.",
                policy.open_most,
            )
            % {"most": policy.open_most},
        ),
        Breach.TOO_MANY_BROKEN: (
            "",
            _("More than %(most)s promises were broken in %(days)s days: no more are taken.")
            % {"most": policy.broken_most, "days": policy.broken_days},
        ),
    }
    found: dict[str, str] = {}
    for breach in breaches:
        name, text = said[breach]
        found[name] = f"{found[name]} {text}" if name in found else text
    return found
