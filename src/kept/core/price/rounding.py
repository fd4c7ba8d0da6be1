"""From the best choices at the prices to a decision that keeps within every capacity.

At the right prices only few cases stand between two choices (at most one a resource in a vertex of
the relaxation, SCIENCE.md (a)). Where the choices use too much, those that lose least give way;
what is left over then goes to those that gain. Everything is sorted by integers and the case's
number, so the decision does not hang on how the cases were cut into blocks.

What was decided so far is a log that is sent along with every question; a block that does not
remember its choices makes them anew from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from kept.core.price.choosing import NEVER, choose, reduced_values
from kept.core.price.options import NOTHING, Booleans, Choices, Integers, Options
from kept.core.price.spreading import Block, Spread

__all__ = ["Log", "Rounded", "choices_of", "round_choices"]

#: Losses are compared by unit of what they set free, in this many parts.
_PARTS_BITS = 8
_WORST = 2**62
_ROUNDS = 40


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


@dataclass(frozen=True, slots=True)
class Log:
    """What was decided since the best choices at the prices, in order: switches, and rooms with
    which every block was asked what would fit."""

    price: Integers
    capacity: tuple[int, ...]
    steps: tuple[_Switches | Integers, ...] = ()

    def then(self, step: _Switches | Integers) -> Log:
        return Log(self.price, self.capacity, (*self.steps, step))

    @property
    def key(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """All steps follow from these, and from the blocks."""
        return tuple(self.price.tolist()), self.capacity


@dataclass(frozen=True, slots=True)
class Rounded:
    """The log of the decision; what its choices use and are worth together."""

    log: Log
    use: tuple[int, ...]
    value: int


@dataclass(slots=True)
class _Standing:
    """A block after so many steps: its choices, and the rows for which something may still fit."""

    choice: Choices
    rows: Integers
    steps: int = 0


def choices_of(block: Block, log: Log) -> Choices:
    """The choices of a block under a log."""
    return _standing(block, log).choice


def _standing(block: Block, log: Log) -> _Standing:
    found: _Standing | None = block.memo.get(log.key)
    if found is None or found.steps > len(log.steps):
        choice = choose(block.options, log.price)
        found = _Standing(choice, np.arange(len(choice)))
        block.memo.clear()
        block.memo[log.key] = found
    for step in log.steps[found.steps :]:
        if isinstance(step, _Switches):
            here = step.block == block.number
            found.choice[step.row[here]] = step.option[here]
        else:
            found.rows = _better(block, found, log.price, step)[1]
        found.steps += 1
    return found


def round_choices(blocks: Spread, capacity: tuple[int, ...], prices: tuple[int, ...]) -> Rounded:
    """A decision within the capacities, near the best choices at these prices."""
    log = Log(np.array(prices, dtype=np.int64), capacity)
    room = np.array(capacity, dtype=np.int64) - _totals(blocks, log)[1]
    for k in np.argsort(room / np.maximum(1, np.array(capacity)), kind="stable").tolist():
        # First to where there is room, by another kind of seats; then to what uses less of all.
        for others in (np.maximum(room, 0), np.zeros_like(room)):
            log, freed = _give_way(blocks, log, k, int(-room[k]), others)
            room += freed
    log = _fill_up(blocks, log, room)
    value, use = _totals(blocks, log)
    return Rounded(log, tuple(use.tolist()), value)


def _totals(blocks: Spread, log: Log) -> tuple[int, Integers]:
    value, use = 0, np.zeros(len(log.capacity), dtype=np.int64)
    for worth, used in blocks.each(partial(_total, log=log)):
        value += worth
        use += np.array(used, dtype=np.int64)
    return value, use


def _total(block: Block, log: Log) -> tuple[int, list[int]]:
    choice = _standing(block, log).choice
    return int(block.options.value_of(choice).sum()), block.options.sum_of_use(choice)


def _give_way(
    blocks: Spread, log: Log, k: int, excess: int, others: Integers
) -> tuple[Log, Integers]:
    """Change choices that use resource k until it is no longer overdrawn; what became free.

    `others` is how much more of the other resources may be used.
    """
    if excess <= 0:
        return log, np.zeros(len(others), dtype=np.int64)
    room = others.copy()
    room[k] = 0
    parts = blocks.each(partial(_giving, log=log, k=k, excess=excess, room=room))
    found = _joined(parts).sorted()
    chosen = _until(_within(found, room), k, excess)
    freed: Integers = -chosen.more.sum(axis=0)
    return log.then(chosen), freed


def _giving(block: Block, log: Log, k: int, excess: int, room: Integers) -> _Switches:
    """The switches of a block that could be among those of all."""
    choice = _standing(block, log).choice
    return _until(_within(_lesser(block, choice, log.price, k, room), room), k, excess)


def _lesser(block: Block, choice: Choices, price: Integers, k: int, room: Integers) -> _Switches:
    """For each case that uses k, the option that uses less of k and fits into the others' room."""
    rows = np.flatnonzero(choice != NOTHING)
    rows = rows[block.options.use_of(choice)[rows, k] > 0]
    near = _Near.of(block.options, rows, choice, price)
    fits = near.table(lambda more: (more <= room).all(axis=-1) & (more[..., k] < 0))
    freed = near.table(lambda more: np.maximum(-more[..., k], 1))
    fits &= near.allowed & _keeps_group(block.options, choice[rows])
    loss = np.where(fits, (near.loss << _PARTS_BITS) // freed, _WORST)
    return near.best_switches(block.number, loss)


def _fill_up(blocks: Spread, log: Log, room: Integers) -> Log:
    """Give what is left over to those that lose least by it and gain.

    A case for which nothing fits any more is not looked at again.
    """
    left = room.copy()
    for _ in range(_ROUNDS):
        parts = blocks.each(partial(_filling, log=log, room=left))
        log = log.then(left)
        if not parts:
            break
        chosen = _within(_joined(parts).sorted(), left)
        if not len(chosen.row):
            break
        log = log.then(chosen)
        left = left - chosen.more.sum(axis=0)
    return log


def _filling(block: Block, log: Log, room: Integers) -> _Switches:
    """The switches of a block that could be among those of all; the log grows by this room."""
    standing = _standing(block, log)
    switches, standing.rows = _better(block, standing, log.price, room)
    standing.steps += 1
    return _within(switches, room)


def _better(
    block: Block, standing: _Standing, price: Integers, room: Integers
) -> tuple[_Switches, Integers]:
    """For each of the rows, the option that is worth more in itself and fits into what is left;
    and the rows that have one."""
    options, choice = block.options, standing.choice
    rows = standing.rows[_some_fit(options, choice[standing.rows], room)]
    near = _Near.of(options, rows, choice, price)
    fits = near.table(lambda more: (more <= room).all(axis=-1)) & near.gains
    fits &= _keeps_group(options, choice[rows]) | _has_place(options, choice)[rows, None]
    loss = np.where(fits, near.loss, _WORST)
    switches = near.best_switches(block.number, loss)
    return _one_a_group(options, switches), rows[fits.any(axis=1)]


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
