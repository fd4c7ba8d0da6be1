"""Verdicts over columns: many attempts that share a scope key, zones and holidays.

The same plans, conditions and kinds as for one attempt (`core.law.verdicts`): a fact is a constant
or a column, and what is the same for all rows folds away before any column is read. The time moves
in passes over the rows that still move; the last few go on one by one. Columns are numpy arrays:
steps are many and short, so an engine's planning would cost more than its work. Facts are made
elsewhere, and what to say to each attempt is the single verdict's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from kept.core.algebra import also, greatest, not_
from kept.core.calendar import day_of_date, local_day
from kept.core.conditions import Condition
from kept.core.conditions.condition import NEUTRAL
from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook, Plan, scope_key
from kept.core.law.rules import STRICTNESS, Effect, Kind
from kept.core.law.standing import Standing, standing_for, standing_of, step_of
from kept.core.law.times import NEVER, Window
from kept.core.law.verdicts import HORIZON_MINUTES, MOVES, lawful_from, rank
from kept.core.truth import Truth

__all__ = ["NO_PART", "WORD_BITS", "Column", "Verdicts", "facts_read", "fired_keys"]
__all__ += ["judge_columns", "word_count"]

NO_PART: Final = -1
WORD_BITS: Final = 62
"""Parts in one word of fired parts: a bit for each, in the order of the book's parts."""

# Fewer rows than this go on one by one: a pass over columns has a fixed cost.
_FEW_ROWS: Final = 4
# No day of anybody's calendar; a day that is not known never comes.
_NO_DAY_EVER: Final = 10_000_000

Minutes = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A fact, a count or a window's side that differs by row.

    `known` is where it is known; None where all of it is. Where it is not, the value means nothing.
    """

    values: npt.NDArray[Any]
    known: Truths | None = None

    def at(self, places: Places) -> Column:
        known = None if self.known is None else self.known[places]
        return Column(self.values[places], known)

    def one(self, place: int) -> Any:
        """One row's value as a single attempt has it."""
        if self.known is not None and not self.known[place]:
            return None
        value = self.values[place]
        return value.item() if isinstance(value, np.generic) else value

    def settled(self) -> Any:
        """The value itself where it is the same in all rows."""
        if self.known is not None and not self.known.all():
            return self if self.known.any() else None
        return self.one(0) if (self.values == self.values[0]).all() else self


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A row of verdict for each attempt.

    `outcome` is a place in `STRICTNESS`, `decided` the deciding part's place in `book.parts` or
    `NO_PART`; `lawful_from` is `NEVER` where no minute of the horizon is lawful. `words` has a row
    for each word of fired parts.
    """

    outcome: npt.NDArray[np.int8]
    decided: npt.NDArray[np.int16]
    lawful_from: Minutes
    words: npt.NDArray[np.int64]


def judge_columns(book: LawBook, grounds: Grounds, asked: Minutes) -> Verdicts:
    """The verdicts on contacts at the asked minutes, at least one of them.

    The grounds hold a constant or a `Column` wherever one attempt has a value; a fact of windows is
    a tuple of them with columns for sides, as many for all rows (one of no day never matters).
    What scope, zones and holidays read, and the days of a consent, are constants.
    """
    sheet = _Sheet(book, grounds, asked)
    fired, reached = sheet.first_pass()
    decided, words = _answers(book, fired, len(asked))
    effects = [STRICTNESS[part.effect] for _rule, part in book.parts] + [STRICTNESS[Effect.ALLOW]]
    outcome = np.array(effects, np.int8)[decided]
    return Verdicts(outcome, decided, sheet.lawful_minutes(reached), words)


def word_count(book: LawBook) -> int:
    """How many words hold the fired parts of a book."""
    return -(-len(book.parts) // WORD_BITS)


def fired_keys(book: LawBook, words: Iterable[int]) -> frozenset[str]:
    """The keys of the parts whose bits are set in one row's words."""
    bits = sum(word << (WORD_BITS * number) for number, word in enumerate(words))
    return frozenset(
        part.key for place, (_rule, part) in enumerate(book.parts) if bits >> place & 1
    )


