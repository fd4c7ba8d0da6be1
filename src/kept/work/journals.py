"""The general ledger of a period: lines that balance, and what each book holds at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.store.ledger import ALL_KNOWN
from kept.store.models import Creditor
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal

__all__ = ["Journal", "get_journal"]


@dataclass(frozen=True, slots=True)
class Journal:
    """`lines`: by day, creditor, product, currency, book and component what came in (debit) and
    went out (credit); with those of suspense each day's debits and credits are equal. `balances`:
    what each book holds on the last day."""

    lines: list[dict[str, Any]]
    balances: list[dict[str, Any]]


def get_journal(
    *,
    actor: Actor,
    first: date,
    last: date,
    creditor_code: str | None = None,
    known_at: datetime | None = None,
) -> Journal:
    """Of the creditors that the actor sees whole, or of one; as known by now or at an instant."""
    within = require(actor, Permission.MONEY_EXPORT)
    if last < first:
        raise Refusal(_("The last day is before the first."))
    rows = visible_rows(Creditor, within)
    if creditor_code is not None:
        rows = rows.filter(code=creditor_code)
        if not rows.exists():
            raise not_there()
    ids = [pk for pk in rows.values_list("pk", flat=True) if within.reaches_creditor(pk)]
    given = {
        "first": first,
        "last": last,
        "known_at": known_at or ALL_KNOWN,
        "creditor_ids": ids,
    }
    sql = load("money")
    lines = sql["journal"].rows(given) + _suspense(sql["suspense_journal"].rows(given))
    lines.sort(key=lambda row: (row["effective_on"], row["creditor"], row["product"], row["book"]))
    return Journal(lines, sql["book_balances"].rows(given))


def _suspense(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Money without an account: what lies in cash stands against suspense."""
    found = []
    for row in rows:
        plain = {"product": "", "component": "", **row}
        found.append({**plain, "book": "suspense"})
        turned = {"debit_minor": row["credit_minor"], "credit_minor": row["debit_minor"]}
        found.append({**plain, **turned, "book": "cash"})
    return found
