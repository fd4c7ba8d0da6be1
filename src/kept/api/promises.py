"""Promises: those of a case, taking one, confirming and cancelling one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from kept.api.calls import Call, IdempotencyKey, write_once
from kept.api.pages import ID_MAX, Id
from kept.work.promise_lists import list_promises
from kept.work.promises import (
    Asked,
    do_cancel_promise,
    do_confirm_promise,
    do_take_promise,
)

__all__ = ["cases", "router"]

router = Router(tags=["promises"])
cases = Router(tags=["promises"])


class KeepingOut(Schema):
    entry_id: int
    effective_on: date
    amount_minor: int


class PromiseOut(Schema):
    promise_id: int
    case_id: int
    amount_minor: int
    paid_minor: int
    currency: str
    made_at: datetime
    due_on: date
    test_on: date
    way: str
    said_by: str
    taken_by: str
    state: str
    end_reason: str
    is_verified: bool
    by_payment: list[KeepingOut]


class PromisesOut(Schema):
    promises: list[PromiseOut]


class PromiseIn(Schema):
    amount_minor: int = Field(ge=1, le=ID_MAX)
    currency: str = Field(min_length=3, max_length=3)
    due_on: date
    way: str = Field("bank_transfer", max_length=16)
    related_person_id: int | None = Field(None, ge=1, le=ID_MAX)
    attempt_id: int | None = Field(None, ge=1, le=ID_MAX)
    account_ids: list[int] | None = Field(None, min_length=1, max_length=100)
    beside: bool = False
    exceed_reason: str = Field("", max_length=300)


class PromiseTakenOut(Schema):
    promise_id: int


class CancelIn(Schema):
    reason: str = Field(max_length=300)


@cases.get(
    "/{case_id}/promises",
    response=PromisesOut,
    summary="List the promises of a case with the entries that keep them",
    operation_id="list_promises",
)
def promises(request: Call, case_id: Id) -> Any:
    return {"promises": list_promises(actor=request.actor, case_id=case_id, now=request.now)}


@cases.post(
    "/{case_id}/promises",
    response={201: PromiseTakenOut},
    summary="Take a promise to pay",
    operation_id="take_promise",
)
def take_promise(
    request: Call, response: HttpResponse, case_id: Id, given: PromiseIn, key: IdempotencyKey
) -> Any:
    named = given.model_dump()
    ids = named["account_ids"]
    asked = Asked(**{**named, "account_ids": None if ids is None else tuple(ids)})

    def change() -> dict[str, Any]:
        made = do_take_promise(actor=request.actor, case_id=case_id, asked=asked, now=request.now)
        return {"promise_id": made.pk}

    whole = {"case_id": case_id, **named, "due_on": given.due_on.isoformat()}
    return Status(201, write_once(request, response, key, "promise.take", whole, change))


@router.post(
    "/{promise_id}/confirm",
    response=PromiseTakenOut,
    summary="Note that a promise was said a second time",
    operation_id="confirm_promise",
)
def confirm_promise(
    request: Call, response: HttpResponse, promise_id: Id, key: IdempotencyKey
) -> Any:
    def change() -> dict[str, Any]:
        do_confirm_promise(actor=request.actor, promise_id=promise_id, now=request.now)
        return {"promise_id": promise_id}

    asked = {"promise_id": promise_id}
    return write_once(request, response, key, "promise.confirm", asked, change)


@router.post(
    "/{promise_id}/cancel",
    response=PromiseTakenOut,
    summary="Take an open promise out of what is judged",
    operation_id="cancel_promise",
)
def cancel_promise(
    request: Call, response: HttpResponse, promise_id: Id, given: CancelIn, key: IdempotencyKey
) -> Any:
    def change() -> dict[str, Any]:
        do_cancel_promise(
            actor=request.actor, promise_id=promise_id, reason=given.reason, now=request.now
        )
        return {"promise_id": promise_id}

    asked = {"promise_id": promise_id, **given.model_dump()}
    return write_once(request, response, key, "promise.cancel", asked, change)
