"""Whether a condition can hold at all: what a strategy promises but could never do.

Where a condition compares facts with constants only, its truth changes at these constants and
nowhere else, so a value on each side of each of them stands for all. A search goes through the
ways in which the condition could hold and narrows the values of each fact, until one way is left
with a value for every fact, or none is. What stands under `not surely(…)` may be false or unknown;
an amount is unknown in every other currency too. Where facts are compared with one another, or
there are too many ways, nothing is claimed.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

from kept.core.conditions import Condition
from kept.core.conditions.tree import (
    AllOf,
    Amount,
    AnyOf,
    Comparison,
    Day,
    Flag,
    IsKnown,
    Membership,
    Name,
    Node,
    Not,
    Number,
    Surely,
    Text,
)
from kept.core.facts import CURRENCY_COLUMN, Catalogue, Fact, FactType

__all__ = ["never_holds"]

_STEPS_MOST: Final = 20_000
_OTHER: Final = "\x00other"
# Where a condition asks only whether a fact is known, any value will do.
_SOME_DAY: Final = date(2000, 1, 1)
_SIGNS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Goal(NamedTuple):
    """A part of a condition that is to be true, or false; not `surely`: it may be unknown too."""

    node: Node
    wanted: bool
    surely: bool = True

    def met_by(self, truth: bool | None) -> bool:
        return truth is self.wanted or (truth is None and not self.surely)


Domains: TypeAlias = Mapping[str, Sequence[Any]]


class _TooMany(Exception):
    """The ways in which it could hold are more than are tried."""


def never_holds(condition: Condition, catalogue: Catalogue) -> bool:
    """Whether it is proved that no case can make the condition surely true."""
    constants: dict[str, set[Any]] = defaultdict(set)
    _collect(condition.tree, constants)
    try:
        return not _Search().holds(
            [Goal(condition.tree, True)], _choices(condition, constants, catalogue)
        )
    except _TooMany:
        return False


@dataclass(slots=True)
class _Search:
    steps: int = 0

    def holds(self, goals: list[Goal], domains: Domains) -> bool:
        """Whether some values of the domains fulfil all goals."""
        ways: list[Goal] = []
        while goals:
            self.steps += 1
            if self.steps > _STEPS_MOST:
                raise _TooMany
            goal = goals.pop()
            match goal.node:
                case Not(operand=operand):
                    goals.append(Goal(operand, not goal.wanted, goal.surely))
                case Surely(operand=operand):
                    goals.append(Goal(operand, goal.wanted, surely=goal.wanted))
                case AllOf(parts=parts) | AnyOf(parts=parts):
                    if isinstance(goal.node, AllOf) is goal.wanted:
                        goals += [goal._replace(node=part) for part in parts]
                    else:
                        ways.append(goal)
                case _:
                    found = _narrowed(goal, domains)
                    if len(found) > 1:
                        rest = [*goals, *ways]
                        return any(self.holds([*rest], each) for each in found)
                    if not found:
                        return False
                    domains = found[0]
        if not ways:
            return True
        ways.sort(key=lambda goal: len(_parts(goal.node)), reverse=True)
        chosen = ways.pop()
        return any(
            self.holds([*ways, chosen._replace(node=way)], domains) for way in _parts(chosen.node)
        )


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, AllOf | AnyOf) else ()


def _narrowed(goal: Goal, domains: Domains) -> list[Domains]:
    """The ways in which a single comparison is as wanted, each with the values that are left."""
    if isinstance(goal.node, Flag):
        return [domains] if goal.node.value is goal.wanted else []
    name = _name_of(goal.node)
    if name is None:
        return [domains]  # facts among themselves: taken to be possible
    left = [value for value in domains[name] if goal.met_by(_truth(goal.node, value))]
    ways: list[Domains] = [{**domains, name: left}] if left else []
    codes = _currencies(goal.node)
    if not codes:
        return ways
    given = domains[CURRENCY_COLUMN]
    same, others = (
        [each for each in given if (each in codes) is wanted] for wanted in (True, False)
    )
    ways = [{**way, CURRENCY_COLUMN: same} for way in ways if same]
    if others and not goal.surely:
        ways.append({**domains, CURRENCY_COLUMN: others})
    return ways


def _truth(node: Node, value: Any) -> bool | None:
    """What a comparison with constants says of a value; None is unknown."""
    if isinstance(node, IsKnown):
        return (value is not None) is node.wanted
    if value is None:
        return None
    match node:
        case Membership(items=items, negated=negated):
            return (value in [_literal(item) for item in items]) is not negated
        case Comparison(first=first, rest=rest):
            signs = [sign for sign, _ in rest]
            sides = [_side(each, value) for each in (first, *(operand for _, operand in rest))]
            pairs = zip(sides, signs, sides[1:], strict=False)
            return all(_SIGNS[sign](left, right) for left, sign, right in pairs)
        case _:
            return bool(value)


def _side(node: Node, value: Any) -> Any:
    return value if isinstance(node, Name) else _literal(node)


def _literal(node: Node) -> Any:
    match node:
        case Amount(value=money):
            return money.amount_minor
        case Number(value=value) | Text(value=value) | Flag(value=value) | Day(value=value):
            return value
    raise AssertionError(node)


def _operands(node: Node) -> list[Node]:
    match node:
        case Comparison(first=first, rest=rest):
            return [first, *(operand for _, operand in rest)]
        case Membership(value=value, items=items):
            return [value, *items]
        case Name():
            return [node]
        case _:
            return []


def _currencies(node: Node) -> set[str]:
    return {each.value.currency.code for each in _operands(node) if isinstance(each, Amount)}


def _name_of(node: Node) -> str | None:
    """The one fact that a node compares with constants; None where it does more than that."""
    if isinstance(node, IsKnown):
        return node.name
    operands = _operands(node)
    names = {each.name for each in operands if isinstance(each, Name)}
    plain = all(isinstance(each, Name | Number | Text | Flag | Amount | Day) for each in operands)
    return names.pop() if plain and len(names) == 1 else None


def _choices(
    condition: Condition, constants: Mapping[str, set[Any]], catalogue: Catalogue
) -> dict[str, list[Any]]:
    """By input, the values worth trying, None for unknown among them where it may be."""
    found: dict[str, list[Any]] = {}
    for read in condition.inputs:
        if read.name == CURRENCY_COLUMN:
            found[read.name] = [*sorted(constants[CURRENCY_COLUMN]), _OTHER]
            continue
        fact = catalogue[read.name]
        found[read.name] = list(_values(fact, constants[read.name]))
        if fact.can_be_unknown:
            found[read.name].append(None)
    return found


def _values(fact: Fact, constants: set[Any]) -> Iterator[Any]:
    match fact.type:
        case FactType.BOOLEAN:
            yield from (True, False)
        case FactType.CATEGORY:
            known = constants if fact.values is None else constants & set(fact.values)
            yield from sorted(known)
            if fact.values is None:
                yield _OTHER
            else:
                yield from sorted(set(fact.values) - known)[:1]
        case FactType.DATE:
            near = {each + timedelta(days=by) for each in constants for by in (-1, 0, 1)}
            yield from sorted(near) or [_SOME_DAY]
        case FactType.INTEGER | FactType.MONEY:
            near = {each + by for each in constants for by in (-1, 0, 1)} | {fact.low, fact.high}
            yield from sorted(each for each in near if fact.low <= each <= fact.high)
        case _:
            assert_never(fact.type)


def _collect(tree: Node, constants: dict[str, set[Any]]) -> None:
    """Gather what each fact is compared with."""
    match tree:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                _collect(part, constants)
        case Not(operand=operand) | Surely(operand=operand):
            _collect(operand, constants)
        case _:
            name = _name_of(tree)
            for each in _operands(tree) if name else []:
                if not isinstance(each, Name):
                    constants[str(name)].add(_literal(each))
            constants[CURRENCY_COLUMN] |= _currencies(tree)
