"""Conflicts as they are read: which seat must not work which debtor, and since when.

They are placed and ended in `work/seat_times.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kept.core.actors import Actor
from kept.store.models import Case, SeatConflict
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["ConflictView", "list_conflicts"]


@dataclass(frozen=True, slots=True)
class ConflictView:
    """`case_ids` are the debtor's open cases that the actor may read."""

    conflict_id: int
    seat_id: int
    seat_code: str
    debtor_number: str
    reason: str
    placed_at: datetime
    placed_by: str
    case_ids: tuple[int, ...]


def list_conflicts(*, actor: Actor, seat_id: int | None = None) -> tuple[ConflictView, ...]:
    """Conflicts with debtors that the actor has a case of in reach, by seat."""
    cases = visible_rows(Case, require(actor, Permission.SEAT_READ))
    rows = SeatConflict.objects.filter(debtor_id__in=cases.values("debtor_id"))
    if seat_id is not None:
        rows = rows.filter(seat_id=seat_id)
    found = list(rows.select_related("seat", "debtor").order_by("seat__code", "pk"))
    open_cases: dict[int, list[int]] = {}
    here = cases.filter(debtor_id__in=[row.debtor_id for row in found], closed_on__isnull=True)
    for debtor_id, case_id in here.order_by("pk").values_list("debtor_id", "pk"):
        open_cases.setdefault(debtor_id, []).append(case_id)
    return tuple(
        ConflictView(
            row.pk,
            row.seat_id,
            row.seat.code,
            row.debtor.external_id,
            row.reason,
            row.placed_at,
            row.placed_by,
            tuple(open_cases.get(row.debtor_id, ())),
        )
        for row in found
    )
