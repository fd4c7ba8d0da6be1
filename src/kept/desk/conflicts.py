"""Which seat must not work which person: the list, a new one, and the end of one."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.desk.access import DeskRequest, page
from kept.desk.changing import number_of_form, try_change
from kept.desk.dealing_rules import dealing_tabs
from kept.desk.worklists import house_day
from kept.store.models import SeatConflict
from kept.work.permissions import Permission, may_house
from kept.work.refusals import NotThere, Refusal
from kept.work.seat_conflicts import list_conflicts
from kept.work.seat_times import do_end_conflict, do_place_conflict, list_seats

__all__ = ["conflicts", "end_conflict", "place_conflict"]


@page(Permission.SEAT_READ)
def conflicts(request: DeskRequest) -> HttpResponse:
    context = {
        "conflicts": [
            (each, SeatConflict.Reason(each.reason).label)
            for each in list_conflicts(actor=request.actor)
        ],
        "seats": list_seats(actor=request.actor, on=house_day(request.now)),
        "reasons": SeatConflict.Reason.choices,
        "may_change": may_house(request.actor, Permission.SEAT_CHANGE),
        "case": request.GET.get("case", "")[:18],
        **dealing_tabs(request),
    }
    return render(request, "desk/conflicts.html", context)


@require_POST
@page(Permission.SEAT_CHANGE)
def place_conflict(request: DeskRequest) -> HttpResponse:
    given = request.POST

    def change() -> object:
        try:
            return do_place_conflict(
                actor=request.actor,
                seat_id=number_of_form(given.get("seat", "")) or 0,
                case_id=number_of_form(given.get("case", "").strip().removeprefix("#")) or 0,
                reason=given.get("reason", ""),
                now=request.now,
            )
        except NotThere:
            raise Refusal(_("There is no such case or seat.")) from None

    told = _("Placed. What lies with the seat already moves with the next dealing.")
    try_change(request, change, told)
    return redirect("conflicts")


@require_POST
@page(Permission.SEAT_CHANGE)
def end_conflict(request: DeskRequest, conflict_id: int) -> HttpResponse:
    def change() -> object:
        do_end_conflict(actor=request.actor, conflict_id=conflict_id, now=request.now)
        return True

    try_change(request, change, _("The conflict has ended."))
    return redirect("conflicts")
