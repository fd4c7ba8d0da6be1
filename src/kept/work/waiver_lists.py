"""Waivers of a case to read, each with its figures, its condition and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kept.core.actors import Actor
from kept.store.models import Waiver
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["WaiverView", "list_waivers"]

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class WaiverView:
    """`components` are (name, amount asked for, amount posted), of all accounts."""

    waiver_id: int
    case_id: int
    kind: str
    state: str
    reason: str
    rule: str
    policy: str
    currency: str
    owed_minor: int
    waived_minor: int
    components: Sequence[tuple[str, int, int]]
    parts: Sequence[tuple[date, int]]
    paid_minor: int
    offer_until: date
    accepted_on: date | None
    posted_on: date | None
    requested_by: str
    requested_at: datetime
    approval_id: int | None
    counters_id: int | None
    round: int

    @property
    def pays_minor(self) -> int:
        return sum(amount for _day, amount in self.parts)

    @property
    def posted_minor(self) -> int:
        return sum(posted for _name, _asked, posted in self.components)

    @property
    def is_open(self) -> bool:
        return self.state in ("requested", "offered", "accepted")


def list_waivers(
    *, actor: Actor, case_id: int | None = None, state: str = ""
) -> tuple[WaiverView, ...]:
    """The newest first; of one case, or of everything in reach in one state."""
    rows = visible_rows(Waiver, require(actor, Permission.CASE_READ))
    if case_id is not None:
        rows = rows.filter(case_id=case_id)
    if state:
        rows = rows.filter(state=state)
    found = rows.prefetch_related("lines").order_by("-requested_at", "-pk")[:_SHOWN]
    return tuple(_view(row) for row in found)


def _view(row: Waiver) -> WaiverView:
    sums: dict[str, tuple[int, int]] = {}
    for line in row.lines.all():
        asked, posted = sums.get(line.component, (0, 0))
        sums[line.component] = (asked + line.amount_minor, posted + line.posted_minor)
    return WaiverView(
        waiver_id=row.pk,
        case_id=row.case_id,
        kind=row.kind,
        state=row.state,
        reason=row.reason,
        rule=row.rule,
        policy=row.policy,
        currency=row.currency,
        owed_minor=row.owed_minor,
        waived_minor=row.waived_minor,
        components=[(name, *both) for name, both in sorted(sums.items())],
        parts=[(date.fromisoformat(day), amount) for day, amount in row.parts],
        paid_minor=row.paid_minor,
        offer_until=row.offer_until,
        accepted_on=row.accepted_on,
        posted_on=row.posted_on,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        approval_id=row.approval_id,
        counters_id=row.counters_id,
        round=row.round,
    )
