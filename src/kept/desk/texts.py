"""Texts: the list, one text with its languages side by side, a version, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.text_figures import MissingFigures, fill
from kept.core.texts import CHANNELS
from kept.core.word_changes import WordChange, word_changes
from kept.desk.access import DeskRequest, page
from kept.desk.strategies import day_given, refused, today_of
from kept.desk.text_marks import example_words, marked, shown_text_findings
from kept.store.models import Creditor, TextVersion
from kept.work.case_figures import figures_of_case
from kept.work.cases import get_case
from kept.work.creditors import list_creditors
from kept.work.permissions import Permission, may, may_house
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.text_files import do_draft_texts, get_text_file
from kept.work.text_lists import (
    TextView,
    findings_of_view,
    get_text,
    list_text_steps,
    list_texts,
)
from kept.work.text_uses import TextUse, uses_of_text
from kept.work.text_versions import (
    do_approve_text,
    do_draft_text,
    do_put_text_in_force,
    do_reject_text,
    do_retire_text,
    do_submit_text,
)

__all__ = [
    "begin_text",
    "begin_texts",
    "compared",
    "export_texts",
    "found_text",
    "step_text",
    "text",
    "text_version",
    "texts",
]

_FILE_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Wording:
    """One language of a text: what holds for the whole house, and every version of it."""

    language: str
    held: TextView | None
    views: tuple[TextView, ...]
    draft: TextView | None


@dataclass(frozen=True, slots=True)
class ListedText:
    code: str
    kind: str
    channel: str
    wordings: tuple[Wording, ...]


# --- reading --------------------------------------------------------------------------------------


@page(Permission.TEXT_READ)
def texts(request: DeskRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    listed = _listed(list_texts(request.actor, today_of(request)))
    context = {
        "rows": [each for each in listed if kind in ("", each.kind)],
        "kind": kind,
        "kinds": TextVersion.Kind.choices,
        "shapes": _shapes(),
        "creditors": _creditors(request),
        **_may_begin(request),
    }
    return render(request, "desk/texts.html", context)


def _listed(views: Sequence[TextView]) -> list[ListedText]:
    grouped: dict[str, dict[str, list[TextView]]] = {}
    for view in views:
        grouped.setdefault(view.text.code, {}).setdefault(view.text.language, []).append(view)
    found = []
    for code, by_language in grouped.items():
        one = next(iter(by_language.values()))[0].text
        wordings = tuple(_wording(language, of) for language, of in by_language.items())
        found.append(ListedText(code, one.kind.value, one.channel.value, wordings))
    return found


def _wording(language: str, views: Sequence[TextView]) -> Wording:
    of_house = [each for each in views if each.text.creditor_id is None]
    held = next((each for each in of_house if each.holds), None)
    draft = next((each for each in views if each.state in ("draft", "review", "approved")), None)
    return Wording(language, held, tuple(views), draft)


def _shapes() -> list[tuple[str, str, str]]:
    """Every kind with its channels, as one choice of a form."""
    names = dict(TextVersion.Kind.choices)
    return [
        (f"{kind.value}/{channel.value}", str(names[kind.value]), channel.value)
        for kind, channels in CHANNELS.items()
        for channel in channels
    ]


def _creditors(request: DeskRequest) -> Sequence[tuple[int, str, str]]:
    if not may(request.actor, Permission.TEXT_WRITE):
        return ()
    return list_creditors(actor=request.actor, permission=Permission.TEXT_WRITE)


def _may_begin(request: DeskRequest) -> Mapping[str, bool]:
    return {
        "may_write": may(request.actor, Permission.TEXT_WRITE),
        "may_write_house": may_house(request.actor, Permission.TEXT_WRITE),
    }


@page(Permission.TEXT_READ)
def text(request: DeskRequest, code: str) -> HttpResponse:
    today = today_of(request)
    listed = _listed(list_texts(request.actor, today, code))
    if not listed:
        raise Http404
    uses: Sequence[TextUse] = uses_of_text(code, today)
    shown = [(each, _marked(each.held, request)) for each in listed[0].wordings]
    context = {
        "one": listed[0],
        "wordings": shown,
        "uses": uses,
        "creditors": _creditors(request),
        **_may_begin(request),
    }
    return render(request, "desk/text.html", context)


def _marked(view: TextView | None, request: DeskRequest) -> object:
    return marked(view.text.body, findings_of_view(view, today_of(request))) if view else ()


@page(Permission.TEXT_READ)
def text_version(request: DeskRequest, label: str) -> HttpResponse:
    view = found_text(request, label)
    findings = findings_of_view(view, today_of(request))
    others = [
        each
        for each in list_texts(request.actor, today_of(request), view.text.code)
        if each.text.language == view.text.language and each.label != label
    ]
    against = _against(request.GET.get("against", ""), others)
    context = {
        "view": view,
        "pieces": marked(view.text.body, findings),
        "findings": shown_text_findings(view.text.body, findings),
        "preview": example_words(view.text.body, view.text.language),
        "others": others,
        "against": against,
        "changes": compared(against, view.text.body),
        "steps": list_text_steps(request.actor, view.version_id) if view.version_id else (),
        "today": today_of(request),
        "rights": _rights(request, view, any(each.bars for each in findings)),
        **_with_case(request, view),
        **_may_begin(request),
    }
    return render(request, "desk/text_version.html", context)


def found_text(request: DeskRequest, label: str) -> TextView:
    view = get_text(request.actor, label, today_of(request))
    if view is None:
        raise Http404
    return view


def _against(label: str, others: list[TextView]) -> TextView | None:
    """The version asked for; else the one that holds, else the newest other one."""
    if label:
        return next((each for each in others if each.label == label), None)
    return next(iter([*(each for each in others if each.holds), *others]), None)


def compared(against: TextView | None, body: str) -> tuple[WordChange, ...]:
    return word_changes(against.text.body, body) if against else ()


def _with_case(request: DeskRequest, view: TextView) -> dict[str, object]:
    """The words for a real case: only of one that the reader may see."""
    given = request.GET.get("case", "").strip()
    may_ask = may(request.actor, Permission.CASE_READ)
    asked: dict[str, object] = {"case_given": given, "may_ask_case": may_ask}
    if not (given and may_ask):
        return asked
    is_number = given.isdecimal() and given.isascii() and len(given) < 19
    found = get_case(request.actor, int(given), now=request.now) if is_number else None
    if found is None:
        return {**asked, "case_fault": _("There is no such case, or it is not yours to see.")}
    creditor = Creditor.objects.get(code=found.creditor_code)
    try:
        words = fill(view.text.body, figures_of_case(found, creditor, view.text.language))
    except MissingFigures as lacking:
        names = ", ".join(f"{{{name}}}" for name in lacking.names)
        told = _("It cannot be said for this case: %(names)s has no value.") % {"names": names}
        return {**asked, "case_fault": told}
    return {**asked, "case_words": words, "case_id": found.case_id}


def _rights(request: DeskRequest, view: TextView, is_barred: bool) -> Mapping[str, bool]:
    """What the reader may do with a version as it stands; the use cases ask again."""
    writes, approves, enforces = (
        _may_for(request, each, view)
        for each in (Permission.TEXT_WRITE, Permission.TEXT_APPROVE, Permission.TEXT_ENFORCE)
    )
    is_writer = view.version_id is not None and any(
        step.person_id == request.actor.person_id and step.kind in ("draft", "change", "submit")
        for step in list_text_steps(request.actor, view.version_id)
    )
    state = view.state
    return {
        "copy": writes,
        "edit": writes and state == "draft",
        "submit": writes and state == "draft" and not is_barred,
        "approve": approves and state == "review" and not is_writer and not is_barred,
        "wait": approves and state == "review" and is_writer,
        "reject": approves and state in ("review", "approved"),
        "force": enforces and state == "approved",
        "retire": enforces and state in ("draft", "review", "approved", "in_force"),
    }


def _may_for(request: DeskRequest, permission: Permission, view: TextView) -> bool:
    if view.text.creditor_id is None:
        return may_house(request.actor, permission)
    if not may(request.actor, permission):
        return False
    creditors = list_creditors(actor=request.actor, permission=permission)
    return any(creditor_id == view.text.creditor_id for creditor_id, _code, _name in creditors)


# --- what is done ---------------------------------------------------------------------------------


@require_POST
@page(Permission.TEXT_WRITE)
def begin_text(request: DeskRequest) -> HttpResponse:
    """Begin a version: of a text that is there, in another language, or of a new code."""
    given = request.POST
    kind, _slash, channel = given.get("shape", "").partition("/")
    copied = given.get("copied_from", "")
    back = reverse("texts")
    try:
        source = found_text(request, copied) if copied else None
        label = do_draft_text(
            actor=request.actor,
            code=given.get("code", "").strip() or (source.text.code if source else ""),
            language=given.get("language", "").strip() or (source.text.language if source else ""),
            kind=kind,
            channel=channel,
            body=source.text.body if source else given.get("body", ""),
            creditor_id=_creditor_given(request, source),
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        return refused(request, refusal, back)
    messages.success(request, _("%(label)s is begun.") % {"label": label})
    return redirect("edit_text", label)


def _creditor_given(request: DeskRequest, source: TextView | None) -> int | None:
    given = request.POST.get("creditor")
    if given is None and source is not None:
        return source.text.creditor_id
    return int(given) if given and given.isdecimal() and len(given) < 19 else None


@require_POST
@page(Permission.TEXT_WRITE)
def begin_texts(request: DeskRequest) -> HttpResponse:
    """Drafts from a file."""
    file = request.FILES.get("file")
    back = reverse("texts")
    if file is None or (file.size or 0) > _FILE_MOST:
        messages.error(request, _("Choose a file of texts, at most one megabyte."))
        return redirect(back)
    try:
        content = file.read().decode("utf-8-sig")
        labels = do_draft_texts(
            actor=request.actor,
            content=content,
            creditor_id=_creditor_given(request, None),
            now=request.now,
        )
    except UnicodeDecodeError:
        messages.error(request, _("This file is not UTF-8 text; save it as UTF-8."))
        return redirect(back)
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        return refused(request, refusal, back)
    if labels:
        messages.success(request, _("Begun: %(labels)s.") % {"labels": ", ".join(labels)})
    else:
        messages.info(request, _("The file says nothing that does not hold already."))
    return redirect(back)


@page(Permission.TEXT_READ)
def export_texts(request: DeskRequest) -> HttpResponse:
    """What holds today, as a file."""
    content = get_text_file(
        request.actor,
        today_of(request),
        request.GET.get("code", ""),
        request.GET.get("creditor", ""),
    )
    answer = HttpResponse(content, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="texts.yaml"'
    return answer


@require_POST
@page(Permission.TEXT_READ)
def step_text(request: DeskRequest, label: str) -> HttpResponse:
    """One step of a version's life, by the button that was pressed."""
    view = found_text(request, label)
    step = _STEPS.get(request.POST.get("step", ""))
    if view.version_id is None or step is None:
        raise Http404
    try:
        said = step(request, view)
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        return refused(request, refusal, reverse("text_version", args=[label]))
    messages.success(request, said)
    return redirect("text_version", label)


