"""When a seat does not work or works more, what it must not work, and what that comes to by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach
from kept.core.seats import Off, seat_day
from kept.store.events import append_event
from kept.store.models import Case, Seat, SeatAbsence, SeatConflict, SeatExtraTime, Task
from kept.store.to_decide import Cause, mark_case, mark_tasks
from kept.store.visibility import visible_rows
from kept.work.changes import not_there, row_to_change, save_with_event
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import refuse
from kept.work.seat_days import hours_of

__all__ = [
    "SeatDayView",
    "SeatView",
    "do_block_seat",
    "do_end_conflict",
    "do_place_absence",
    "do_place_conflict",
    "do_remove_absence",
    "do_set_extra_time",
    "do_unblock_seat",
    "get_seat",
    "get_seat_days",
    "list_seats",
]

_DAYS_MOST: Final = 366
#: A seat has no zone: somewhere it may still be the day before that of `now` in UTC.
_ZONES_APART: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SeatDayView:
    on: date
    minutes: int
    off: Off | None


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat with what lies with it; `today` is of the day that was asked for."""

    seat: Seat
    user_name: str
    creditor_codes: tuple[str, ...]
    cases: int
    tasks: int
    minutes: int
    today: SeatDayView


def list_seats(*, actor: Actor, on: date, with_withdrawn: bool = False) -> tuple[SeatView, ...]:
    """The seats in reach, by code, with the open cases and tasks that the actor may see."""
    within = require(actor, Permission.SEAT_READ)
    rows = _in_reach(within).select_related("team", "user", "legal_entity")
    if not with_withdrawn:
        rows = rows.filter(active=True)
    seats = list(rows.prefetch_related("creditors", "absences", "extra_times").order_by("code"))
    cases = _counts(visible_rows(Case, within).filter(closed_on__isnull=True), seats)
    open_tasks = visible_rows(Task, within).filter(state=Task.State.OPEN)
    tasks = _counts(open_tasks, seats)
    return tuple(_view(seat, cases, tasks, on) for seat in seats)


def get_seat(*, actor: Actor, seat_id: int, on: date) -> SeatView | None:
    found = list_seats(actor=actor, on=on, with_withdrawn=True)
    return next((each for each in found if each.seat.pk == seat_id), None)


def get_seat_days(
    *, actor: Actor, seat_id: int, first: date, days: int = 28
) -> tuple[SeatDayView, ...]:
    """How long the seat works on each of so many days."""
    seat = _in_reach(require(actor, Permission.SEAT_READ)).filter(pk=seat_id).first()
    if seat is None:
        raise not_there()
    wanted = [first + timedelta(days=n) for n in range(min(days, _DAYS_MOST))]
    return tuple(_day(seat, on) for on in wanted)


@transaction.atomic
def do_place_absence(
    *, actor: Actor, seat_id: int, first_on: date, last_on: date, reason: str, now: datetime
) -> SeatAbsence:
    """Whole days without work; its cases wait or move as the dealing policy says."""
    seat = _to_change(actor, seat_id)
    if last_on < first_on:
        refuse({"last_on": _("The last day lies before the first.")})
    if not reason.strip():
        refuse({"reason": _("Say why.")})
    values = {
        "seat_id": seat.pk,
        "first_on": first_on,
        "last_on": last_on,
        "reason": reason.strip(),
        "placed_at": now,
        "placed_by": actor.name,
    }
    given: dict[str, Any] = values
    row = SeatAbsence.objects.create(**given)
    mark_tasks(Cause.SEAT, now, seat_id=seat.pk)
    _tell(actor, seat, "seat.place_absence", now, first_on=first_on, last_on=last_on)
    return row


@transaction.atomic
def do_remove_absence(*, actor: Actor, absence_id: int, now: datetime) -> None:
    require_house(actor, Permission.SEAT_CHANGE)
    row = SeatAbsence.objects.select_for_update().filter(pk=absence_id).first()
    if row is None:
        raise not_there()
    _tell(actor, row.seat, "seat.remove_absence", now, first_on=row.first_on, last_on=row.last_on)
    row.delete()


@transaction.atomic
def do_set_extra_time(
    *, actor: Actor, seat_id: int, on: date, minutes: int, reason: str, now: datetime
) -> None:
    """Minutes beyond the shifts of one day; 0 takes them back."""
    seat = _to_change(actor, seat_id)
    if not 0 <= minutes <= 1440:
        refuse({"minutes": _("A day has 1440 minutes.")})
    if minutes and not reason.strip():
        refuse({"reason": _("Say why.")})
    SeatExtraTime.objects.filter(seat=seat, on=on).delete()
    if minutes:
        SeatExtraTime.objects.create(
            seat=seat,
            on=on,
            minutes=minutes,
            reason=reason.strip(),
            placed_at=now,
            placed_by=actor.name,
        )
    _tell(actor, seat, "seat.set_extra_time", now, on=on, minutes=minutes)


