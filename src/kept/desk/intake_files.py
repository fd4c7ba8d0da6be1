"""Files of creditors: the list, one file with what came of it, its rejects, and handing one in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from kept.batch.intake.telling import sentence_of, wait_message
from kept.core.histories import Span
from kept.desk.access import DeskRequest, page
from kept.desk.charts import Bar, bars
from kept.desk.profiles import view_of
from kept.store.models import IntakeFile
from kept.work.creditors import list_creditors
from kept.work.intake_files import (
    IntakeFileFilters,
    IntakeFileView,
    get_intake_file,
    list_intake_files,
    list_intake_rejects,
)
from kept.work.permissions import Permission, may

__all__ = ["intake_file", "intake_files", "intake_rejects"]


@page(Permission.INTAKE_READ)
def intake_files(request: DeskRequest) -> HttpResponse:
    asked = request.GET
    creditor = asked.get("creditor", "")
    filters = IntakeFileFilters(
        creditor_id=int(creditor) if creditor.isdigit() and len(creditor) < 19 else None,
        state=asked["state"] if asked.get("state") in IntakeFile.State.values else None,
    )
    found = list_intake_files(request.actor, filters, asked.get("cursor", ""))
    context = {
        "page": found,
        "asked": asked,
        "states": IntakeFile.State.choices,
        "creditors": list_creditors(actor=request.actor, permission=Permission.INTAKE_READ),
        "may_receive": may(request.actor, Permission.INTAKE_RECEIVE),
    }
    return render(request, "desk/intake_files.html", context)


@page(Permission.INTAKE_READ)
def intake_file(request: DeskRequest, intake_file_id: int) -> HttpResponse:
    file = _file(request, intake_file_id)
    template = "desk/_intake_file.html" if request.htmx else "desk/intake_file.html"
    return render(request, template, context_of(request, file))


def context_of(request: DeskRequest, file: IntakeFileView) -> dict[str, object]:
    answer = file.acknowledgement
    return {
        "file": file,
        "as_of_assumed": "as_of" not in file.control and file.state != IntakeFile.State.SKIPPED,
        "message": wait_message(file.message),
        "quarantine": sentence_of(file.quarantine_code, file.quarantine_detail),
        "rows": answer.get("rows"),
        "amounts": [
            (code, amounts) for code, amounts in (answer.get("amounts_minor") or {}).items()
        ],
        "rejects": _by_code(answer.get("rejects_by_code")),
        "warnings": _by_code(answer.get("warnings_by_code")),
        "profile": view_of(file.profile),
        "span": _span(answer.get("span")),
        "is_working": file.run_state == "running",
        "may_decide": may(request.actor, Permission.INTAKE_RECEIVE)
        and file.state == IntakeFile.State.PROFILED
        and file.run_state == "waiting",
    }


def _span(stored: Mapping[str, Any] | None) -> Span | None:
    """Which days a file of attempts covers."""
    return None if stored is None else Span.from_json(stored)


@page(Permission.INTAKE_READ)
def intake_rejects(request: DeskRequest, intake_file_id: int) -> HttpResponse:
    file = _file(request, intake_file_id)
    found = list_intake_rejects(request.actor, intake_file_id, request.GET.get("cursor", ""))
    rows = [(each, sentence_of(each.code, each.detail)) for each in found.rejects]
    context = {"file": file, "rows": rows, "next_cursor": found.next_cursor}
    template = "desk/_reject_rows.html" if request.htmx.target == "more" else "desk/rejects.html"
    return render(request, template, context)


def _file(request: DeskRequest, intake_file_id: int) -> IntakeFileView:
    found = get_intake_file(request.actor, intake_file_id)
    if found is None:
        raise Http404
    return found


def _by_code(counts: Mapping[str, int] | None) -> tuple[Bar, ...]:
    """The most frequent first, by their sentences without values."""
    ordered = sorted((counts or {}).items(), key=lambda each: (-each[1], each[0]))
    return bars([(sentence_of(code, {}), count) for code, count in ordered])
