"""Closing the task that was worked, and on to the next one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.desk.access import DeskRequest, page
from kept.desk.speech import ShownFinding, shown_findings
from kept.desk.worklists import narrowing
from kept.store.models import Task
from kept.work.permissions import Permission
from kept.work.refusals import Refusal
from kept.work.tasks import do_close_task, get_task

__all__ = ["close_task"]


@require_POST
@page(Permission.TASK_CLOSE)
def close_task(request: DeskRequest, task_id: int) -> HttpResponse:
    """Done, or not to be done for a reason; then to the next task of the same list."""
    task = get_task(request.actor, task_id)
    if task is None:
        raise Http404
    state = "cancelled" if request.POST.get("state") == "cancelled" else "done"
    reason = request.POST.get("reason", "")
    found = shown_findings(reason)
    if found and request.POST.get("seen", "").strip() != reason.strip():
        return _show_first(request, task, state, reason, found)
    try:
        do_close_task(
            actor=request.actor,
            task_id=task_id,
            state=state,
            reason=reason,
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("case", task.case_id)
    messages.success(request, _("The task is closed."))
    query = narrowing(QueryDict(request.POST.get("query", "")))
    cursor = f"cursor={task.priority}.{task.pk}"
    return redirect(f"{reverse('next_task')}?{query + '&' if query else ''}{cursor}")


def _show_first(
    request: DeskRequest, task: Task, state: str, reason: str, found: list[ShownFinding]
) -> HttpResponse:
    """What was found in the reason; it is saved when its writer has seen it, or as changed."""
    context = {
        "findings": found,
        "note": reason.strip(),
        "state": state,
        "task_id": task.pk,
        "case_id": task.case_id,
        "query": request.POST.get("query", ""),
    }
    return render(request, "desk/note_found.html", context)
