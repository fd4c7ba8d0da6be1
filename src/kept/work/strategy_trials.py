"""Trials of strategies as they are read: how far each is, and what it came to.

They are asked for and worked off in `batch/strategy_trials.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from kept.core.actors import Actor
from kept.store.models import Run
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["KIND", "TrialView", "get_strategy_trial", "list_strategy_trials"]

KIND: Final = "strategy_trial"
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class TrialView:
    """`result` is empty until it is done."""

    run_id: int
    label: str
    creditor_name: str
    on: date | None
    days: int
    state: str
    done: int
    total: int
    asked_at: datetime
    actor: str
    result: Mapping[str, Any]

    @property
    def is_working(self) -> bool:
        return self.state in (Run.State.WAITING, Run.State.RUNNING)


def list_strategy_trials(actor: Actor, label: str) -> tuple[TrialView, ...]:
    """The last trials of a version on the books that the actor sees, the newest first."""
    rows = visible_rows(Run, require(actor, Permission.STRATEGY_READ)).filter(kind=KIND)
    found = rows.filter(parameters__strategy=label).select_related("creditor").order_by("-id")
    return tuple(map(_view, found[:_SHOWN]))


def get_strategy_trial(actor: Actor, run_id: int) -> TrialView | None:
    rows = visible_rows(Run, require(actor, Permission.STRATEGY_READ)).filter(kind=KIND)
    row = rows.select_related("creditor").filter(pk=run_id).first()
    return None if row is None else _view(row)


def _view(row: Run) -> TrialView:
    return TrialView(
        run_id=row.pk,
        label=row.parameters["strategy"],
        creditor_name=row.creditor.name if row.creditor else "",
        on=row.business_date,
        days=row.parameters["days"],
        state=row.state,
        done=row.done_units,
        total=row.total_units,
        asked_at=row.now,
        actor=row.actor,
        result=row.result,
    )
