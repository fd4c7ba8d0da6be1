"""Dealing tasks to seats within their minutes of the day, and saying why (分案).

The rule is that of a fair team lead with one pile, the most urgent on top: each task goes to the
seat that has its case already, if that seat has room and nothing asks for a change (流转); else to
the seat with the most of its minutes left among those with the skill, the language, the grade and
the creditor that must not keep off this debtor; ties go to the lower seat id. A task for which no
seat has room waits, and nothing less urgent ever took its room. Then seats that are alike exchange
new tasks of the same kind, so that amounts and values come out even too.

There is no randomness and no memory: the same input gives the same dealing, in whatever order its
rows come, and dealing what was dealt moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kept.core.dealing_blocks import Kinds, Room, kinds_of, place_in_order, present_places
from kept.core.dealing_evenly import even_out
from kept.core.dealing_moves import move_leavers
from kept.core.dealing_pile import NO_SEAT, Dealt, Integers, Pile, Seat, Why, speaks

__all__ = ["NO_SEAT", "Dealt", "Pile", "Seat", "Why", "deal", "dealing_reason", "speaks"]

_HAD_SEAT = frozenset(Why) - {Why.KEPT, Why.MOST_ROOM}


def deal(pile: Pile, seats: Sequence[Seat], *, evenly: bool = True) -> Dealt:
    """Deal the pile; a seat never gets more minutes or cases than it has room for.

    `evenly` False leaves out the exchange between like seats.
    """
    ordered = sorted(seats, key=lambda seat: seat.id)
    ids = np.array([seat.id for seat in ordered], dtype=np.int64)
    kinds = kinds_of(pile, ordered)
    own = present_places(pile, ids)
    fits_own = _fits_own(own, kinds)
    waits = _waits(own, ordered)
    leaves = (pile.leaves > 0) & fits_own
    room = Room.of(ordered)
    order = np.lexsort((pile.task_id, -pile.priority))
    stays = np.where(fits_own & ~leaves, own, -1)
    place = place_in_order(order[~waits[order]], kinds, stays, room)
    move_leavers(place, np.flatnonzero(leaves), own, pile, kinds, room)
    if evenly:
        even_out(place, own, pile, kinds, ordered)
    found = np.append(ids, NO_SEAT)[place]
    return Dealt(found, _why(pile, ordered, kinds, own, place, waits))


def dealing_reason(why: Why, seat_before: int = NO_SEAT) -> dict[str, object]:
    """The reason as JSON for whoever asks; words are found for it where it is shown."""
    reason: dict[str, object] = {"dealing": why.name.lower()}
    if why in _HAD_SEAT and seat_before:
        reason["seat_before"] = seat_before
    return reason


def _fits_own(own: Integers, kinds: Kinds) -> npt.NDArray[np.bool_]:
    if not kinds.fits.shape[1]:
        return np.zeros(len(own), dtype=np.bool_)
    return (own >= 0) & kinds.fits[kinds.of_row, np.maximum(own, 0)]


def _waits(own: Integers, seats: Sequence[Seat]) -> npt.NDArray[np.bool_]:
    """Rows whose seat is away for so short that they are not given to another."""
    keeping = np.array([seat.is_away and seat.keeps_cases for seat in seats] + [False])
    return keeping[own]


def _why(
    pile: Pile,
    seats: Sequence[Seat],
    kinds: Kinds,
    own: Integers,
    place: Integers,
    waits: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int8]:
    nobody = np.array([not len(each) for each in kinds.seats], dtype=np.bool_)
    away = np.array([seat.is_away for seat in seats] + [False])[own]
    grade = np.array([seat.grade for seat in seats] + [1 << 30], dtype=np.int64)[own]
    had_seat, fits_own = pile.seat_id != NO_SEAT, _fits_own(own, kinds)
    stayed = (place >= 0) & (place == own)
    rules: list[tuple[npt.NDArray[np.bool_], Why | Integers]] = [
        (waits, Why.WAITS_FOR_SEAT),
        ((place < 0) & nobody[kinds.of_row], Why.NOBODY),
        (place < 0, Why.NO_ROOM),
        (stayed & (pile.leaves > 0), Why.NO_OTHER),
        (stayed, Why.KEPT),
        (fits_own & (pile.leaves > 0), pile.leaves),
        (fits_own, Why.MOVED_FULL),
        (had_seat & away, Why.MOVED_AWAY),
        (had_seat & _is_barred(pile), Why.MOVED_CONFLICT),
        (had_seat & (grade < pile.grade), Why.MOVED_GRADE),
        (had_seat & (pile.leaves == Why.MOVED_STAGE), Why.MOVED_STAGE),
        (had_seat, Why.MOVED_UNFIT),
    ]
    chosen = np.select(
        [rule for rule, _why in rules],
        [why if isinstance(why, np.ndarray) else int(why) for _rule, why in rules],
        int(Why.MOST_ROOM),
    )
    return chosen.astype(np.int8)


def _is_barred(pile: Pile) -> npt.NDArray[np.bool_]:
    """Rows whose own seat is among those that must not take them."""
    found = np.zeros(len(pile.seat_id), dtype=np.bool_)
    for index, barred in enumerate(pile.barred_seats):
        rows = np.flatnonzero(pile.barred == index)
        found[rows] = np.isin(pile.seat_id[rows], sorted(barred))
    return found
