"""The nightly runs: the list, and one night with its summary as a manager reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kept.desk.access import DeskRequest, page
from kept.desk.charts import Bar, bars
from kept.desk.night_reports import report_of
from kept.desk.prices import PricedNight, priced_night
from kept.desk.words import BUCKET, treatment_name, word
from kept.work.nights import NightView, get_night, list_nights
from kept.work.permissions import Permission
from kept.work.rule_names import rule_name

__all__ = ["Figure", "NightSummary", "night", "nights", "summary_of"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a night; `change` is against the night before, None where there is none."""

    name: str | Promise
    value: int
    change: int | None = None


@dataclass(frozen=True, slots=True)
class NightSummary:
    """What a night came to; parts are empty where the run did not come so far."""

    figures: Mapping[str, Any]
    main: tuple[Figure, ...]
    movements: tuple[Figure, ...]
    treatments: tuple[Bar, ...]
    treatment_rows: tuple[Mapping[str, Any], ...]
    buckets: tuple[Bar, ...]
    bucket_rows: tuple[Mapping[str, Any], ...]
    dealing: tuple[Bar, ...]
    refused: tuple[Bar, ...]
    minutes_used_per_cent: int | None
    price: PricedNight | None


_MAIN = (
    ("cases", _("open cases")),
    ("tasks", _("tasks")),
    ("dealt", _("dealt to seats")),
    ("waiting", _("waiting for room")),
    ("held", _("cases with holds")),
    ("without_treatment", _("cases without a step")),
    ("refused_contacts", _("contacts never lawful")),
)
_MOVEMENTS = (
    ("opened", _("cases opened")),
    ("closed", _("cases closed")),
    ("entered", _("accounts entered")),
    ("gathered", _("accounts that came along")),
    ("left", _("accounts left")),
    ("rolled_forward", _("accounts rolled forward")),
    ("rolled_back", _("accounts rolled back")),
    ("cured", _("accounts cured")),
    ("expired", _("tasks not done in time")),
    ("carried_over", _("tasks decided again")),
)


@page(Permission.NIGHT_READ)
def nights(request: DeskRequest) -> HttpResponse:
    found = list_nights(request.actor, request.GET.get("cursor", ""))
    return render(request, "desk/nights.html", {"page": found})


@page(Permission.NIGHT_READ)
def night(request: DeskRequest, run_id: int) -> HttpResponse:
    found = get_night(request.actor, run_id)
    if found is None:
        raise Http404
    context = {"night": found, "summary": summary_of(found), "report": report_of(found)}
    return render(request, "desk/night.html", context)


def summary_of(found: NightView) -> NightSummary:
    result = found.result
    used, room = result.get("minutes_used"), result.get("minutes_available")
    return NightSummary(
        figures=result,
        main=_figures(_MAIN, result),
        movements=_figures(_MOVEMENTS, result),
        treatments=_steps(result),
        treatment_rows=tuple(result.get("tasks_by_treatment", ())),
        buckets=_bars(result.get("buckets"), lambda n: str(BUCKET) % {"n": n}),
        bucket_rows=tuple(result.get("cases_by_bucket", ())),
        dealing=_dealing(result.get("dealing")),
        refused=_refused(result.get("refused")),
        minutes_used_per_cent=used * 100 // room if room and used is not None else None,
        price=priced_night(result),
    )


def _figures(
    names: tuple[tuple[str, str | Promise], ...], result: Mapping[str, Any]
) -> tuple[Figure, ...]:
    before = result.get("before") or {}
    return tuple(
        Figure(text, result[name], result[name] - before[name] if name in before else None)
        for name, text in names
        if isinstance(result.get(name), int)
    )


def _bars(counts: Any, name: Callable[[str], str]) -> tuple[Bar, ...]:
    if not isinstance(counts, Mapping):
        return ()
    return bars([(name(key), int(count)) for key, count in counts.items()])


def _steps(result: Mapping[str, Any]) -> tuple[Bar, ...]:
    """In the strategy's order, which only the rows keep."""
    rows = result.get("tasks_by_treatment", ())
    label = str(result.get("strategy", ""))
    return bars([(treatment_name(row["treatment"], label), row["tasks"]) for row in rows])


def _dealing(counts: Any) -> tuple[Bar, ...]:
    """Why tasks are with their seat or with none, by number of tasks."""
    rows = counts.items() if isinstance(counts, Mapping) else _pairs(counts)
    ordered = sorted(rows, key=lambda row: -row[1])
    return bars([(word(code, "dealing"), count) for code, count in ordered])


def _refused(counts: Any) -> tuple[Bar, ...]:
    """Contacts that no time is lawful for, by the rule that decides."""
    rows = counts.items() if isinstance(counts, Mapping) else ()
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    return bars([(rule_name(rule_id), count) for rule_id, count in ordered])


def _pairs(rows: Any) -> list[tuple[str, int]]:
    return [(str(row["dealing"]), int(row["tasks"])) for row in rows or ()]
