"""Cases: the list, one with its accounts and contact points, and what happened to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, NoReturn

from django.http import Http404
from ninja import Router, Schema

from kept.api.calls import Call
from kept.api.pages import Cursor, Id, Limit, PageOf
from kept.work.case_lists import list_cases
from kept.work.cases import get_case
from kept.work.timelines import list_timeline

__all__ = ["router"]

router = Router(tags=["cases"])


class CaseRowOut(Schema):
    case_id: int
    creditor_code: str
    debtor_id: int
    debtor_number: str
    stage: str
    opened_on: date
    closed_on: date | None
    close_reason: str
    seat_code: str | None


class CasesOut(PageOf):
    cases: list[CaseRowOut]


class PositionOut(Schema):
    """Amounts in minor units of the account's currency."""

    balance_minor: int
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    cost_minor: int
    other_minor: int
    overdue_minor: int
    oldest_due_on: date | None
    next_due_on: date | None
    dpd: int
    total_due_minor: int
    accrued_minor: int


class CaseAccountOut(Schema):
    account_id: int
    external_id: str
    product_code: str
    state: str
    currency: str
    opened_on: date | None
    entered_on: date
    left_on: date | None
    leave_reason: str
    bucket: int
    figures: PositionOut | None


class DebtorOut(Schema):
    name: str
    kind: str
    external_id: str
    language: str
    country: str


class ContactPointOut(Schema):
    """The value itself is shown on the desk only, one by one, with a reason."""

    kind: str
    usage: str
    masked: str
    country: str
    validity: str
    consent: str


class CaseOut(Schema):
    case_id: int
    creditor_code: str
    debtor: DebtorOut
    stage: str
    opened_on: date
    closed_on: date | None
    close_reason: str
    seat_code: str
    debtor_id: int
    as_of: date
    dpd: int
    bucket: int
    is_contact_held: bool
    accounts: list[CaseAccountOut]
    contact_points: list[ContactPointOut]


class TimelineEntryOut(Schema):
    recorded_at: datetime
    actor: str
    action: str
    subject: str
    body: dict[str, Any]


class TimelineOut(PageOf):
    entries: list[TimelineEntryOut]


@router.get("", response=CasesOut, summary="List cases", operation_id="list_cases")
def cases(
    request: Call,
    cursor: Cursor = "",
    limit: Limit = 50,
    creditor: str = "",
    state: Literal["open", "closed", "all"] = "all",
) -> Any:
    is_open = {"open": True, "closed": False, "all": None}[state]
    return list_cases(request.actor, cursor, creditor_code=creditor, is_open=is_open, limit=limit)


@router.get("/{case_id}", response=CaseOut, summary="Get a case", operation_id="get_case")
def case(request: Call, case_id: Id) -> Any:
    return get_case(request.actor, case_id, now=request.now) or _none()


@router.get(
    "/{case_id}/timeline",
    response=TimelineOut,
    summary="List what happened to a case, the newest first",
    operation_id="list_timeline",
)
def timeline(request: Call, case_id: Id, cursor: Cursor = "", limit: Limit = 50) -> Any:
    return list_timeline(request.actor, case_id, cursor, now=request.now, limit=limit) or _none()


def _none() -> NoReturn:
    raise Http404
