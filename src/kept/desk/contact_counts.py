"""Who was contacted how often, and how near each is to a cap: for those who answer for it."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render

from kept.core.law.wording import rows_of_part
from kept.desk.access import DeskRequest, page
from kept.desk.charts import bars
from kept.desk.law_rules import law_tabs
from kept.desk.verdicts import law_language
from kept.packs.law_packs import load_law_packs
from kept.work.contact_counts import CapUse, ContactDays, get_contact_days, list_contacted
from kept.work.permissions import Permission

__all__ = ["contact_counts", "contact_days"]

PERIODS: Final = (1, 7, 30)
_SHOWN_DAYS: Final = 60


@page(Permission.CONTACT_COUNT)
def contact_counts(request: DeskRequest) -> HttpResponse:
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else PERIODS[1]
    found = list_contacted(request.actor, days=days, now=request.now)
    context = {
        "days": days,
        "periods": PERIODS,
        "people": [(each, _caps(each.caps)[:2]) for each in found],
        **law_tabs(request),
    }
    return render(request, "desk/contact_counts.html", context)


@page(Permission.CONTACT_COUNT)
def contact_days(request: DeskRequest, case_id: int) -> HttpResponse:
    found = get_contact_days(request.actor, case_id, days=_SHOWN_DAYS, now=request.now)
    context = {
        "found": found,
        "days": _by_day(found),
        "people": [(name, _caps(caps)) for name, caps in found.people],
        "shown_days": _SHOWN_DAYS,
        **law_tabs(request),
    }
    return render(request, "desk/contact_days.html", context)


def _caps(caps: tuple[CapUse, ...] | None) -> list[tuple[CapUse, str]]:
    """Each cap with what it says, such as `at most 7 calls that connected in 7 days`."""
    language = law_language()
    packs = {pack.name: pack for pack in load_law_packs()}
    return [
        (each, rows_of_part(each.part, packs[each.rule.pack], language)[1][1])
        for each in caps or ()
    ]


def _by_day(found: ContactDays) -> list[dict[str, Any]]:
    """A day with its total as a bar, and its rows."""
    totals: dict[Any, int] = {}
    for row in found.days:
        totals[row.day] = totals.get(row.day, 0) + row.attempts
    drawn = bars([(day.isoformat(), total) for day, total in totals.items()])
    return [
        {"day": day, "bar": bar, "rows": [row for row in found.days if row.day == day]}
        for day, bar in zip(totals, drawn, strict=True)
    ]
