"""Whether seats can do the work that a strategy puts into their skills, in minutes.

Two questions: is a treatment longer than the day of any seat that has its skill, and did the last
trial of the version want more minutes of a skill than all its seats have. Which skills no seat has
at all is `strategy_lists.skills_without_seat`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kept.core.actors import Actor
from kept.core.strategies import Strategy
from kept.store.models import Run, Seat
from kept.work.strategy_trials import list_strategy_trials

__all__ = ["Shortage", "TooLong", "list_shortages", "shortages_in", "treatments_too_long"]


@dataclass(frozen=True, slots=True)
class TooLong:
    """A treatment for which the longest day of a seat with its skill is too short, in minutes."""

    treatment: str
    minutes: int
    longest: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """Work that would go into a skill on a day, and the minutes that its seats have."""

    skill: str
    cases: int
    minutes: int
    room: int
    on: date | None = None
    creditor_name: str = ""


def treatments_too_long(strategy: Strategy) -> tuple[TooLong, ...]:
    """Those that no seat could ever finish in a day; skills without a seat are not told again."""
    longest: dict[str, int] = {}
    seats = Seat.objects.filter(active=True).values_list("skills", "minutes_per_day", "shifts")
    for skills, minutes, shifts in seats:
        day = _longest_day(minutes, shifts)
        for skill in skills:
            longest[skill] = max(longest.get(skill, 0), day)
    return tuple(
        TooLong(each.code, each.minutes, longest[each.skill])
        for each in strategy.treatments
        if each.skill in longest and each.minutes > longest[each.skill]
    )


def _longest_day(minutes: int, shifts: Iterable[tuple[int, int, int]]) -> int:
    """Of a week: its shifts, at most the minutes a day; extra time is an exception."""
    days: dict[int, int] = {}
    for weekday, first, end in shifts:
        days[weekday] = days.get(weekday, 0) + end - first
    return min(minutes, max(days.values(), default=minutes))


def shortages_in(rows: Iterable[Mapping[str, Any]]) -> tuple[Shortage, ...]:
    """The skills of a plan (`Plan.told["skills"]`) that want more than there is, the worst first.

    A skill that no seat has is not among them.
    """
    found = [Shortage(row["skill"], row["cases"], row["minutes"], row["room"]) for row in rows]
    short = [each for each in found if each.minutes > each.room > 0]
    return tuple(sorted(short, key=lambda each: (each.room - each.minutes, each.skill)))


def list_shortages(actor: Actor, label: str) -> tuple[Shortage, ...]:
    """What the last trial of a version that the actor may see found too little; empty without."""
    for trial in list_strategy_trials(actor, label):
        if trial.state == Run.State.DONE and trial.result:
            found = shortages_in(trial.result["tried"].get("skills", ()))
            return tuple(
                Shortage(
                    each.skill, each.cases, each.minutes, each.room, trial.on, trial.creditor_name
                )
                for each in found
            )
    return ()