def facts_read(plan: Plan) -> tuple[str, ...]:
    """The facts that a plan's conditions, kinds and exemptions read."""
    return tuple(dict.fromkeys([*plan.reads, *_timed(plan)]))


def _timed(plan: Plan) -> Iterable[str]:
    for planned in plan:
        part = planned.part
        yield from filter(None, (part.from_fact, part.until_fact, part.windows_fact, part.fact))
        for each in planned.exemptions:
            named = (each.windows, each.from_fact, each.until_fact, each.days_fact)
            yield from filter(None, named)


# --- passes over the rows -------------------------------------------------------------------------


class _Sheet:
    """The standing parts of the rows, and their grounds."""

    def __init__(self, book: LawBook, grounds: Grounds, asked: Minutes) -> None:
        self.asked = asked
        first, last = int(asked.min()), int(asked.max()) + HORIZON_MINUTES
        self.plan = book.plan(scope_key(grounds.facts))
        self.grounds = _settled(_within(grounds, first, last), self.plan)
        self.standing = [
            each
            for found in standing_of(self.plan, self.truth_of)
            if (each := _in_force(found, self.grounds, first, last)) is not None
        ]

    def truth_of(self, condition: Condition) -> Truth[Any]:
        """Booleans where no row can differ, for an unknown value decides nothing."""
        facts = self.grounds.facts
        rows = [name for name in condition.facts if isinstance(facts[name], Column)]
        known = {name: None if name in rows else facts[name] for name in condition.facts}
        truth = condition.evaluate(known)
        if not rows or truth.surely_true or truth.surely_false:
            return truth
        inputs = {
            read.name: _value_and_mask(facts[read.name], NEUTRAL[read.type])
            for read in condition.inputs
        }
        return condition.rows(inputs)

    def first_pass(self) -> tuple[list[tuple[Standing, Places]], Minutes]:
        """The rows in which each part fires, and how far the parts that move the time reach."""
        grounds, reached = _as_arrays(self.grounds), self.asked.copy()
        fired = []
        for each in self.standing:
            step = NEVER if _never_changes(each) else step_of(each, self.asked, grounds)
            where = _fires(each) if _never_changes(each) else step != self.asked
            places = np.flatnonzero(np.broadcast_to(where, self.asked.shape))
            fired.append((each, places))
            if each.part.effect in MOVES and len(places):
                further = step[places] if isinstance(step, np.ndarray) else step
                reached[places] = np.maximum(reached[places], further)
        return fired, reached

    def lawful_minutes(self, free: Minutes) -> Minutes:
        """The least lawful minute of each row from where the first pass reached, or NEVER."""
        end = self.asked + HORIZON_MINUTES
        moving = np.flatnonzero((free != self.asked) & (free <= end))
        movers = self.movers()
        while len(moving) >= _FEW_ROWS:
            instant = free[moving]
            reached = self.ask_again(movers, moving, instant)
            free[moving] = reached
            moving = moving[(reached != instant) & (reached <= end[moving])]
        for place in moving:
            free[place] = self.move_row(int(place), int(free[place]))
        free[free > end] = NEVER
        return free

    def ask_again(self, movers: list[Standing], places: Places, instant: Minutes) -> Minutes:
        grounds = _read_by(lambda column: _plain(column.at(places)), self.grounds)
        steps = (step_of(_at(each, places), instant, grounds) for each in movers)
        furthest: Any = instant
        for step in steps:
            furthest = greatest(furthest, step)
        found: Minutes = furthest
        return found

    def movers(self) -> list[Standing]:
        """The parts that may open and close; those that never change have had their say."""
        moves = [each for each in self.standing if each.part.effect in MOVES]
        return [each for each in moves if not _never_changes(each)]

    def move_row(self, place: int, instant: int) -> int:
        """The same for one row, by its own facts."""
        grounds = _read_by(lambda column: column.one(place), self.grounds)
        standing = standing_for(self.plan, grounds.facts)
        movers = [each for each in standing if each.part.effect in MOVES]
        end = int(self.asked[place]) + HORIZON_MINUTES
        found = lawful_from(movers, grounds, instant, end)
        return NEVER if found is None else found


