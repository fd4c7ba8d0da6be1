"""One case: what it has, what it gets and why; written with one event where anything changes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kept.batch.day.asking import Asked, LastNight
from kept.batch.day.leftover import Leftover, Today
from kept.batch.day.writing import Writer
from kept.core.deciding import NOTHING, Decision
from kept.core.redeciding import Closed, Standing, Step, contacts_left_out, decide_again
from kept.core.strategies import Strategy
from kept.store.nights import Night
from kept.store.queries import load

__all__ = ["CaseToday", "Decided", "Decider", "TaskToday", "read_cases"]


@dataclass(frozen=True, slots=True)
class TaskToday:
    """A task of a night: one that is open, or was closed today."""

    id: int
    treatment: str
    state: str
    seat_id: int | None
    priority: int
    lawful_from: datetime | None
    due_at: datetime
    reason: Mapping[str, Any]
    is_tonight: bool

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(slots=True)
class CaseToday:
    """A case with its tasks of nights, and those of the same person's other cases here."""

    case_id: int
    stage: str = ""
    seat_id: int | None = None
    until: datetime | None = None
    tasks: list[TaskToday] = field(default_factory=list)
    others: list[TaskToday] = field(default_factory=list)
    siblings: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Decided:
    """`until` is when a case that somebody has in hand is looked at again."""

    changed: bool = False
    until: datetime | None = None
    frees_person: bool = False


def read_cases(last: LastNight, case_ids: Sequence[int], at: datetime) -> dict[int, CaseToday]:
    """The open ones of the cases, as they are in this transaction."""
    sql = load("to_decide")
    found = {
        row["id"]: CaseToday(row["id"], row["stage"], row["seat_id"])
        for row in sql["open_cases"].rows({"case_ids": list(case_ids)})
    }
    by_person: dict[int, list[tuple[int, TaskToday]]] = defaultdict(list)
    given = {"case_ids": list(case_ids), "creditor_id": last.creditor.pk, "on": last.on}
    for row in sql["tonight_of_persons"].rows(given):
        by_person[row["person_id"]].append((row["case_id"], _task(row, last.run_id)))
    for row in sql["persons_of_cases"].rows({"case_ids": list(case_ids)}):
        case = found.get(row["case_id"])
        for case_id, task in by_person[row["person_id"]] if case else ():
            assert case is not None
            (case.tasks if case_id == case.case_id else case.others).append(task)
            if case_id != case.case_id:
                case.siblings.add(case_id)
        if case is not None:
            case.siblings |= set(row["others"] or ())
    for row in sql["in_hand"].rows({"case_ids": list(case_ids), "now": at}):
        if row["case_id"] in found:
            found[row["case_id"]].until = row["until"]
    return found


def _task(row: Mapping[str, Any], run_id: int) -> TaskToday:
    return TaskToday(
        id=row["id"],
        treatment=row["treatment"],
        state=row["state"],
        seat_id=row["seat_id"],
        priority=row["priority"],
        lawful_from=row["lawful_from"],
        due_at=row["due_at"],
        reason=json.loads(row["reason"]) if isinstance(row["reason"], str) else row["reason"],
        is_tonight=row["run_id"] == run_id,
    )


class Decider:
    """Decides the cases of a batch one after another; each sees what those before it left."""

    def __init__(self, last: LastNight, night: Night, today: Today, left: Leftover) -> None:
        self._strategy: Strategy = last.strategy
        self._places = {each.code: n for n, each in enumerate(last.strategy.treatments)}
        self._today, self._left = today, left
        self._writer = Writer(last, night, today, left)

    def decide(self, asked: Asked, case: CaseToday, cause: str) -> Decided:
        standing = next((each for each in case.tasks if each.is_open), None)
        values = self._values(asked, case, standing)
        step = self._step(values, standing)
        if step.stays:
            assert standing is not None
            renewed = self._writer.renew(asked, case, standing, step.decision, cause)
            return Decided(changed=renewed)
        if standing is None:
            return self._open(asked, case, step.decision, cause)
        closed = self._why(asked, values, standing, step.decision)
        if closed is Closed.NO_ROOM and self._left.waits_for(standing.seat_id):
            return Decided()
        if case.until is not None and not closed.is_forbidden:
            return Decided(until=case.until)
        return self._give_way(asked, case, standing, closed, step.decision, cause)

    def _values(
        self, asked: Asked, case: CaseToday, standing: TaskToday | None
    ) -> Mapping[int, int]:
        """Without what a person closed today, and without another contact of the same person."""
        over = {
            self._places.get(each.treatment)
            for each in case.tasks
            if each.is_tonight and each.state in ("done", "cancelled")
        }
        values = {place: each for place, each in asked.values.items() if place not in over}
        if not self._is_spoken_for(case):
            return values
        own = [] if standing is None else [self._places.get(standing.treatment, NOTHING)]
        return contacts_left_out(self._today.menu, values, but=own)

    def _is_spoken_for(self, case: CaseToday) -> bool:
        """Whether the person had today's contact, or has it by another case."""
        done = [each for each in case.tasks if not each.is_open]
        return any(self._is_contact(each) for each in (*done, *case.others))

    def _is_contact(self, task: TaskToday) -> bool:
        place = self._places.get(task.treatment)
        counts = task.is_open or (task.is_tonight and task.state == "done")
        return place is not None and counts and self._reaches(place)

    def _reaches(self, place: int) -> bool:
        return self._strategy.treatments[place].channel is not None

    def _step(self, values: Mapping[int, int], standing: TaskToday | None) -> Step:
        menu, prices = self._today.menu, self._today.prices
        place = None if standing is None else self._places.get(standing.treatment)
        if standing is None or place is None:
            return decide_again(menu, values, prices, self._left.remaining(), None)
        self._left.take(place, standing.seat_id, -1)
        left = self._left.remaining_for(place, standing.seat_id)
        own = Standing(place, standing.priority, left)
        step = decide_again(menu, values, prices, self._left.remaining(), own)
        self._left.take(place, standing.seat_id)
        return step

    def _why(
        self, asked: Asked, values: Mapping[int, int], standing: TaskToday, found: Decision
    ) -> Closed:
        place = self._places.get(standing.treatment)
        if place is None:
            return Closed.NOT_PROPOSED
        treatment = self._strategy.treatments[place]
        if asked.is_held and (treatment.channel is not None or not asked.bars_contact_only):
            return Closed.HELD
        if treatment.channel_code in asked.refused:
            return Closed.UNLAWFUL
        if place not in asked.proposed:
            return Closed.NOT_PROPOSED
        if place not in asked.values:
            return Closed.BETTER if found.is_required else Closed.WORTH_NOTHING
        if place not in values:
            return Closed.CONTACTED
        return Closed.NO_ROOM if found.treatment == NOTHING else Closed.BETTER

    def _open(self, asked: Asked, case: CaseToday, found: Decision, cause: str) -> Decided:
        if found.treatment == NOTHING:
            return Decided()
        return Decided(changed=self._writer.replace(asked, case, None, None, found, cause))

    def _give_way(
        self,
        asked: Asked,
        case: CaseToday,
        standing: TaskToday,
        closed: Closed,
        found: Decision,
        cause: str,
    ) -> Decided:
        place = self._places.get(standing.treatment)
        reached = place is not None and self._reaches(place)
        if place is not None:
            self._left.take(place, standing.seat_id, -1)
        changed = self._writer.replace(asked, case, standing, closed, found, cause)
        reaches = found.treatment != NOTHING and self._reaches(found.treatment)
        return Decided(changed=changed, frees_person=reached and not reaches)
