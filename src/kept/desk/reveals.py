"""Showing one masked value of a case, for a reason. It is on no page until somebody asks for it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kept.core.reveals import RevealKind
from kept.desk.access import DeskRequest, page
from kept.work.permissions import Permission
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.reveals import do_reveal_value

__all__ = ["reveal_value"]


@require_POST
@never_cache
@page(Permission.NUMBER_REVEAL)
def reveal_value(request: DeskRequest, case_id: int, kind: str, value_id: int) -> HttpResponse:
    """The value alone where the page asks for it, else a page of its own; kept nowhere."""
    known = RevealKind.IDENTITY if kind == RevealKind.IDENTITY else RevealKind.CONTACT_POINT
    try:
        value = do_reveal_value(
            actor=request.actor,
            case_id=case_id,
            kind=known,
            value_id=value_id,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        if request.htmx:
            return render(request, "desk/_revealed.html", {"fault": refusal.message}, status=422)
        messages.error(request, refusal.message)
        return redirect("case", case_id)
    template = "desk/_revealed.html" if request.htmx else "desk/revealed.html"
    context = {
        "value": value,
        "case_id": case_id,
        "kind": known.value,
        "value_id": value_id,
        "htmx": bool(request.htmx),
    }
    return render(request, template, context)
