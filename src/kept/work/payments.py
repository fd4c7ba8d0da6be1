"""Taking in one payment: by a cashier with a second person, or at the word of another program.

Both are the set-based path of `store/payments.py` on a set of one: matched, allocated by policy
with a trace, and what nothing takes waits in suspense. The payer may be somebody else than the
debtor: of free will, with the relation, and never because they were asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind, Role
from kept.core.currencies import CURRENCIES
from kept.core.events import canonical_json
from kept.core.identities import fold_name
from kept.core.payments.references import reference_key, tokens_of
from kept.core.payments.ways import PayerRelation, PaymentChannel, WayOfPaying
from kept.store.accruals import accruing_products
from kept.store.cipher import house_cipher
from kept.store.events import append_event
from kept.store.models import Account, CaseAccount, Creditor, Payment
from kept.store.payments import Line, Writing, fill_lines, make_payment_tables, take_payments
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.accruals import charge_accrued
from kept.work.approvable import Approvable, Command, Subject, register
from kept.work.approvals import refuse_unapproved
from kept.work.business_dates import business_date
from kept.work.changes import not_there
from kept.work.payment_policies import policy_of
from kept.work.permissions import Permission, require
from kept.work.refusals import NotAllowed, Refusal, refuse

__all__ = [
    "DETAILS_KIND",
    "PaymentGiven",
    "PaymentTaken",
    "accrual_charger",
    "business_date",
    "do_record_payment",
    "do_take_payment",
    "open_details",
    "payment_line",
    "seal_details",
]

#: The kind under which payer, payer's account and text are sealed.
DETAILS_KIND: Final = "payment_details"
_TEXT_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class PaymentGiven:
    """One payment as it is told. `accounts` are the creditor's numbers of what it is for."""

    creditor_id: int
    external_id: str
    amount_minor: int
    currency: str
    received_on: date
    way: str = WayOfPaying.BANK_TRANSFER.value
    payer_relation: str = PayerRelation.UNKNOWN.value
    payer: str = ""
    text: str = ""
    reference: str = ""
    virtual_account: str = ""
    accounts: tuple[str, ...] = ()
    debtor: str = ""
    bank_reference: str = ""
    value_on: date | None = None


@dataclass(frozen=True, slots=True)
class PaymentTaken:
    """What became of it; `is_new` False where it was taken before and nothing was done now."""

    payment_id: int
    state: str
    allocated_minor: int
    suspense_reason: str
    is_new: bool


def do_record_payment(*, actor: Actor, given: PaymentGiven, now: datetime) -> PaymentTaken:
    """A cashier records money. Raises `NeedsApproval` where policy asks for a second person.

    The same reference again is answered with the payment of the first time; with another amount,
    currency or day it is refused.
    """
    _creditor(actor, given.creditor_id, Permission.PAYMENT_RECORD)
    _refuse_unfit(given, now)
    _refuse_before_account(given)
    found = _known(given, PaymentChannel.CASHIER)
    if found is not None:
        return found
    command = _command(given)
    refuse_unapproved(actor=actor, kind="payment", command=command, subject=_subject(given))
    return _take(actor, given, PaymentChannel.CASHIER, _sealed(given), now, None)


def do_take_payment(*, actor: Actor, given: PaymentGiven, now: datetime) -> PaymentTaken:
    """Another program tells of money it received; once, however often it is told."""
    _creditor(actor, given.creditor_id, Permission.PAYMENT_TAKE)
    if actor.kind is ActorKind.PERSON:
        raise NotAllowed(_("Only a program tells of payments; a person records them."))
    _refuse_unfit(given, now)
    found = _known(given, PaymentChannel.API)
    return found or _take(actor, given, PaymentChannel.API, _sealed(given), now, None)


def _creditor(actor: Actor, creditor_id: int, permission: Permission) -> Creditor:
    within = require(actor, permission)
    found = visible_rows(Creditor, within).filter(pk=creditor_id).first()
    if found is None or not within.reaches_creditor(found.pk):
        raise not_there()
    return found


