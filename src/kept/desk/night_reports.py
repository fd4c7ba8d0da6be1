"""How far a night is, what changed since the one before, what it left, and fairness: in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from kept.desk import formats
from kept.desk.prices import micro_money, per_cent_of, resource_name, scarce_price
from kept.desk.words import treatment_name, word
from kept.work.night_reports import (
    Change,
    Left,
    changes_of,
    left_by,
    seat_codes_of,
    steps_of,
    tasks_without_seat,
)
from kept.work.nights import NightView
from kept.work.rule_names import rule_name
from kept.work.strategy_room import Shortage, shortages_in

__all__ = ["FairGroup", "NightReport", "SaidChange", "StripStep", "report_of"]

_SEATS_NAMED: Final = 6
_COUNTS: Final[Mapping[str, str | Promise]] = {
    "cases": _lazy("open cases"),
    "tasks": _lazy("tasks"),
    "dealt": _lazy("dealt to seats"),
    "waiting": _lazy("waiting for room"),
    "held": _lazy("cases with holds"),
    "without_treatment": _lazy("cases without a step"),
    "refused_contacts": _lazy("contacts never lawful"),
    "minutes_used": _lazy("minutes used"),
    "value": _lazy("expected value of the plan"),
    "bound": _lazy("no plan could be worth more than"),
    "gap": _lazy("gap, as a share of that bound"),
}
_LEFT: Final[Mapping[str, str | Promise]] = {
    "nothing_proposed": _lazy("the strategy proposes nothing for them now"),
    "nothing_lawful": _lazy("no contact that was proposed is lawful at any time"),
    "without_option": _lazy("nothing proposed or lawful"),
    "worth_nothing": _lazy("nothing worth its cost"),
    "no_capacity": _lazy("no room at tonight's prices"),
    "no_room": _lazy("tasks wait: every seat that could take them is full"),
    "nobody": _lazy("tasks wait: no seat has skill, language, grade and creditor"),
    "waits_for_seat": _lazy("tasks wait for a seat that is back soon"),
    "no_other": _lazy("tasks should have moved, and no other seat could take them"),
    "seat_withdrawn": _lazy("tasks lost their seat since: it was withdrawn"),
    "seat_changed": _lazy("tasks lost their seat since: it cannot do this work any more"),
}


@dataclass(frozen=True, slots=True)
class StripStep:
    """One step of the strip: its place, name and state."""

    number: int
    name: str
    state: str
    said: str


@dataclass(frozen=True, slots=True)
class SaidChange:
    name: str
    now: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class FairRow:
    """Spread and Gini of one measure in thousandths; `width` of the spread's bar in per cent."""

    name: str
    spread: str
    gini: str
    width: str


@dataclass(frozen=True, slots=True)
class FairGroup:
    seats: str
    count: int
    rows: tuple[FairRow, ...]


@dataclass(frozen=True, slots=True)
class NightReport:
    steps: tuple[StripStep, ...]
    changes: tuple[SaidChange, ...]
    before: str
    left: tuple[tuple[str, str], ...]
    fairness: tuple[FairGroup, ...]
    shortages: tuple[Shortage, ...]


def report_of(found: NightView) -> NightReport:
    result = found.result
    before = result.get("before") or {}
    label = str(result.get("strategy", ""))
    left = (*left_by(result), *tasks_without_seat(found.run_id))
    return NightReport(
        steps=tuple(
            StripStep(number, str(word(each.code, "night_step")), each.state, _state(each.state))
            for number, each in enumerate(steps_of(found), 1)
        ),
        changes=_changes(result, label),
        before=str(before.get("business_date", "")),
        left=tuple(_left(each, label) for each in left),
        fairness=_fairness(result.get("fairness") or ()),
        shortages=shortages_in((result.get("price") or {}).get("skills", ())),
    )


def _state(state: str) -> str:
    said = {
        "done": _("done"),
        "now": _("now"),
        "waiting": _("not yet"),
        "ended": _("ended here"),
    }
    return said[state]


# --- changes --------------------------------------------------------------------------------------


def _changes(result: Mapping[str, Any], label: str) -> tuple[SaidChange, ...]:
    price = result.get("price") or {}
    code = str(price.get("currency", ""))
    return tuple(_change(each, code, label) for each in changes_of(result))


def _change(each: Change, code: str, label: str) -> SaidChange:
    by = each.now - each.before
    sign = "+" if by > 0 else "−"
    change = "–" if not by else f"{sign}{_said(each, abs(by), code)}"
    return SaidChange(
        _name(each, label), _said(each, each.now, code), _said(each, each.before, code), change
    )


def _name(each: Change, label: str) -> str:
    if each.kind == "price":
        return _("price: %(resource)s") % {"resource": resource_name(each.code, label)}
    if each.kind == "refused":
        return _("refused: %(rule)s") % {"rule": rule_name(each.code)}
    return str(_COUNTS[each.code])


def _said(each: Change, number: int, code: str) -> str:
    match each.kind:
        case "value":
            return micro_money(number, code)
        case "price":
            return scarce_price(number, code, each.code)
        case "gap":
            return per_cent_of(number)
        case _:
            return formats.number(number)


# --- what was left --------------------------------------------------------------------------------


def _left(each: Left, label: str) -> tuple[str, str]:
    """A sentence, and how many; a resource without capacity has no number."""
    about = {"name": "", "code": each.about}
    if each.code == "no_seat":
        about["name"] = treatment_name(each.about, label)
        told = _("no seat has skill and time for %(name)s; so many could have had it")
        return told % about, formats.number(each.count)
    if each.code == "zero_capacity":
        about["name"] = resource_name(each.about, label)
        return _("the capacity is 0: %(name)s; nothing of it was planned") % about, "0"
    if each.code == "without_rate":
        told = _("cases in %(code)s, which has no rate, count as worth nothing")
        return told % about, formats.number(each.count)
    return str(_LEFT[each.code]), formats.number(each.count)


# --- fairness -------------------------------------------------------------------------------------


def _fairness(rows: Sequence[Mapping[str, Any]]) -> tuple[FairGroup, ...]:
    codes = seat_codes_of(rows)
    names = (("tasks", _("tasks")), ("amount", _("overdue amount")), ("value", _("expected value")))
    comma = "、" if formats.reader_locale().language == "zh" else ", "
    found = []
    for row in rows:
        seats = [codes.get(seat_id, f"#{seat_id}") for seat_id in row["seat_ids"]]
        shown = comma.join(seats[:_SEATS_NAMED]) + ("…" if len(seats) > _SEATS_NAMED else "")
        measures = tuple(
            FairRow(
                name,
                formats.number(row[key]["spread"]),
                formats.number(row[key]["gini"]),
                f"{min(1000, row[key]['spread']) / 10:.1f}",
            )
            for key, name in names
            if key in row
        )
        found.append(FairGroup(shown, len(seats), measures))
    return tuple(found)
