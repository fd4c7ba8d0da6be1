"""Writing a follow-up on the case page, and the call-back that the debtor asked for."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.desk import formats
from kept.desk.access import DeskRequest, page
from kept.desk.cases import callback_zone, show_case
from kept.desk.speech import ShownFinding, shown_findings
from kept.work.cases import get_case
from kept.work.follow_ups import WrittenFollowUp, do_write_follow_up
from kept.work.permissions import Permission
from kept.work.refusals import Refusal

__all__ = ["write_follow_up"]


@require_POST
@page(Permission.TASK_CLOSE)
def write_follow_up(request: DeskRequest, case_id: int) -> HttpResponse:
    """Back to the case; words that must not be said are shown once before they are kept.

    What is refused stays in the form.
    """
    found = get_case(request.actor, case_id, now=request.now)
    if found is None:
        raise Http404
    text = request.POST.get("text", "")
    spoken = shown_findings(text)
    if spoken and request.POST.get("seen", "").strip() != text.strip():
        return _show_first(request, case_id, text, spoken)
    try:
        written = do_write_follow_up(
            actor=request.actor,
            case_id=case_id,
            text=text,
            next_at=_next_at(request.POST.get("next_at", ""), callback_zone(found)),
            task_id=_number(request.POST.get("task", "")),
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        typed = {"text": text, "next_at": request.POST.get("next_at", "")}
        return show_case(request, case_id, request.POST.get("query", ""), typed)
    messages.success(request, _said(written, request.now))
    return _back(request, case_id)


def _back(request: DeskRequest, case_id: int) -> HttpResponse:
    query = request.POST.get("query", "")
    answer = redirect("case", case_id)
    if query:
        answer["Location"] += f"?{query}"
    return answer


def _said(written: WrittenFollowUp, now: datetime) -> str:
    task = written.callback
    if task is None or task.wanted_at is None or task.lawful_from is None:
        return _("The follow-up is written down.")
    if task.lawful_from > task.wanted_at:
        return _(
            "Written down. The law allows no call at that time; it comes first from %(time)s."
        ) % {"time": formats.when(task.lawful_from, now)}
    return _("Written down. The call-back comes first from %(time)s.") % {
        "time": formats.when(task.lawful_from, now)
    }


def _next_at(text: str, zone: ZoneInfo) -> datetime | None:
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(_("The time of the call-back is not one.")) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _show_first(
    request: DeskRequest, case_id: int, text: str, found: list[ShownFinding]
) -> HttpResponse:
    context = {
        "findings": found,
        "note": text.strip(),
        "case_id": case_id,
        "query": request.POST.get("query", ""),
        "next_at": request.POST.get("next_at", ""),
        "task_id": request.POST.get("task", ""),
        "is_follow_up": True,
    }
    return render(request, "desk/note_found.html", context)
