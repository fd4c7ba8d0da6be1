"""Open cases of a creditor as a list from which a lead moves some to a seat, with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kept.core.strategies import Stage
from kept.desk.access import DeskRequest, page
from kept.desk.changing import number_of_form, refused_text
from kept.desk.dealing_rules import dealing_tabs
from kept.desk.words import word
from kept.desk.worklists import house_day
from kept.work.case_moves import do_move_cases
from kept.work.case_piles import PILE_MOST, PileChoice, list_pile
from kept.work.cases import get_case
from kept.work.creditors import list_creditors
from kept.work.permissions import Permission, may, may_house
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.seat_times import SeatView, list_seats

__all__ = ["move_case", "move_cases", "pile"]


@page(Permission.CASE_DEAL)
def pile(request: DeskRequest) -> HttpResponse:
    creditors = list_creditors(actor=request.actor, permission=Permission.CASE_DEAL)
    given = request.GET
    first = creditors[0][1] if creditors else ""
    choice = PileChoice(
        given.get("creditor", "") or first,
        given.get("seat", "")[:32],
        given.get("stage", "")[:16],
        given.get("skill", "")[:32],
    )
    found = list_pile(request.actor, choice, given.get("cursor", ""))
    seats = _seats_of(request, choice.creditor_code)
    query = given.copy()
    query.pop("cursor", None)
    context = {
        "page": found,
        "choice": choice,
        "creditors": creditors,
        "seats": seats,
        "stages": [(stage.value, word(stage, "stage")) for stage in Stage],
        "skills": sorted({skill for each in seats for skill in each.seat.skills}),
        "query": query.urlencode(),
        "here": request.get_full_path(),
        "most": PILE_MOST,
        **dealing_tabs(request),
    }
    return render(request, "desk/pile.html", context)


@page(Permission.CASE_DEAL)
def move_case(request: DeskRequest, case_id: int) -> HttpResponse:
    """The form to move one case; within its page where a script asks for it."""
    found = get_case(request.actor, case_id, now=request.now)
    if found is None or found.closed_on:
        raise Http404
    context = {
        "case_id": case_id,
        "seats": _seats_of(request, found.creditor_code),
        "may_set_conflict": may_house(request.actor, Permission.SEAT_CHANGE),
    }
    template = "desk/_move_case.html" if request.htmx else "desk/move_case.html"
    return render(request, template, context)


def _seats_of(request: DeskRequest, creditor_code: str) -> list[SeatView]:
    """Seats in reach that serve the creditor, with what they have."""
    if not may(request.actor, Permission.SEAT_READ):
        return []
    found = list_seats(actor=request.actor, on=house_day(request.now))
    return [
        each for each in found if not each.creditor_codes or creditor_code in each.creditor_codes
    ]


@require_POST
@page(Permission.CASE_DEAL)
def move_cases(request: DeskRequest) -> HttpResponse:
    """All the ticked cases or none; where it is refused, the page says which and why."""
    given = request.POST
    try:
        found = do_move_cases(
            actor=request.actor,
            case_ids=[number_of_form(each) or 0 for each in given.getlist("case")],
            seat_id=number_of_form(given.get("seat", "")) or 0,
            reason=given.get("reason", ""),
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, refused_text(refusal))
    else:
        told = ngettext("%(count)s case moved.", "%(count)s cases moved.", found)
        messages.success(request, told % {"count": found})
    back = given.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if safe else "pile")
