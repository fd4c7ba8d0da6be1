"""Cases as rows of a list, page by page in the order of their ids: for programs that read the book.

One case with everything is `work/cases.py`; the lists that people work from are worklists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kept.core.actors import Actor
from kept.store.models import Case
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = ["CasePage", "CaseRow", "list_cases"]


@dataclass(frozen=True, slots=True)
class CaseRow:
    case_id: int
    creditor_code: str
    debtor_id: int
    debtor_number: str
    stage: str
    opened_on: date
    closed_on: date | None
    close_reason: str
    seat_code: str | None


@dataclass(frozen=True, slots=True)
class CasePage:
    cases: tuple[CaseRow, ...]
    next_cursor: str | None


def list_cases(
    actor: Actor,
    cursor: str = "",
    *,
    creditor_code: str = "",
    is_open: bool | None = None,
    limit: int = 50,
) -> CasePage:
    """Cases that the actor may see, the oldest first; a cursor that is none begins at the start."""
    rows = visible_rows(Case, require(actor, Permission.CASE_READ))
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        rows = rows.filter(pk__gt=int(cursor))
    if creditor_code:
        rows = rows.filter(creditor__code=creditor_code)
    if is_open is not None:
        rows = rows.filter(closed_on__isnull=is_open)
    found = list(rows.order_by("pk").values_list(*_COLUMNS)[: limit + 1])
    shown = found[:limit]
    return CasePage(
        tuple(CaseRow(*row) for row in shown),
        str(shown[-1][0]) if len(found) > limit else None,
    )


_COLUMNS = (
    "pk",
    "creditor__code",
    "debtor_id",
    "debtor__external_id",
    "stage",
    "opened_on",
    "closed_on",
    "close_reason",
    "seat__code",
)
