"""The first page: what lies before whoever signed in, by their roles."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from kept.desk.access import DeskRequest, page
from kept.desk.formats import day_end
from kept.desk.nights import summary_of
from kept.desk.worklists import house_day
from kept.work.approval_lists import count_to_decide
from kept.work.intake_files import list_intake_files
from kept.work.nights import list_last_nights
from kept.work.permissions import Permission, may
from kept.work.promise_lists import list_due_promises
from kept.work.readiness import get_readiness
from kept.work.worklists import TaskFilters, list_tasks, summarise_own_tasks

__all__ = ["today"]

FIRST_TASKS = 6
LATEST_FILES = 5
CREDITORS_SHOWN = 4
PROMISES_SHOWN = 12


@page()
def today(request: DeskRequest) -> HttpResponse:
    actor = request.actor
    context: dict[str, object] = {"actor": actor, "now": request.now}
    if actor.seat_ids and may(actor, Permission.WORKLIST_READ):
        context |= _own_work(request)
    if may(actor, Permission.WORKLIST_READ):
        on = house_day(request.now)
        context["due_promises"] = list_due_promises(actor=actor, on=on, limit=PROMISES_SHOWN)
    if may(actor, Permission.NIGHT_READ):
        last = [(night, summary_of(night)) for night in list_last_nights(actor)]
        context |= {"last_nights": last[:CREDITORS_SHOWN], "sees_nights": True}
    if may(actor, Permission.INTAKE_READ):
        files = list_intake_files(actor, limit=LATEST_FILES).files
        context |= {"files": files, "sees_intake": True}
    if may(actor, Permission.CREDITOR_CHANGE):
        context["readiness"] = get_readiness(actor)
    context["approvals_waiting"] = count_to_decide(actor=actor, now=request.now)
    return render(request, "desk/today.html", context)


def _own_work(request: DeskRequest) -> dict[str, object]:
    summaries = summarise_own_tasks(
        request.actor, now=request.now, day_ends_at=day_end(request.now)
    )
    first = list_tasks(
        request.actor,
        TaskFilters(),
        now=request.now,
        on=day_end(request.now).date(),
        limit=FIRST_TASKS,
    )
    return {
        "has_seat": True,
        "summaries": summaries,
        "tasks": sum(each.tasks for each in summaries),
        "minutes": sum(each.minutes for each in summaries),
        "late": sum(each.late for each in summaries),
        "due_today": sum(each.due_today for each in summaries),
        "rows": first.rows,
    }
