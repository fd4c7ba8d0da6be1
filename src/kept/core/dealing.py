"""Dealing tasks to seats within their minutes of the day, and saying why (分案).

The rule is that of a fair team lead with one pile, the most urgent on top: each task goes to the
seat that has its case already, if that seat has room; else to the seat with the most minutes left
among those with the skill, the language and the creditor; ties go to the lower seat id. A task for
which no seat has room waits, and nothing less urgent ever took its room.

A million tasks are dealt in blocks of columns. A block in which every task finds a seat is dealt
at once: first those that stay, then kind by kind. Otherwise it is halved, down to the one task that
finds none. There is no randomness and no memory: the same input gives the same dealing, in whatever
order its rows come, and dealing what was dealt moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

__all__ = ["NO_SEAT", "Dealt", "Pile", "Seat", "Why", "deal", "dealing_reason", "speaks"]

Integers = npt.NDArray[np.int64]

#: In place of a seat's id where there is none.
NO_SEAT = 0


class Why(IntEnum):
    """Why a task is with its seat, or with none."""

    KEPT = 1  # the case stays with its seat
    MOST_ROOM = 2  # the case had no seat
    MOVED_FULL = 3  # its seat's minutes are used up by what is more urgent
    MOVED_UNFIT = 4  # its seat is not there tonight or lacks skill, language or creditor
    NO_ROOM = 5  # every seat that could take it is full
    NOBODY = 6  # no seat has this skill, language and creditor


@dataclass(frozen=True, slots=True)
class Seat:
    """A working place tonight. Empty `languages` or `creditor_ids` stand for all of them."""

    id: int
    skills: frozenset[str]
    minutes: int
    languages: frozenset[str] = frozenset()
    creditor_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Pile:
    """Tasks in columns, one row a task; the most urgent has the highest priority.

    `task_id` is unique and breaks ties. `minutes` are 1 or more. `skill` and `language` are
    indices into `skills` and `languages`; language -1 is unknown and fits every seat. `seat_id` is
    the seat that has the case already, or `NO_SEAT`.
    """

    task_id: Integers
    priority: Integers
    minutes: Integers
    skill: Integers
    language: Integers
    creditor_id: Integers
    seat_id: Integers
    skills: tuple[str, ...]
    languages: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.minutes) and int(self.minutes.min()) < 1:
            raise ValueError("a task takes at least one minute")


@dataclass(frozen=True, slots=True)
class Dealt:
    """By row of the pile: the seat's id or `NO_SEAT`, and why (`Why`)."""

    seat_id: Integers
    why: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Tasks of one kind fit the same seats and take as long.

    `of_row` is the kind of each row, `minutes` and `seats` (positions) of each kind, `fits` a table
    of kind by seat.
    """

    of_row: Integers
    minutes: Integers
    seats: list[Integers]
    fits: npt.NDArray[np.bool_]


def deal(pile: Pile, seats: Sequence[Seat]) -> Dealt:
    """Deal the pile; a seat never gets more minutes than it has."""
    ordered = sorted(seats, key=lambda seat: seat.id)
    ids = np.array([seat.id for seat in ordered], dtype=np.int64)
    kinds = _kinds(pile, ordered)
    present = _present(pile, ids, kinds)
    room = np.array([seat.minutes for seat in ordered], dtype=np.int64)
    order = np.lexsort((pile.task_id, -pile.priority))
    place = _deal_in_order(order, kinds, present, room)
    found = np.append(ids, NO_SEAT)[place]
    return Dealt(found, _why(pile, kinds, present, place))


def speaks(spoken: frozenset[str], language: str) -> bool:
    """Whether one of the languages is that of the tag; scripts and regions do not matter here."""
    if not spoken or not language:
        return True
    return _primary(language) in {_primary(each) for each in spoken}


def dealing_reason(why: Why, seat_before: int = NO_SEAT) -> dict[str, object]:
    """The reason as JSON for whoever asks; words are found for it where it is shown."""
    reason: dict[str, object] = {"dealing": why.name.lower()}
    if why in (Why.MOVED_FULL, Why.MOVED_UNFIT, Why.NO_ROOM, Why.NOBODY) and seat_before:
        reason["seat_before"] = seat_before
    return reason


def _primary(tag: str) -> str:
    return tag.replace("_", "-").split("-")[0].casefold()


def _kinds(pile: Pile, seats: Sequence[Seat]) -> _Kinds:
    table = np.stack([pile.skill, pile.language, pile.creditor_id, pile.minutes], axis=1)
    rows, of_row = _distinct_rows(table)
    fits = np.zeros((len(rows), len(seats)), dtype=np.bool_)
    for kind, (skill, language, creditor_id, _minutes) in enumerate(rows.tolist()):
        tag = pile.languages[language] if language >= 0 else ""
        fits[kind] = [_fits(seat, pile.skills[skill], tag, creditor_id) for seat in seats]
    where = [np.flatnonzero(fits[kind]) for kind in range(len(rows))]
    return _Kinds(of_row, rows[:, 3], where, fits)


def _distinct_rows(table: Integers) -> tuple[Integers, Integers]:
    """The different rows and, for each row, which it is; quicker than `np.unique(axis=0)`."""
    code = np.zeros(len(table), dtype=np.int64)
    for column in table.T:
        values, index = np.unique(column, return_inverse=True)
        code = code * len(values) + index
    _codes, first, of_row = np.unique(code, return_index=True, return_inverse=True)
    return table[first], of_row.astype(np.int64)


def _fits(seat: Seat, skill: str, language: str, creditor_id: int) -> bool:
    serves = not seat.creditor_ids or creditor_id in seat.creditor_ids
    return serves and skill in seat.skills and speaks(seat.languages, language)


def _present(pile: Pile, ids: Integers, kinds: _Kinds) -> Integers:
    """The position of the seat that has the case and fits it, or -1."""
    if not len(ids):
        return np.full(len(pile.seat_id), -1, dtype=np.int64)
    near = np.minimum(np.searchsorted(ids, pile.seat_id), len(ids) - 1)
    fits = (ids[near] == pile.seat_id) & kinds.fits[kinds.of_row, near]
    return np.where(fits, near, -1)


def _deal_in_order(order: Integers, kinds: _Kinds, present: Integers, room: Integers) -> Integers:
    """The seat's position for each row, -1 for none."""
    place = np.full(len(order), -1, dtype=np.int64)
    open_kind = np.array([len(seats) > 0 for seats in kinds.seats], dtype=np.bool_)
    left = order[open_kind[kinds.of_row[order]]]
    minutes = np.cumsum(kinds.minutes[kinds.of_row[left]])
    size = max(1, int(np.searchsorted(minutes, room.sum(), side="right")))
    while len(left):
        block = left[:size]
        tried = _deal_block(block, kinds, present, room)
        if tried is not None:
            place[block], room = tried
            left, size = left[size:], size * 2
        elif len(block) == 1:
            open_kind[kinds.of_row[block]] = False
            left = left[open_kind[kinds.of_row[left]]]
        else:
            size = len(block) // 2
    return place


