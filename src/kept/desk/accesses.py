"""Timed access of staff to a creditor's data: asking for it, seeing who had it and what for."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.actors import Role
from kept.desk.access import DeskRequest, page
from kept.work.accesses import (
    ACCESS_ROLES,
    HOURS_MOST,
    access_command,
    do_end_access,
    list_accesses,
    list_creditors_to_access,
)
from kept.work.approvals import do_request_approval
from kept.work.permissions import Permission, may, may_house
from kept.work.refusals import Refusal

__all__ = ["accesses", "end_access", "request_access"]


@page()
def accesses(request: DeskRequest) -> HttpResponse:
    asks = may_house(request.actor, Permission.ACCESS_REQUEST)
    reads = may(request.actor, Permission.ACCESS_READ)
    if not (asks or reads):
        raise Http404
    context = {
        "accesses": list_accesses(actor=request.actor, now=request.now) if reads else (),
        "creditors": list_creditors_to_access(actor=request.actor) if asks else (),
        "roles": [role.value for role in ACCESS_ROLES],
        "hours": (1, 2, 4, 8, HOURS_MOST),
        "asks": asks,
        "now": request.now,
    }
    return render(request, "desk/accesses.html", context)


@require_POST
@page(Permission.ACCESS_REQUEST)
def request_access(request: DeskRequest) -> HttpResponse:
    given = request.POST
    numbers = [given.get(name, "") for name in ("creditor", "hours")]
    try:
        if not all(number.isascii() and number.isdigit() for number in numbers):
            raise Refusal(_("Choose the creditor and for how long."))
        role = given.get("role", "")
        do_request_approval(
            actor=request.actor,
            kind="staff_access",
            command=access_command(
                int(numbers[0]), Role(role) if role in set(Role) else Role.AUDITOR, int(numbers[1])
            ),
            reason=given.get("reason", ""),
            now=request.now,
        )
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    else:
        messages.success(request, _("Asked for: somebody on the creditor's side decides."))
    return redirect("accesses")


@require_POST
@page()
def end_access(request: DeskRequest, access_id: int) -> HttpResponse:
    do_end_access(actor=request.actor, access_id=access_id, now=request.now)
    messages.success(request, _("The access is ended."))
    return redirect("accesses")
