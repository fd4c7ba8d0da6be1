"""Reading payments: a list, the suspense queue, and one with how each cent of it went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q

from kept.core.actors import Actor
from kept.core.identities import fold_name
from kept.core.payments.matching import Clue
from kept.core.payments.references import tokens_of
from kept.core.payments.ways import PaymentState
from kept.store.cipher import CipherError
from kept.store.models import Account, Payment, PaymentAllocation, PaymentReturn
from kept.store.payments import likenesses
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.payments import open_details
from kept.work.permissions import Permission, require

__all__ = [
    "PAGE_ROWS",
    "Likely",
    "PaymentFound",
    "get_payment",
    "list_case_payments",
    "list_payments",
    "list_suspense",
]

PAGE_ROWS: Final = 50
_CASE_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Likely:
    """An account that a payment in suspense may be for, and why: words and their points."""

    account_id: int
    external_id: str
    debtor_name: str
    confidence_per_mille: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PaymentFound:
    payment: Payment
    payer: str
    text: str
    allocations: tuple[PaymentAllocation, ...]
    returns: tuple[PaymentReturn, ...]
    likely: tuple[Likely, ...]


def list_payments(
    *,
    actor: Actor,
    state: str = "",
    creditor: str = "",
    sought: str = "",
    before_id: int | None = None,
    limit: int = PAGE_ROWS,
) -> list[Payment]:
    """The newest first, a page at a time; `sought` is a reference or an account's number."""
    within = require(actor, Permission.PAYMENT_READ)
    rows = visible_rows(Payment, within).select_related("creditor", "account")
    if state:
        rows = rows.filter(state=state)
    if creditor:
        rows = rows.filter(creditor__code=creditor)
    if sought:
        named = Q(external_id=sought) | Q(bank_reference=sought) | Q(reference=sought)
        rows = rows.filter(named | Q(account__external_id=sought))
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return list(rows.order_by("-pk")[:limit])


def list_suspense(*, actor: Actor, creditor: str = "", limit: int = PAGE_ROWS) -> list[Payment]:
    """What waits for a person, the oldest first."""
    within = require(actor, Permission.PAYMENT_READ)
    rows = visible_rows(Payment, within).filter(state=PaymentState.SUSPENSE)
    if creditor:
        rows = rows.filter(creditor__code=creditor)
    found = rows.select_related("creditor", "account").order_by("received_on", "pk")
    return list(found[:limit])


def list_case_payments(*, actor: Actor, case_id: int) -> list[PaymentAllocation]:
    """What payments gave to the accounts of a case, the newest first."""
    within = require(actor, Permission.CASE_READ)
    accounts = visible_rows(Account, within).filter(case_accounts__case_id=case_id)
    rows = PaymentAllocation.objects.filter(account__in=accounts).select_related(
        "payment", "account", "entry", "reversal"
    )
    found = rows.order_by(F("entry__effective_on").desc(), "-pk")
    return list(found[:_CASE_ROWS])


def get_payment(*, actor: Actor, payment_id: int, now: datetime) -> PaymentFound:
    """One payment with its trace; where it waits, with the accounts it may be for."""
    within = require(actor, Permission.PAYMENT_READ)
    rows = visible_rows(Payment, within).select_related("creditor", "account", "duplicate_of")
    row = rows.filter(pk=payment_id).first()
    if row is None:
        raise not_there()
    details = _details(row)
    allocations = row.allocations.select_related("account", "entry", "reversal").order_by("pk")
    return PaymentFound(
        payment=row,
        payer=details.get("payer") or "",
        text=details.get("text") or "",
        allocations=tuple(allocations),
        returns=tuple(row.returns.order_by("pk")),
        likely=_likely(row, details) if row.state == PaymentState.SUSPENSE else (),
    )


def _details(row: Payment) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(open_details(row.details_cipher))
    except CipherError:  # sealed under a key that is gone
        return {}
    return found


def _likely(row: Payment, details: dict[str, Any]) -> tuple[Likely, ...]:
    clue = Clue(
        row.unallocated_minor,
        row.received_on,
        fold_name(details.get("payer") or ""),
        tokens_of(details.get("text") or ""),
    )
    found = likenesses(row.creditor_id, [(1, row.currency, clue)]).get(1, ())
    accounts = Account.objects.select_related("debtor").in_bulk(
        [each.account_id for each in found[:5]]
    )
    return tuple(
        Likely(
            each.account_id,
            accounts[each.account_id].external_id,
            accounts[each.account_id].debtor.name,
            each.confidence_per_mille,
            each.reasons,
        )
        for each in found[:5]
    )