def _given(request: DeskRequest, view: TextView) -> dict[str, Any]:
    return {"actor": request.actor, "version_id": view.version_id, "now": request.now}


def _note(request: DeskRequest) -> str:
    return request.POST.get("note", "")


def _submit(request: DeskRequest, view: TextView) -> str:
    revision = request.POST.get("revision", "")
    seen = int(revision) if revision.isdecimal() and len(revision) < 9 else view.revision
    do_submit_text(**_given(request, view), revision=seen, note=_note(request))
    return _("Submitted: somebody who wrote none of it decides.")


def _approve(request: DeskRequest, view: TextView) -> str:
    do_approve_text(**_given(request, view), note=_note(request))
    return _("Approved. It is said once it is put in force.")


def _reject(request: DeskRequest, view: TextView) -> str:
    do_reject_text(**_given(request, view), reason=_note(request))
    return _("Sent back to its writers.")


def _force(request: DeskRequest, view: TextView) -> str:
    day = do_put_text_in_force(
        **_given(request, view),
        from_on=day_given(request, "from_on"),
        until=day_given(request, "until"),
        note=_note(request),
    )
    return _("In force from %(day)s.") % {"day": day}


def _retire(request: DeskRequest, view: TextView) -> str:
    do_retire_text(
        **_given(request, view), last_on=day_given(request, "last_on"), note=_note(request)
    )
    return _("Retired.")


_STEPS: Mapping[str, Callable[[DeskRequest, TextView], str]] = {
    "submit": _submit,
    "approve": _approve,
    "reject": _reject,
    "force": _force,
    "retire": _retire,
}
