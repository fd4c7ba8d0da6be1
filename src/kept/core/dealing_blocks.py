"""Finding places for a pile, the most urgent first, in blocks of columns.

A block in which every task finds a seat is dealt at once: first those that stay, then kind by kind.
Otherwise it is halved, down to the one task that finds none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from kept.core.dealing_pile import Integers, Pile, Seat, speaks

__all__ = ["Kinds", "Room", "kinds_of", "place_in_order", "present_places"]

#: Shares of a seat's minutes are compared in parts of this.
_PARTS: Final = 1 << 20
#: In place of a limit where there is none.
_ANY: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class Kinds:
    """Tasks of one kind fit the same seats and take as long.

    `of_row` is the kind of each row, `minutes` and `seats` (positions) of each kind, `fits` a table
    of kind by seat, `is_barred` whether some seat is barred.
    """

    of_row: Integers
    minutes: Integers
    seats: list[Integers]
    fits: npt.NDArray[np.bool_]
    is_barred: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Room:
    """By seat: minutes and cases that are left, and the minutes it began with."""

    minutes: Integers
    cases: Integers
    full: Integers

    @classmethod
    def of(cls, seats: Sequence[Seat]) -> Room:
        minutes = np.array([0 if seat.is_away else seat.minutes for seat in seats], dtype=np.int64)
        cases = [_ANY if seat.cases_room is None else max(0, seat.cases_room) for seat in seats]
        return cls(minutes, np.array(cases, dtype=np.int64), np.maximum(minutes, 1))

    def copy(self) -> Room:
        return Room(self.minutes.copy(), self.cases.copy(), self.full)


def kinds_of(pile: Pile, seats: Sequence[Seat]) -> Kinds:
    columns = [pile.skill, pile.language, pile.creditor_id, pile.minutes, pile.grade, pile.barred]
    rows, of_row = _distinct_rows(np.stack(columns, axis=1))
    fits = np.zeros((len(rows), len(seats)), dtype=np.bool_)
    for kind, (skill, language, creditor_id, _minutes, grade, barred) in enumerate(rows.tolist()):
        tag = pile.languages[language] if language >= 0 else ""
        kept_off = pile.barred_seats[barred] if barred >= 0 else frozenset()
        fits[kind] = [
            seat.id not in kept_off
            and seat.grade >= grade
            and _fits(seat, pile.skills[skill], tag, creditor_id)
            for seat in seats
        ]
    where = [np.flatnonzero(fits[kind]) for kind in range(len(rows))]
    return Kinds(of_row, rows[:, 3], where, fits, rows[:, 5] >= 0)


def _distinct_rows(table: Integers) -> tuple[Integers, Integers]:
    """The different rows and, for each row, which it is; quicker than `np.unique(axis=0)`."""
    code = np.zeros(len(table), dtype=np.int64)
    for column in table.T:
        values, index = np.unique(column, return_inverse=True)
        code = code * len(values) + index
        if len(values) > 1:
            _codes, code = np.unique(code, return_inverse=True)
    _codes, first, of_row = np.unique(code, return_index=True, return_inverse=True)
    return table[first], of_row.astype(np.int64)


def _fits(seat: Seat, skill: str, language: str, creditor_id: int) -> bool:
    serves = not seat.creditor_ids or creditor_id in seat.creditor_ids
    able = serves and not seat.is_away and skill in seat.skills
    return able and speaks(seat.languages, language)


def present_places(pile: Pile, ids: Integers) -> Integers:
    """The position of the seat that has the case, fit or not; -1 where there is none."""
    if not len(ids):
        return np.full(len(pile.seat_id), -1, dtype=np.int64)
    near = np.minimum(np.searchsorted(ids, pile.seat_id), len(ids) - 1)
    return np.where(ids[near] == pile.seat_id, near, -1)


def place_in_order(order: Integers, kinds: Kinds, present: Integers, room: Room) -> Integers:
    """The seat's position for each row, -1 for none; the room is taken up.

    `present` is the seat that a row stays with while it has room, or -1. Rows that are not in the
    order get no place.
    """
    place = np.full(len(present), -1, dtype=np.int64)
    open_kind = np.array([len(seats) > 0 for seats in kinds.seats], dtype=np.bool_)
    left = order[open_kind[kinds.of_row[order]]]
    minutes = np.cumsum(kinds.minutes[kinds.of_row[left]])
    size = max(1, int(np.searchsorted(minutes, room.minutes.sum(), side="right")))
    while len(left):
        block = left[:size]
        tried = _deal_block(block, kinds, present, room)
        if tried is not None:
            place[block] = tried
            left, size = left[size:], size * 2
        elif len(block) == 1:
            left = _after_failure(left, kinds, present, open_kind, room)
        else:
            size = len(block) // 2
    return place


def _after_failure(
    left: Integers,
    kinds: Kinds,
    present: Integers,
    open_kind: npt.NDArray[np.bool_],
    room: Room,
) -> Integers:
    """What is left when the first row found no seat: without its kind, but for cases that stay.

    A seat that may hold no further case may still have minutes for those it holds.
    """
    open_kind[kinds.of_row[left[0]]] = False
    of_row, own = kinds.of_row[left], present[left]
    stays = (own >= 0) & (room.minutes[own] >= kinds.minutes[of_row])
    stays[0] = False
    return left[open_kind[of_row] | stays]


def _deal_block(block: Integers, kinds: Kinds, present: Integers, room: Room) -> Integers | None:
    """Seats for the block, whose room is taken, or None when a task of it finds no seat."""
    if int(kinds.minutes[kinds.of_row[block]].sum()) > int(room.minutes.sum()):
        return None
    left = room.copy()
    place = _keep(present[block], kinds.minutes[kinds.of_row[block]], left)
    rest = np.flatnonzero(place < 0)
    of_rest = kinds.of_row[block[rest]]
    for kind in _hardest_first(np.unique(of_rest), kinds):
        rows = rest[of_rest == kind]
        found = _fill(len(rows), int(kinds.minutes[kind]), kinds.seats[kind], left)
        if found is None:
            return None
        place[rows] = found
    room.minutes[:], room.cases[:] = left.minutes, left.cases
    return place


def _keep(present: Integers, minutes: Integers, room: Room) -> Integers:
    """Leave tasks with their seats as far as the room goes, which it takes up."""
    place = np.full(len(present), -1, dtype=np.int64)
    rows = np.flatnonzero(present >= 0)
    rows = rows[np.argsort(present[rows], kind="stable")]
    used = np.cumsum(minutes[rows])
    first = np.searchsorted(present[rows], present[rows])
    used -= np.concatenate(([0], used))[first]
    kept = rows[used <= room.minutes[present[rows]]]
    place[kept] = present[kept]
    np.subtract.at(room.minutes, present[kept], minutes[kept])
    return place


def _hardest_first(found: Integers, kinds: Kinds) -> list[int]:
    """Long tasks before short ones, then those with few seats: it wastes the least room."""
    return sorted(
        found.tolist(), key=lambda kind: (-kinds.minutes[kind], len(kinds.seats[kind]), kind)
    )


def _fill(count: int, minutes: int, seats: Integers, room: Room) -> Integers | None:
    """Seats for equal tasks one after another, each to the one with most of its minutes left.

    A seat with room r of m offers places worth r/m, (r - minutes)/m, (r - 2 minutes)/m…; the best
    `count` places are what giving one by one would have chosen.
    """
    offers = _offers(count, minutes, seats, room)
    if int(offers.sum()) < count:
        return None
    seat = np.repeat(seats, offers)
    nth = np.arange(len(seat)) - np.repeat(np.cumsum(offers) - offers, offers)
    worth = (room.minutes[seat] - nth * minutes) * _PARTS // room.full[seat]
    best = np.lexsort((seat, -worth))[:count]
    np.subtract.at(room.minutes, seat[best], minutes)
    np.subtract.at(room.cases, seat[best], 1)
    return seat[best]


def _offers(count: int, minutes: int, seats: Integers, room: Room) -> Integers:
    """How many places of each seat are worth looking at: those above the level that suffices."""
    left, full, cases = room.minutes[seats], room.full[seats], room.cases[seats]

    def above(level: int) -> Integers:
        least = np.maximum(minutes, -(-level * full // _PARTS))
        return np.minimum(cases, np.maximum(0, (left - least) // minutes + 1))

    low, high = 0, int((left * _PARTS // full).max()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if int(above(middle).sum()) >= count:
            low = middle
        else:
            high = middle
    return above(low)
