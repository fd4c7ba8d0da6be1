"""What a decision of the day leaves: tasks closed, opened or renewed, and one event of the case.

A decision that changes nothing writes nothing. The caller is inside the transaction and holds the
locks; what is left is taken and given back here, as the tasks are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from kept.batch.day.asking import Asked, LastNight
from kept.batch.day.leftover import Leftover, Place, Today
from kept.batch.nightly.dealing import treatment_rows
from kept.core.arms import ARM_DRAW, arm_of
from kept.core.calendar import utc_datetime
from kept.core.deciding import NOTHING, Decision, paid_by
from kept.core.events import ChainKind
from kept.core.redeciding import Closed
from kept.core.strategies import Treatment
from kept.packs.values import load_priors
from kept.store.events import append_event
from kept.store.nights import Night
from kept.store.queries import load
from kept.store.work_counts import add_work

if TYPE_CHECKING:
    from kept.batch.day.stepping import CaseToday, TaskToday

__all__ = ["Writer"]

_FIGURES = ("dpd", "bucket", "balance", "overdue_balance", "currency")


class Writer:
    """Writes the decisions of one batch."""

    def __init__(self, last: LastNight, night: Night, today: Today, left: Leftover) -> None:
        self._last, self._night, self._today, self._left = last, night, today, left
        self._rows = treatment_rows(last.strategy, night)
        self._later = treatment_rows(last.strategy, replace(night, on=night.on + timedelta(days=1)))

    def renew(
        self, asked: Asked, case: CaseToday, task: TaskToday, found: Decision, cause: str
    ) -> bool:
        """The task stays: with a new seat where its own cannot do it, with new figures where its
        worth or its lawful time has changed."""
        treatment = self._last.strategy.treatments[found.treatment]
        lawful = self._lawful(asked, treatment)
        place = self._new_place(asked, case, task, treatment)
        told: dict[str, Any] = {}
        price = task.reason.get("price", {})
        is_worth_other = not found.is_required and price.get("value") != found.value
        if is_worth_other:
            told["priority"] = found.reduced
        if lawful is not None and lawful > self._night.now and lawful != task.lawful_from:
            told["lawful_from"] = lawful.isoformat()
        if place is not None:
            told["seat"] = place.seat_id
        if not told:
            return False
        reason = self._reason(asked, found, cause) if is_worth_other else {"day": {"cause": cause}}
        if place is not None:
            reason |= json.loads(place.reason)
        given = {
            **{name: asked.facts[name] for name in _FIGURES},
            "task_id": task.id,
            "priority": told.get("priority", task.priority),
            "lawful_from": lawful if "lawful_from" in told else task.lawful_from,
            "seat_id": task.seat_id if place is None else place.seat_id,
            "reason": json.dumps(reason),
        }
        load("to_decide")["renew_task"].run(given)
        if place is not None:
            self._left.take(found.treatment, task.seat_id, -1)
            self._left.take(found.treatment, place.seat_id)
            self._hand_over(case, treatment, place.seat_id)
        self._tell(case, cause, renewed={"treatment": treatment.code, **told})
        return True

    def replace(
        self,
        asked: Asked,
        case: CaseToday,
        standing: TaskToday | None,
        closed: Closed | None,
        found: Decision,
        cause: str,
    ) -> bool:
        """The task that the case has is closed, and what it gets now is opened."""
        told: dict[str, Any] = {}
        if standing is not None and closed is not None:
            self._close(standing, closed)
            told["closed"] = self._told_of_closed(asked, standing, closed)
        if found.treatment != NOTHING:
            opened = self._open(asked, case, found, cause)
            told |= {} if opened is None else {"task": opened}
        if told:
            self._tell(case, cause, **told)
        return bool(told)

    # --- tasks ------------------------------------------------------------------------------------

    def _close(self, task: TaskToday, closed: Closed) -> None:
        load("to_decide")["close_task"].run(
            {"task_id": task.id, "closed": closed.value, "now": self._night.now}
        )
        if task.due_at < self._night.now:  # late by then: as when a night ends it
            add_work(
                creditor_id=self._last.creditor.pk,
                seat_id=task.seat_id,
                treatment=task.treatment,
                now=self._night.now,
                lapsed=1,
            )

    def _told_of_closed(self, asked: Asked, task: TaskToday, closed: Closed) -> dict[str, Any]:
        channels = {e.code: e.channel_code for e in self._last.strategy.treatments}
        rules = asked.refused.get(channels.get(task.treatment, ""), ())
        told = {"treatment": task.treatment, "why": closed.value}
        return {**told, "rules": list(rules)} if closed is Closed.UNLAWFUL else told

    def _open(
        self, asked: Asked, case: CaseToday, found: Decision, cause: str
    ) -> dict[str, Any] | None:
        treatment = self._last.strategy.treatments[found.treatment]
        priority = asked.required_priority if found.is_required else found.reduced
        place = self._left.place_for(self._case(asked, case), treatment, priority)
        row = self._times(found.treatment)
        given = {
            **{name: asked.facts[name] for name in _FIGURES},
            **{name: row[name] for name in ("code", "stage", "channel", "skill", "minutes")},
            "due_at": row["due_at"],
            "escalates_at": row["escalates_at"],
            "case_id": case.case_id,
            "seat_id": place.seat_id,
            "run_id": self._last.run_id,
            "on": self._last.on,
            "strategy": self._last.strategy.label,
            "priority": priority,
            "lawful_from": self._lawful(asked, treatment),
            "reason": json.dumps({**json.loads(place.reason), **self._reason(asked, found, cause)}),
        }
        if not load("to_decide")["write_task"].rows(given):
            return None
        self._left.take(found.treatment, place.seat_id)
        self._hand_over(case, treatment, place.seat_id)
        return {"due_at": row["due_at"], "seat": place.seat_id, "treatment": treatment.code}

    def _new_place(
        self, asked: Asked, case: CaseToday, task: TaskToday, treatment: Treatment
    ) -> Place | None:
        """Another seat than the task has; None where it stays, or still waits."""
        row = self._case(asked, case)
        if task.seat_id is not None and self._left.fits(row, treatment, task.seat_id):
            return None
        place = self._left.place_for(row, treatment, task.priority)
        return None if place.seat_id == task.seat_id else place

    def _hand_over(self, case: CaseToday, treatment: Treatment, seat_id: int | None) -> None:
        sql = load("to_decide")
        given = {"case_id": case.case_id, "seat_id": seat_id, "stage": treatment.stage.value}
        sql["hand_over"].run({**given, "on": self._last.on})
        sql["take_along"].run({"case_id": case.case_id, "seat_id": seat_id})

    # --- what is said of it -----------------------------------------------------------------------

    def _case(self, asked: Asked, case: CaseToday) -> Mapping[str, Any]:
        """Facts for dealing, with seat and stage as they are in this transaction."""
        return {**asked.facts, "seat_id": case.seat_id or 0, "stage": case.stage}

    def _lawful(self, asked: Asked, treatment: Treatment) -> datetime | None:
        if treatment.channel is None or treatment.channel_code not in asked.lawful:
            return None
        return utc_datetime(asked.lawful[treatment.channel_code])

    def _times(self, place: int) -> Mapping[str, Any]:
        """Today's times; those of tomorrow where today's are over."""
        row = self._rows[place]
        is_over = datetime.fromisoformat(row["due_at"]) <= self._night.now
        return self._later[place] if is_over else row

    def _reason(self, asked: Asked, found: Decision, cause: str) -> dict[str, Any]:
        """The same as the night tells (`nightly/pricing.py`), and what called for the decision."""
        strategy, menu = self._last.strategy, self._today.menu
        price: dict[str, Any] = {"currency": self._today.house, "values": load_priors().label}
        if strategy.arms:
            arm = arm_of(strategy.arms, asked.facts[ARM_DRAW])
            price |= {"arm": arm.code, "share": arm.share}
        if found.is_required:
            price["required"] = True
        else:
            prices = [self._today.prices[name] for name in menu.resources]
            price |= {"value": found.value, "reduced": found.reduced, "next": None}
            price["paid"] = [] if found.way is None else paid_by(menu, found.way, prices)
            if found.next_treatment != NOTHING:
                code = strategy.treatments[found.next_treatment].code
                price["next"] = {"treatment": code, "reduced": found.next_reduced}
        return {"price": price, "day": {"cause": cause}}

    def _tell(self, case: CaseToday, cause: str, **told: Any) -> None:
        append_event(
            actor=self._night.actor,
            action="case.decide",
            subject=f"case:{case.case_id}",
            body={"business_date": self._night.on.isoformat(), "cause": cause, **told},
            now=self._night.now,
            chain=ChainKind.CASE,
            chain_id=case.case_id,
            batch_id=self._last.run_id,
        )