def _refuse_unfit(given: PaymentGiven, now: datetime) -> None:
    faults = {}
    if not 1 <= len(given.external_id) <= 140:
        faults["external_id"] = _("A payment needs its reference, so that it is counted once.")
    if given.amount_minor <= 0:
        faults["amount"] = _("A payment is more than nothing; money that goes back is a reversal.")
    if given.currency not in CURRENCIES:
        faults["currency"] = _("Give a currency of ISO 4217, such as CNY.")
    if given.received_on > business_date(given.creditor_id, now):
        faults["received_on"] = _("Money of a day to come is not received yet.")
    if given.way not in set(WayOfPaying):
        faults["way"] = _("Choose a way of paying.")
    if given.payer_relation not in set(PayerRelation):
        faults["payer_relation"] = _("Choose who paid.")
    if len(given.payer) > 200 or len(given.text) > _TEXT_MOST:
        faults["text"] = _("At most 200 characters of a name and 500 of a text are kept.")
    refuse(faults)


def _refuse_before_account(given: PaymentGiven) -> None:
    """What a person types is put right at once; a bank's money waits in suspense instead."""
    rows = Account.objects.filter(creditor_id=given.creditor_id, external_id__in=given.accounts)
    for account in rows:
        if account.opened_on is not None and account.opened_on > given.received_on:
            told = _("The account was opened on %(day)s, after this payment.")
            refuse({"received_on": told % {"day": account.opened_on}})
        if account.currency != given.currency:
            told = _("The account is kept in %(currency)s.")
            refuse({"currency": told % {"currency": account.currency}})
    if given.accounts and rows.count() < len(set(given.accounts)):
        refuse({"account": _("The creditor has no such account.")})


def _known(given: PaymentGiven, channel: PaymentChannel) -> PaymentTaken | None:
    row = Payment.objects.filter(
        creditor_id=given.creditor_id, channel=channel.value, external_id=given.external_id
    ).first()
    if row is None:
        return None
    said = (given.amount_minor, given.currency, given.received_on)
    if said != (row.amount_minor, row.currency, row.received_on):
        raise Refusal(_("This reference was taken before, with another amount, currency or day."))
    return _taken(row, is_new=False)


def _taken(row: Payment, *, is_new: bool) -> PaymentTaken:
    return PaymentTaken(row.pk, row.state, row.allocated_minor, row.suspense_reason, is_new)


def seal_details(payer: str, text: str) -> bytes | None:
    """Payer and text as one sealed JSON object; None where there is neither."""
    found = {name: value for name, value in (("payer", payer), ("text", text)) if value}
    return house_cipher().seal(DETAILS_KIND, [canonical_json(found)])[0] if found else None


def open_details(sealed: bytes | memoryview | None) -> str:
    """The JSON text that was sealed; an empty object where nothing was."""
    return "{}" if sealed is None else house_cipher().open(DETAILS_KIND, sealed)


def payment_line(given: PaymentGiven, channel: str, details: bytes | None) -> Line:
    """The payment as the set-based path takes it."""
    return Line(
        line_no=1,
        channel=channel,
        external_id=given.external_id,
        amount_minor=given.amount_minor,
        currency=given.currency,
        received_on=given.received_on,
        way=given.way,
        payer_relation=given.payer_relation,
        bank_reference=given.bank_reference,
        value_on=given.value_on,
        details_cipher=details,
        reference=reference_key(given.reference) or None,
        virtual_account=reference_key(given.virtual_account) or None,
        accounts=list(given.accounts) or None,
        debtor=given.debtor or None,
        tokens=list(tokens_of(f"{given.reference} {given.text}")),
        name_key=fold_name(given.payer),
    )


def accrual_charger(actor: Actor, creditor_id: int, now: datetime) -> Callable[[], None] | None:
    """What charges the accrued interest of a turn's accounts; None where kept accrues nothing."""
    products = accruing_products(creditor_id)
    if not products:
        return None

    def charge() -> None:
        rows = load("payments")["list_accruing"].rows({"product_ids": products})
        accounts = Account.objects.in_bulk([row["account_id"] for row in rows])
        for row in rows:
            account = accounts[row["account_id"]]
            charge_accrued(actor=actor, account=account, on=row["received_on"], now=now)

    return charge


