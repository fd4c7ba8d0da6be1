"""The worklist page: its filters out of the address, its rows, and the way to the next task."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kept.core.strategies import Stage
from kept.desk.access import DeskRequest, page
from kept.desk.formats import day_end
from kept.store.models import Task
from kept.work.permissions import Permission, may
from kept.work.strategies import strategies_that_held
from kept.work.turns import do_take_case, may_pick
from kept.work.worklists import TaskFilters, get_worklist_choices, list_tasks

__all__ = ["filters_of", "house_day", "narrowing", "next_task", "worklist"]

_DUE: Final = ("late", "escalated", "today", "later")
_NOBODY: Final = "none"


@page(Permission.WORKLIST_READ)
def worklist(request: DeskRequest) -> HttpResponse:
    """Whole, or only its rows when the page asks for them again."""
    filters = filters_of(request.GET, request.now)
    found = list_tasks(
        request.actor,
        filters,
        request.GET.get("cursor", ""),
        now=request.now,
        on=house_day(request.now),
    )
    context = {
        "page": found,
        "filters": filters,
        "query": narrowing(request.GET),
        "now": request.now,
        "sees_seats": may(request.actor, Permission.WORKLIST_READ_ALL_SEATS),
        "may_pick": may_pick(request.actor),
        "has_filters": any(request.GET.get(name) for name in _NARROWING),
    }
    if request.htmx.target == "more":
        return render(request, "desk/_task_rows.html", context)
    if request.htmx.target == "results":
        return render(request, "desk/_tasks.html", context)
    return render(request, "desk/worklist.html", {**context, **_choices(request)})


@page(Permission.WORKLIST_READ)
def next_task(request: DeskRequest) -> HttpResponse:
    """To the case of the first task, or of the first one after the task that was worked."""
    filters = filters_of(request.GET, request.now)
    cursor = request.GET.get("cursor", "")
    found = list_tasks(
        request.actor, filters, cursor, now=request.now, on=house_day(request.now), limit=1
    )
    query = narrowing(request.GET)
    if not found.rows:
        messages.info(request, _("That was the last task of this list."))
        return redirect(f"{reverse('worklist')}?{query}" if query else reverse("worklist"))
    case_id = found.rows[0].case_id
    if not may_pick(request.actor):
        do_take_case(actor=request.actor, case_id=case_id, reason="next", now=request.now)
    address = reverse("case", args=[case_id])
    return redirect(f"{address}?{query}" if query else address)


def house_day(now: datetime) -> date:
    return timezone.localtime(now).date()


_NARROWING: Final = (
    "bucket",
    "dpd_from",
    "dpd_to",
    "stage",
    "treatment",
    "creditor",
    "seat",
    "due",
    "state",
)


def filters_of(query: QueryDict, now: datetime) -> TaskFilters:
    """The filters that an address asks for; what makes no sense narrows nothing."""
    due = query.get("due", "")
    ends = day_end(now)
    return TaskFilters(
        state=_one_of(query.get("state", ""), Task.State.values) or Task.State.OPEN,
        bucket=_number(query.get("bucket", ""), 32_767),
        dpd_from=_number(query.get("dpd_from", ""), 2**31 - 1),
        dpd_to=_number(query.get("dpd_to", ""), 2**31 - 1),
        stage=_code(query.get("stage", "")),
        treatment=_code(query.get("treatment", "")),
        creditor_id=_number(query.get("creditor", ""), 2**63 - 1),
        seat_id=_number(query.get("seat", ""), 2**63 - 1),
        is_not_dealt=query.get("seat") == _NOBODY,
        is_escalated=due == "escalated",
        due_from=now if due == "today" else ends if due == "later" else None,
        due_before=now if due == "late" else ends if due == "today" else None,
    )


def narrowing(query: QueryDict) -> str:
    """The filters as an address, without the place in the list."""
    kept = QueryDict(mutable=True)
    for name in _NARROWING:
        if query.get(name):
            kept[name] = str(query[name])
    return kept.urlencode()


def _number(text: str, most: int) -> int | None:
    found = re.fullmatch(r"-?[0-9]{1,19}", text.strip(), re.ASCII)
    return int(text) if found and abs(int(text)) <= most else None


def _code(text: str) -> str | None:
    return text if re.fullmatch(r"[a-z][a-z0-9_]{0,31}", text, re.ASCII) else None


def _one_of(text: str, values: list[str]) -> str | None:
    return text if text in values else None


def _choices(request: DeskRequest) -> dict[str, object]:
    choices = get_worklist_choices(request.actor)
    treatments = {each.code for strategy in strategies_that_held() for each in strategy.treatments}
    return {
        "choices": choices,
        "buckets": range(choices.highest_bucket + 1),
        "stages": [stage.value for stage in Stage],
        "treatments": sorted(treatments),
        "states": Task.State.choices,
        "dues": _DUE,
        "asked": request.GET,
    }
