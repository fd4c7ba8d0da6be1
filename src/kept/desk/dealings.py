"""Dealing outside the night: tried, looked at, applied, and undone as a whole."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.batch.dealing import do_undo_dealing, run_dealing
from kept.desk.access import DeskRequest, page
from kept.desk.changing import creditor_given
from kept.desk.dealing_rules import dealing_tabs
from kept.store.models import Creditor
from kept.work.creditors import list_creditors
from kept.work.dealings import get_dealing, list_dealings
from kept.work.permissions import Permission
from kept.work.refusals import NotAllowed, NotThere, Refusal

__all__ = ["apply_dealing", "dealing", "dealings", "undo_dealing"]


@page(Permission.CASE_DEAL)
def dealings(request: DeskRequest) -> HttpResponse:
    """What was dealt, and with `?creditor=` what dealing now would come to."""
    context: dict[str, object] = {
        "dealings": list_dealings(actor=request.actor),
        "creditors": list_creditors(actor=request.actor, permission=Permission.CASE_DEAL),
        **dealing_tabs(request),
    }
    code = request.GET.get("creditor", "")
    if code:
        creditor = creditor_given(request, code, Permission.CASE_DEAL)
        found = run_dealing(actor=request.actor, creditor=creditor, now=request.now, dry_run=True)
        context |= {"tried": found, "creditor": creditor}
    return render(request, "desk/dealings.html", context)


@page(Permission.CASE_DEAL)
def dealing(request: DeskRequest, run_id: int) -> HttpResponse:
    found = get_dealing(actor=request.actor, run_id=run_id)
    if found is None:
        raise Http404
    creditor = Creditor.objects.get(code=found.creditor_code)
    context = {"dealing": found, "result": found.result, "creditor": creditor}
    return render(request, "desk/dealing.html", context)


@require_POST
@page(Permission.CASE_DEAL)
def apply_dealing(request: DeskRequest) -> HttpResponse:
    """What was shown, once; refused when it would come out otherwise by now."""
    creditor = creditor_given(request, request.POST.get("creditor", ""), Permission.CASE_DEAL)
    try:
        found = run_dealing(
            actor=request.actor,
            creditor=creditor,
            now=request.now,
            key=request.POST.get("once_key", "")[:64],
            mark=request.POST.get("mark", ""),
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("dealings")
    messages.success(request, _("Dealt: %(moves)s cases moved.") % {"moves": found["moves"]})
    return redirect("dealing", found["run_id"])


@require_POST
@page(Permission.CASE_DEAL)
def undo_dealing(request: DeskRequest, run_id: int) -> HttpResponse:
    found = do_undo_dealing(actor=request.actor, run_id=run_id, now=request.now)
    told = _(
        "Undone: %(moves)s cases are back; %(left)s stay, since somebody touched them or the seat"
        " they had is gone or must not have them."
    )
    left = sum(found["left"].values())
    messages.success(request, told % {"moves": found["moves"], "left": left})
    return redirect("dealing", run_id)
