"""From a situation to the grounds of a verdict: facts derived, counts made for the rules that bind.

Counts are made only for rules whose scope can match, so an e-mail costs no count of calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kept.core.calendar import DAY_MINUTES, OffsetTable, local_day
from kept.core.law.counting import NO_DAY, Count, count_for
from kept.core.law.deriving import facts_of
from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook, scope_key
from kept.core.law.numbers import Numbers
from kept.core.law.past import past_of
from kept.core.law.rules import Clock, Kind, Part
from kept.core.law.situations import Situation
from kept.core.law.verdicts import Verdict, judge

__all__ = ["Judged", "grounds_of", "judge_situation", "numbers_for"]

_NONE = Count(NO_DAY, 0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what it stood on; `counts` by part."""

    book: LawBook
    verdict: Verdict
    grounds: Grounds
    counts: Mapping[str, Count]


def judge_situation(book: LawBook, situation: Situation) -> Judged:
    """The verdict on the situation's attempt at its minute."""
    grounds, counts = grounds_of(book, situation)
    return Judged(book, judge(book, grounds, situation.attempt.minute), grounds, counts)


def grounds_of(book: LawBook, situation: Situation) -> tuple[Grounds, Mapping[str, Count]]:
    situation = replace(situation, history=past_of(situation.history))
    numbers = numbers_for(book, situation)
    facts = facts_of(situation, numbers)
    parts = [planned.part for planned in book.plan(scope_key(facts))]
    counts = {
        part.key: _count(part, situation, numbers) for part in parts if part.kind is Kind.SPACING
    }
    grounds = Grounds(
        facts=facts,
        place=situation.place,
        candidates=situation.candidates,
        clocks=situation.clocks,
        holidays=situation.holidays,
        nth_days={key: count.nth_day for key, count in counts.items()},
        complete_from=situation.complete_from,
    )
    return grounds, counts


def numbers_for(book: LawBook, situation: Situation) -> Numbers:
    """The numbers of the law on the attempt's local day."""
    table, asked = situation.place, situation.attempt.minute
    return book.numbers_at(asked // DAY_MINUTES if table is None else local_day(asked, table))


def _count(part: Part, situation: Situation, numbers: Numbers) -> Count:
    """With no known place nothing is counted: the kind then never opens."""
    clock = _clock(part, situation)
    return _NONE if clock is None else count_for(part, situation, clock, numbers)


def _clock(part: Part, situation: Situation) -> OffsetTable | None:
    if part.clock in (Clock.PLACE, Clock.CANDIDATES):
        return situation.place
    return situation.clocks[part.clock]
