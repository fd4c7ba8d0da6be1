"""Whether a condition can hold at all: what a strategy promises but could never do.

Where a condition compares facts with constants only, its truth changes at these constants and
nowhere else, so it is enough to try a value on each side of each of them, in every combination.
Where facts are compared with one another, or there are too many combinations, nothing is claimed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import islice, product
from typing import Any, Final, assert_never

from kept.core.conditions import Condition
from kept.core.conditions.tree import (
    AllOf,
    Amount,
    AnyOf,
    Arithmetic,
    Comparison,
    Day,
    Flag,
    IsKnown,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
)
from kept.core.facts import CURRENCY_COLUMN, Catalogue, Fact, FactType

__all__ = ["never_holds"]

_COMBINATIONS_MOST: Final = 20_000
_OTHER: Final = "\x00other"
# Where a condition asks only whether a fact is known, any value will do.
_SOME_CURRENCY: Final = "CNY"
_SOME_DAY: Final = date(2000, 1, 1)


class _Undecided(Exception):
    """Facts are compared with something else than constants."""


def never_holds(condition: Condition, catalogue: Catalogue) -> bool:
    """Whether it is proved that no case can make the condition surely true."""
    constants: dict[str, set[Any]] = defaultdict(set)
    try:
        _collect(condition.tree, constants)
    except _Undecided:
        return False
    choices = _choices(condition, constants, catalogue)
    tried = 0
    for values in islice(product(*choices.values()), _COMBINATIONS_MOST):
        tried += 1
        if condition.evaluate(dict(zip(choices, values, strict=True))).surely_true:
            return False
    return tried < _COMBINATIONS_MOST


def _choices(
    condition: Condition, constants: Mapping[str, set[Any]], catalogue: Catalogue
) -> dict[str, list[Any]]:
    """By input, the values worth trying, None for unknown among them where it may be."""
    found: dict[str, list[Any]] = {}
    for read in condition.inputs:
        if read.name == CURRENCY_COLUMN:
            found[read.name] = sorted(constants[CURRENCY_COLUMN]) or [_SOME_CURRENCY]
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
        case Not(operand=operand):
            _collect(operand, constants)
        case Comparison(first=first, rest=rest):
            _compare([first, *(operand for _, operand in rest)], constants)
        case Membership(value=value, items=items):
            for item in items:
                _compare([value, item], constants)
        case Name() | IsKnown() | Flag():
            pass
        case _:
            raise _Undecided


def _compare(operands: list[Node], constants: dict[str, set[Any]]) -> None:
    """One fact and literals; anything else is not decided here."""
    names = [each.name for each in operands if isinstance(each, Name)]
    literals = [each for each in operands if not isinstance(each, Name)]
    if len(set(names)) != 1:
        raise _Undecided
    for each in literals:
        match each:
            case Number(value=value) | Text(value=value) | Flag(value=value) | Day(value=value):
                constants[names[0]].add(value)
            case Amount(value=money):
                constants[names[0]].add(money.amount_minor)
                constants[CURRENCY_COLUMN].add(money.currency.code)
            case Negative() | Arithmetic() | _:
                raise _Undecided
