"""Payments: told by another program as money comes in, and read back with how each cent went."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Literal

from django.http import Http404, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from kept.api.calls import Call, IdempotencyKey, write_once
from kept.api.pages import ID_MAX, Cursor, Id, Limit, PageOf
from kept.core.payments.ways import PayerRelation, WayOfPaying
from kept.store.models import Creditor, Payment
from kept.work.payment_lists import get_payment, list_payments
from kept.work.payments import PaymentGiven, do_take_payment

__all__ = ["router"]

router = Router(tags=["payments"])


class PaymentIn(Schema):
    creditor: str = Field(max_length=32, description="the creditor's code")
    external_id: str = Field(min_length=1, max_length=140, description="your number of it")
    amount_minor: int = Field(ge=1, le=ID_MAX, description="minor units of the currency")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    received_on: date
    value_on: date | None = None
    accounts: list[str] = Field(default_factory=list, max_length=50)
    debtor: str = Field("", max_length=64)
    reference: str = Field("", max_length=140)
    virtual_account: str = Field("", max_length=64)
    bank_reference: str = Field("", max_length=140)
    way: WayOfPaying = WayOfPaying.BANK_TRANSFER
    payer: str = Field("", max_length=200)
    payer_relation: PayerRelation = PayerRelation.UNKNOWN
    text: str = Field("", max_length=500)


class PaymentTakenOut(Schema):
    payment_id: int
    state: str
    allocated_minor: int
    suspense_reason: str
    is_new: bool


class PaymentOut(Schema):
    payment_id: int = Field(alias="id")
    channel: str
    external_id: str
    bank_reference: str
    amount_minor: int
    currency: str
    received_on: date
    way: str
    payer_relation: str
    state: Literal["suspense", "allocated", "returned", "duplicate"]
    suspense_reason: str
    matched_by: str
    confidence_per_mille: int | None
    allocated_minor: int
    returned_minor: int
    recorded_at: datetime


class TraceOut(Schema):
    component: str
    amount_minor: int
    could_take_minor: int
    explains: date | None


class AllocationOut(Schema):
    account_id: int
    entry_id: int
    amount_minor: int
    trace: list[TraceOut]
    is_reversed: bool


class PaymentWithTraceOut(Schema):
    payment: PaymentOut
    allocations: list[AllocationOut]


class PaymentsOut(PageOf):
    payments: list[PaymentOut]


@router.get(
    "",
    response=PaymentsOut,
    by_alias=False,
    summary="List payments, the newest first",
    operation_id="list_payments",
)
def payments(
    request: Call,
    state: Literal["", "suspense", "allocated", "returned", "duplicate"] = "",
    creditor: str = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    before = int(cursor) if cursor.isascii() and cursor.isdigit() else None
    found = list_payments(
        actor=request.actor, state=state, creditor=creditor, before_id=before, limit=limit
    )
    following = str(found[-1].pk) if len(found) == limit else None
    return {"payments": found, "next_cursor": following}


@router.get(
    "/{payment_id}",
    response=PaymentWithTraceOut,
    by_alias=False,
    summary="Get a payment with how each cent of it went",
    operation_id="get_payment",
)
def payment(request: Call, payment_id: Id) -> Any:
    found = get_payment(actor=request.actor, payment_id=payment_id, now=request.now)
    row: Payment = found.payment
    return {
        "payment": row,
        "allocations": [
            {
                "account_id": each.account_id,
                "entry_id": each.entry_id,
                "amount_minor": each.amount_minor,
                "trace": each.trace,
                "is_reversed": each.reversal_id is not None,
            }
            for each in found.allocations
        ],
    }


@router.post(
    "",
    response={201: PaymentTakenOut},
    summary="Tell of money that was received; each external_id counts once",
    operation_id="take_payment",
)
def take_payment(
    request: Call, response: HttpResponse, given: PaymentIn, key: IdempotencyKey
) -> Any:
    values = given.model_dump()
    code = values.pop("creditor")
    creditor_id = Creditor.objects.filter(code=code).values_list("pk", flat=True).first()
    if creditor_id is None:
        raise Http404
    values["accounts"] = tuple(values["accounts"])

    def change() -> dict[str, Any]:
        told = PaymentGiven(creditor_id=creditor_id, **values)
        return asdict(do_take_payment(actor=request.actor, given=told, now=request.now))

    return Status(
        201, write_once(request, response, key, "payment.take", given.model_dump(), change)
    )
