"""The figures of a case as a text shows them: in the debtor's language, as of the creditor's day.

A figure that the book does not know is left out, so that whoever fills a text is told which. The
closed list and its meanings are `core/text_figures.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency
from django.db.models import Q

from kept.core.currencies import UnknownCurrency, currency
from kept.store.ledger import read_positions
from kept.store.models import Creditor, Engagement, Promise
from kept.work.cases import AccountView, CaseView

__all__ = ["figures_of_case", "locale_of"]


def figures_of_case(view: CaseView, creditor: Creditor, language: str) -> Mapping[str, str]:
    """By name of the figure; amounts in several currencies stand side by side."""
    locale = locale_of(language)
    staying = [each for each in view.accounts if each.left_on is None and each.figures]
    due_on = view.since or _next_due(staying)
    found = {
        "debtor": view.debtor.name,
        "creditor": creditor.name,
        "legal_entity": _company(creditor, view.as_of),
        "account": ("、" if locale.language == "zh" else ", ").join(
            each.external_id for each in staying
        ),
        "balance": " + ".join(
            _money(each.balance_minor, each.currency, locale) for each in view.totals
        ),
        "overdue": " + ".join(
            _money(each.overdue_minor, each.currency, locale)
            for each in view.totals
            if each.overdue_minor > 0
        ),
        "due_date": _day(due_on, locale) if due_on else "",
        "dpd": str(view.dpd) if view.dpd > 0 else "",
        "instalment": _instalment(staying, locale),
        "phone": creditor.phone,
        "today": _day(view.as_of, locale),
        **_promised(view, locale),
    }
    return {name: value for name, value in found.items() if value.strip()}


def _promised(view: CaseView, locale: Locale) -> Mapping[str, str]:
    """What is missing of the open promise that falls due first, and its day."""
    rows = Promise.objects.filter(
        case_id=view.case_id,
        state=Promise.State.OPEN,
        ended_on__isnull=True,
        test_on__gte=view.as_of,
    )
    found = rows.order_by("due_on", "pk").first()
    if found is None:
        return {}
    missing = _money(found.amount_minor - found.paid_minor, found.currency, locale)
    return {"promised": missing, "promise_date": _day(found.due_on, locale)}


def locale_of(language: str) -> Locale:
    """The locale that writes a language's amounts and days; English where there is none."""
    if language.startswith("zh"):
        return Locale.parse("zh_Hans_CN")
    try:
        return Locale.parse("en_US" if language == "en" else language, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en_US")


def _money(amount_minor: int, code: str, locale: Locale) -> str:
    try:
        exponent = currency(code).exponent
    except UnknownCurrency:
        return f"{amount_minor} {code}"
    return str(format_currency(Decimal(amount_minor).scaleb(-exponent), code, locale=locale))


def _day(value: date, locale: Locale) -> str:
    return str(format_date(value, "long", locale=locale))


def _company(creditor: Creditor, on: date) -> str:
    """The company that acts; nothing where several do and none is meant."""
    rows = Engagement.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on), creditor=creditor, valid_from__lte=on
    )
    names = list(rows.values_list("legal_entity__name", flat=True).distinct()[:2])
    return names[0] if len(names) == 1 else ""


def _next_due(accounts: list[AccountView]) -> date | None:
    days = (each.figures.next_due_on for each in accounts if each.figures)
    return min((day for day in days if day is not None), default=None)


def _instalment(accounts: list[AccountView], locale: Locale) -> str:
    """What will be past due the day after the next due date, if nothing is paid, and is not yet."""
    due_on = _next_due(accounts)
    if due_on is None:
        return ""
    then = read_positions((each.account_id for each in accounts), due_on + timedelta(days=1))
    more: dict[str, int] = {}
    for each in accounts:
        if each.figures and each.account_id in then:
            due = then[each.account_id].overdue_minor - each.figures.overdue_minor
            more[each.currency] = more.get(each.currency, 0) + due
    return " + ".join(_money(due, code, locale) for code, due in more.items() if due > 0)