@transaction.atomic
def _take(
    actor: Actor,
    given: PaymentGiven,
    channel: PaymentChannel,
    details: bytes | None,
    now: datetime,
    approval_id: int | None,
) -> PaymentTaken:
    # The creditor's row is the lock under which references are compared.
    Creditor.objects.select_for_update(no_key=True).get(pk=given.creditor_id)
    found = _known(given, channel)
    if found is not None:
        return found
    make_payment_tables()
    fill_lines([payment_line(given, channel.value, details)])
    writing = Writing(actor, now, given.creditor_id, approval_id=approval_id)
    charge = accrual_charger(actor, given.creditor_id, now)
    take_payments(writing, policy_of(given.creditor_id, given.received_on), charge)
    row = Payment.objects.get(
        creditor_id=given.creditor_id, channel=channel.value, external_id=given.external_id
    )
    if not row.allocated_minor:  # one with an allocation is told on the chain of its case
        _tell(actor, row, now, approval_id)
    return _taken(row, is_new=True)


def _tell(actor: Actor, row: Payment, now: datetime, approval_id: int | None) -> None:
    body: dict[str, object] = {
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "received_on": row.received_on.isoformat(),
        "state": row.state,
        "reason": row.suspense_reason,
    }
    if approval_id is not None:
        body["approval"] = approval_id
    append_event(
        actor=actor, action="payment.record", subject=f"payment:{row.pk}", body=body, now=now
    )


def _sealed(given: PaymentGiven) -> bytes | None:
    return seal_details(given.payer, given.text)


def _command(given: PaymentGiven) -> Command:
    """As a request for approval stores it: names and texts are sealed."""
    plain = asdict(given)
    details = seal_details(given.payer, given.text)
    plain["sealed"] = None if details is None else bytes(details).hex()
    for name in ("payer", "text"):
        del plain[name]
    for name in ("received_on", "value_on"):
        plain[name] = plain[name] and plain[name].isoformat()
    return {**plain, "accounts": list(given.accounts)}


def _given(command: Command) -> tuple[PaymentGiven, bytes | None]:
    values: dict[str, Any] = {key: value for key, value in command.items() if key != "sealed"}
    for name in ("received_on", "value_on"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    values["accounts"] = tuple(values["accounts"])
    sealed = command["sealed"]
    return PaymentGiven(**values), None if sealed is None else bytes.fromhex(sealed)


def _subject(given: PaymentGiven) -> Subject:
    account = Account.objects.filter(
        creditor_id=given.creditor_id, external_id__in=given.accounts[:1]
    ).first()
    case_id = None
    if account is not None:
        stays = CaseAccount.objects.filter(account=account).order_by("left_on", "-pk")
        case_id = stays.values_list("case_id", flat=True).first()
    details: Mapping[str, Any] = {
        "received_on": given.received_on.isoformat(),
        "reference": given.external_id,
        "account": ", ".join(given.accounts),
    }
    return Subject(
        subject=f"creditor:{given.creditor_id}" if account is None else f"account:{account.pk}",
        creditor_id=given.creditor_id,
        case_id=case_id,
        amount_minor=given.amount_minor,
        currency=given.currency,
        details={name: value for name, value in details.items() if value},
    )


def _describe(actor: Actor, command: Command, now: datetime) -> Subject:
    given, _details = _given(command)
    _creditor(actor, given.creditor_id, Permission.PAYMENT_RECORD)
    _refuse_unfit(given, now)
    _refuse_before_account(given)
    return _subject(given)


def _run(
    actor: Actor, command: Command, now: datetime, approval_id: int | None
) -> dict[str, object]:
    _describe(actor, command, now)
    given, details = _given(command)
    return asdict(_take(actor, given, PaymentChannel.CASHIER, details, now, approval_id))


register(
    Approvable(
        "payment", (frozenset({Role.CASHIER, Role.APPROVER, Role.MANAGER}),), _describe, _run
    )
)
