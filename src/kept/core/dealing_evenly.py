"""Like seats exchange new tasks of one kind until amounts and values are even as well.

How many tasks each seat has, and their minutes, stays as it is; cases that stay with their seat are
not touched. An exchange that makes it no better is not made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from kept.core.dealing_blocks import Kinds
from kept.core.dealing_pile import Integers, Pile, Seat

__all__ = ["even_out", "groups_of", "spread_of"]

#: All amounts of a group of seats come to so much, and so do all values.
_WHOLE: Final = 10**9


def groups_of(seats: Sequence[Seat]) -> list[Integers]:
    """Positions of seats that are alike; one that is away or has no minutes is in none."""
    found: dict[tuple[object, ...], list[int]] = {}
    for position, seat in enumerate(seats):
        if seat.minutes and not seat.is_away:
            found.setdefault(seat.likeness, []).append(position)
    return [np.array(each, dtype=np.int64) for each in found.values()]


def even_out(
    place: Integers, own: Integers, pile: Pile, kinds: Kinds, seats: Sequence[Seat]
) -> None:
    """Change `place` between rows of the same kind that are new at like seats."""
    full = np.array([max(1, seat.minutes) for seat in seats], dtype=np.int64)
    may_move = (place >= 0) & (place != own) & (pile.leaves == 0) & ~kinds.is_barred[kinds.of_row]
    order = np.lexsort((pile.task_id, kinds.of_row))
    for group in groups_of(seats):
        if len(group) > 1:
            _even_group(place, order, may_move, pile, kinds, group, full)


def _even_group(
    place: Integers,
    order: Integers,
    may_move: npt.NDArray[np.bool_],
    pile: Pile,
    kinds: Kinds,
    group: Integers,
    full: Integers,
) -> None:
    is_in = np.zeros(len(full) + 1, dtype=np.bool_)
    is_in[group] = True
    rows = order[is_in[place[order]]]
    if not len(rows):
        return
    sizes = np.stack([_shares(pile.amount[rows]), _shares(pile.value[rows])], axis=1)
    sums = _sums(place[rows], sizes, len(full))
    for first, end in _runs(kinds.of_row[rows]):
        here = np.arange(first, end)[may_move[rows[first:end]]]
        if len(here) > 1:
            place[rows[here]], sums = _even_kind(place[rows[here]], sizes[here], sums, group, full)


def _even_kind(
    before: Integers, sizes: Integers, sums: Integers, group: Integers, full: Integers
) -> tuple[Integers, Integers]:
    """Try two ways to give the places out, and take the better if it beats what there is.

    `sums` are those of all seats with these places; returned anew.
    """
    base = sums - _sums(before, sizes, len(full))
    best, least = (before, sums), spread_of(sums[group] // full[group, None])
    for is_mixed in (True, False):
        after = base.copy()
        tried = _give_out(before, sizes, after, full, is_mixed=is_mixed)
        spread = spread_of(after[group] // full[group, None])
        if spread < least:
            best, least = (tried, after), spread
    return best


def _give_out(
    before: Integers, sizes: Integers, sums: Integers, full: Integers, *, is_mixed: bool
) -> Integers:
    """In rounds of one task a seat, the largest first; the seat with least so far has first pick.

    Every other round goes, when mixed, by what separates amount and value in place of their sum.
    """
    seats, counts = np.unique(before, return_counts=True)
    order = np.argsort(-sizes.sum(axis=1), kind="stable")
    found, rounds, taken = np.empty_like(before), int(counts.max()), 0
    for each in range(rounds):
        turn = seats[(each + 1) * counts // rounds > each * counts // rounds]
        rows = order[taken : taken + len(turn)]
        taken += len(turn)
        sign = -1 if is_mixed and each % 2 else 1
        load = (sums[turn, 0] + sign * sums[turn, 1]) // full[turn]
        size = sizes[rows, 0] + sign * sizes[rows, 1]
        turn, rows = turn[np.argsort(load, kind="stable")], rows[np.argsort(-size, kind="stable")]
        found[rows] = turn
        sums[turn] += sizes[rows]
    return found


def _shares(amounts: Integers) -> Integers:
    """In parts of the whole; exact integers, so that the order of rows cannot matter."""
    positive = np.maximum(amounts, 0)
    whole = max(1, int(positive.sum()))
    step = max(1, -(-int(positive.max(initial=0)) // 10**9))
    return positive // step * _WHOLE // max(1, whole // step)


def _sums(place: Integers, sizes: Integers, count: int) -> Integers:
    """Exact: everything together comes to `_WHOLE` at most, far below 2 to the 53."""
    columns = [np.bincount(place, sizes[:, column], count) for column in (0, 1)]
    return np.stack(columns, axis=1).astype(np.int64)


def spread_of(loads: Integers) -> int:
    """The largest less the smallest, of amounts and of values together."""
    return int((loads.max(axis=0) - loads.min(axis=0)).sum())


def _runs(of_row: Integers) -> list[tuple[int, int]]:
    """Where each run of equal numbers begins and ends."""
    starts = np.flatnonzero(np.diff(of_row, prepend=-1))
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(of_row)], strict=True))
