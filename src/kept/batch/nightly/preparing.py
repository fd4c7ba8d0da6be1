"""What a night fixes at its start: tonight's seats, their skills, and how many minutes are left.

Seats change by day; a night that resumes deals by those it began with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kept.core.dealing import Seat as DealingSeat
from kept.store.models import Seat
from kept.store.nights import Night, make_proposals, seat_minutes_taken

__all__ = ["prepare", "seats_of"]


def prepare(night: Night) -> Mapping[str, Any]:
    """The active seats that serve the creditor; minutes that other nights took are taken off."""
    taken = seat_minutes_taken(night)
    seats = []
    for seat in Seat.objects.filter(active=True).prefetch_related("creditors").order_by("pk"):
        serves = {creditor.pk for creditor in seat.creditors.all()}
        if not serves or night.creditor_id in serves:
            seats.append(
                {
                    "id": seat.pk,
                    "code": seat.code,
                    "skills": sorted(seat.skills),
                    "languages": sorted(seat.languages),
                    "minutes": max(0, seat.minutes_per_day - taken.get(seat.pk, 0)),
                }
            )
    with transaction.atomic():
        make_proposals(night.run_id)
    return {"seats": seats}


def seats_of(prepared: Mapping[str, Any]) -> list[DealingSeat]:
    """The seats of a prepared night as dealing takes them; all of them serve the creditor."""
    return [
        DealingSeat(
            id=seat["id"],
            skills=frozenset(seat["skills"]),
            minutes=seat["minutes"],
            languages=frozenset(seat["languages"]),
        )
        for seat in prepared["seats"]
    ]
