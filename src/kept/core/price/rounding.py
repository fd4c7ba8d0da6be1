"""From the best choices at the prices to a decision that keeps within every capacity.

At the right prices only few cases stand between two choices (at most one a resource in a vertex of
the relaxation, SCIENCE.md (a)). Where the choices use too much, those that lose least give way;
what is left over then goes to those that gain. Everything is sorted by integers and the case's
number, so the decision does not hang on how the cases were cut into blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kept.core.price.choosing import choose, reduced_values
from kept.core.price.options import NOTHING, Booleans, Choices, Integers, Options

__all__ = ["Rounded", "round_choices"]

#: Losses are compared by unit of what they set free, in this many parts.
_PARTS_BITS = 8
_WORST = 2**62
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Rounded:
    """By block the choice of each case; what they use and are worth together."""

    choices: list[Choices]
    use: tuple[int, ...]
    value: int


@dataclass(frozen=True, slots=True)
class _Switches:
    """Cases that could change their choice: where they are, to what, what it loses and uses more.

    `by` is what they are sorted by: the least first.
    """

    block: Integers
    row: Integers
    case_id: Integers
    option: Integers
    by: Integers
    more: Integers

    def sorted(self) -> _Switches:
        return self.take(np.lexsort((self.case_id, self.by)))

    def take(self, rows: Integers) -> _Switches:
        return _Switches(
            self.block[rows],
            self.row[rows],
            self.case_id[rows],
            self.option[rows],
            self.by[rows],
            self.more[rows],
        )


def round_choices(
    blocks: Sequence[Options], capacity: tuple[int, ...], prices: tuple[int, ...]
) -> Rounded:
    """A decision within the capacities, near the best choices at these prices."""
    price = np.array(prices, dtype=np.int64)
    choices = [choose(block, price) for block in blocks]
    room = np.array(capacity, dtype=np.int64) - _used(blocks, choices, len(capacity))
    for k in np.argsort(room / np.maximum(1, np.array(capacity)), kind="stable").tolist():
        room += _give_way(blocks, choices, price, k, int(-room[k]))
    for _ in range(_ROUNDS):
        taken = _fill(blocks, choices, price, room)
        if taken is None:
            break
        room -= taken
    use = np.array(capacity, dtype=np.int64) - room
    value = sum(int(b.value_of(c).sum()) for b, c in zip(blocks, choices, strict=True))
    return Rounded(choices, tuple(use.tolist()), value)


def _used(blocks: Sequence[Options], choices: Sequence[Choices], resources: int) -> Integers:
    used = np.zeros(resources, dtype=np.int64)
    for block, choice in zip(blocks, choices, strict=True):
        used += block.use_of(choice).sum(axis=0)
    return used


def _give_way(
    blocks: Sequence[Options], choices: list[Choices], price: Integers, k: int, excess: int
) -> Integers:
    """Change choices that use resource k until it is no longer overdrawn; what became free."""
    if excess <= 0:
        return np.zeros(len(price), dtype=np.int64)
    found = _joined(
        [
            _until(_lesser(number, block, choice, price, k), k, excess)
            for number, (block, choice) in enumerate(zip(blocks, choices, strict=True))
        ]
    ).sorted()
    chosen = _until(found, k, excess)
    _apply(choices, chosen)
    freed: Integers = -chosen.more.sum(axis=0)
    return freed


def _lesser(number: int, block: Options, choice: Choices, price: Integers, k: int) -> _Switches:
    """For each case that uses k, the option that uses less of k and no more of anything."""
    used = block.use_of(choice)
    rows = np.flatnonzero(used[:, k] > 0)
    held = used[rows]
    reduced = _with_nothing(reduced_values(_only(block, rows), price))
    use = _with_nothing(np.broadcast_to(block.use, (*block.value.shape, len(price)))[rows])
    now = np.take_along_axis(reduced, choice[rows, None].astype(np.int64), axis=1)
    freed = held[:, None, k] - use[:, :, k]
    fits = (use <= held[:, None, :]).all(axis=2) & (freed > 0)
    fits &= _keeps_group(block, choice[rows])
    loss = np.where(fits, ((now - reduced) << _PARTS_BITS) // np.maximum(freed, 1), _WORST)
    return _best_switches(number, block, rows, loss, use - held[:, None, :])


def _fill(
    blocks: Sequence[Options], choices: list[Choices], price: Integers, room: Integers
) -> Integers | None:
    """Give what is left over to those that lose least by it and gain; None when nobody does."""
    found = _joined(
        [
            _within(_better(number, block, choice, price, room), room)
            for number, (block, choice) in enumerate(zip(blocks, choices, strict=True))
        ]
    ).sorted()
    chosen = _within(found, room)
    if not len(chosen.row):
        return None
    _apply(choices, chosen)
    taken: Integers = chosen.more.sum(axis=0)
    return taken


def _better(
    number: int, block: Options, choice: Choices, price: Integers, room: Integers
) -> _Switches:
    """For each case, the option that is worth more in itself and fits into what is left."""
    worth = block.value_of(choice)
    could = (block.allowed & (block.value > worth[:, None])).any(axis=1)
    rows = np.flatnonzero(could)
    held = block.use_of(choice)[rows]
    use = _with_nothing(np.broadcast_to(block.use, (*block.value.shape, len(price)))[rows])
    value = _with_nothing(np.where(block.allowed[rows], block.value[rows], -_WORST))
    reduced = _with_nothing(reduced_values(_only(block, rows), price))
    now = np.take_along_axis(reduced, choice[rows, None].astype(np.int64), axis=1)
    more = use - held[:, None, :]
    fits = (value > worth[rows, None]) & (more <= room).all(axis=2)
    fits &= _keeps_group(block, choice[rows]) | _has_place(block, choice)[rows, None]
    loss = np.where(fits, now - reduced, _WORST)
    return _one_a_group(block, _best_switches(number, block, rows, loss, more))


def _with_nothing(columns: Integers) -> Integers:
    """The table with doing nothing as its last column, where a choice of -1 finds it."""
    shape = (len(columns), 1, *columns.shape[2:])
    return np.concatenate([columns, np.zeros(shape, dtype=np.int64)], axis=1)


def _only(block: Options, rows: Integers) -> Options:
    return Options(
        block.case_id[rows],
        block.value[rows],
        block.allowed[rows],
        block.use[rows] if len(block.use) > 1 else block.use,
    )


def _best_switches(
    number: int, block: Options, rows: Integers, loss: Integers, more: Integers
) -> _Switches:
    option = loss.argmin(axis=1)
    least = np.take_along_axis(loss, option[:, None], axis=1)[:, 0]
    able = np.flatnonzero(least < _WORST)
    option = option[able]
    found = np.where(option == block.value.shape[1], NOTHING, option)
    where = np.full(len(able), number, dtype=np.int64)
    more_of = more[able, option]
    return _Switches(
        where, rows[able], block.case_id[rows[able]], found, least[able], more_of
    ).sorted()


def _keeps_group(block: Options, choice: Choices) -> Booleans:
    """By row and option (doing nothing last): it does not count more against the person."""
    if block.counted is None:
        return np.ones((len(choice), block.value.shape[1] + 1), dtype=np.bool_)
    counted: Booleans = np.append(block.counted, False)
    keeps: Booleans = counted[choice][:, None] | ~counted[None, :]
    return keeps


def _has_place(block: Options, choice: Choices) -> Booleans:
    """By row: the person of the case may get one more counted treatment."""
    if block.group is None or block.counted is None:
        return np.ones(len(choice), dtype=np.bool_)
    _people, of_row = np.unique(block.group, return_inverse=True)
    counts = np.bincount(of_row, weights=np.append(block.counted, False)[choice])
    has_place: Booleans = counts[of_row] < block.most_in_group
    return has_place


def _one_a_group(block: Options, switches: _Switches) -> _Switches:
    """The first switch of each group, since one more may be all that its person may get."""
    if block.group is None:
        return switches
    _groups, first = np.unique(block.group[switches.row], return_index=True)
    return switches.take(np.sort(first))


def _until(switches: _Switches, k: int, excess: int) -> _Switches:
    """The first of the sorted switches that together set so much of k free."""
    freed = np.cumsum(-switches.more[:, k])
    needed = int(np.searchsorted(freed, excess, side="left")) + 1
    return switches.take(np.arange(min(needed, len(freed))))


def _within(switches: _Switches, room: Integers) -> _Switches:
    """Of the sorted switches those that fit one after another; what does not fit is passed over."""
    kept: list[Integers] = []
    left, rows = room.copy(), np.arange(len(switches.row))
    for _ in range(_ROUNDS):
        rows = rows[(switches.more[rows] <= left).all(axis=1)]
        if not len(rows):
            break
        fits = (np.cumsum(switches.more[rows], axis=0) <= left).all(axis=1)
        length = len(rows) if fits.all() else int(fits.argmin())
        kept.append(rows[:length])
        left = left - switches.more[rows[:length]].sum(axis=0)
        rows = rows[length:]
    return switches.take(np.concatenate(kept) if kept else rows[:0])


def _joined(parts: Sequence[_Switches]) -> _Switches:
    return _Switches(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("block", "row", "case_id", "option", "by", "more")
        )
    )


def _apply(choices: list[Choices], switches: _Switches) -> None:
    for number in np.unique(switches.block).tolist():
        of_block = switches.block == number
        choices[number][switches.row[of_block]] = switches.option[of_block]
