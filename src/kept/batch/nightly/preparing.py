"""What a night fixes at its start: seats, capacities, what keeps cases and seats apart, thresholds.

They change by day; a night that resumes prices and deals by those it began with. What it saw of
the cases (their stage, and which are to leave their seat) waits in a table of the run's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from kept.core.dealing import Seat as DealingSeat
from kept.core.dealing_policy import DealingPolicy, policy_of, policy_values
from kept.core.seats import Off
from kept.store.dealings import Before, keep_before, read_conflicts
from kept.store.models import Run
from kept.store.nights import Night, make_proposals, seat_minutes_taken
from kept.work.capacities import capacities_of
from kept.work.dealing_policies import dealing_policy_of
from kept.work.night_group_lists import capacities_left
from kept.work.seat_days import SeatOfDay, dealing_seat, seats_of_day

__all__ = ["policy_of_night", "prepare", "seats_of", "seats_on"]


def prepare(run: Run, night: Night) -> Mapping[str, Any]:
    """The active seats that serve the creditor; minutes that other nights took are taken off.

    `away` are those that do not work today; `capacities` the creditor's limits beside minutes,
    as far as its group has them left.
    """
    policy = dealing_policy_of(night.creditor_id, night.on)
    taken = seat_minutes_taken(night)
    found = seats_of_day(night.creditor_id, night.on, policy)
    with transaction.atomic():
        make_proposals(night.run_id)
        keep_before(night.run_id, Before(night.creditor_id, night.on, night.now), policy)
    return {
        "seats": [_row(seat, taken.get(seat.id, 0)) for seat in found if seat.off is None],
        "away": [_row(seat, 0) for seat in found if seat.off is not None],
        "capacities": capacities_left(run, capacities_of(night.creditor_id, night.on)),
        "conflicts": read_conflicts(night.creditor_id),
        "policy": policy_values(policy),
    }


def seats_on(creditor_id: int, on: date) -> list[Mapping[str, Any]]:
    """The seats of a day with all their minutes: what a strategy is tried with."""
    found = seats_of_day(creditor_id, on, dealing_policy_of(creditor_id, on))
    return [_row(seat, 0) for seat in found if seat.off is None]


def seats_of(prepared: Mapping[str, Any]) -> list[DealingSeat]:
    """The seats of a prepared night as dealing takes them; all of them serve the creditor."""
    return [_dealing_seat(row) for row in (*prepared["seats"], *prepared.get("away", ()))]


def policy_of_night(prepared: Mapping[str, Any]) -> DealingPolicy:
    return policy_of(prepared.get("policy", {}))


def _row(seat: SeatOfDay, taken: int) -> dict[str, Any]:
    return {
        "id": seat.id,
        "code": seat.code,
        "skills": list(seat.skills),
        "languages": list(seat.languages),
        "minutes": max(0, seat.minutes - taken),
        "grade": seat.grade,
        "cases_room": seat.cases_room,
        "off": None if seat.off is None else seat.off.value,
        "keeps_cases": seat.keeps_cases,
    }


def _dealing_seat(row: Mapping[str, Any]) -> DealingSeat:
    """A night that began with the release before knew skills, languages and minutes only."""
    off = row.get("off")
    of_day = SeatOfDay(
        id=row["id"],
        code=row["code"],
        skills=tuple(row["skills"]),
        languages=tuple(row["languages"]),
        minutes=row["minutes"],
        grade=row.get("grade", 9),
        cases_room=row.get("cases_room"),
        off=None if off is None else Off(off),
        back_on=None,
        keeps_cases=row.get("keeps_cases", False),
    )
    return dealing_seat(of_day, of_day.minutes)
