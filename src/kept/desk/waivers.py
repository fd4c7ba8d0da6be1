"""Waivers of a case: what policy holds first, then asking within it; and the budgets of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.agreements.waiver_policy import Allowance, WaiverKind
from kept.core.money import MoneyError, parse_money
from kept.desk.access import DeskRequest, page
from kept.desk.changing import creditor_given, day_of_form, number_of_form, try_change
from kept.desk.words import word
from kept.store.models import Creditor, Product, Waiver
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, may, require
from kept.work.refusals import Refusal
from kept.work.waiver_budgets import do_set_waiver_budget, list_waiver_budgets
from kept.work.waiver_lists import list_waivers
from kept.work.waiver_terms import get_waiver_terms
from kept.work.waivers import (
    WaiverAsked,
    do_accept_waiver,
    do_request_waiver,
    do_withdraw_waiver,
)

__all__ = [
    "accept_waiver",
    "ask_waiver",
    "set_waiver_budget",
    "waiver_budgets",
    "waivers",
    "withdraw_waiver",
]

_PARTS = range(1, 4)


@page(Permission.WAIVER_REQUEST)
def waivers(request: DeskRequest, case_id: int) -> HttpResponse:
    """What policy holds for the case, what was asked for before, and the form."""
    terms = get_waiver_terms(actor=request.actor, case_id=case_id, now=request.now)
    found = list_waivers(actor=request.actor, case_id=case_id)
    ground = terms.ground
    context = {
        "case": ground.case,
        "currency": ground.currency,
        "owed_minor": ground.owed_minor,
        "owed": sorted(ground.owed.items()),
        "held": [(kind, [_shown(each) for each in rows]) for kind, rows in terms.held.items()],
        "policy": ground.policy,
        "budgets": terms.budgets,
        "waivers": found,
        "open": next((each for each in found if each.is_open), None),
        "kinds": [kind for kind, rows in terms.held.items() if rows],
        "reasons": Waiver.Reason.choices,
        "components": _components(terms.held),
        "parts": _PARTS,
        "today": ground.on,
        "may_print": may(request.actor, Permission.DOCUMENT_PRINT),
    }
    return render(request, "desk/waivers.html", context)


def _shown(held: Allowance) -> Mapping[str, Any]:
    """One rule that holds: its name, the most of each component, and who decides."""
    rule = held.rule
    name = rule.name_zh if (get_language() or "").startswith("zh") else rule.name_en
    bands = []
    for band in rule.bands:
        up_to = "" if band.up_to is None else str(band.up_to)
        if band.up_to_share is not None:
            up_to = f"{band.up_to_share / 10_000:g}%"
        levels = [" / ".join(word(role, "role") for role in sorted(each)) for each in band.levels]
        bands.append((up_to, " → ".join(levels) or _("no second person")))
    return {
        "name": name,
        "most": sorted(held.most_minor.items()),
        "total_minor": held.total_minor,
        "bands": bands,
    }


def _components(held: Mapping[WaiverKind, Sequence[Allowance]]) -> list[str]:
    names: set[str] = set()
    for kind in (WaiverKind.PLAIN, WaiverKind.CONDITIONAL):
        names |= {name for each in held[kind] for name in each.most_minor}
    return sorted(names)


@require_POST
@page(Permission.WAIVER_REQUEST)
def ask_waiver(request: DeskRequest, case_id: int) -> HttpResponse:
    def ask() -> object:
        terms = get_waiver_terms(actor=request.actor, case_id=case_id, now=request.now)
        asked = _asked(request.POST, terms.ground.currency)
        return do_request_waiver(
            actor=request.actor,
            case_id=case_id,
            asked=asked,
            counters=number_of_form(request.POST.get("counters", "")),
            now=request.now,
        )

    try_change(request, ask, _("Asked for; its part of the budget is reserved."))
    return redirect("waivers", case_id)


def _asked(given: QueryDict, code: str) -> WaiverAsked:
    if given.get("kind") not in set(WaiverKind):
        raise Refusal(_("Say which kind of waiver it is."))
    kind = WaiverKind(given["kind"])
    amounts = {
        name.removeprefix("amount_"): _minor(text, code)
        for name, text in given.items()
        if name.startswith("amount_") and str(text).strip()
    }
    parts = [] if kind is WaiverKind.PLAIN else _parts(given, code)
    return WaiverAsked(
        kind=kind,
        reason=given.get("reason", ""),
        amounts=None if kind is WaiverKind.SETTLEMENT else amounts,
        parts=parts,
        offer_until=day_of_form(given, "offer_until") if given.get("offer_until") else None,
    )


def _parts(given: QueryDict, code: str) -> list[tuple[date, int]]:
    return [
        (day_of_form(given, f"pay_on_{n}"), _minor(given.get(f"pay_{n}", ""), code))
        for n in _PARTS
        if given.get(f"pay_{n}", "").strip()
    ]


def _minor(text: object, code: str) -> int:
    try:
        return parse_money(str(text).strip(), code).amount_minor
    except MoneyError as error:
        raise Refusal(_("Give an amount such as 1234.50.")) from error


@require_POST
@page(Permission.WAIVER_REQUEST)
def accept_waiver(request: DeskRequest, case_id: int, waiver_id: int) -> HttpResponse:
    def accept() -> object:
        return do_accept_waiver(actor=request.actor, waiver_id=waiver_id, now=request.now)

    try_change(request, accept, _("Accepted; from today on the payments are counted."))
    return redirect("waivers", case_id)


@require_POST
@page(Permission.WAIVER_REQUEST)
def withdraw_waiver(request: DeskRequest, case_id: int, waiver_id: int) -> HttpResponse:
    def withdraw() -> None:
        do_withdraw_waiver(actor=request.actor, waiver_id=waiver_id, now=request.now)

    try_change(request, withdraw, _("Withdrawn."))
    return redirect("waivers", case_id)


@page(Permission.NIGHT_READ)
def waiver_budgets(request: DeskRequest) -> HttpResponse:
    """Budgets by month and portfolio with what is reserved, used and left."""
    creditors: list[Creditor] = []
    products: list[Product] = []
    if may(request.actor, Permission.WAIVER_CHANGE_BUDGET):
        within = require(request.actor, Permission.WAIVER_CHANGE_BUDGET)
        creditors = [
            each
            for each in visible_rows(Creditor, within).order_by("name")
            if within.reaches_creditor(each.pk)
        ]
        products = list(
            Product.objects.filter(creditor__in=creditors)
            .select_related("creditor")
            .order_by("creditor__code", "code")
        )
    context = {
        "budgets": list_waiver_budgets(actor=request.actor),
        "to_change": creditors,
        "products": products,
        "month": timezone.localtime(request.now).date().replace(day=1),
        "reads_nights": True,
        "deals": may(request.actor, Permission.CASE_DEAL),
        "reads_seats": may(request.actor, Permission.SEAT_READ),
    }
    return render(request, "desk/waiver_budgets.html", context)


@require_POST
@page(Permission.WAIVER_CHANGE_BUDGET)
def set_waiver_budget(request: DeskRequest) -> HttpResponse:
    given = request.POST
    code = given.get("creditor", "")
    creditor = creditor_given(request, code, Permission.WAIVER_CHANGE_BUDGET)

    def change() -> object:
        product_id = number_of_form(given.get("product", ""))
        product = Product.objects.filter(pk=product_id, creditor=creditor).first()
        currency = creditor.currency if product is None else product.currency
        return do_set_waiver_budget(
            actor=request.actor,
            creditor_id=creditor.pk,
            month=_month(given.get("month", "")),
            amount_minor=_minor(given.get("amount", ""), currency),
            product_id=product_id,
            now=request.now,
        )

    try_change(request, change, _("The budget is set."))
    return redirect("waiver_budgets")


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        raise Refusal(_("Choose a month.")) from None
