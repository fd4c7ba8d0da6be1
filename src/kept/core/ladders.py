"""A strategy as a ladder: over which days past due each treatment can fire, segment by segment.

Read off the conditions alone: days on which the other facts could be such that the condition holds.
Each comparison with `dpd` is decided exactly; every other fact is taken to be free, so a range may
be wider than what ever happens, and is never narrower. Whether a treatment can fire at all is
`core/reachable.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kept.core.conditions.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Comparison,
    Flag,
    IsKnown,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Surely,
)
from kept.core.strategies import Segment, Strategy, Treatment

__all__ = ["DayRange", "Ladder", "Lane", "Rung", "ladder_of"]

_FACT: Final = "dpd"
#: Can the condition surely hold, can it surely fail: of the two, what the free facts leave open.
_Open = tuple[bool, bool]
_EITHER: Final[_Open] = (True, True)


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days past due, both ends included; no last one means any number of days."""

    first: int
    last: int | None

    def __str__(self) -> str:
        if self.last is None:
            return f"≥ {self.first}"
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


@dataclass(frozen=True, slots=True)
class Rung:
    """Where one treatment can fire. Not `is_bounded`: its own condition sets no limit by days."""

    treatment: Treatment
    ranges: tuple[DayRange, ...]
    is_bounded: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """The rungs of one segment, in the strategy's order; a strategy without segments has one."""

    segment: Segment | None
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """`edges` are the days on which any range begins, or the day after one ends, from 0 on."""

    lanes: tuple[Lane, ...]
    edges: tuple[int, ...]


def ladder_of(strategy: Strategy) -> Ladder:
    places = range(len(strategy.segments)) if strategy.segments else (None,)
    lanes = tuple(_lane(strategy, place) for place in places)
    ranges = [each for lane in lanes for rung in lane.rungs for each in rung.ranges]
    ends = {each.last + 1 for each in ranges if each.last is not None}
    return Ladder(lanes, tuple(sorted({0} | {each.first for each in ranges} | ends)))


def _lane(strategy: Strategy, place: int | None) -> Lane:
    if place is None:
        return Lane(None, tuple(_rungs(strategy.treatments, ())))
    segment = strategy.segments[place]
    before = strategy.segments[:place]
    within = (segment.when.tree, *(Not(Surely(each.when.tree)) for each in before))
    found = [each for each in strategy.treatments if _is_for(each, segment)]
    return Lane(segment, tuple(_rungs(found, within)))


def _is_for(treatment: Treatment, segment: Segment) -> bool:
    return not treatment.segments or segment.code in treatment.segments


def _rungs(treatments: Iterable[Treatment], within: Sequence[Node]) -> Iterator[Rung]:
    for each in treatments:
        own = _own_conditions(each)
        ranges = _ranges((*own, *within))
        if ranges:
            yield Rung(each, ranges, is_bounded=_ranges(own) != (DayRange(0, None),))


def _own_conditions(treatment: Treatment) -> tuple[Node, ...]:
    """What its author wrote; holds, arms and repeats say nothing of days past due."""
    when = (treatment.written or treatment.when).tree
    return (when,) if treatment.stop_when is None else (when, Not(treatment.stop_when.tree))


def _ranges(conditions: Sequence[Node]) -> tuple[DayRange, ...]:
    """The days on which all the conditions can surely hold."""
    numbers = {number for each in conditions for number in _numbers(each)}
    edges = sorted({0} | {day for number in numbers for day in (number, number + 1) if day > 0})
    found: list[DayRange] = []
    for first, after in pairwise([*edges, None]):
        assert first is not None
        if not all(_open(each, first)[0] for each in conditions):
            continue
        last = None if after is None else after - 1
        if found and found[-1].last == first - 1:
            found[-1] = DayRange(found[-1].first, last)
        else:
            found.append(DayRange(first, last))
    return tuple(found)


def _numbers(tree: Node) -> Iterator[int]:
    """What days past due are compared with: their truth changes there and nowhere else."""
    match tree:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _numbers(part)
        case Not(operand=operand) | Surely(operand=operand):
            yield from _numbers(operand)
        case Comparison(first=first, rest=rest):
            yield from (_number(each) for each in (first, *(each for _, each in rest)))
        case Membership(value=Name(name=name), items=items) if name == _FACT:
            yield from (_number(each) for each in items)
        case _:
            pass


def _number(tree: Node) -> int:
    return tree.value if isinstance(tree, Number) else 0


def _open(tree: Node, day: int) -> _Open:
    """On a day past due: can it surely hold, can it surely fail."""
    match tree:
        case AllOf(parts=parts):
            found = [_open(part, day) for part in parts]
            return all(holds for holds, _ in found), any(fails for _, fails in found)
        case AnyOf(parts=parts):
            found = [_open(part, day) for part in parts]
            return any(holds for holds, _ in found), all(fails for _, fails in found)
        case Not(operand=operand):
            holds, fails = _open(operand, day)
            return fails, holds
        case Surely(operand=operand):
            return _open(operand, day)  # what is free may fail; what days decide is known
        case Comparison(first=first, rest=rest):
            return _compared(first, rest, day)
        case Membership(value=Name(name=name), items=items, negated=negated) if name == _FACT:
            is_in = any(_number(item) == day for item in items)
            return (is_in != negated, is_in == negated)
        case IsKnown(name=name, wanted=wanted) if name == _FACT:
            return wanted, not wanted
        case Flag(value=value):
            return value, not value
        case _:
            return _EITHER


def _compared(first: Node, rest: Sequence[tuple[str, Node]], day: int) -> _Open:
    """A chain is all of its steps; a step between days and a number is decided."""
    holds, fails, left = True, False, first
    for comparator, right in rest:
        found = _step(_value(left, day), comparator, _value(right, day))
        holds, fails, left = holds and found[0], fails or found[1], right
    return holds, fails


def _step(left: int | None, comparator: str, right: int | None) -> _Open:
    if left is None or right is None:
        return _EITHER
    truths = {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }
    found = truths[comparator]
    return found, not found


def _value(tree: Node, day: int) -> int | None:
    """None for what another fact decides, and for sums, which change truth at days not seen."""
    match tree:
        case Number(value=value):
            return value
        case Name(name=name) if name == _FACT:
            return day
        case Arithmetic() | Negative() | _:
            return None
