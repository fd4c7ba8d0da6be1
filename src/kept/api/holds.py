"""Holds: those of a debtor, placing one, releasing one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from kept.api.calls import Call, IdempotencyKey, write_once
from kept.api.pages import ID_MAX, Id
from kept.work.holds import do_place_hold, do_release_hold, list_holds

__all__ = ["debtors", "router"]

router = Router(tags=["holds"])
debtors = Router(tags=["holds"])


class HoldOut(Schema):
    hold_id: int = Field(alias="id")
    account_id: int | None
    reason: str
    effects: list[str]
    placed_at: datetime
    placed_by: str
    until: date | None


class HoldsOut(Schema):
    holds: list[HoldOut]


class HoldIn(Schema):
    debtor_id: int = Field(ge=1, le=ID_MAX)
    account_id: int | None = Field(None, ge=1, le=ID_MAX)
    reason: str = Field(max_length=32)
    effects: list[str] = Field(min_length=1, max_length=8)
    note: str = Field("", max_length=2_000)
    until: date | None = None


class HoldPlacedOut(Schema):
    hold_id: int


class ReleaseIn(Schema):
    reason: str = Field(max_length=500)


@debtors.get(
    "/{debtor_id}/holds",
    response=HoldsOut,
    by_alias=False,
    summary="List the holds of a debtor that stand on a day",
    operation_id="list_holds",
)
def holds(request: Call, debtor_id: Id, on: date | None = None) -> Any:
    day = on or request.now.date()
    return {"holds": list_holds(actor=request.actor, debtor_id=debtor_id, on=day)}


@router.post("", response={201: HoldPlacedOut}, summary="Place a hold", operation_id="place_hold")
def place_hold(request: Call, response: HttpResponse, given: HoldIn, key: IdempotencyKey) -> Any:
    asked = given.model_dump()

    def change() -> dict[str, Any]:
        return {"hold_id": do_place_hold(actor=request.actor, now=request.now, **asked)}

    return Status(201, write_once(request, response, key, "hold.place", asked, change))


@router.post(
    "/{hold_id}/release",
    response=HoldPlacedOut,
    summary="Release a hold",
    operation_id="release_hold",
)
def release_hold(
    request: Call, response: HttpResponse, hold_id: Id, given: ReleaseIn, key: IdempotencyKey
) -> Any:
    def change() -> dict[str, Any]:
        do_release_hold(actor=request.actor, hold_id=hold_id, reason=given.reason, now=request.now)
        return {"hold_id": hold_id}

    asked = {"hold_id": hold_id, **given.model_dump()}
    return write_once(request, response, key, "hold.release", asked, change)
