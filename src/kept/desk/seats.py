"""Seats: the list, the form of one, its days with absences, extra time and blocks."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.batch.dealing import do_withdraw_seat
from kept.core.seats import Shift
from kept.core.shift_texts import parse_shifts, shifts_text
from kept.desk.access import DeskRequest, page
from kept.desk.changing import day_of_form, number_of_form, try_change, whole_of_form
from kept.desk.worklists import house_day
from kept.store.models import Creditor, LegalEntity, Seat, Team
from kept.work.permissions import Permission, may_house
from kept.work.refusals import refuse
from kept.work.seat_times import (
    SeatView,
    do_block_seat,
    do_place_absence,
    do_remove_absence,
    do_set_extra_time,
    do_unblock_seat,
    get_seat,
    get_seat_days,
    list_seats,
)
from kept.work.seats import SeatTerms, do_save_seat

__all__ = ["change_seat_time", "save_seat", "seat", "seats"]


@page(Permission.SEAT_READ)
def seats(request: DeskRequest) -> HttpResponse:
    found = list_seats(
        actor=request.actor, on=house_day(request.now), with_withdrawn="all" in request.GET
    )
    context = {"seats": found, "with_withdrawn": "all" in request.GET, **_choices(request)}
    return render(request, "desk/seats.html", context)


@page(Permission.SEAT_READ)
def seat(request: DeskRequest, seat_id: int) -> HttpResponse:
    today = house_day(request.now)
    found = get_seat(actor=request.actor, seat_id=seat_id, on=today)
    if found is None:
        raise Http404
    days = get_seat_days(actor=request.actor, seat_id=seat_id, first=today)
    context = {
        "found": found,
        "seat": found.seat,
        "given": _given(found),
        "days": days,
        "absences": found.seat.absences.filter(last_on__gte=today).order_by("first_on"),
        "blocks": Seat.Block.choices,
        **_choices(request),
    }
    return render(request, "desk/seat.html", context)


@require_POST
@page(Permission.SEAT_CHANGE)
def save_seat(request: DeskRequest) -> HttpResponse:
    """Add a seat or change one; what would be stranded is told first."""
    seat_id = number_of_form(request.POST.get("seat_id", ""))

    def change() -> Seat:
        return _save(request, seat_id)

    found = try_change(request, change, _("The seat is saved."))
    if isinstance(found, Seat):
        return redirect("seat", found.pk)
    return redirect("seats") if seat_id is None else redirect("seat", seat_id)


@require_POST
@page(Permission.SEAT_CHANGE)
def change_seat_time(request: DeskRequest, seat_id: int) -> HttpResponse:
    """An absence, extra time, a block, or the end of one; or the seat is withdrawn."""
    given, now, actor = request.POST, request.now, request.actor
    changes: dict[str, Callable[[], object]] = {
        "absence": lambda: do_place_absence(
            actor=actor,
            seat_id=seat_id,
            first_on=day_of_form(given, "first_on"),
            last_on=day_of_form(given, "last_on"),
            reason=given.get("reason", "")[:200],
            now=now,
        ),
        "no_absence": lambda: do_remove_absence(
            actor=actor, absence_id=number_of_form(given.get("absence_id", "")) or 0, now=now
        ),
        "extra": lambda: do_set_extra_time(
            actor=actor,
            seat_id=seat_id,
            on=day_of_form(given, "on"),
            minutes=whole_of_form(given.get("minutes", "")) or 0,
            reason=given.get("reason", "")[:200],
            now=now,
        ),
        "block": lambda: do_block_seat(
            actor=actor,
            seat_id=seat_id,
            reason=given.get("reason", ""),
            until=day_of_form(given, "until") if given.get("until") else None,
            now=now,
        ),
        "unblock": lambda: do_unblock_seat(actor=actor, seat_id=seat_id, now=now),
        "withdraw": lambda: do_withdraw_seat(actor=actor, seat_id=seat_id, now=now),
    }
    change = changes.get(given.get("what", ""))
    if change is None:
        raise Http404
    try_change(request, change, _("Done."))
    return redirect("seat", seat_id)


def _save(request: DeskRequest, seat_id: int | None) -> Seat:
    given = request.POST
    shifts = parse_shifts(given.get("shifts", ""))
    if shifts is None:
        refuse({"shifts": _("Write shifts as 1-5 09:00-12:00, 1-5 13:00-18:00 (Monday is 1).")})
    before = Seat.objects.filter(pk=seat_id).first() if seat_id else None
    return do_save_seat(
        actor=request.actor,
        seat_id=seat_id,
        code=given.get("code", "").strip(),
        team_id=number_of_form(given.get("team", "")) or 0,
        user_id=before.user_id if before else None,
        skills=_words(given.get("skills", "")),
        languages=_words(given.get("languages", "")),
        creditor_ids=[whole_of_form(each) or 0 for each in given.getlist("creditors")],
        minutes_per_day=whole_of_form(given.get("minutes", "")) or 0,
        active=before.active if before else True,
        terms=SeatTerms(
            kind=given.get("kind", "person"),
            legal_entity_id=number_of_form(given.get("legal_entity", "")),
            grade=whole_of_form(given.get("grade", "")) or 0,
            shifts=tuple(
                (each.weekday, each.first_minute, each.end_minute) for each in shifts or ()
            ),
            calendar=given.get("calendar", "").strip().upper(),
            caseload_limit=whole_of_form(given.get("caseload_limit", "")),
        ),
        returns_tasks="returns_tasks" in given,
        now=request.now,
    )


def _given(found: SeatView) -> dict[str, object]:
    row = found.seat
    return {
        "skills": ", ".join(row.skills),
        "languages": ", ".join(row.languages),
        "creditor_ids": [each.pk for each in row.creditors.all()],
        "shifts": shifts_text([Shift(*each) for each in row.shifts]),
    }


def _choices(request: DeskRequest) -> dict[str, object]:
    if not may_house(request.actor, Permission.SEAT_CHANGE):
        return {"may_change": False}
    return {
        "may_change": True,
        "kinds": Seat.Kind.choices,
        "teams": Team.objects.order_by("name"),
        "creditors": Creditor.objects.order_by("code"),
        "companies": LegalEntity.objects.filter(type=LegalEntity.Type.THIRD_PARTY_AGENCY).order_by(
            "name"
        ),
    }


def _words(text: str) -> list[str]:
    return [each for each in text.replace(",", " ").replace("，", " ").split() if each]