@transaction.atomic
def do_block_seat(
    *, actor: Actor, seat_id: int, reason: str, until: date | None = None, now: datetime
) -> Seat:
    """Nothing is dealt to the seat until that day (included), or until it is unblocked."""
    seat = _to_change(actor, seat_id)
    if reason not in Seat.Block.values:
        refuse({"reason": _("Choose one of: %s.") % ", ".join(Seat.Block.values)})
    if until is not None and until < now.date() - _ZONES_APART:
        refuse({"until": _("%(day)s has passed: choose a later last day.") % {"day": until}})
    values = {"blocked_reason": reason, "blocked_until": until}
    mark_tasks(Cause.SEAT, now, seat_id=seat.pk)
    return save_with_event(actor=actor, noun="seat", row=seat, values=values, now=now)


@transaction.atomic
def do_unblock_seat(*, actor: Actor, seat_id: int, now: datetime) -> Seat:
    seat = _to_change(actor, seat_id)
    values = {"blocked_reason": "", "blocked_until": None}
    return save_with_event(actor=actor, noun="seat", row=seat, values=values, now=now)


@transaction.atomic
def do_place_conflict(
    *, actor: Actor, seat_id: int, case_id: int, reason: str, now: datetime
) -> SeatConflict:
    """The seat must not work the debtor of this case, at any creditor that knows the person.

    What lies with it already moves with the next dealing.
    """
    require_house(actor, Permission.SEAT_CHANGE)
    seat = _to_change(actor, seat_id)
    case = visible_rows(Case, require(actor, Permission.CASE_READ)).filter(pk=case_id).first()
    if case is None:
        raise not_there()
    if reason not in SeatConflict.Reason.values:
        refuse({"reason": _("Choose one of: %s.") % ", ".join(SeatConflict.Reason.values)})
    row, made = SeatConflict.objects.get_or_create(
        seat=seat,
        debtor_id=case.debtor_id,
        defaults={"reason": reason, "placed_at": now, "placed_by": actor.name},
    )
    if made:
        mark_case(case.pk, Cause.SEAT, now)
        _tell(actor, seat, "seat.place_conflict", now, debtor=case.debtor_id, reason=reason)
    return row


@transaction.atomic
def do_end_conflict(*, actor: Actor, conflict_id: int, now: datetime) -> None:
    require_house(actor, Permission.SEAT_CHANGE)
    row = SeatConflict.objects.select_for_update().filter(pk=conflict_id).first()
    if row is None:
        raise not_there()
    _tell(actor, row.seat, "seat.end_conflict", now, debtor=row.debtor_id)
    row.delete()


def _to_change(actor: Actor, seat_id: int) -> Seat:
    require_house(actor, Permission.SEAT_CHANGE)
    return row_to_change(Seat, seat_id)


def _tell(actor: Actor, seat: Seat, action: str, now: datetime, **told: Any) -> None:
    body = {name: str(value) if isinstance(value, date) else value for name, value in told.items()}
    append_event(actor=actor, action=action, subject=f"seat:{seat.pk}", body=body, now=now)


def _in_reach(within: Reach) -> QuerySet[Seat]:
    """Seats whose work is within reach: of a team, of a creditor, or all."""
    shown = Q(pk__in=[])
    for scope in within.scopes:
        if scope.creditor_ids is None and scope.seat_ids is None:
            return Seat.objects.all()
        here = Q() if scope.seat_ids is None else Q(pk__in=scope.seat_ids)
        if scope.creditor_ids is not None:
            here &= Q(creditors__in=scope.creditor_ids) | Q(creditors__isnull=True)
        shown |= here
    return Seat.objects.filter(pk__in=Seat.objects.filter(shown).values("pk"))


def _counts(rows: QuerySet[Any], seats: Sequence[Seat]) -> dict[int, int]:
    found = rows.filter(seat_id__in=[seat.pk for seat in seats]).order_by()
    return dict(found.values_list("seat_id").annotate(Count("pk", distinct=True)))


def _view(seat: Seat, cases: dict[int, int], tasks: dict[int, int], on: date) -> SeatView:
    return SeatView(
        seat=seat,
        user_name=seat.user.get_username() if seat.user else "",
        creditor_codes=tuple(sorted(each.code for each in seat.creditors.all())),
        cases=cases.get(seat.pk, 0),
        tasks=tasks.get(seat.pk, 0),
        minutes=seat.minutes_per_day,
        today=_day(seat, on),
    )


def _day(seat: Seat, on: date) -> SeatDayView:
    found = seat_day(hours_of(seat, on), on)
    return SeatDayView(on, found.minutes, found.off)
