"""Reading the nightly runs: the list and one night with its summary.

Running the night is `kept.batch.nightly`; its result is shown as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from kept.core.actors import Actor
from kept.store.models import Run
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["NightPage", "NightView", "get_night", "list_last_nights", "list_nights"]

KIND = "nightly"
PAGE = 30


@dataclass(frozen=True, slots=True)
class NightView:
    """One creditor's night, or (without a creditor) one over the whole house."""

    run_id: int
    creditor_name: str
    business_date: date | None
    now: datetime
    actor: str
    state: str
    stage: str
    done_units: int
    total_units: int
    message: str
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NightPage:
    nights: tuple[NightView, ...]
    next_cursor: str | None


def list_nights(actor: Actor, cursor: str = "", *, limit: int = PAGE) -> NightPage:
    """Nightly runs that the actor may see, the newest first."""
    rows = _visible(actor)
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    return NightPage(
        tuple(_view(row) for row in shown), str(shown[-1].pk) if len(found) > limit else None
    )


def list_last_nights(actor: Actor) -> tuple[NightView, ...]:
    """The newest night of each creditor, by the creditor's name."""
    newest = _visible(actor).order_by("creditor_id", "-business_date", "-pk")
    found = [_view(row) for row in newest.distinct("creditor_id")]
    return tuple(sorted(found, key=lambda night: night.creditor_name))


def get_night(actor: Actor, run_id: int) -> NightView | None:
    row = _visible(actor).filter(pk=run_id).first()
    return None if row is None else _view(row)


def _visible(actor: Actor) -> QuerySet[Run]:
    """A night over the whole house has no creditor; only those who see all of them see it."""
    within = require(actor, Permission.NIGHT_READ)
    return visible_rows(Run, within).filter(kind=KIND).select_related("creditor")


def _view(row: Run) -> NightView:
    return NightView(
        run_id=row.pk,
        creditor_name=row.creditor.name if row.creditor else "",
        business_date=row.business_date,
        now=row.now,
        actor=row.actor,
        state=row.state,
        stage=row.stage,
        done_units=row.done_units,
        total_units=row.total_units,
        message=row.message,
        result=row.result,
    )
