"""The editor of a text's draft: looked through while typing, saved without losing anything.

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

from kept.core.text_checks import BODY_MOST
from kept.core.text_figures import FIGURES
from kept.desk.access import DeskRequest, page
from kept.desk.strategies import today_of
from kept.desk.text_marks import example_words, marked, shown_text_findings
from kept.desk.texts import compared, found_text
from kept.desk.verdicts import law_language
from kept.work.permissions import Permission
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.strategy_versions import ChangedMeanwhile
from kept.work.text_checks import check_words
from kept.work.text_lists import TextView, list_texts
from kept.work.text_versions import do_change_text, do_submit_text

__all__ = ["check_text_words", "edit_text", "save_text"]


@page(Permission.TEXT_WRITE)
def edit_text(request: DeskRequest, label: str) -> HttpResponse:
    view = found_text(request, label)
    if view.state != "draft":
        messages.error(request, _("Only a draft is edited; begin a new version from this one."))
        return redirect("text_version", label)
    return _editor(request, view, view.text.body, view.revision)


def _editor(
    request: DeskRequest, view: TextView, body: str, revision: int, **more: object
) -> HttpResponse:
    language = law_language()
    context = {
        "view": view,
        "draft_text": body,
        "revision": revision,
        "most": BODY_MOST,
        "figures": [(name, each.meaning(language)) for name, each in FIGURES.items()],
        "elsewhere": _elsewhere(request, view),
        **_checked(request, view, body),
        **more,
    }
    return render(request, "desk/text_edit.html", context)


def _elsewhere(request: DeskRequest, view: TextView) -> list[TextView]:
    """What holds in the other languages, to write beside."""
    every = list_texts(request.actor, today_of(request), view.text.code)
    return [each for each in every if each.holds and each.text.language != view.text.language]


@require_POST
@page(Permission.TEXT_WRITE)
def check_text_words(request: DeskRequest, label: str) -> HttpResponse:
    """What words that nobody saved come to: findings with their places, and the example."""
    view = found_text(request, label)
    body = request.POST.get("text", "").replace("\r\n", "\n")[: BODY_MOST + 1]
    return render(request, "desk/_text_check.html", _checked(request, view, body))


def _checked(request: DeskRequest, view: TextView, body: str) -> Mapping[str, Any]:
    one, today = view.text, today_of(request)
    findings = check_words(
        body,
        kind=one.kind,
        channel=one.channel,
        language=one.language,
        creditor_id=one.creditor_id,
        on=today,
        code=one.code,
    )
    held = next(
        (
            each
            for each in list_texts(request.actor, today, one.code)
            if each.holds
            and each.text.language == one.language
            and each.text.creditor_id in (None, one.creditor_id)
        ),
        None,
    )
    return {
        "view": view,
        "findings": shown_text_findings(body, findings),
        "pieces": marked(body, findings),
        "preview": example_words(body, one.language),
        "against": held,
        "changes": compared(held, body),
    }


@require_POST
@page(Permission.TEXT_WRITE)
def save_text(request: DeskRequest, label: str) -> HttpResponse:
    """Save, and submit where that button was pressed; what is refused stays in the editor."""
    view = found_text(request, label)
    body = request.POST.get("text", "").replace("\r\n", "\n")
    given = request.POST.get("revision", "")
    revision = int(given) if given.isdecimal() and len(given) < 9 else 0
    who: dict[str, Any] = {
        "actor": request.actor,
        "version_id": view.version_id or 0,
        "now": request.now,
    }
    try:
        revision = do_change_text(**who, body=body, revision=revision)
        if request.POST.get("then") == "submit":
            do_submit_text(**who, revision=revision)
            messages.success(request, _("Submitted: somebody who wrote none of it decides."))
            return _go(request, reverse("text_version", args=[label]))
    except (NotAllowed, NotThere):
        raise
    except ChangedMeanwhile as refusal:
        return _answer(request, view, body, refusal.revision, **_conflict(refusal, body))
    except Refusal as refusal:
        told = " ".join(refusal.fields.values()) or refusal.message
        return _answer(request, view, body, revision, problem=told)
    if not request.htmx:
        messages.success(request, _("Saved."))
        return redirect("edit_text", label)
    return _answer(request, view, body, revision, saved_at=request.now)


def _conflict(refusal: ChangedMeanwhile, body: str) -> dict[str, object]:
    """What the other saved, line by line against what is in the editor."""
    lines = difflib.unified_diff(refusal.text.splitlines(), body.splitlines(), lineterm="", n=1)
    return {
        "problem": refusal.message,
        "difference": [(line[:1], line) for line in list(lines)[2:] if line[:2] != "@@"],
    }


def _answer(
    request: DeskRequest, view: TextView, body: str, revision: int, **more: object
) -> HttpResponse:
    """The strip with the next one-time key for the script, the whole page for others."""
    if request.htmx:
        context = {"view": view, "revision": revision, **more}
        return render(request, "desk/_strategy_saved.html", context)
    return _editor(request, view, body, revision, **more)


def _go(request: DeskRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
