"""The nightly runs: the list, and one night with its summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from kept.desk.access import DeskRequest, page
from kept.desk.charts import Bar, bars
from kept.desk.words import BUCKET, treatment_name
from kept.work.nights import NightView, get_night, list_nights
from kept.work.permissions import Permission

__all__ = ["NightSummary", "night", "nights", "summary_of"]


@dataclass(frozen=True, slots=True)
class NightSummary:
    """What a night came to, drawn; empty where it did not come so far."""

    figures: Mapping[str, Any] = field(default_factory=dict)
    treatments: tuple[Bar, ...] = ()
    buckets: tuple[Bar, ...] = ()


@page(Permission.NIGHT_READ)
def nights(request: DeskRequest) -> HttpResponse:
    found = list_nights(request.actor, request.GET.get("cursor", ""))
    return render(
        request,
        "desk/nights.html",
        {"page": found, "summaries": [(each, summary_of(each)) for each in found.nights]},
    )


@page(Permission.NIGHT_READ)
def night(request: DeskRequest, run_id: int) -> HttpResponse:
    found = get_night(request.actor, run_id)
    if found is None:
        raise Http404
    return render(request, "desk/night.html", {"night": found, "summary": summary_of(found)})


def summary_of(found: NightView | None) -> NightSummary | None:
    if found is None:
        return None
    result = found.result
    return NightSummary(
        figures=result,
        treatments=bars(_named(result.get("treatments"), treatment_name)),
        buckets=bars(_named(result.get("buckets"), lambda n: str(BUCKET) % {"n": n})),
    )


def _named(counts: Any, name: Any) -> list[tuple[str, int]]:
    if not isinstance(counts, Mapping):
        return []
    return [(name(key), int(count)) for key, count in counts.items() if isinstance(count, int)]
