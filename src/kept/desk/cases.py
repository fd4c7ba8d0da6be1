"""The case page to read, and its timeline page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kept.core.facts import CATALOGUE, CURRENCY_COLUMN, FactType
from kept.desk import formats
from kept.desk.access import DeskRequest, page
from kept.desk.charts import StepChart, parts, step_chart
from kept.desk.events import tell
from kept.desk.words import word
from kept.packs.strategies import load_strategies
from kept.work.cases import CaseView, TaskView, get_case, list_timeline
from kept.work.permissions import Permission, may

__all__ = ["Why", "case", "timeline", "why_of"]

CHART_DAYS = 120


@page(Permission.CASE_READ)
def case(request: DeskRequest, case_id: int) -> HttpResponse:
    found = get_case(request.actor, case_id, now=request.now)
    events = list_timeline(request.actor, case_id)
    if found is None or events is None:
        raise Http404
    task = found.next_task
    return render(
        request,
        "desk/case.html",
        {
            "case": found,
            "timeline": events,
            "told": tell(events),
            "may_close": may(request.actor, Permission.TASK_CLOSE),
            "why": why_of(task) if task else None,
            "totals": [(total, parts(total.components)) for total in found.totals],
            "chart": _chart(found),
            "cursor": f"{task.priority}.{task.task_id}" if task else "",
            "query": request.GET.urlencode(),
            "now": request.now,
        },
    )


@page(Permission.CASE_READ)
def timeline(request: DeskRequest, case_id: int) -> HttpResponse:
    """The next page of the timeline; by itself where no script asks for it."""
    events = list_timeline(request.actor, case_id, request.GET.get("cursor", ""))
    if events is None:
        raise Http404
    template = "desk/_timeline.html" if request.htmx else "desk/timeline.html"
    context = {"timeline": events, "told": tell(events), "case_id": case_id}
    return render(request, template, context)


@dataclass(frozen=True, slots=True)
class Why:
    """Why a task was proposed: the strategy's condition, the facts it read, why it was dealt so."""

    strategy: str
    condition: str
    facts: tuple[tuple[str, str], ...]
    dealing: str


def why_of(task: TaskView) -> Why:
    """In the words of the reader; what the night did not write down is left out."""
    facts = task.reason.get("facts", {})
    currency = str(facts.get(CURRENCY_COLUMN, task.reason.get("currency", "")))
    dealing = str(task.reason.get("dealing", ""))
    return Why(
        strategy=task.strategy,
        condition=str(task.reason.get("condition") or _condition_of(task)),
        facts=tuple(
            (_meaning(name), _value(name, value, currency))
            for name, value in sorted(facts.items())
            if name != CURRENCY_COLUMN and value is not None
        ),
        dealing=word(dealing, "dealing") if dealing else "",
    )


def _condition_of(task: TaskView) -> str:
    for strategy in load_strategies():
        for treatment in strategy.treatments:
            if (
                task.strategy in (strategy.code, strategy.label)
                and treatment.code == task.treatment
            ):
                return treatment.when.text
    return ""


def _meaning(name: str) -> str:
    if name not in CATALOGUE:
        return name.replace("_", " ")
    fact = CATALOGUE[name]
    return fact.meaning_zh if (get_language() or "").startswith("zh") else fact.meaning_en


def _value(name: str, value: Any, currency: str) -> str:
    kind = CATALOGUE[name].type if name in CATALOGUE else None
    if kind is FactType.MONEY and isinstance(value, int) and currency:
        return formats.money(value, currency)
    if kind is FactType.DATE and isinstance(value, str):
        return formats.day(date.fromisoformat(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return formats.number(value) if isinstance(value, int) else str(value)


def _chart(found: CaseView) -> StepChart | None:
    """The buckets of the account that is longest overdue, over the last months."""
    if not found.accounts:
        return None
    number = found.accounts[0].external_id
    steps = [step for step in found.bucket_steps if step.account_number == number]
    moves = [(step.moved_on, step.to_bucket) for step in reversed(steps)]
    return step_chart(moves, found.as_of - timedelta(days=CHART_DAYS), found.as_of)
