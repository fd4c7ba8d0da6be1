"""The case page to read, and its timeline page by page."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.reveals import RevealReason
from kept.desk.access import DeskRequest, page
from kept.desk.charts import StepChart, parts, step_chart
from kept.desk.events import tell
from kept.desk.payments import case_payments
from kept.desk.promises import case_promises
from kept.desk.reasons import why_of
from kept.desk.verdicts import case_light, law_language, light_lines
from kept.desk.words import word
from kept.store.models import CaseTaking
from kept.work.cases import CaseView, get_case
from kept.work.documents import list_documents
from kept.work.lights import list_lights
from kept.work.permissions import Permission, may
from kept.work.plan_lists import list_plans
from kept.work.refusals import Refusal
from kept.work.task_texts import text_of_task
from kept.work.timelines import list_timeline
from kept.work.turns import do_take_case, is_in_turn
from kept.work.waiver_lists import list_waivers

__all__ = ["callback_zone", "case", "show_case", "take_case", "timeline"]


@page(Permission.CASE_READ)
def case(request: DeskRequest, case_id: int) -> HttpResponse:
    return show_case(request, case_id, request.GET.urlencode())


def callback_zone(found: CaseView) -> ZoneInfo:
    """The clock by which a call-back is typed: the debtor's, where there is but one."""
    zones = found.debtor.zones
    return ZoneInfo(zones[0] if len(zones) == 1 else timezone.get_default_timezone_name())


def show_case(
    request: DeskRequest, case_id: int, query: str, follow_up: Mapping[str, str] | None = None
) -> HttpResponse:
    """The page; `follow_up` is what was typed and could not be saved."""
    found = get_case(request.actor, case_id, now=request.now)
    events = list_timeline(request.actor, case_id, now=request.now)
    if found is None or events is None:
        raise Http404
    task = found.next_task
    lights = list_lights(request.actor, case_id, now=request.now) if not found.closed_on else ()
    return render(
        request,
        "desk/case.html",
        {
            "case": found,
            "timeline": events,
            "told": tell(events),
            "may_close": may(request.actor, Permission.TASK_CLOSE),
            "may_reveal": may(request.actor, Permission.NUMBER_REVEAL),
            "reasons": [(reason.value, word(reason, "reveal_reason")) for reason in RevealReason],
            "why": why_of(task) if task else None,
            "said": text_of_task(found, task, law_language()) if task else None,
            "shows_condition": may(request.actor, Permission.NIGHT_READ),
            "totals": [(total, parts(total.components)) for total in found.totals],
            "chart": _chart(found),
            "cursor": f"{task.priority}.{task.task_id}" if task else "",
            "query": query,
            "follow_up": follow_up or {},
            "callback_zone": callback_zone(found).key,
            "light": case_light(found, lights, request.now) if not found.closed_on else None,
            "lights": light_lines(found, lights, request.now),
            "now": request.now,
            "in_turn": is_in_turn(request.actor, case_id, request.now),
            "documents": list_documents(actor=request.actor, case_id=case_id),
            "turn_reasons": CaseTaking.Reason.choices[1:],
            "payments": case_payments(request, case_id),
            "may_move": may(request.actor, Permission.CASE_DEAL),
            "may_plan": may(request.actor, Permission.PLAN_OFFER),
            "plans": list_plans(actor=request.actor, case_id=case_id)[:3],
            "may_waive": may(request.actor, Permission.WAIVER_REQUEST),
            "waivers": list_waivers(actor=request.actor, case_id=case_id)[:3],
            **case_promises(request, case_id),
        },
    )


@require_POST
@page(Permission.TASK_CLOSE)
def take_case(request: DeskRequest, case_id: int) -> HttpResponse:
    """Work a case that is not the next: for a reason, which is recorded."""
    try:
        do_take_case(
            actor=request.actor,
            case_id=case_id,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("case", case_id)
    messages.success(request, _("You work this case now, out of turn."))
    return redirect("case", case_id)


@page(Permission.CASE_READ)
def timeline(request: DeskRequest, case_id: int) -> HttpResponse:
    """The next page of the timeline; by itself where no script asks for it."""
    events = list_timeline(request.actor, case_id, request.GET.get("cursor", ""), now=request.now)
    if events is None:
        raise Http404
    template = "desk/_timeline.html" if request.htmx else "desk/timeline.html"
    context = {"timeline": events, "told": tell(events), "case_id": case_id}
    return render(request, template, context)


def _chart(found: CaseView) -> StepChart | None:
    """The buckets of the account that is longest overdue, over the last months."""
    return step_chart([(step.moved_on, step.to_bucket) for step in found.bucket_steps], found.as_of)