def _answers(
    book: LawBook, fired: list[tuple[Standing, Places]], rows: int
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int64]]:
    """The deciding part and the words of all parts that fired."""
    decided = np.full(rows, NO_PART, np.int16)
    words = np.zeros((word_count(book), rows), np.int64)
    order = sorted(fired, key=lambda each: rank(each[0].planned.rule, each[0].part))
    for standing, places in reversed(order):
        number = book.places[standing.part.key]
        decided[places] = number
        words[number // WORD_BITS][places] |= 1 << number % WORD_BITS
    return decided, words


# --- what stands for all rows, and what by row ----------------------------------------------------


def _never_changes(standing: Standing) -> bool:
    """Whether the part, where it fires, fires at every minute."""
    planned = standing.planned
    lasting = planned.part.is_lasting and all(each.is_lasting for each, _ in standing.lifts)
    return planned.scope_is_unknown or (lasting and not planned.rule.is_dated)


def _fires(standing: Standing) -> Any:
    return reduce(lambda found, lift: also(not_(lift[1]), found), standing.lifts, standing.stands)


def _at(standing: Standing, places: Places) -> Standing:
    def rows(truth: Any) -> Any:
        return truth[places] if isinstance(truth, np.ndarray) else truth

    lifts = tuple((each, rows(shown)) for each, shown in standing.lifts)
    return standing._replace(stands=rows(standing.stands), lifts=lifts)


def _in_force(standing: Standing, grounds: Grounds, first: int, last: int) -> Standing | None:
    """The part without those dates of its rule that are far away; None where they are over.

    Clocks that go back over midnight repeat a day, so a day more is far.
    """
    rule, table = standing.planned.rule, grounds.place
    if not rule.is_dated or table is None:
        return standing
    today, final = local_day(first, table), local_day(last, table)
    begins = day_of_date(rule.valid_from) if rule.valid_from else today - 2
    ends = day_of_date(rule.valid_to) if rule.valid_to else final + 2
    if begins > final + 1 or ends < today - 1:
        return None
    kept = replace(
        rule,
        valid_from=rule.valid_from if begins > today - 1 else None,
        valid_to=rule.valid_to if ends < final + 1 else None,
    )
    return standing._replace(planned=replace(standing.planned, rule=kept))


def _settled(grounds: Grounds, plan: Plan) -> Grounds:
    """What the plan reads; a column that is the same in all rows becomes its value."""
    counts = [each.part.key for each in plan if each.part.kind is Kind.SPACING]
    wanted = replace(
        grounds,
        facts={name: grounds.facts[name] for name in facts_read(plan)},
        nth_days={key: grounds.nth_days[key] for key in counts},
    )
    return _read_by(lambda column: column.settled(), wanted)


def _within(grounds: Grounds, first: int, last: int) -> Grounds:
    """With the offsets of these minutes only; beyond the last all steps are beyond the horizon."""
    return replace(
        grounds,
        place=None if grounds.place is None else grounds.place.within(first, last),
        candidates=tuple(table.within(first, last) for table in grounds.candidates),
        clocks={name: table.within(first, last) for name, table in grounds.clocks.items()},
    )


def _as_arrays(grounds: Grounds) -> Grounds:
    return _read_by(_plain, grounds)


def _plain(column: Column) -> npt.NDArray[Any]:
    """The values for a kind; the one value that a kind reads and that may be unknown is a day."""
    if column.known is None:
        return column.values
    return np.where(column.known, column.values, _NO_DAY_EVER)


def _read_by(read: Callable[[Column], Any], grounds: Grounds) -> Grounds:
    def one(value: Any) -> Any:
        return read(value) if isinstance(value, Column) else value

    def value_of(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(Window._make(map(one, window)) for window in value)
        return one(value)

    return replace(
        grounds,
        facts={name: value_of(value) for name, value in grounds.facts.items()},
        nth_days={key: one(value) for key, value in grounds.nth_days.items()},
        complete_from=one(grounds.complete_from),
    )


def _value_and_mask(value: Any, neutral: Any) -> tuple[Any, Any]:
    """As conditions read a fact: its value, neutral where unknown, and whether it is known."""
    if isinstance(value, Column):
        return value.values, True if value.known is None else value.known
    return (neutral, False) if value is None else (value, True)
