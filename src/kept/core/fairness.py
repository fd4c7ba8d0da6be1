"""How evenly work lies with like seats: by number, amount and expected value, per minute of seat.

Figures are in thousandths: the spread is (largest - smallest) / mean, the Gini coefficient 0 where
all have the same and near 1000 where one has everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from kept.core.dealing_evenly import groups_of
from kept.core.dealing_pile import Integers, Seat

__all__ = ["Evenness", "GroupFairness", "fairness_of", "fairness_rows"]

_PARTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Evenness:
    """`total` of a measure over the group's seats, with spread and Gini in thousandths."""

    total: int
    spread: int
    gini: int


@dataclass(frozen=True, slots=True)
class GroupFairness:
    """Seats that are alike, and how evenly they share."""

    seat_ids: tuple[int, ...]
    tasks: Evenness
    amount: Evenness
    value: Evenness


def fairness_of(
    seats: Sequence[Seat], seat_id: Integers, amount: Integers, value: Integers
) -> tuple[GroupFairness, ...]:
    """For each group of two and more like seats that work today. Rows are tasks and their seats."""
    ordered = sorted(seats, key=lambda seat: seat.id)
    ids = np.array([seat.id for seat in ordered], dtype=np.int64)
    full = np.array([max(1, seat.minutes) for seat in ordered], dtype=np.int64)
    place = np.searchsorted(ids, seat_id)
    known = np.isin(seat_id, ids)
    ones = np.ones(len(seat_id), dtype=np.int64)
    sums = [_sums(place[known], column[known], len(ids)) for column in (ones, amount, value)]
    return tuple(
        GroupFairness(
            tuple(ids[group].tolist()), *(_evenness(each[group], full[group]) for each in sums)
        )
        for group in groups_of(ordered)
        if len(group) > 1
    )


def fairness_rows(found: Sequence[GroupFairness]) -> list[dict[str, Any]]:
    """The figures as JSON."""
    return [{**asdict(each), "seat_ids": list(each.seat_ids)} for each in found]


def _sums(place: Integers, column: Integers, count: int) -> Integers:
    found = np.zeros(count, dtype=np.int64)
    np.add.at(found, place, column)
    return found


def _evenness(sums: Integers, full: Integers) -> Evenness:
    """A seat of half the minutes is even with half the work."""
    total = int(sums.sum())
    loads = sorted(
        int(load) * _PARTS * _PARTS // int(size) for load, size in zip(sums, full, strict=True)
    )
    whole, count = sum(loads), len(loads)
    if whole <= 0:
        return Evenness(total, 0, 0)
    spread = (loads[-1] - loads[0]) * count * _PARTS // whole
    ranked = sum((2 * rank - count - 1) * load for rank, load in enumerate(loads, 1))
    return Evenness(total, spread, ranked * _PARTS // (count * whole))
