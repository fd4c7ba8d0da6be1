"""Cases that are to leave their seat (流转) and came out where they were: given to another one.

First they change places among themselves, then with new cases of the same kind, then they take room
that is left. What then still is with its seat stays there: that is better than nobody's.
"""

from __future__ import annotations

import numpy as np

from kept.core.dealing_blocks import Kinds, Room
from kept.core.dealing_pile import Integers, Pile

__all__ = ["move_leavers"]


def move_leavers(
    place: Integers, leavers: Integers, own: Integers, pile: Pile, kinds: Kinds, room: Room
) -> None:
    """Change `place` so that as few as possible of the `leavers` (rows) are with their own seat."""
    order = np.lexsort((pile.task_id[leavers], -pile.priority[leavers]))
    for row in _stuck(place, leavers[order], own).tolist():
        if place[row] < 0:
            _put_back(row, place, own, kinds, room)
    for kind in np.unique(kinds.of_row[leavers]).tolist():
        rows = leavers[order][kinds.of_row[leavers[order]] == kind]
        _turn_round(place, _stuck(place, rows, own), own)
        _exchange(place, _stuck(place, rows, own), own, pile, kinds, kind)
        _take_room(place, _stuck(place, rows, own), own, kinds, kind, room)


def _stuck(place: Integers, rows: Integers, own: Integers) -> Integers:
    found: Integers = rows[(place[rows] == own[rows]) | (place[rows] < 0)]
    return found


def _put_back(row: int, place: Integers, own: Integers, kinds: Kinds, room: Room) -> None:
    """A case that would wait goes back to its own seat, which holds it already."""
    minutes = kinds.minutes[kinds.of_row[row]]
    if room.minutes[own[row]] >= minutes:
        place[row] = own[row]
        room.minutes[own[row]] -= minutes


def _turn_round(place: Integers, rows: Integers, own: Integers) -> None:
    """Places go round among rows of several seats: nobody gets their own while no seat has half."""
    rows = rows[place[rows] >= 0]
    if len(rows) < 2:
        return
    rows = rows[np.argsort(own[rows], kind="stable")]
    largest = int(np.bincount(own[rows]).max())
    place[rows] = np.roll(place[rows], largest)


def _exchange(
    place: Integers, rows: Integers, own: Integers, pile: Pile, kinds: Kinds, kind: int
) -> None:
    """With others of the kind that are new at another seat and do not come from this one."""
    rows = rows[place[rows] >= 0]
    others = np.flatnonzero((kinds.of_row == kind) & (place >= 0) & (place != own))
    others = others[np.argsort(pile.task_id[others], kind="stable")]
    free = np.ones(len(others), dtype=np.bool_)
    for seat in np.unique(own[rows]).tolist():
        mine = rows[own[rows] == seat]
        able = np.flatnonzero(free & (place[others] != seat) & (own[others] != seat))[: len(mine)]
        theirs, mine = others[able], mine[: len(able)]
        place[mine], place[theirs] = place[theirs], place[mine].copy()
        free[able] = False


def _take_room(
    place: Integers, rows: Integers, own: Integers, kinds: Kinds, kind: int, room: Room
) -> None:
    minutes, seats = int(kinds.minutes[kind]), kinds.seats[kind]
    for row in rows.tolist():
        able = seats[
            (room.minutes[seats] >= minutes) & (room.cases[seats] > 0) & (seats != own[row])
        ]
        if not len(able):
            continue
        share = room.minutes[able] / room.full[able]
        seat = int(able[int(np.argmax(share))])
        if place[row] >= 0:
            room.minutes[own[row]] += minutes
        place[row] = seat
        room.minutes[seat] -= minutes
        room.cases[seat] -= 1
