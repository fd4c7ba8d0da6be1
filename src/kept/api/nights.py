"""Nights: the list, and one with what it came to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import Router, Schema

from kept.api.calls import Call
from kept.api.pages import Cursor, Id, Limit, PageOf
from kept.work.nights import get_night, list_nights

__all__ = ["router"]

router = Router(tags=["nights"])


class NightOut(Schema):
    run_id: int
    creditor_name: str
    business_date: date | None
    now: datetime
    state: str
    stage: str
    done_units: int
    total_units: int
    message: str
    result: dict[str, Any]


class NightsOut(PageOf):
    nights: list[NightOut]


@router.get("", response=NightsOut, summary="List nights, the newest first")
def nights(request: Call, cursor: Cursor = "", limit: Limit = 30) -> Any:
    return list_nights(request.actor, cursor, limit=limit)


@router.get("/{run_id}", response=NightOut, summary="Get a night")
def night(request: Call, run_id: Id) -> Any:
    found = get_night(request.actor, run_id)
    if found is None:
        raise Http404
    return found
