"""What may be waived in a month: setting budgets, what is left of them, and taking a part.

A part is reserved by a waiver that is asked for, offered or accepted, used by one that is posted,
and free again when it ends otherwise. Nothing is counted twice: what is left is summed from the
waivers under a lock on the budget, so that two at once cannot overspend it. Where no budget is set
for a portfolio and month, none limits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.currencies import currency as currency_of
from kept.core.money import Money
from kept.store.models import Creditor, Product, WaiverBudget
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.changes import creditor_to_change, not_there, save_with_event
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal, refuse

__all__ = [
    "BudgetView",
    "budgets_of",
    "do_set_waiver_budget",
    "list_of_case",
    "list_waiver_budgets",
    "month_of",
    "refuse_overspending",
    "waivers_left",
]

_MOST = 10**15


@dataclass(frozen=True, slots=True)
class BudgetView:
    """`product_code` empty: all portfolios without a budget of their own."""

    budget_id: int
    creditor_code: str
    product_code: str
    month: date
    currency: str
    amount_minor: int
    reserved_minor: int
    used_minor: int

    @property
    def left_minor(self) -> int:
        return self.amount_minor - self.reserved_minor - self.used_minor


def month_of(day: date) -> date:
    return day.replace(day=1)


@transaction.atomic
def do_set_waiver_budget(
    *,
    actor: Actor,
    creditor_id: int,
    month: date,
    amount_minor: int,
    product_id: int | None = None,
    now: datetime,
) -> WaiverBudget:
    """What may be waived in a month; again replaces it, not below what is reserved and used."""
    creditor = creditor_to_change(require(actor, Permission.WAIVER_CHANGE_BUDGET), creditor_id)
    code = creditor.currency
    if product_id is not None:
        product = Product.objects.filter(pk=product_id, creditor=creditor).first()
        if product is None:
            raise not_there()
        code = product.currency
    if not 0 <= amount_minor <= _MOST:
        refuse({"amount": _("A budget is an amount of 0 or more.")})
    key = {"creditor_id": creditor_id, "product_id": product_id, "month": month_of(month)}
    rows = WaiverBudget.objects.select_for_update(of=("self",)).filter(**key, currency=code)
    row = rows.first() or WaiverBudget()
    if row.pk is not None:
        (taken,) = _rows("some", {"budget_ids": [row.pk]})
        if amount_minor < taken["reserved_minor"] + taken["used_minor"]:
            spent = Money(taken["reserved_minor"] + taken["used_minor"], currency_of(code))
            refuse({"amount": _("%(spent)s of it are reserved or used.") % {"spent": spent}})
    values = {**key, "currency": code, "amount_minor": amount_minor}
    return save_with_event(actor=actor, noun="waiver_budget", row=row, values=values, now=now)


def list_waiver_budgets(*, actor: Actor, month: date | None = None) -> tuple[BudgetView, ...]:
    """The budgets in reach with what is left; of one month or of all, the newest first."""
    within = require(actor, Permission.NIGHT_READ)
    rows = visible_rows(WaiverBudget, within)
    if month is not None:
        rows = rows.filter(month=month_of(month))
    ids = list(rows.values_list("pk", flat=True))
    return _views(_rows("some", {"budget_ids": ids}))


def _views(rows: Iterable[Mapping[str, Any]]) -> tuple[BudgetView, ...]:
    found = list(rows)
    creditors = dict(
        Creditor.objects.filter(pk__in={row["creditor_id"] for row in found}).values_list(
            "pk", "code"
        )
    )
    products = dict(
        Product.objects.filter(pk__in={row["product_id"] for row in found}).values_list(
            "pk", "code"
        )
    )
    return tuple(
        BudgetView(
            row["id"],
            creditors[row["creditor_id"]],
            products.get(row["product_id"], ""),
            row["month"],
            row["currency"],
            row["amount_minor"],
            row["reserved_minor"],
            row["used_minor"],
        )
        for row in found
    )


def list_of_case(creditor_id: int, on: date, product_ids: Iterable[int]) -> tuple[BudgetView, ...]:
    """The budgets of the month that some portfolios draw on."""
    rows = _rows("month", {"creditor_id": creditor_id, "month": month_of(on)})
    wanted = set(product_ids)
    own = {row["product_id"] for row in rows}
    return _views(
        row
        for row in rows
        if row["product_id"] in wanted or (row["product_id"] is None and wanted - own)
    )


def waivers_left(creditor_id: int, code: str, on: date) -> int | None:
    """What is left of a creditor's budgets of the month, in its currency; None: none is set."""
    rows = _rows("month", {"creditor_id": creditor_id, "month": month_of(on)})
    left = [
        max(row["amount_minor"] - row["reserved_minor"] - row["used_minor"], 0)
        for row in rows
        if row["currency"] == code
    ]
    return sum(left) if left else None


def budgets_of(
    creditor_id: int, code: str, on: date, product_ids: Iterable[int]
) -> dict[int, int | None]:
    """The budget by portfolio, locked in the order of their ids; None where none limits it."""
    wanted = set(product_ids)
    rows = WaiverBudget.objects.filter(
        creditor_id=creditor_id, month=month_of(on), currency=code
    ).order_by("pk")
    locked = list(rows.select_for_update(of=("self",)).values_list("pk", "product_id"))
    own: dict[int | None, int] = {product_id: pk for pk, product_id in locked}
    return {each: own.get(each, own.get(None)) for each in wanted}


def refuse_overspending(budget_ids: Iterable[int], code: str) -> None:
    """Refuse where the parts taken of a locked budget come to more than it has."""
    for row in _rows("some", {"budget_ids": sorted(set(budget_ids))}):
        over = row["reserved_minor"] + row["used_minor"] - row["amount_minor"]
        if over > 0:
            short = Money(over, currency_of(code))
            raise Refusal(
                _("The waiver budget of %(month)s is short of %(short)s: ask for less, or later.")
                % {"month": row["month"].strftime("%Y-%m"), "short": short}
            )


def _rows(scope: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return load("waivers")["budgets"].scoped(scope).rows(dict(given))
