"""Strategies: the list, one version with its ladder, and what is done to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.said_changes import Row, SaidChange
from kept.core.strategies import Strategy
from kept.core.strategy_words import rows_of_treatment, strategy_changes, strategy_rows
from kept.desk.access import DeskRequest, page
from kept.desk.ladders import picture_of
from kept.desk.verdicts import law_language
from kept.packs.strategies import StrategyFault
from kept.work.permissions import Permission, may, may_house
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.strategies import do_assign_strategy, list_strategy_uses
from kept.work.strategy_lists import (
    StrategyView,
    get_strategy,
    list_strategies,
    list_strategy_steps,
    skills_without_seat,
)
from kept.work.strategy_room import list_shortages, treatments_too_long
from kept.work.strategy_versions import (
    do_approve_strategy,
    do_draft_strategy,
    do_put_in_force,
    do_reject_strategy,
    do_retire_strategy,
    do_submit_strategy,
)

__all__ = [
    "assign_strategy",
    "day_given",
    "draft_strategy",
    "found_strategy",
    "refused",
    "rights_of",
    "said_of",
    "shown_faults",
    "step_strategy",
    "strategies",
    "strategy",
    "today_of",
]


_WITHIN: Final = re.compile(r"^treatments\[\d+\]\.?")


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A problem in the reader's language; `place` is the key, within the treatment if in one."""

    line: int | None
    treatment: str
    place: str
    said: str


def today_of(request: DeskRequest) -> date:
    return timezone.localtime(request.now).date()


@page(Permission.STRATEGY_READ)
def strategies(request: DeskRequest) -> HttpResponse:
    today = today_of(request)
    found = list_strategies(request.actor, today)
    uses = list_strategy_uses(request.actor, today)
    context = {
        "rows": [(view, view.name(law_language())) for view in found],
        "uses": uses,
        "codes": sorted({view.code for view in found}),
        "today": today,
        "may_write": may_house(request.actor, Permission.STRATEGY_WRITE),
        "may_assign": may(request.actor, Permission.STRATEGY_ASSIGN),
    }
    return render(request, "desk/strategies.html", context)


@page(Permission.STRATEGY_READ)
def strategy(request: DeskRequest, label: str) -> HttpResponse:
    view = found_strategy(request, label)
    others = [
        each
        for each in list_strategies(request.actor, today_of(request))
        if each.strategy is not None and each.label != label
    ]
    against = _against(request.GET.get("against", ""), view, others)
    context = {
        "view": view,
        "name": view.name(law_language()),
        "others": others,
        "against": against,
        "changes": _changes(against, view),
        "steps": ()
        if view.version_id is None
        else list_strategy_steps(request.actor, view.version_id),
        "faults": shown_faults(view.faults),
        "today": today_of(request),
        "rights": rights_of(request, view),
        "shortages": list_shortages(request.actor, view.label),
        **said_of(view.strategy),
    }
    return render(request, "desk/strategy.html", context)


def found_strategy(request: DeskRequest, label: str) -> StrategyView:
    view = get_strategy(request.actor, label, today_of(request))
    if view is None:
        raise Http404
    return view


def shown_faults(faults: Iterable[StrategyFault]) -> tuple[ShownFault, ...]:
    return tuple(
        ShownFault(
            each.line,
            each.treatment,
            _WITHIN.sub("", each.problem.path),
            each.problem.told(_),
        )
        for each in faults
    )


def said_of(found: Strategy | None) -> Mapping[str, Any]:
    """What a strategy says, drawn and in words; empty while its text is wrong."""
    if found is None:
        return {"picture": None, "parts": (), "treatments": (), "unmanned": (), "too_long": ()}
    language = law_language()
    treatments = [
        (each, getattr(each, f"name_{language}"), rows_of_treatment(each, found, language)[1:])
        for each in found.treatments
    ]
    return {
        "picture": picture_of(found, language),
        "parts": _parts(found, language),
        "treatments": treatments,
        "unmanned": skills_without_seat(found),
        "too_long": [
            (treatment_of(found, each.treatment, language), each)
            for each in treatments_too_long(found)
        ],
    }


def treatment_of(found: Strategy, code: str, language: str) -> str:
    """A treatment's name in a text that may not be in force."""
    names = {each.code: (each.name_en, each.name_zh) for each in found.treatments}
    return names[code][language == "zh"]


def _parts(found: Strategy, language: str) -> list[tuple[str, tuple[Row, ...]]]:
    """Segments and arms in words."""
    rows = list(strategy_rows(found, language).items())
    return rows[1 : len(rows) - len(found.treatments)]


def _against(label: str, view: StrategyView, others: list[StrategyView]) -> StrategyView | None:
    """The version asked for; else the one in force of this code, else the one before."""
    if view.strategy is None:
        return None
    if label:
        return next((each for each in others if each.label == label), None)
    own = [each for each in others if each.code == view.code]
    standing = [each for each in own if each.standing in ("in_force", "ending")]
    before = [each for each in own if each.version < view.version]
    return next(iter([*standing, *before]), None)


