"""The seats of a day: how long each works, what it may take, and whether its cases wait for it.

The night and dealing outside it read the same rows. Nobody asks for them directly, so there is no
actor here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from kept.core.dealing import Seat as DealingSeat
from kept.core.dealing_policy import DealingPolicy
from kept.core.seats import Hours, Off, Shift, back_on, seat_day
from kept.store.calendars import business_calendar
from kept.store.dealings import cases_held
from kept.store.models import Seat

__all__ = ["SeatOfDay", "dealing_seat", "hours_of", "seats_of_day"]


@dataclass(frozen=True, slots=True)
class SeatOfDay:
    """`minutes` of the whole day; `cases_room` None is no limit. Away: `off` says why."""

    id: int
    code: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    minutes: int
    grade: int
    cases_room: int | None
    off: Off | None
    back_on: date | None
    keeps_cases: bool


def hours_of(seat: Seat, on: date) -> Hours:
    """The seat's hours with the days around `on`; its absences and extra times are read."""
    return Hours(
        minutes_per_day=seat.minutes_per_day,
        shifts=tuple(Shift(*row) for row in seat.shifts),
        calendar=business_calendar(seat.calendar, on.year - 1, on.year + 1)
        if seat.calendar
        else None,
        absences=tuple((each.first_on, each.last_on) for each in seat.absences.all()),
        is_blocked=bool(seat.blocked_reason),
        blocked_until=seat.blocked_until,
        extra_minutes={each.on: each.minutes for each in seat.extra_times.all()},
    )


def seats_of_day(
    creditor_id: int, on: date, policy: DealingPolicy, *, seat_ids: Collection[int] | None = None
) -> tuple[SeatOfDay, ...]:
    """The active seats that serve the creditor, by id; only some when ids are given."""
    rows = Seat.objects.filter(active=True).order_by("pk")
    if seat_ids is not None:
        rows = rows.filter(pk__in=seat_ids)
    rows = rows.prefetch_related("creditors", "absences", "extra_times")
    serving = [seat for seat in rows if _serves(seat, creditor_id)]
    limited = [seat.pk for seat in serving if seat.caseload_limit is not None]
    held = cases_held(limited) if limited else {}
    return tuple(_of_day(seat, on, policy, held) for seat in serving)


def dealing_seat(seat: SeatOfDay, minutes: int) -> DealingSeat:
    """As dealing takes it, with the minutes that are still to be given."""
    return DealingSeat(
        id=seat.id,
        skills=frozenset(seat.skills),
        minutes=minutes,
        languages=frozenset(seat.languages),
        grade=seat.grade,
        cases_room=seat.cases_room,
        is_away=seat.off is not None,
        keeps_cases=seat.keeps_cases,
    )


def _serves(seat: Seat, creditor_id: int) -> bool:
    serves = {creditor.pk for creditor in seat.creditors.all()}
    return not serves or creditor_id in serves


def _of_day(seat: Seat, on: date, policy: DealingPolicy, held: Mapping[int, int]) -> SeatOfDay:
    hours = hours_of(seat, on)
    today = seat_day(hours, on)
    # A seat of no minutes a day works, and has no room; only what keeps it away makes it away.
    off = today.off if seat.minutes_per_day or today.off is not Off.DAY_OFF else None
    back = back_on(hours, on) if off else None
    limit = seat.caseload_limit
    return SeatOfDay(
        id=seat.pk,
        code=seat.code,
        skills=tuple(sorted(seat.skills)),
        languages=tuple(sorted(seat.languages)),
        minutes=today.minutes,
        grade=seat.grade,
        cases_room=None if limit is None else max(0, limit - held.get(seat.pk, 0)),
        off=off,
        back_on=back,
        keeps_cases=back is not None and (back - on).days <= policy.absence_days,
    )
