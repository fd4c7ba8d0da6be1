"""From the best choices at the prices to a decision that keeps within every capacity.

At the right prices only few cases stand between two choices (at most one a resource in a vertex of
the relaxation, SCIENCE.md (a)). Where the choices use too much, those that lose least give way;
what is left over then goes to those that gain. Everything is sorted by integers and the case's
number, so the decision does not hang on how the cases were cut into blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kept.core.price.choosing import NEVER, choose, reduced_values
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

    `by` is what they are sorted by: the least first, and among equals first the case that has most
    left of its choice now. So the most valuable go to other seats, and who gets nothing is the
    least valuable.
    """

    block: Integers
    row: Integers
    case_id: Integers
    option: Integers
    by: Integers
    own: Integers
    more: Integers

    def sorted(self) -> _Switches:
        return self.take(np.lexsort((self.case_id, -self.own, self.by)))

    def take(self, rows: Integers) -> _Switches:
        return _Switches(
            self.block[rows],
            self.row[rows],
            self.case_id[rows],
            self.option[rows],
            self.by[rows],
            self.own[rows],
            self.more[rows],
        )


def round_choices(
    blocks: Sequence[Options], capacity: tuple[int, ...], prices: tuple[int, ...]
) -> Rounded:
    """A decision within the capacities, near the best choices at these prices."""
    price = np.array(prices, dtype=np.int64)
    choices = [choose(block, price) for block in blocks]
    room = np.array(capacity, dtype=np.int64)
    for block, choice in zip(blocks, choices, strict=True):
        room -= np.array(block.sum_of_use(choice), dtype=np.int64)
    for k in np.argsort(room / np.maximum(1, np.array(capacity)), kind="stable").tolist():
        # First to where there is room, by another kind of seats; then to what uses less of all.
        for others in (np.maximum(room, 0), np.zeros_like(room)):
            room += _give_way(blocks, choices, price, k, int(-room[k]), others)
    room -= _fill_up(blocks, choices, price, room)
    use = np.array(capacity, dtype=np.int64) - room
    value = sum(int(b.value_of(c).sum()) for b, c in zip(blocks, choices, strict=True))
    return Rounded(choices, tuple(use.tolist()), value)


def _give_way(
    blocks: Sequence[Options],
    choices: list[Choices],
    price: Integers,
    k: int,
    excess: int,
    others: Integers,
) -> Integers:
    """Change choices that use resource k until it is no longer overdrawn; what became free.

    `others` is how much more of the other resources may be used.
    """
    if excess <= 0:
        return np.zeros(len(price), dtype=np.int64)
    room = others.copy()
    room[k] = 0
    found = _joined(
        [
            _until(_within(_lesser(number, block, choice, price, k, room), room), k, excess)
            for number, (block, choice) in enumerate(zip(blocks, choices, strict=True))
        ]
    ).sorted()
    chosen = _until(_within(found, room), k, excess)
    _apply(choices, chosen)
    freed: Integers = -chosen.more.sum(axis=0)
    return freed


