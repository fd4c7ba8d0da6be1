"""Accounts and their ledger: the position as of a day, the entries, posting and reversing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import Http404, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from kept.api.calls import Call, IdempotencyKey, write_once
from kept.api.cases import PositionOut
from kept.api.pages import ID_MAX, Id
from kept.core.ledger import EntryKind
from kept.work.ledger import Line, do_post_entry, do_reverse_entry, get_position, list_entries

__all__ = ["accounts", "entries"]

accounts = Router(tags=["ledger"])
entries = Router(tags=["ledger"])


class PostingOut(Schema):
    entry_id: int
    kind: str
    effective_on: date
    recorded_at: datetime
    actor: str
    reference: str
    reverses_id: int | None
    component: str
    from_book: str
    to_book: str
    amount_minor: int
    due_on: date | None


class EntriesOut(Schema):
    postings: list[PostingOut]


class LineIn(Schema):
    component: str = Field(max_length=32)
    amount_minor: int = Field(ge=1, le=ID_MAX, description="minor units of the account's currency")
    due_on: date | None = Field(None, description="for charges only")


class EntryIn(Schema):
    kind: Literal["charge", "payment"]
    lines: list[LineIn] = Field(min_length=1, max_length=50)
    effective_on: date
    reference: str = Field("", max_length=64)


class EntryOut(Schema):
    entry_id: int


class ReversalIn(Schema):
    effective_on: date
    reason: str = Field(max_length=500)


@accounts.get(
    "/{account_id}/position",
    response=PositionOut,
    summary="Get an account's position as of a day",
    operation_id="get_position",
)
def position(request: Call, account_id: Id, as_of: date, known_at: datetime | None = None) -> Any:
    known = None if known_at is None or known_at.tzinfo is None else known_at
    found = get_position(actor=request.actor, account_id=account_id, as_of=as_of, known_at=known)
    if found is None:
        raise Http404
    return found


@accounts.get(
    "/{account_id}/entries",
    response=EntriesOut,
    summary="List the ledger of an account, the oldest first, a row a posting",
    operation_id="list_entries",
)
def history(request: Call, account_id: Id) -> Any:
    return {"postings": list_entries(actor=request.actor, account_id=account_id)}


@accounts.post(
    "/{account_id}/entries",
    response={201: EntryOut},
    summary="Post a charge or a payment",
    operation_id="post_entry",
)
def post_entry(
    request: Call, response: HttpResponse, account_id: Id, given: EntryIn, key: IdempotencyKey
) -> Any:
    def change() -> dict[str, Any]:
        entry_id = do_post_entry(
            actor=request.actor,
            account_id=account_id,
            kind=EntryKind(given.kind),
            lines=[Line(each.component, each.amount_minor, each.due_on) for each in given.lines],
            effective_on=given.effective_on,
            reference=given.reference,
            now=request.now,
        )
        return {"entry_id": entry_id}

    asked = {"account_id": account_id, **given.model_dump()}
    return Status(201, write_once(request, response, key, "ledger.post", asked, change))


@entries.post(
    "/{entry_id}/reverse",
    response={201: EntryOut},
    summary="Reverse an entry",
    operation_id="reverse_entry",
)
def reverse_entry(
    request: Call, response: HttpResponse, entry_id: Id, given: ReversalIn, key: IdempotencyKey
) -> Any:
    def change() -> dict[str, Any]:
        reversal_id = do_reverse_entry(
            actor=request.actor, entry_id=entry_id, now=request.now, **given.model_dump()
        )
        return {"entry_id": reversal_id}

    asked = {"entry_id": entry_id, **given.model_dump()}
    return Status(201, write_once(request, response, key, "ledger.reverse", asked, change))
