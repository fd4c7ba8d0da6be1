"""What people do with a payment: give it to accounts, withdraw it, send it back, charge it back.

Each locks the payment, goes the set-based way of `store/payments.py` and is done once. What policy
gives to a second person is registered as an approvable command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Role
from kept.core.payments.ways import PaymentState
from kept.packs.payments import load_return_codes
from kept.store.models import Account, CaseAccount, Payment, PaymentReturn
from kept.store.payments import (
    Going,
    Line,
    Writing,
    fill_goings,
    fill_lines,
    make_payment_tables,
    take_back,
    take_payments,
    withdraw,
)
from kept.store.visibility import visible_rows
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.business_dates import business_date
from kept.work.changes import not_there
from kept.work.payment_policies import policy_of
from kept.work.payments import accrual_charger
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse

__all__ = [
    "Share",
    "do_assign_payment",
    "do_reverse_payment",
    "do_send_payment_back",
    "do_withdraw_payment",
]

_REASON_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Share:
    """So much of a payment for one account."""

    account_id: int
    amount_minor: int


@transaction.atomic
def do_assign_payment(
    *, actor: Actor, payment_id: int, shares: Sequence[Share], reason: str, now: datetime
) -> None:
    """Give money in suspense to one account or several, whole or in part; all shares or none.

    A share is refused where the account is kept in another currency, is sold, did not exist on the
    payment's day, or cannot take so much.
    """
    row = _locked(actor, payment_id)
    _refuse_reason(reason)
    accounts = _accounts_of(actor, row, shares)
    if row.state != PaymentState.SUSPENSE:
        raise Refusal(_("Nothing of this payment waits for an account."))
    if sum(each.amount_minor for each in shares) > row.unallocated_minor:
        refuse({"amount": _("The shares are more than what waits.")})
    make_payment_tables()
    fill_lines(_share_line(row, n, each, accounts) for n, each in enumerate(shares, 1))
    writing = Writing(actor, now, row.creditor_id)
    policy = policy_of(row.creditor_id, row.received_on)
    outcomes = take_payments(writing, policy, accrual_charger(actor, row.creditor_id, now))
    for each in outcomes:
        if each["state"] != "allocated":
            raise Refusal(_WHY_NOT.get(each["reason"], _WHY_NOT["over_payment"])())


_WHY_NOT: Final = {
    "other_currency": lambda: _("The account is kept in another currency."),
    "account_sold": lambda: _("The account is sold: the money belongs to its new creditor."),
    "before_account": lambda: _(
        "The account owed nothing on the day of the payment: it began later, or its first figures"
        " hold this payment already."
    ),
    "over_payment": lambda: _("The account cannot take so much: give less, the rest waits on."),
}


def _accounts_of(actor: Actor, row: Payment, shares: Sequence[Share]) -> dict[int, Account]:
    """The accounts of the shares, by id; of the payment's creditor, in reach, each once."""
    wanted = [each.account_id for each in shares]
    if not wanted or len(set(wanted)) < len(wanted):
        refuse({"account": _("Name each account once.")})
    if any(each.amount_minor <= 0 for each in shares):
        refuse({"amount": _("A share is more than nothing.")})
    rows = visible_rows(Account, require(actor, Permission.PAYMENT_RECORD))
    found = {each.pk: each for each in rows.filter(creditor_id=row.creditor_id, pk__in=wanted)}
    if len(found) < len(wanted):
        refuse({"account": _("The creditor has no such account.")})
    return found


def _share_line(row: Payment, n: int, share: Share, accounts: Mapping[int, Account]) -> Line:
    return Line(
        line_no=n,
        channel=row.channel,
        external_id=row.external_id,
        amount_minor=share.amount_minor,
        currency=row.currency,
        received_on=row.received_on,
        accounts=[accounts[share.account_id].external_id],
        payment_id=row.pk,
        is_new=False,
    )


def do_withdraw_payment(*, actor: Actor, payment_id: int, reason: str, now: datetime) -> None:
    """Take a wrongly matched payment back from its accounts; it then waits in suspense.

    Raises `NeedsApproval` where policy asks for a second person.
    """
    _ask(actor, "payment_withdrawal", {"payment_id": payment_id, "reason": reason}, now)


def do_reverse_payment(
    *,
    actor: Actor,
    payment_id: int,
    kind: str,
    returned_on: date,
    code: str,
    reason: str,
    now: datetime,
) -> None:
    """The bank took the money back: a reversal or a chargeback, also months later.

    Everything that it paid is owed again under the due dates it had, from that day on. Raises
    `NeedsApproval` where policy asks for a second person.
    """
    command = {
        "payment_id": payment_id,
        "kind": kind,
        "returned_on": returned_on.isoformat(),
        "code": code,
        "reason": reason,
    }
    _ask(actor, "payment_reversal", command, now)


def do_send_payment_back(*, actor: Actor, payment_id: int, reason: str, now: datetime) -> None:
    """Send what waits in suspense back to who paid it; only where nothing is with an account.

    Raises `NeedsApproval` where policy asks for a second person.
    """
    _ask(actor, "payment_return", {"payment_id": payment_id, "reason": reason}, now)


def _ask(actor: Actor, kind: str, command: Command, now: datetime) -> None:
    describe, run = _DOES[kind]
    subject = describe(actor, command, now)
    refuse_unapproved(actor=actor, kind=kind, command=command, subject=subject)
    run(actor, command, now, None)


