"""The verdict on one intended contact: yes or no, by which rule, from when, and what first.

`deny` and `hold` move the time: the verdict's is the least minute from the asked one, within 400
days, at which neither fires. `require` and `warn` do not move it. The strictest effect stands, and
every rule that fired is listed (DESIGN.md 3.4). Pure; on columns it is `core.law.columns`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kept.core.calendar import DAY_MINUTES, day_of_date
from kept.core.law.kinds import Grounds, exemption_step, open_step
from kept.core.law.lawbook import LawBook, Planned, scope_key
from kept.core.law.rules import FORCE_RANK, STRICTNESS, Effect, Exemption, Part, Rule
from kept.core.law.times import HORIZON_DAYS, NEVER, from_day, until_day

__all__ = ["Fired", "Verdict", "judge"]

_MOVES: Final = (Effect.DENY, Effect.HOLD)

Step = Callable[[int], int]


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


@dataclass(frozen=True, slots=True)
class _Active:
    planned: Planned
    step: Step

    @property
    def part(self) -> Part:
        return self.planned.part


def judge(book: LawBook, grounds: Grounds, asked: int) -> Verdict:
    """The verdict on a contact at `asked`, a UTC minute, from facts already derived."""
    active = list(_active(book.plan(scope_key(grounds.facts)), grounds))
    fired = [each for each in active if each.step(asked) != asked]
    free = _lawful_from([each for each in active if each.part.effect in _MOVES], asked)
    at_free = fired if free in (asked, None) else _firing(active, free)
    ordered = sorted((_fired(each, grounds) for each in fired), key=_rank)
    return Verdict(
        outcome=ordered[0].effect if ordered else Effect.ALLOW,
        asked=asked,
        lawful_from=free,
        fired=tuple(ordered),
        duties=_labels(part.requires for part in at_free_parts(at_free)),
        warnings=_labels(part.warns for part in at_free_parts(at_free)),
        packs=tuple((pack.name, pack.version) for pack in book.packs),
    )


def at_free_parts(active: Iterable[_Active]) -> list[Part]:
    return [each.part for each in active]


def _firing(active: Iterable[_Active], instant: int | None) -> list[_Active]:
    return [each for each in active if instant is not None and each.step(instant) != instant]


def _labels(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for labels in groups for label in labels))


def _rank(fired: Fired) -> tuple[int, int, str]:
    return STRICTNESS[fired.effect], FORCE_RANK[fired.rule.force], fired.rule.id


def _lawful_from(movers: Sequence[_Active], asked: int) -> int | None:
    """Take the latest answer and ask again from there, until nothing moves."""
    instant, end = asked, asked + HORIZON_DAYS * DAY_MINUTES
    while True:
        reached = max((each.step(instant) for each in movers), default=instant)
        if reached == instant:
            return instant
        if reached > end:
            return None
        instant = reached


def _active(plan: Iterable[Planned], grounds: Grounds) -> Iterable[_Active]:
    for planned in plan:
        when = planned.part.when
        if planned.scope_is_unknown:
            yield _Active(planned, lambda _instant: NEVER)
        elif when is None or not when.evaluate(grounds.facts).surely_false:
            yield _Active(planned, _step_of(planned, grounds))


def _step_of(planned: Planned, grounds: Grounds) -> Step:
    part, facts = planned.part, grounds.facts
    lifts = [each for each in planned.exemptions if _is_shown(each, facts)]
    dates = _dates(planned.rule, grounds)

    def step(instant: int) -> int:
        reached: int = open_step(part, instant, grounds)
        for lift in lifts:
            reached = min(reached, exemption_step(lift, instant, grounds))
        for outside in dates:
            reached = min(reached, outside(instant))
        return reached

    return step


def _is_shown(exemption: Exemption, facts: Mapping[str, Any]) -> bool:
    return exemption.when is None or exemption.when.evaluate(facts).surely_true


def _dates(rule: Rule, grounds: Grounds) -> list[Step]:
    """Steps to days on which the rule is not in force; of an unknown place it always is."""
    table = grounds.place
    found: list[Step] = []
    if table is None:
        return found
    if rule.valid_from is not None:
        before = day_of_date(rule.valid_from) - 1
        found.append(lambda instant: int(until_day(instant, before, table)))
    if rule.valid_to is not None:
        after = day_of_date(rule.valid_to) + 1
        found.append(lambda instant: int(from_day(instant, after, table)))
    return found


def _fired(active: _Active, grounds: Grounds) -> Fired:
    planned = active.planned
    return Fired(planned.rule, planned.part, tuple(_reads(planned, grounds)))


def _reads(planned: Planned, grounds: Grounds) -> Iterable[tuple[str, Any]]:
    part, facts = planned.part, grounds.facts
    conditions = [part.when, *(each.when for each in planned.exemptions)]
    names = [name for condition in conditions if condition for name in condition.facts]
    named = [part.from_fact, part.until_fact, part.windows_fact, part.fact or None]
    for name in dict.fromkeys([*names, *(each for each in named if each)]):
        yield name, facts.get(name)
    if part.key in grounds.nth_days:
        yield "nth_last_day", grounds.nth_days[part.key]
