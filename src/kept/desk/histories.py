"""From when on every contact is known, by creditor: cut-over, loaded files, and declaring none."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.desk.access import DeskRequest, page
from kept.desk.law_rules import law_tabs
from kept.work.creditors import do_declare_no_history, do_set_cut_over
from kept.work.histories import list_histories
from kept.work.permissions import Permission, may
from kept.work.refusals import NotAllowed, NotThere, Refusal

__all__ = ["declare_no_history", "histories", "set_cut_over"]


@page(Permission.CONTACT_COUNT)
def histories(request: DeskRequest) -> HttpResponse:
    context = {
        "histories": list_histories(request.actor),
        "may_declare": may(request.actor, Permission.HISTORY_DECLARE),
        "may_set": may(request.actor, Permission.CREDITOR_CHANGE),
        **law_tabs(request),
    }
    return render(request, "desk/histories.html", context)


@require_POST
@page(Permission.HISTORY_DECLARE)
def declare_no_history(request: DeskRequest, creditor_id: int) -> HttpResponse:
    try:
        do_declare_no_history(
            actor=request.actor,
            creditor_id=creditor_id,
            reason=request.POST.get("reason", "")[:500],
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    else:
        messages.success(request, _("Declared: nobody was contacted before."))
    return redirect("histories")


@require_POST
@page(Permission.CREDITOR_CHANGE)
def set_cut_over(request: DeskRequest, creditor_id: int) -> HttpResponse:
    try:
        day = date.fromisoformat(request.POST.get("cut_over_on", ""))
        do_set_cut_over(
            actor=request.actor, creditor_id=creditor_id, cut_over_on=day, now=request.now
        )
    except ValueError:
        messages.error(request, _("Choose the day from which kept makes the contacts."))
    else:
        messages.success(request, _("The cut-over is set."))
    return redirect("histories" if may(request.actor, Permission.CONTACT_COUNT) else "today")
