"""The verdict on one intended contact: yes or no, by which rule, from when, and what first.

`deny` and `hold` move the time: the verdict's is the least minute from the asked one, within 400
days, at which neither fires. `require` and `warn` do not move it. The strictest effect stands, and
every rule that fired is listed (DESIGN.md 3.4). Pure; on columns it is `core.law.columns`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kept.core.calendar import DAY_MINUTES
from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook, Planned, scope_key
from kept.core.law.rules import FORCE_RANK, STRICTNESS, Effect, Part, Rule
from kept.core.law.standing import Standing, standing_for, step_of
from kept.core.law.times import HORIZON_DAYS

__all__ = [
    "HORIZON_MINUTES",
    "MOVES",
    "NTH_LAST_DAY",
    "Fired",
    "Verdict",
    "judge",
    "lawful_from",
    "rank",
]

HORIZON_MINUTES: Final = HORIZON_DAYS * DAY_MINUTES
MOVES: Final = (Effect.DENY, Effect.HOLD)
"""The effects that move the time."""
NTH_LAST_DAY: Final = "nth_last_day"
"""What a spacing read: the local day of the counted contact that must leave its window."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A part of a rule that fired at the asked minute, and what it read."""

    rule: Rule
    part: Part
    reads: tuple[tuple[str, Any], ...]

    @property
    def effect(self) -> Effect:
        return self.part.effect


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the law says of a contact at the asked minute (UTC minutes).

    `lawful_from` is None for never; a `hold` is counted as if nobody releases it. `duties` are the
    steps that must be done first for a contact at that time, `warnings` the factors against it.
    `fired` has the deciding rule first.
    """

    outcome: Effect
    asked: int
    lawful_from: int | None
    fired: tuple[Fired, ...]
    duties: tuple[str, ...]
    warnings: tuple[str, ...]
    packs: tuple[tuple[str, str], ...]

    @property
    def deciding(self) -> Fired | None:
        return self.fired[0] if self.fired else None


def judge(book: LawBook, grounds: Grounds, asked: int) -> Verdict:
    """The verdict on a contact at `asked`, a UTC minute, from facts already derived."""
    facts, end = grounds.facts, asked + HORIZON_MINUTES
    standing = standing_for(book.plan(scope_key(facts)), facts)
    steps = [(each, step_of(each, asked, grounds)) for each in standing]
    fired = [each for each, step in steps if step != asked]
    reached = max((step for each, step in steps if each.part.effect in MOVES), default=asked)
    free = asked if reached == asked else _later(standing, grounds, reached, end)
    at_free = fired if free in (asked, None) else _asking(standing, grounds, free)
    ordered = sorted((_fired(each, grounds) for each in fired), key=_rank)
    return Verdict(
        outcome=ordered[0].effect if ordered else Effect.ALLOW,
        asked=asked,
        lawful_from=free,
        fired=tuple(ordered),
        duties=_labels(each.part.requires for each in at_free),
        warnings=_labels(each.part.warns for each in at_free),
        packs=tuple((pack.name, pack.version) for pack in book.packs),
    )


def _asking(standing: Iterable[Standing], grounds: Grounds, free: int | None) -> list[Standing]:
    """What fires at the lawful minute and has something to say then."""
    return [
        each
        for each in standing
        if (each.part.requires or each.part.warns) and step_of(each, free, grounds) != free
    ]


def _labels(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for labels in groups for label in labels))


def rank(rule: Rule, part: Part) -> tuple[int, int, str]:
    """The order of those that fired: the strictest, then the highest text, then the id."""
    return STRICTNESS[part.effect], FORCE_RANK[rule.force], rule.id


def _rank(fired: Fired) -> tuple[int, int, str]:
    return rank(fired.rule, fired.part)


def _later(standing: Iterable[Standing], grounds: Grounds, reached: int, end: int) -> int | None:
    movers = [each for each in standing if each.part.effect in MOVES]
    return None if reached > end else lawful_from(movers, grounds, reached, end)


def lawful_from(movers: Sequence[Standing], grounds: Grounds, instant: int, end: int) -> int | None:
    """Take the latest answer and ask again from there, until nothing moves."""
    while True:
        reached = max((step_of(each, instant, grounds) for each in movers), default=instant)
        if reached == instant:
            return instant
        if reached > end:
            return None
        instant = reached


def _fired(standing: Standing, grounds: Grounds) -> Fired:
    planned = standing.planned
    return Fired(planned.rule, planned.part, tuple(_reads(planned, grounds)))


def _reads(planned: Planned, grounds: Grounds) -> Iterable[tuple[str, Any]]:
    part, facts = planned.part, grounds.facts
    conditions = [part.when, *(each.when for each in planned.exemptions)]
    names = [name for condition in conditions if condition for name in condition.facts]
    named = [part.from_fact, part.until_fact, part.windows_fact, part.fact or None]
    for name in dict.fromkeys([*names, *(each for each in named if each)]):
        yield name, facts.get(name)
    if part.key in grounds.nth_days:
        yield NTH_LAST_DAY, grounds.nth_days[part.key]