def _changes(against: StrategyView | None, view: StrategyView) -> tuple[SaidChange, ...]:
    if against is None or against.strategy is None or view.strategy is None:
        return ()
    return strategy_changes(against.strategy, view.strategy, law_language())


def rights_of(request: DeskRequest, view: StrategyView) -> Mapping[str, bool]:
    """What the reader may do with a version as it stands; the use cases ask again."""
    actor = request.actor
    writes, approves, enforces = (
        may_house(actor, each)
        for each in (
            Permission.STRATEGY_WRITE,
            Permission.STRATEGY_APPROVE,
            Permission.STRATEGY_ENFORCE,
        )
    )
    is_writer = view.version_id is not None and any(
        step.person_id == actor.person_id and step.kind in ("draft", "change", "submit")
        for step in list_strategy_steps(actor, view.version_id)
    )
    state = view.state
    return {
        "copy": writes,
        "edit": writes and state == "draft",
        "submit": writes and state == "draft" and not view.faults,
        "approve": approves and state == "review" and not is_writer,
        "wait": approves and state == "review" and is_writer,
        "reject": approves and state in ("review", "approved"),
        "force": enforces and state == "approved",
        "retire": enforces and state in ("draft", "review", "approved", "in_force"),
    }


# --- what is done ---------------------------------------------------------------------------------


@require_POST
@page(Permission.STRATEGY_WRITE)
def draft_strategy(request: DeskRequest) -> HttpResponse:
    try:
        label = do_draft_strategy(
            actor=request.actor,
            copied_from=request.POST.get("copied_from", ""),
            text=request.POST.get("text", ""),
            now=request.now,
        )
    except NotAllowed:
        raise
    except Refusal as refusal:
        return refused(request, refusal, reverse("strategies"))
    messages.success(request, _("%(label)s is begun.") % {"label": label})
    return redirect("edit_strategy", label)


def refused(request: DeskRequest, refusal: Refusal, back: str) -> HttpResponse:
    messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    return redirect(back)


@require_POST
@page(Permission.STRATEGY_READ)
def step_strategy(request: DeskRequest, label: str) -> HttpResponse:
    """One step of a version's life, by the button that was pressed."""
    view = found_strategy(request, label)
    step = _STEPS.get(request.POST.get("step", ""))
    if view.version_id is None or step is None:
        raise Http404
    try:
        said = step(request, view)
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        return refused(request, refusal, reverse("strategy", args=[label]))
    messages.success(request, said)
    return redirect("strategy", label)


def _given(request: DeskRequest, view: StrategyView) -> dict[str, Any]:
    return {"actor": request.actor, "version_id": view.version_id, "now": request.now}


def _note(request: DeskRequest) -> str:
    return request.POST.get("note", "")


def _submit(request: DeskRequest, view: StrategyView) -> str:
    revision = request.POST.get("revision", "")
    seen = int(revision) if revision.isdecimal() and len(revision) < 9 else view.revision
    do_submit_strategy(**_given(request, view), revision=seen, note=_note(request))
    return _("Submitted: somebody who wrote none of it decides.")


def _approve(request: DeskRequest, view: StrategyView) -> str:
    do_approve_strategy(**_given(request, view), note=_note(request))
    return _("Approved. It works a book once it is put in force.")


def _reject(request: DeskRequest, view: StrategyView) -> str:
    do_reject_strategy(**_given(request, view), reason=_note(request))
    return _("Sent back to its writers.")


def _force(request: DeskRequest, view: StrategyView) -> str:
    day = do_put_in_force(
        **_given(request, view), from_on=day_given(request, "from_on"), note=_note(request)
    )
    return _("In force from %(day)s.") % {"day": day}


def _retire(request: DeskRequest, view: StrategyView) -> str:
    do_retire_strategy(
        **_given(request, view), last_on=day_given(request, "last_on"), note=_note(request)
    )
    return _("Retired.")


_STEPS: Mapping[str, Callable[[DeskRequest, StrategyView], str]] = {
    "submit": _submit,
    "approve": _approve,
    "reject": _reject,
    "force": _force,
    "retire": _retire,
}


def day_given(request: DeskRequest, name: str) -> date | None:
    given = request.POST.get(name, "").strip()
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Refusal(
            _("%(given)s is no day; write it as 2026-01-31.") % {"given": given}
        ) from None


@require_POST
@page(Permission.STRATEGY_ASSIGN)
def assign_strategy(request: DeskRequest) -> HttpResponse:
    creditor = request.POST.get("creditor", "")
    code = request.POST.get("code", "")
    try:
        do_assign_strategy(
            actor=request.actor,
            creditor_id=int(creditor) if creditor.isdecimal() and len(creditor) < 19 else 0,
            code=code,
            from_on=day_given(request, "from_on"),
            note=_note(request),
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        return refused(request, refusal, reverse("strategies"))
    messages.success(request, _("From that day the book is worked by %(code)s.") % {"code": code})
    return redirect("strategies")
