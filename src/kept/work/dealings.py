"""Reading the dealings outside the night: the list, and one with what it moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet

from kept.core.actors import Actor
from kept.store.models import Run
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["DealingView", "get_dealing", "list_dealings"]

_KIND: Final = "dealing"
PAGE: Final = 30


@dataclass(frozen=True, slots=True)
class DealingView:
    run_id: int
    creditor_code: str
    creditor_name: str
    business_date: date | None
    now: datetime
    actor: str
    result: Mapping[str, Any]


def list_dealings(*, actor: Actor) -> tuple[DealingView, ...]:
    """The last ones in reach, the newest first."""
    return tuple(_view(row) for row in _visible(actor).order_by("-pk")[:PAGE])


def get_dealing(*, actor: Actor, run_id: int) -> DealingView | None:
    row = _visible(actor).filter(pk=run_id).first()
    return None if row is None else _view(row)


def _visible(actor: Actor) -> QuerySet[Run]:
    rows = visible_rows(Run, require(actor, Permission.CASE_DEAL))
    return rows.filter(kind=_KIND, state=Run.State.DONE).select_related("creditor")


def _view(row: Run) -> DealingView:
    creditor = row.creditor
    return DealingView(
        run_id=row.pk,
        creditor_code=creditor.code if creditor else "",
        creditor_name=creditor.name if creditor else "",
        business_date=row.business_date,
        now=row.now,
        actor=row.actor,
        result=row.result,
    )
