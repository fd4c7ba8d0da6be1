"""Open cases as a lead looks at them to move some: where they lie, how late, what is next.

Moving them is `work/case_moves.py`; the list that a collector works from is a worklist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery

from kept.core.actors import Actor
from kept.store.models import Case, Task
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["PILE_MOST", "PileChoice", "PilePage", "PileRow", "list_pile"]

#: Rows of a page, all of which may be moved at once.
PILE_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class PileRow:
    """An open case; figures and treatment are those of its open task, None without one."""

    case_id: int
    debtor_number: str
    stage: str
    opened_on: date
    seat_code: str | None
    treatment: str | None
    strategy: str | None
    skill: str | None
    dpd: int | None
    overdue_minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class PileChoice:
    """Of one creditor; `seat` is a code, "" for all, "-" for cases without one."""

    creditor_code: str
    seat: str = ""
    stage: str = ""
    skill: str = ""


@dataclass(frozen=True, slots=True)
class PilePage:
    cases: tuple[PileRow, ...]
    next_cursor: str | None


def list_pile(
    actor: Actor, choice: PileChoice, cursor: str = "", *, limit: int = PILE_MOST
) -> PilePage:
    """Open cases of a creditor that the actor may deal, the oldest first."""
    rows = visible_rows(Case, require(actor, Permission.CASE_DEAL))
    rows = _chosen(rows.filter(closed_on__isnull=True), choice)
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        rows = rows.filter(pk__gt=int(cursor))
    found = list(_with_tasks(rows).order_by("pk").values_list(*_COLUMNS)[: limit + 1])
    shown = found[:limit]
    cursor_after = str(shown[-1][0]) if len(found) > limit else None
    return PilePage(tuple(PileRow(*row) for row in shown), cursor_after)


def _chosen(rows: QuerySet[Case], choice: PileChoice) -> QuerySet[Case]:
    rows = rows.filter(creditor__code=choice.creditor_code)
    if choice.seat == "-":
        rows = rows.filter(seat__isnull=True)
    elif choice.seat:
        rows = rows.filter(seat__code=choice.seat)
    if choice.stage:
        rows = rows.filter(stage=choice.stage)
    if choice.skill:
        wanted = Task.objects.filter(state=Task.State.OPEN, skill=choice.skill)
        rows = rows.filter(pk__in=wanted.values("case_id"))
    return rows


def _with_tasks(rows: QuerySet[Case]) -> QuerySet[Case]:
    """With the open task that comes first."""
    first = Task.objects.filter(case=OuterRef("pk"), state=Task.State.OPEN)
    first = first.order_by("-priority", "pk")
    columns: dict[str, Any] = {
        f"task_{name}": Subquery(first.values(name)[:1])
        for name in ("treatment", "strategy", "skill", "dpd", "overdue_minor", "currency")
    }
    return rows.annotate(**columns)


_COLUMNS: Final = (
    "pk",
    "debtor__external_id",
    "stage",
    "opened_on",
    "seat__code",
    "task_treatment",
    "task_strategy",
    "task_skill",
    "task_dpd",
    "task_overdue_minor",
    "task_currency",
)
