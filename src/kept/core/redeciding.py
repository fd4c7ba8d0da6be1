"""Deciding a case again by day: whether what the night gave it stays, goes, or gives way.

At the same prices and with what is left, by `decide_one`. What a case has is its own: it is judged
with its own use given back, and it gives way only to what is strictly better, or when by now it is
worth less than when it was dealt. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kept.core.deciding import NOTHING, Decision, Menu, Way, decide_one

__all__ = [
    "NO_LIMIT",
    "Closed",
    "Standing",
    "Step",
    "contacts_left_out",
    "decide_again",
    "prices_of",
]

#: A resource whose limit was lifted.
NO_LIMIT: Final = 10**15
_MINUTES: Final = "minutes:"


class Closed(StrEnum):
    """Why a task is closed by day; what may not be done stands before what need not be done."""

    HELD = "day_held"
    UNLAWFUL = "day_unlawful"
    CONTACTED = "day_contacted"
    NOT_PROPOSED = "day_not_proposed"
    WORTH_NOTHING = "day_worth_nothing"
    NO_ROOM = "day_no_room"
    BETTER = "day_better"

    @property
    def is_forbidden(self) -> bool:
        """Also closed while somebody has it in hand."""
        return self in (Closed.HELD, Closed.UNLAWFUL)


@dataclass(frozen=True, slots=True)
class Standing:
    """The task that a case has: position of its treatment, what was left of it after paying when it
    was dealt, and what there is for it: the remaining capacity with its own use given back."""

    treatment: int
    reduced: int
    remaining: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """What the case has from now on; `stays` where that is what it had."""

    decision: Decision
    stays: bool


def decide_again(
    menu: Menu,
    values: Mapping[int, int],
    prices: Mapping[str, int],
    remaining: Mapping[str, int],
    standing: Standing | None,
) -> Step:
    """`values` and `remaining` as for `decide_one`, what the case has included in what is left."""
    best = decide_one(menu, values, prices, remaining)
    if standing is None or standing.treatment not in values:
        return Step(best, False)
    if best.treatment == standing.treatment:
        return Step(best, True)
    own = _own(menu, values, prices, standing)
    if best.is_required or own is None:
        return Step(best, False)
    if best.treatment == NOTHING:
        stays = own.reduced >= min(0, standing.reduced)
    else:
        stays = own.reduced >= best.reduced
    return Step(own, True) if stays else Step(best, False)


def _own(
    menu: Menu, values: Mapping[int, int], prices: Mapping[str, int], standing: Standing
) -> Decision | None:
    """What the case has, at its best way; None where nobody can do it any more."""
    ways = menu.within(standing.remaining).ways_of(standing.treatment)
    if not ways:
        return None
    value = values[standing.treatment]
    worth = [value - _cost(menu, way, prices) for way in ways]
    best = max(range(len(ways)), key=lambda place: (worth[place], -place))
    return Decision(standing.treatment, ways[best], value, worth[best], NOTHING, 0)


def _cost(menu: Menu, way: Way, prices: Mapping[str, int]) -> int:
    return sum(
        units * prices[name] for name, units in zip(menu.resources, way.use, strict=True) if units
    )


def contacts_left_out(
    menu: Menu, values: Mapping[int, int], *, but: Collection[int] = ()
) -> dict[int, int]:
    """The values of a case whose person has had a contact already: what reaches nobody, what is
    required, and `but`, what the case has itself."""
    treatments = menu.strategy.treatments
    return {
        place: value
        for place, value in values.items()
        if treatments[place].channel is None or treatments[place].required or place in but
    }


def prices_of(menu: Menu, known: Mapping[str, int]) -> dict[str, int]:
    """A price for each resource of today's menu.

    Minutes of a kind of seats that the night did not have cost what the dearest of its kinds with a
    skill in common does; a limit that is new since costs nothing.
    """
    return {name: known.get(name, _alike(name, known)) for name in menu.resources}


def _alike(name: str, known: Mapping[str, int]) -> int:
    skills = _skills(name)
    return max((price for other, price in known.items() if skills & _skills(other)), default=0)


def _skills(resource: str) -> frozenset[str]:
    if not resource.startswith(_MINUTES):
        return frozenset()
    return frozenset(resource.removeprefix(_MINUTES).split(":")[0].split("+"))
