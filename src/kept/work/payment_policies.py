"""Payment policies, dated and set with a second person; and numbers given out to pay by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Role
from kept.core.payments.policies import PaymentPolicy, PaymentPolicyError, read_policy
from kept.core.payments.references import reference_key
from kept.packs.payments import load_payment_policy
from kept.store.events import append_event
from kept.store.models import Account, PaymentReference
from kept.store.models import PaymentPolicy as PolicyRow
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.changes import creditor_to_change, not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal

__all__ = ["do_give_reference", "do_set_payment_policy", "policy_of"]


def policy_of(creditor_id: int, on: date) -> PaymentPolicy:
    """The policy that holds on a day: the creditor's newest by then, else the shipped one."""
    row = (
        PolicyRow.objects.filter(creditor_id=creditor_id, valid_from__lte=on)
        .order_by("-valid_from")
        .first()
    )
    return load_payment_policy() if row is None else read_policy(row.body)


def do_set_payment_policy(
    *, actor: Actor, creditor_id: int, body: Mapping[str, object], valid_from: date, now: datetime
) -> None:
    """From a day on. Raises `NeedsApproval` where a second person is asked for, as by default."""
    command: Command = {
        "creditor_id": creditor_id,
        "body": dict(body),
        "valid_from": valid_from.isoformat(),
    }
    subject = _describe(actor, command, now)
    refuse_unapproved(actor=actor, kind="payment_policy", command=command, subject=subject)
    _run(actor, command, now, None)


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    within = require(actor, Permission.PAYMENT_CHANGE_POLICY)
    if not within.reaches_creditor(command["creditor_id"]):
        raise not_there()
    try:
        read_policy(command["body"])
    except PaymentPolicyError as error:
        raise Refusal(str(error)) from error
    return Subject(
        subject=f"creditor:{command['creditor_id']}",
        creditor_id=command["creditor_id"],
        details={**command["body"], "valid_from": command["valid_from"]},
    )


@transaction.atomic
def _run(actor: Actor, command: Command, now: datetime, approval_id: int | None) -> dict[str, Any]:
    _describe(actor, command, now)
    within = require(actor, Permission.PAYMENT_CHANGE_POLICY)
    creditor = creditor_to_change(within, command["creditor_id"])
    body = read_policy(command["body"]).to_json()
    day = date.fromisoformat(command["valid_from"])
    try:
        with transaction.atomic():
            row = PolicyRow.objects.create(
                creditor=creditor, valid_from=day, body=body, set_at=now, set_by=actor.name
            )
    except IntegrityError as error:
        told = _("A policy from %(day)s is set already; one is never edited: take a later day.")
        raise Refusal(told % {"day": day}) from error
    append_event(
        actor=actor,
        action="payment.change_policy",
        subject=f"creditor:{creditor.pk}",
        body={"valid_from": command["valid_from"], "after": body, "approval": approval_id},
        now=now,
    )
    return {"payment_policy_id": row.pk}


@transaction.atomic
def do_give_reference(
    *, actor: Actor, account_id: int, kind: str, number: str, now: datetime
) -> int:
    """Give out a reference or a virtual account: what is paid under it is for this account."""
    within = require(actor, Permission.PAYMENT_RECORD)
    account = visible_rows(Account, within).filter(pk=account_id).first()
    if account is None:
        raise not_there()
    key = reference_key(number)
    if kind not in PaymentReference.Kind.values or not 4 <= len(key) <= 64:
        raise Refusal(_("A number to pay by has from 4 to 64 letters and digits."))
    row, made = PaymentReference.objects.get_or_create(
        creditor_id=account.creditor_id,
        kind=kind,
        number=key,
        defaults={"account": account, "created_at": now},
    )
    if row.account_id != account.pk:
        raise Refusal(_("This number was given out for another account."))
    if made:
        append_event(
            actor=actor,
            action="payment.give_reference",
            subject=f"account:{account.pk}",
            body={"kind": kind, "payment_reference": row.pk},
            now=now,
        )
    return row.pk


register(
    Approvable(
        "payment_policy", (frozenset({Role.MANAGER, Role.COMPLIANCE_OFFICER}),), _describe, _run
    )
)