def _lesser(
    number: int, block: Options, choice: Choices, price: Integers, k: int, room: Integers
) -> _Switches:
    """For each case that uses k, the option that uses less of k and fits into the others' room."""
    rows = np.flatnonzero(choice != NOTHING)
    rows = rows[block.use_of(choice)[rows, k] > 0]
    near = _Near.of(block, rows, choice, price)
    fits = near.table(lambda more: (more <= room).all(axis=-1) & (more[..., k] < 0))
    freed = near.table(lambda more: np.maximum(-more[..., k], 1))
    fits &= near.allowed & _keeps_group(block, choice[rows])
    loss = np.where(fits, (near.loss << _PARTS_BITS) // freed, _WORST)
    return near.best_switches(number, loss)


def _fill_up(
    blocks: Sequence[Options], choices: list[Choices], price: Integers, room: Integers
) -> Integers:
    """Give what is left over to those that lose least by it and gain; what they took.

    A case for which nothing fits any more is not looked at again.
    """
    taken = np.zeros(len(room), dtype=np.int64)
    rows: list[Integers] = [np.arange(len(choice)) for choice in choices]
    for _ in range(_ROUNDS):
        parts = []
        for number, (block, choice) in enumerate(zip(blocks, choices, strict=True)):
            switches, rows[number] = _better(
                number, block, choice, price, room - taken, rows[number]
            )
            parts.append(_within(switches, room - taken))
        chosen = _within(_joined(parts).sorted(), room - taken) if parts else None
        if chosen is None or not len(chosen.row):
            break
        _apply(choices, chosen)
        taken += chosen.more.sum(axis=0)
    return taken


def _better(
    number: int,
    block: Options,
    choice: Choices,
    price: Integers,
    room: Integers,
    rows: Integers,
) -> tuple[_Switches, Integers]:
    """For each of the cases, the option that is worth more in itself and fits into what is left;
    and the cases that have one."""
    rows = rows[_some_fit(block, choice[rows], room)]
    near = _Near.of(block, rows, choice, price)
    fits = near.table(lambda more: (more <= room).all(axis=-1)) & near.gains
    fits &= _keeps_group(block, choice[rows]) | _has_place(block, choice)[rows, None]
    loss = np.where(fits, near.loss, _WORST)
    switches = near.best_switches(number, loss)
    return _one_a_group(block, switches), rows[fits.any(axis=1)]


def _some_fit(block: Options, choice: Choices, room: Integers) -> Booleans:
    """By case, whether there is an option at all that fits into the room in place of its own."""
    if not block.is_shared:
        return np.ones(len(choice), dtype=np.bool_)
    use = _with_nothing(block.use)[0]
    fits = ((use[None, :] - use[:, None]) <= room).all(axis=2)
    np.fill_diagonal(fits, False)
    some: Booleans = fits.any(axis=1)[choice]
    return some


@dataclass(frozen=True, slots=True)
class _Near:
    """Some cases of a block with their choices, beside all options and doing nothing, the last.

    By row and option: `allowed`, what a switch loses in reduced value, and whether it gains in the
    value itself.
    """

    block: Options
    rows: Integers
    choice: Choices
    allowed: Booleans
    loss: Integers
    gains: Booleans

    @classmethod
    def of(cls, block: Options, rows: Integers, choices: Choices, price: Integers) -> _Near:
        part, choice = block.rows(rows), choices[rows]
        reduced = _with_nothing(reduced_values(part, price))
        own = np.take_along_axis(reduced, choice[:, None].astype(np.int64), axis=1)
        value = np.where(part.allowed, part.value, NEVER)[:, block.columns]
        gains = _with_nothing(value) > part.value_of(choice)[:, None]
        return cls(block, rows, choice, reduced != NEVER, own - reduced, gains)

    def table(self, of_more: Callable[[Integers], Any]) -> npt.NDArray[Any]:
        """By row and option, a function of what a switch would use more of each resource.

        Where all cases use the same, it is asked once for each pair of options.
        """
        use = _with_nothing(self.block.use)
        if self.block.is_shared:
            pairs: npt.NDArray[Any] = of_more(use[0][None, :] - use[0][:, None])
            return pairs[self.choice]
        use = use[self.rows]
        own = use[np.arange(len(self.rows)), self.choice][:, None, :]
        each: npt.NDArray[Any] = of_more(use - own)
        return each

    def best_switches(self, number: int, loss: Integers) -> _Switches:
        option = loss.argmin(axis=1)
        least = np.take_along_axis(loss, option[:, None], axis=1)[:, 0]
        able = np.flatnonzero(least < _WORST)
        rows = self.rows[able]
        option = option[able]
        found = np.where(option == self.block.use.shape[1], NOTHING, option).astype(np.int16)
        part = self.block.rows(rows)
        more = part.use_of(found) - part.use_of(self.choice[able])
        where = np.full(len(able), number, dtype=np.int64)
        own = self.loss[able, -1]  # what doing nothing would lose
        return _Switches(
            where, rows, part.case_id, found.astype(np.int64), least[able], own, more
        ).sorted()


def _with_nothing(columns: Integers) -> Integers:
    """The table with doing nothing as its last column, where a choice of -1 finds it."""
    shape = (len(columns), 1, *columns.shape[2:])
    return np.concatenate([columns, np.zeros(shape, dtype=np.int64)], axis=1)


def _keeps_group(block: Options, choice: Choices) -> Booleans:
    """By row and option (doing nothing last): it does not count more against the person."""
    counted = _counted(block)
    keeps: Booleans = counted[choice][:, None] | ~counted[None, :]
    return keeps


def _has_place(block: Options, choice: Choices) -> Booleans:
    """By row: the person of the case may get one more counted treatment."""
    if block.group is None or block.counted is None:
        return np.ones(len(choice), dtype=np.bool_)
    _people, of_row = np.unique(block.group, return_inverse=True)
    counts = np.bincount(of_row, weights=_counted(block)[choice])
    has_place: Booleans = counts[of_row] < block.most_in_group
    return has_place


def _counted(block: Options) -> Booleans:
    """By option, and doing nothing last: whether it counts against the person."""
    if block.group is None or block.counted is None:
        return np.zeros(block.use.shape[1] + 1, dtype=np.bool_)
    return np.append(block.counted[block.columns], False)


def _one_a_group(block: Options, switches: _Switches) -> _Switches:
    """The first switch of each group, since one more may be all that its person may get."""
    if block.group is None:
        return switches
    _groups, first = np.unique(block.group[switches.row], return_index=True)
    return switches.take(np.sort(first))


def _until(switches: _Switches, k: int, excess: int) -> _Switches:
    """The first of the sorted switches that together set so much of k free."""
    freed = np.cumsum(-switches.more[:, k])
    if not len(freed):
        return switches
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
            for name in ("block", "row", "case_id", "option", "by", "own", "more")
        )
    )


def _apply(choices: list[Choices], switches: _Switches) -> None:
    for number in np.unique(switches.block).tolist():
        of_block = switches.block == number
        choices[number][switches.row[of_block]] = switches.option[of_block]
