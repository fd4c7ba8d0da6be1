"""What is left of a night's capacities, and who has time: taken from, and given back, by decision.

Read anew for each batch under the lock of the house, so nothing can be taken twice and nothing
drifts: what tasks have taken is counted from the tasks themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from kept.batch.day.asking import LastNight
from kept.batch.dealing_frames import Rules, deal_frame
from kept.batch.deciding.planning import tonight_of
from kept.core.dealing import NO_SEAT
from kept.core.dealing_policy import DealingPolicy
from kept.core.deciding import Menu, kind_of, minutes_resource
from kept.core.redeciding import NO_LIMIT, prices_of
from kept.core.strategies import Strategy, Treatment
from kept.core.task_clocks import CALLBACK, CALLBACK_MINUTES
from kept.store.dealings import cases_of_conflicts, read_conflicts
from kept.store.queries import load
from kept.work.capacities import capacities_of
from kept.work.dealing_policies import dealing_policy_of
from kept.work.night_group_lists import group_code_of
from kept.work.seat_days import SeatOfDay, dealing_seat, seats_of_day

__all__ = ["Leftover", "Place", "Today", "today_of"]


@dataclass(frozen=True, slots=True)
class Today:
    """What does not change from decision to decision: menu and prices, seats, rules of dealing.

    `resource_of` names the minutes of each seat that works and can do something.
    """

    menu: Menu
    prices: Mapping[str, int]
    capacities: Mapping[str, int]
    seats: Mapping[int, SeatOfDay]
    resource_of: Mapping[int, str]
    rules: Rules
    house: str


@dataclass(frozen=True, slots=True)
class Place:
    """The seat for a task (None: it waits) and why, as JSON text."""

    seat_id: int | None
    reason: str


def today_of(last: LastNight, on: date) -> Today:
    """The menu has the kinds of seats that work today, with the times of the night, and the limits
    of either; a limit that is new, or a kind of seats, has its price from `prices_of`."""
    creditor, policy = last.creditor, dealing_policy_of(last.creditor.pk, on)
    seats = {each.id: each for each in seats_of_day(creditor.pk, on, policy)}
    fixed = {row["id"]: row["minutes"] for row in last.prepared.get("seats", ())}
    working = [each for each in seats.values() if each.off is None and each.minutes > 0]
    rows = [_as_planned(last.strategy, each, fixed.get(each.id, 0)) for each in working]
    limits = dict(capacities_of(creditor.pk, on))
    # What the night had of its group; a group's own limits are told to nights only.
    of_group = last.prepared.get("capacities", {}) if group_code_of(creditor.pk) else {}
    names = {*limits, *last.prepared.get("capacities", {})}
    planned = tonight_of(last.strategy, rows, dict.fromkeys(names, 0), creditor.currency)
    return Today(
        menu=planned.menu,
        prices=prices_of(planned.menu, last.prices),
        capacities={
            name: min(limits.get(name, NO_LIMIT), of_group.get(name, NO_LIMIT)) for name in names
        },
        seats=seats,
        resource_of=_resources(last.strategy, rows),
        rules=_rules(last, policy),
        house=creditor.currency,
    )


def _as_planned(strategy: Strategy, seat: SeatOfDay, fixed: int) -> dict[str, Any]:
    """A seat of the night is of the kind that it was then, though it has less time by now."""
    minutes = fixed if kind_of(strategy, seat.skills, fixed) else seat.minutes
    return {"id": seat.id, "skills": seat.skills, "minutes": minutes}


def _resources(strategy: Strategy, rows: list[dict[str, Any]]) -> dict[int, str]:
    kinds = {row["id"]: kind_of(strategy, row["skills"], row["minutes"]) for row in rows}
    return {seat_id: minutes_resource(kind) for seat_id, kind in kinds.items() if kind}


def _rules(last: LastNight, policy: DealingPolicy) -> Rules:
    return Rules(
        creditor_id=last.creditor.pk,
        currency=last.creditor.currency,
        policy=policy,
        before=pl.DataFrame(schema={"case_id": pl.Int64, "stage": pl.String, "leaves": pl.Int64}),
        conflicts=cases_of_conflicts(read_conflicts(last.creditor.pk)),
    )


class Leftover:
    """What is left now; the caller holds the lock of the house until its transaction ends."""

    def __init__(self, last: LastNight, today: Today, on: date) -> None:
        self._today, self._strategy = today, last.strategy
        sql = load("to_decide")
        asked = {"on": on, "callback": CALLBACK, "callback_minutes": CALLBACK_MINUTES}
        taken = {row["seat_id"]: row["minutes"] for row in sql["minutes_spent"].rows(asked)}
        self._minutes = {
            each.id: each.minutes - taken.get(each.id, 0)
            for each in today.seats.values()
            if each.id in today.resource_of
        }
        spent = {r["treatment"]: r["tasks"] for r in sql["spent"].rows({"run_id": last.run_id})}
        self._counted = dict(today.capacities)
        for place, each in enumerate(last.strategy.treatments):
            self._count(place, -spent.get(each.code, 0))

    def take(self, place: int, seat_id: int | None, times: int = 1) -> None:
        """One task's use; `times` -1 gives it back."""
        self._count(place, -times)
        if seat_id in self._minutes:
            self._minutes[seat_id] -= times * self._strategy.treatments[place].minutes

    def remaining(self) -> dict[str, int]:
        """For one case: of minutes, the most that a single seat of the kind has left."""
        found = dict.fromkeys(self._today.menu.resources, 0)
        for seat_id, left in self._minutes.items():
            name = self._today.resource_of[seat_id]
            found[name] = max(found[name], left)
        return {**found, **self._counted}

    def remaining_for(self, place: int, seat_id: int | None) -> dict[str, int]:
        """For the task that a case has, its use given back: a seat that works has the time for what
        lies with it, however much that is; one that waits asks for a seat that works."""
        found = self.remaining()
        minutes = self._strategy.treatments[place].minutes
        if seat_id in self._minutes:
            own = [seat_id]
        else:
            own = list(self._minutes) if seat_id is None or self.waits_for(seat_id) else []
        for each in own:
            name = self._today.resource_of[each]
            found[name] = max(found[name], minutes)
        return found

    def waits_for(self, seat_id: int | None) -> bool:
        """Whether a seat is away for so short that its cases wait for it."""
        seat = self._today.seats.get(seat_id or 0)
        return seat is not None and seat.off is not None and seat.keeps_cases

    def place_for(self, case: Mapping[str, Any], treatment: Treatment, priority: int) -> Place:
        """The seat that dealing finds for one task of a case with its facts and stage."""
        row = {
            "case_id": case["case_id"],
            "priority": priority,
            "minutes": treatment.minutes,
            "skill": treatment.skill,
            "language": case["language"],
            "seat_id": case["seat_id"],
            "treatment": treatment.code,
            "stage": treatment.stage.value,
            "balance_minor": case["balance"],
            "overdue_minor": case["overdue_balance"],
            "currency": case["currency"],
            "value": 0,
        }
        frame = pl.DataFrame([row], schema_overrides={"language": pl.String})
        seats = [
            dealing_seat(each, max(0, self._minutes.get(each.id, 0)))
            for each in self._today.seats.values()
        ]
        dealt = deal_frame(frame, seats, _with_stage(self._today.rules, case)).row(0, named=True)
        return Place(None if dealt["found"] == NO_SEAT else dealt["found"], dealt["reason"])

    def fits(self, case: Mapping[str, Any], treatment: Treatment, seat_id: int) -> bool:
        """Whether a task may stay with its seat today; one away for short keeps its cases."""
        seat = self._today.seats.get(seat_id)
        barred = self._today.rules.conflicts.get(case["case_id"], frozenset())
        if seat is None or treatment.skill not in seat.skills or seat_id in barred:
            return False
        return seat_id in self._minutes or self.waits_for(seat_id)

    def _count(self, place: int, times: int) -> None:
        """`times` tasks of a treatment put back into what is counted."""
        way = next(iter(self._today.menu.ways_of(place)), None)
        if way is None or not times:
            return
        for name, units in zip(self._today.menu.resources, way.use, strict=True):
            if name in self._counted:
                self._counted[name] += times * units


def _with_stage(rules: Rules, case: Mapping[str, Any]) -> Rules:
    if not case["seat_id"]:
        return rules
    before = {"case_id": [case["case_id"]], "stage": [case["stage"]], "leaves": [0]}
    return Rules(
        rules.creditor_id,
        rules.currency,
        rules.policy,
        pl.DataFrame(before, schema=rules.before.schema),
        rules.conflicts,
    )
