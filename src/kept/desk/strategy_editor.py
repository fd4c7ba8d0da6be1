"""The editor over a draft's text: checked and drawn while typing, saved without losing anything.

The page works without scripts too: then Save answers with the page, and the check comes with it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from kept.desk.access import DeskRequest, page
from kept.desk.strategies import found_strategy, said_of, shown_faults, today_of
from kept.work.permissions import Permission
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.strategies import creditors_that_use
from kept.work.strategy_lists import StrategyView
from kept.work.strategy_versions import (
    TEXT_MOST,
    ChangedMeanwhile,
    check_text,
    do_change_draft,
    do_submit_strategy,
)

__all__ = ["check_strategy", "edit_strategy", "save_strategy"]


@page(Permission.STRATEGY_WRITE)
def edit_strategy(request: DeskRequest, label: str) -> HttpResponse:
    view = found_strategy(request, label)
    if view.state != "draft":
        messages.error(request, _("Only a draft is edited; begin a new version from this one."))
        return redirect("strategy", label)
    return _editor(request, view, view.text, view.revision)


def _editor(
    request: DeskRequest, view: StrategyView, text: str, revision: int, **more: object
) -> HttpResponse:
    lines = range(1, text.count("\n") + 2)
    context = {
        "view": view,
        "draft_text": text,
        "revision": revision,
        "numbers": "\n".join(map(str, lines)),
        "most": TEXT_MOST,
        **_checked(request, text, view.label),
        **more,
    }
    return render(request, "desk/strategy_edit.html", context)


@require_POST
@page(Permission.STRATEGY_WRITE)
def check_strategy(request: DeskRequest, label: str) -> HttpResponse:
    """What a text that nobody saved comes to: its faults with their lines, and its ladder."""
    text = request.POST.get("text", "").replace("\r\n", "\n")[: TEXT_MOST + 1]
    return render(request, "desk/_strategy_check.html", _checked(request, text, label))


def _checked(request: DeskRequest, text: str, label: str) -> Mapping[str, Any]:
    today = today_of(request)
    books = creditors_that_use(label.partition(":")[0], today)
    checked = check_text(text, label, today, books)
    return {"faults": shown_faults(checked.faults), **said_of(checked.strategy)}


@require_POST
@page(Permission.STRATEGY_WRITE)
def save_strategy(request: DeskRequest, label: str) -> HttpResponse:
    """Save, and submit where that button was pressed; what is refused stays in the editor."""
    view = found_strategy(request, label)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    given = request.POST.get("revision", "")
    revision = int(given) if given.isdecimal() and len(given) < 9 else 0
    try:
        revision = _save(request, view, text, revision)
        if request.POST.get("then") == "submit":
            do_submit_strategy(
                actor=request.actor,
                version_id=view.version_id or 0,
                revision=revision,
                now=request.now,
            )
            messages.success(request, _("Submitted: somebody who wrote none of it decides."))
            return _go(request, reverse("strategy", args=[label]))
    except (NotAllowed, NotThere):
        raise
    except ChangedMeanwhile as refusal:
        return _answer(request, view, text, refusal.revision, **_conflict(refusal, text))
    except Refusal as refusal:
        told = " ".join(refusal.fields.values()) or refusal.message
        return _answer(request, view, text, revision, problem=told)
    if not request.htmx:
        messages.success(request, _("Saved."))
        return redirect("edit_strategy", label)
    return _answer(request, view, text, revision, saved_at=request.now)


def _save(request: DeskRequest, view: StrategyView, text: str, revision: int) -> int:
    return do_change_draft(
        actor=request.actor,
        version_id=view.version_id or 0,
        text=text,
        revision=revision,
        now=request.now,
    )


def _conflict(refusal: ChangedMeanwhile, text: str) -> dict[str, object]:
    """What the other saved, line by line against what is in the editor."""
    lines = difflib.unified_diff(refusal.text.splitlines(), text.splitlines(), lineterm="", n=1)
    return {
        "problem": refusal.message,
        "difference": [(line[:1], line) for line in list(lines)[2:] if line[:2] != "@@"],
    }


def _answer(
    request: DeskRequest, view: StrategyView, text: str, revision: int, **more: object
) -> HttpResponse:
    """The strip with the next one-time key for the script, the whole page for others."""
    if request.htmx:
        context = {"view": view, "revision": revision, **more}
        return render(request, "desk/_strategy_saved.html", context)
    return _editor(request, view, text, revision, **more)


def _go(request: DeskRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