def _deal_block(
    block: Integers, kinds: _Kinds, present: Integers, room: Integers
) -> tuple[Integers, Integers] | None:
    """Seats for the block and the room after it, or None when a task of it finds no seat."""
    if int(kinds.minutes[kinds.of_row[block]].sum()) > int(room.sum()):
        return None
    room = room.copy()
    place = _keep(present[block], kinds.minutes[kinds.of_row[block]], room)
    rest = np.flatnonzero(place < 0)
    of_rest = kinds.of_row[block[rest]]
    for kind in _hardest_first(np.unique(of_rest), kinds):
        rows = rest[of_rest == kind]
        found = _fill(len(rows), int(kinds.minutes[kind]), kinds.seats[kind], room)
        if found is None:
            return None
        place[rows] = found
    return place, room


def _keep(present: Integers, minutes: Integers, room: Integers) -> Integers:
    """Leave tasks with their seats as far as the room goes, which it takes up."""
    place = np.full(len(present), -1, dtype=np.int64)
    rows = np.flatnonzero(present >= 0)
    rows = rows[np.argsort(present[rows], kind="stable")]
    used = np.cumsum(minutes[rows])
    first = np.searchsorted(present[rows], present[rows])
    used -= np.concatenate(([0], used))[first]
    kept = rows[used <= room[present[rows]]]
    place[kept] = present[kept]
    np.subtract.at(room, present[kept], minutes[kept])
    return place


def _hardest_first(found: Integers, kinds: _Kinds) -> list[int]:
    """Long tasks before short ones, then those with few seats: it wastes the least room."""
    return sorted(
        found.tolist(), key=lambda kind: (-kinds.minutes[kind], len(kinds.seats[kind]), kind)
    )


def _fill(count: int, minutes: int, seats: Integers, room: Integers) -> Integers | None:
    """Seats for equal tasks one after another, each to the seat with the most minutes left.

    A seat with room r offers places worth r, r - minutes, r - 2 minutes…; the best `count` places
    are what giving one by one would have chosen.
    """
    offers = _offers(count, minutes, room[seats])
    if int(offers.sum()) < count:
        return None
    seat = np.repeat(seats, offers)
    nth = np.arange(len(seat)) - np.repeat(np.cumsum(offers) - offers, offers)
    best = np.lexsort((seat, nth * minutes - room[seat]))[:count]
    np.subtract.at(room, seat[best], minutes)
    return seat[best]


def _offers(count: int, minutes: int, room: Integers) -> Integers:
    """How many places of each seat are worth looking at: those above the level that suffices."""

    def above(level: int) -> Integers:
        return np.maximum(0, (room - level) // minutes + 1)

    low, high = minutes, int(room.max()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if int(above(middle).sum()) >= count:
            low = middle
        else:
            high = middle
    return above(low)


def _why(pile: Pile, kinds: _Kinds, present: Integers, place: Integers) -> npt.NDArray[np.int8]:
    nobody = np.array([not len(seats) for seats in kinds.seats], dtype=np.bool_)
    had_seat = pile.seat_id != NO_SEAT
    cases = [
        (place < 0) & nobody[kinds.of_row],
        place < 0,
        place == present,
        had_seat & (present >= 0),
        had_seat,
    ]
    reasons = [Why.NOBODY, Why.NO_ROOM, Why.KEPT, Why.MOVED_FULL, Why.MOVED_UNFIT]
    chosen = np.select(cases, [int(reason) for reason in reasons], int(Why.MOST_ROOM))
    return chosen.astype(np.int8)
