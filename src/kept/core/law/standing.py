"""What stands of a plan for some facts, and the step of each part that does.

For one attempt and for columns of attempts alike: a truth is a bool where it is the same for all,
else a boolean column. What can be said of all rows at once (a condition surely false, an exemption
that lifts for good) leaves no step behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from kept.core.algebra import least, not_, where
from kept.core.calendar import OffsetTable, day_of_date
from kept.core.conditions import Condition
from kept.core.law.kinds import Grounds, exemption_step, open_step
from kept.core.law.lawbook import Plan, Planned
from kept.core.law.rules import Exemption, Part, Rule
from kept.core.law.times import NEVER, from_day, until_day
from kept.core.truth import Truth

__all__ = ["Standing", "TruthOf", "standing_for", "standing_of", "step_of"]

_KNOWN_MOST: Final = 10_000

TruthOf = Callable[[Condition], Truth[Any]]


class Standing(NamedTuple):
    """A part that may fire. `stands` is where its condition is not surely false.

    `lifts` are exemptions with where they are surely shown.
    """

    planned: Planned
    stands: Any
    lifts: tuple[tuple[Exemption, Any], ...]

    @property
    def part(self) -> Part:
        return self.planned.part


def standing_of(plan: Iterable[Planned], truth_of: TruthOf) -> Iterator[Standing]:
    """The parts that may fire."""
    for planned in plan:
        when = planned.part.when
        if planned.scope_is_unknown:
            yield Standing(planned, True, ())
            continue
        stands = True if when is None else not_(truth_of(when).surely_false)
        lifts = None if stands is False else _lifts(planned.exemptions, truth_of)
        if lifts is not None:
            yield Standing(planned, stands, lifts)


def standing_for(plan: Plan, facts: Mapping[str, Any]) -> tuple[Standing, ...]:
    """The parts that may fire on one attempt; worked out once for the same values of facts."""
    values = tuple([facts[name] for name in plan.reads])
    found: tuple[Standing, ...] | None = plan.known.get(values)
    if found is None:
        if len(plan.known) >= _KNOWN_MOST:
            plan.known.clear()
        found = tuple(standing_of(plan, lambda condition: condition.evaluate(facts)))
        plan.known[values] = found
    return found


def step_of(standing: Standing, instant: Any, grounds: Grounds) -> Any:
    """The step to where the part does not fire."""
    if standing.planned.scope_is_unknown:
        return NEVER
    reached = open_step(standing.planned.part, instant, grounds)
    for lift, shown in standing.lifts:
        lifted = exemption_step(lift, instant, grounds)
        reached = least(reached, where(shown, lifted, NEVER))
    if standing.planned.rule.is_dated and grounds.place is not None:
        reached = least(reached, _out_of_force(standing.planned.rule, instant, grounds.place))
    return reached if standing.stands is True else where(standing.stands, reached, instant)


def _lifts(
    exemptions: Sequence[Exemption], truth_of: TruthOf
) -> tuple[tuple[Exemption, Any], ...] | None:
    """The exemptions that may lift; None where one lifts for good."""
    found = []
    for each in exemptions:
        shown = True if each.when is None else truth_of(each.when).surely_true
        if shown is True and each.is_lasting:
            return None
        if shown is not False:
            found.append((each, shown))
    return tuple(found)


def _out_of_force(rule: Rule, instant: Any, table: OffsetTable) -> Any:
    """A step to a day on which the rule is not in force; of an unknown place it always is."""
    reached: Any = NEVER
    if rule.valid_from is not None:
        reached = until_day(instant, day_of_date(rule.valid_from) - 1, table)
    if rule.valid_to is not None:
        after = from_day(instant, day_of_date(rule.valid_to) + 1, table)
        reached = least(reached, after)
    return reached
