"""Trying a version: asking for it, and its figures beside those of the one in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later
from django.views.decorators.http import require_POST

from kept.batch.strategy_trials import DAYS_MOST, do_start_strategy_trial
from kept.core.currencies import currency
from kept.desk import formats
from kept.desk.access import DeskRequest, page
from kept.desk.charts import Bar, bars
from kept.desk.strategies import day_given, found_strategy, refused, today_of
from kept.desk.words import treatment_name
from kept.work.permissions import Permission
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.rule_names import rule_name
from kept.work.strategies import list_strategy_uses
from kept.work.strategy_room import shortages_in
from kept.work.strategy_trials import get_strategy_trial, list_strategy_trials

__all__ = ["start_trial", "strategy_trial", "try_strategy"]

_MOVES_SHOWN = 30
_DIGITS = 6  # money is in millionths of the currency's unit


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of both strategies; `change` is what the tried one adds."""

    name: str | Promise
    tried: str
    usual: str
    change: str


@page(Permission.STRATEGY_READ)
def try_strategy(request: DeskRequest, label: str) -> HttpResponse:
    view = found_strategy(request, label)
    today = today_of(request)
    context = {
        "view": view,
        "uses": list_strategy_uses(request.actor, today),
        "trials": list_strategy_trials(request.actor, label),
        "today": today,
        "most": DAYS_MOST,
    }
    return render(request, "desk/strategy_try.html", context)


@require_POST
@page(Permission.STRATEGY_READ)
def start_trial(request: DeskRequest, label: str) -> HttpResponse:
    creditor, days = request.POST.get("creditor", ""), request.POST.get("days", "1")
    try:
        run_id = do_start_strategy_trial(
            actor=request.actor,
            label=label,
            creditor_id=_number(creditor),
            on=day_given(request, "on"),
            days=_number(days),
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        return refused(request, refusal, reverse("try_strategy", args=[label]))
    messages.success(request, _("The trial is in the queue; nothing of it is carried out."))
    return redirect("strategy_trial", run_id)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


@page(Permission.STRATEGY_READ)
def strategy_trial(request: DeskRequest, run_id: int) -> HttpResponse:
    view = get_strategy_trial(request.actor, run_id)
    if view is None:
        raise Http404
    context = {"trial": view, **(_shown(view.result) if view.result else {})}
    is_part = request.htmx.target == "trial"
    return render(request, f"desk/{'_' if is_part else ''}strategy_trial.html", context)


def _shown(result: Mapping[str, Any]) -> Mapping[str, Any]:
    tried, usual = result["tried"], result["in_force"]
    labels = tried["label"], usual["label"]
    return {
        "figures": _figures(tried, usual, result["currency"]),
        "labels": labels,
        "treatments": _rows(
            tried["treatments"],
            usual["treatments"],
            lambda code: treatment_name(
                code, labels[0] if code in tried["treatments"] else labels[1]
            ),
        ),
        "skills": _rows(_skills(tried), _skills(usual), str),
        "refusals": _rows(tried["refused"], usual["refused"], rule_name),
        "moves": _moves(result["moves"], *labels),
        "no_seat": [(treatment_name(code, labels[0]), n) for code, n in tried["no_seat"].items()],
        "shortages": shortages_in(tried.get("skills", ())),
        "by_day": [
            (
                day["on"],
                day["changed"],
                _money(day["tried"]["value"], result["currency"]),
                _money(day["in_force"]["value"], result["currency"]),
            )
            for day in result["by_day"]
        ]
        if result["days"] > 1
        else (),
    }


def _figures(tried: Mapping[str, Any], usual: Mapping[str, Any], code: str) -> tuple[Compared, ...]:
    counts = (
        ("tasks", _later("Tasks")),
        ("minutes", _later("Minutes")),
        ("without_option", _later("Without a lawful step")),
    )
    amounts = (
        ("cost", _later("Cost")),
        ("value", _later("Expected value")),
        ("bound", _later("Could be at most")),
    )
    found = [
        Compared(
            name,
            formats.number(tried[key]),
            formats.number(usual[key]),
            _signed(tried[key] - usual[key], formats.number),
        )
        for key, name in counts
    ]
    found += [
        Compared(
            name,
            _money(tried[key], code),
            _money(usual[key], code),
            _signed(tried[key] - usual[key], lambda value: _money(value, code)),
        )
        for key, name in amounts
    ]
    return tuple(found)


def _signed(value: int, said: Any) -> str:
    if not value:
        return "–"
    return f"{'+' if value > 0 else '−'}{said(abs(value))}"


def _money(millionths: int, code: str) -> str:
    """Rounded towards zero to what the currency counts in."""
    minor = abs(millionths) // 10 ** (_DIGITS - currency(code).exponent)
    return formats.money(-minor if millionths < 0 else minor, code)


def _rows(
    one: Mapping[str, int], other: Mapping[str, int], name: Any
) -> list[tuple[str, int, int, str]]:
    keys = sorted(set(one) | set(other))
    return [
        (
            str(name(key)),
            one.get(key, 0),
            other.get(key, 0),
            _signed(one.get(key, 0) - other.get(key, 0), formats.number),
        )
        for key in keys
    ]


def _skills(side: Mapping[str, Any]) -> dict[str, int]:
    return {f"{day} {skill}": tasks for day, skill, tasks, _minutes in side["by_skill"]}


def _moves(moves: list[Any], tried: str, usual: str) -> tuple[Bar, ...]:
    """The greatest moves between treatments, by number of cases."""
    nothing = _("nothing")
    changed = sorted((row for row in moves if row[0] != row[1]), key=lambda row: -row[2])
    named = [
        (
            f"{treatment_name(before, usual) if before else nothing} → "
            f"{treatment_name(after, tried) if after else nothing}",
            cases,
        )
        for before, after, cases in changed[:_MOVES_SHOWN]
    ]
    return bars(named)