def _locked(actor: Actor, payment_id: int) -> Payment:
    """The payment, locked; whoever is limited to some products reaches what is theirs only."""
    within = require(actor, Permission.PAYMENT_RECORD)
    rows = visible_rows(Payment, within).filter(pk=payment_id)
    found = rows.select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise not_there()
    return found


def _refuse_reason(reason: str) -> None:
    if not _REASON_LEAST <= len(reason.strip()) <= 200:
        refuse({"reason": _("Say why, in at most 200 characters.")})


def _subject(row: Payment, amount_minor: int, **details: Any) -> Subject:
    stays = CaseAccount.objects.filter(account=row.account).order_by("left_on", "-pk")
    return Subject(
        subject=f"payment:{row.pk}",
        creditor_id=row.creditor_id,
        case_id=stays.values_list("case_id", flat=True).first(),
        amount_minor=amount_minor,
        currency=row.currency,
        details={"reference": row.external_id, **{k: v for k, v in details.items() if v}},
    )


def _going(row: Payment, kind: str, returned_on: date, **more: str) -> Going:
    return Going(
        line_no=1,
        channel=row.channel,
        external_id=f"{kind}:{row.pk}",
        kind=kind,
        amount_minor=row.amount_minor - row.returned_minor,
        currency=row.currency,
        returned_on=returned_on,
        payment_id=row.pk,
        **more,
    )


@transaction.atomic
def _describe_withdrawal(actor: Actor, command: Command, now: datetime) -> Subject:
    row = _locked(actor, command["payment_id"])
    _refuse_reason(command["reason"])
    if not row.allocated_minor:
        raise Refusal(_("Nothing of this payment is with an account."))
    return _subject(row, row.allocated_minor, reason=command["reason"])


@transaction.atomic
def _run_withdrawal(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, int]:
    _describe_withdrawal(actor, command, now)
    row = _locked(actor, command["payment_id"])
    make_payment_tables()
    fill_goings([_going(row, PaymentReturn.Kind.REVERSAL.value, row.received_on)])
    withdraw(Writing(actor, now, row.creditor_id, approval_id=approval_id))
    return {"payment_id": row.pk}


@transaction.atomic
def _describe_reversal(actor: Actor, command: Command, now: datetime) -> Subject:
    row = _locked(actor, command["payment_id"])
    _refuse_reason(command["reason"])
    code = command["code"]
    faults = {}
    if command["kind"] not in ("reversal", "chargeback", "returned_item"):
        faults["kind"] = _("Choose how the money went back.")
    if code and code not in load_return_codes():
        faults["code"] = _("This return code is not known; leave it empty and say why.")
    returned_on = date.fromisoformat(command["returned_on"])
    if returned_on < row.received_on:
        faults["returned_on"] = _("Money goes back on the day it came, or later.")
    elif returned_on > business_date(row.creditor_id, now):
        faults["returned_on"] = _("Money of a day to come did not go back yet.")
    refuse(faults)
    if row.state not in (PaymentState.ALLOCATED, PaymentState.SUSPENSE):
        raise Refusal(_("This payment went back before, or is counted elsewhere."))
    details = {"returned_on": command["returned_on"], "reason": command["reason"], "code": code}
    return _subject(row, row.amount_minor, **details)


@transaction.atomic
def _run_reversal(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, int]:
    _describe_reversal(actor, command, now)
    row = _locked(actor, command["payment_id"])
    day = date.fromisoformat(command["returned_on"])
    going = _going(row, command["kind"], day, code=command["code"], reason=command["reason"])
    return _go_back(actor, row, going, now, approval_id)


@transaction.atomic
def _describe_return(actor: Actor, command: Command, now: datetime) -> Subject:
    row = _locked(actor, command["payment_id"])
    _refuse_reason(command["reason"])
    if row.state != PaymentState.SUSPENSE or row.allocated_minor:
        raise Refusal(
            _("Only money of which nothing is with an account is sent back: withdraw it first.")
        )
    return _subject(row, row.amount_minor, reason=command["reason"])


@transaction.atomic
def _run_return(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, int]:
    _describe_return(actor, command, now)
    row = _locked(actor, command["payment_id"])
    day = max(business_date(row.creditor_id, now), row.received_on)
    going = _going(row, PaymentReturn.Kind.SENT_BACK.value, day, reason=command["reason"])
    return _go_back(actor, row, going, now, approval_id)


def _go_back(
    actor: Actor, row: Payment, going: Going, now: datetime, approval_id: int | None
) -> dict[str, int]:
    make_payment_tables()
    fill_goings([going])
    taken, faults = take_back(Writing(actor, now, row.creditor_id, approval_id=approval_id))
    if not taken:
        raise Refusal(_("This payment went back before, or is counted elsewhere."))
    return {"payment_id": row.pk, "faults": len(faults)}


_HEADS: Final = (frozenset({Role.APPROVER, Role.MANAGER}),)
_DOES: Final = {
    "payment_withdrawal": (_describe_withdrawal, _run_withdrawal),
    "payment_reversal": (_describe_reversal, _run_reversal),
    "payment_return": (_describe_return, _run_return),
}
for _kind, (_describe, _run) in _DOES.items():
    register(Approvable(_kind, _HEADS, _describe, _run))
