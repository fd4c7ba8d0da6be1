"""From tree to steps: names and types are checked against the catalogue on the way.

Every refusal is a `ConditionError` with its place; what comes out can neither meet a wrong type nor
overflow when it runs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final, NamedTuple, NoReturn

from kept.core.conditions import steps
from kept.core.conditions.errors import ConditionError, ConditionErrorCode
from kept.core.conditions.faults import ConditionFault as Fault
from kept.core.conditions.intervals import Interval, reach_of
from kept.core.conditions.steps import Compare, TruthStep
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
    Surely,
    Text,
)
from kept.core.conditions.values import (
    ORDERED,
    WORDS,
    Value,
    calculation,
    example,
    literal_value,
)
from kept.core.facts import CURRENCY_COLUMN, Catalogue, Fact, FactType, Use
from kept.core.said import Said

__all__ = ["Built", "Input", "build"]


class Input(NamedTuple):
    """A value that a condition reads: a fact, or the currency code beside the money facts."""

    name: str
    type: FactType


@dataclass(frozen=True, slots=True)
class Built:
    step: TruthStep
    inputs: tuple[Input, ...]
    facts: tuple[str, ...]


ErrorMaker = Callable[[ConditionErrorCode, Said, int], ConditionError]


def build(tree: Node, catalogue: Catalogue, use: Use, error: ErrorMaker) -> Built:
    """`error` makes the exception for a place in the text."""
    builder = _Builder(catalogue, use, error)
    step = builder.truth(tree)
    return Built(step, tuple(builder.inputs), tuple(builder.facts))


_COMPARE: Final[dict[str, tuple[Compare, Compare]]] = {
    "==": (operator.eq, operator.ne),
    "!=": (operator.ne, operator.eq),
    "<": (operator.lt, operator.ge),
    "<=": (operator.le, operator.gt),
    ">": (operator.gt, operator.le),
    ">=": (operator.ge, operator.lt),
}
_TURNED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class _Builder:
    def __init__(self, catalogue: Catalogue, use: Use, error: ErrorMaker) -> None:
        self.catalogue = catalogue
        self.use = use
        self.error = error
        self.inputs: list[Input] = []
        self.facts: list[str] = []

    def refuse(self, code: ConditionErrorCode, what: Said, at: int) -> NoReturn:
        raise self.error(code, what, at)

    # --- truths ---

    def truth(self, node: Node) -> TruthStep:
        match node:
            case AllOf(parts=parts):
                return _balanced(steps.all_of, [self.truth(part) for part in parts])
            case AnyOf(parts=parts):
                return _balanced(steps.any_of, [self.truth(part) for part in parts])
            case Not(operand=operand):
                return steps.negation(self.truth(operand))
            case Surely(operand=operand, at=at):
                if self.use is Use.LAW:  # a rule that doubts nothing would let the doubtful pass
                    self.refuse(ConditionErrorCode.USE, Said(Fault.NO_SURELY), at)
                return steps.surely(self.truth(operand))
            case Comparison():
                return self.comparison(node)
            case Membership():
                return self.membership(node)
            case IsKnown():
                return self.is_known(node)
            case Flag(value=value):
                return steps.flag_constant(value)
            case Name(name=name, at=at):
                fact = self.fact(name, at)
                if fact.type is FactType.BOOLEAN:
                    return steps.flag(self.slot(fact.name, fact.type))
        found = self.value(node)
        self.refuse(
            ConditionErrorCode.TYPE,
            Said(
                Fault.NO_CONDITION,
                what=found.said,
                kind=WORDS[found.type],
                example=example(found),
            ),
            found.at,
        )

    def comparison(self, node: Comparison) -> TruthStep:
        values = [self.value(node.first), *(self.value(operand) for _, operand in node.rest)]
        parts = [
            self.pair(left, comparator, right)
            for left, (comparator, _), right in zip(values, node.rest, values[1:], strict=False)
        ]
        return _balanced(steps.all_of, parts)

    def pair(self, left: Value, comparator: str, right: Value) -> TruthStep:
        self.comparable(left, right)
        if comparator not in ("==", "!=") and left.type not in ORDERED:
            self.refuse(
                ConditionErrorCode.TYPE,
                Said(Fault.NO_ORDER, what=left.said, kind=WORDS[left.type]),
                left.at,
            )
        if left.type is FactType.MONEY:
            left, right = self.with_currency(left, right)
        if left.literal is not None and right.literal is None:
            left, right, comparator = right, left, _TURNED[comparator]
        holds, fails = _COMPARE[comparator]
        if right.literal is not None and left.fact and left.type is not FactType.MONEY:
            slot = self.slot(left.fact.name, left.type)
            return steps.fact_compared_to(slot, right.literal, holds, fails)
        if right.literal is not None:
            return steps.compared_to(left.step, right.literal, holds, fails)
        return steps.compared(left.step, right.step, holds, fails)

    def comparable(self, left: Value, right: Value) -> None:
        if left.type is not right.type:
            money = FactType.MONEY in (left.type, right.type)
            said = Said(
                Fault.NOT_COMPARABLE_MONEY if money else Fault.NOT_COMPARABLE,
                left=left.said,
                left_kind=WORDS[left.type],
                right=right.said,
                right_kind=WORDS[right.type],
                example='money(500, "CNY")',
            )
            self.refuse(ConditionErrorCode.TYPE, said, right.at)
        self.same_currency(left, right)
        for one, other in ((left, right), (right, left)):
            self.in_category(one, other)

    def in_category(self, category: Value, literal: Value) -> None:
        closed = category.fact.values if category.fact else None
        if closed is None or literal.literal is None or literal.literal in closed:
            return
        near = get_close_matches(str(literal.literal), closed) or list(closed)
        self.refuse(
            ConditionErrorCode.CATEGORY,
            Said(
                Fault.NEVER_OF,
                what=category.said,
                found=repr(literal.literal),
                known=", ".join(near),
            ),
            literal.at,
        )

    def membership(self, node: Membership) -> TruthStep:
        value = self.value(node.value)
        items = [self.value(item) for item in node.items]
        for item in items:
            self.comparable(value, item)
            self.same_currency(items[0], item)
        if value.type is FactType.MONEY:
            value, _ = self.with_currency(value, items[0])
        found = steps.member(value.step, tuple(dict.fromkeys(item.literal for item in items)))
        return steps.negation(found) if node.negated else found

    def is_known(self, node: IsKnown) -> TruthStep:
        fact = self.fact(node.name, node.at)
        slot = self.slot(fact.name, fact.type)
        if fact.type is FactType.MONEY:
            known = steps.money_known(slot, self.slot(CURRENCY_COLUMN, FactType.CATEGORY))
        else:
            known = steps.fact_known(slot)
        return known if node.wanted else steps.negation(known)

    # --- values ---

    def value(self, node: Node) -> Value:
        match node:
            case Number() | Text() | Flag() | Amount() | Day():
                return literal_value(node)
            case Name(name=name, at=at):
                return self.fact_value(self.fact(name, at), at)
            case Negative(operand=operand, at=at):
                return self.negative(self.calculable(self.value(operand)), at)
            case Arithmetic():
                return self.arithmetic(node)
        self.refuse(
            ConditionErrorCode.TYPE,
            Said(Fault.IN_PLACE_OF_VALUE),
            node.at,
        )

    def fact_value(self, fact: Fact, at: int) -> Value:
        return Value(
            steps.fact_value(self.slot(fact.name, fact.type)),
            fact.type,
            fact.name,
            at,
            interval=Interval(fact.low, fact.high),
            fact=fact,
            has_facts=True,
        )

    def calculable(self, value: Value) -> Value:
        if value.type not in (FactType.INTEGER, FactType.MONEY):
            self.refuse(
                ConditionErrorCode.TYPE,
                Said(Fault.NOT_CALCULABLE, what=value.said, kind=WORDS[value.type]),
                value.at,
            )
        if value.fact is None:
            return value
        low, high = value.interval
        bounded = steps.bounded(self.slot(value.fact.name, value.type), low, high)
        return replace(value, step=bounded, interval=value.interval.with_zero(), fact=None)

    def negative(self, value: Value, at: int) -> Value:
        return self.fitting(
            replace(
                value,
                step=steps.negative(value.step),
                said=f"-{value.said}",
                at=at,
                interval=value.interval.negative(),
                literal=None,
            )
        )

    def arithmetic(self, node: Arithmetic) -> Value:
        left, right = (
            self.calculable(self.value(node.left)),
            self.calculable(self.value(node.right)),
        )
        self.same_currency(left, right)
        kind = self.arithmetic_type(node, left, right)
        if node.operator in ("//", "%") and right.interval == (0, 0):
            self.refuse(ConditionErrorCode.ZERO_DIVISION, Said(Fault.BY_ZERO), node.at)
        for value in (left, right):
            self.fitting(value)
        return self.fitting(
            Value(
                calculation(node.operator, left, right),
                kind,
                f"({left.said} {node.operator} {right.said})",
                left.at,
                interval=reach_of(node.operator, left.interval, right.interval),
                currency=left.currency or right.currency,
                has_facts=left.has_facts or right.has_facts,
            )
        )

    def arithmetic_type(self, node: Arithmetic, left: Value, right: Value) -> FactType:
        kinds = {left.type, right.type}
        if kinds == {FactType.INTEGER}:
            return FactType.INTEGER
        if node.operator in "+-" and kinds == {FactType.MONEY}:
            return FactType.MONEY
        if node.operator == "*" and kinds == {FactType.MONEY, FactType.INTEGER}:
            return FactType.MONEY
        self.refuse(
            ConditionErrorCode.TYPE,
            Said(
                Fault.NO_MEANING,
                left=WORDS[left.type],
                operator=node.operator,
                right=WORDS[right.type],
            ),
            node.at,
        )

    def fitting(self, value: Value) -> Value:
        if not value.interval.fits:
            self.refuse(
                ConditionErrorCode.OVERFLOW,
                Said(Fault.TOO_BIG, what=value.said),
                value.at,
            )
        return value

    # --- money ---

    def same_currency(self, left: Value, right: Value) -> None:
        if left.currency and right.currency and left.currency != right.currency:
            self.refuse(
                ConditionErrorCode.CURRENCY,
                Said(Fault.TWO_CURRENCIES, one=left.currency, other=right.currency),
                right.at,
            )

    def with_currency(self, left: Value, right: Value) -> tuple[Value, Value]:
        """The pair, the side with facts known only where the case's currency is the one meant."""
        code = left.currency or right.currency
        if left.has_facts:
            return self.held_to(left, code), right
        if right.has_facts:
            return left, self.held_to(right, code)
        return left, right

    def held_to(self, value: Value, code: str | None) -> Value:
        slot = self.slot(CURRENCY_COLUMN, FactType.CATEGORY)
        if code is None:
            return replace(value, step=steps.in_case_currency(value.step, slot))
        return replace(value, step=steps.in_currency(value.step, slot, code))

    # --- names and slots ---

    def fact(self, name: str, at: int) -> Fact:
        fact = self.catalogue.get(name)
        if fact is None:
            self.refuse(ConditionErrorCode.UNKNOWN_NAME, self.unknown(name), at)
        if self.use not in fact.use:
            fault = Fault.PROTECTED if fact.protected else Fault.NOT_FOR_USE
            self.refuse(ConditionErrorCode.USE, Said(fault, name=name, use=str(self.use)), at)
        if name not in self.facts:
            self.facts.append(name)
        return fact

    def unknown(self, name: str) -> Said:
        if name == CURRENCY_COLUMN:
            return Said(Fault.CURRENCY_WITH_AMOUNT, example='balance >= money(500, "CNY")')
        near = self.catalogue.for_use(self.use).nearest(name)
        fault = Fault.NO_FACT_NEAR if near else Fault.NO_FACT
        return Said(fault, name=repr(name), near=", ".join(near))

    def slot(self, name: str, kind: FactType) -> int:
        """The fact's place in a row: its value there, whether it is known in the next."""
        wanted = Input(name, kind)
        if wanted not in self.inputs:
            self.inputs.append(wanted)
        return 2 * self.inputs.index(wanted)


def _balanced(
    join: Callable[[TruthStep, TruthStep], TruthStep], parts: Sequence[TruthStep]
) -> TruthStep:
    """Joins by halves: a thousand parts nest ten deep, in our calls and in an engine's plan."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(_balanced(join, parts[:middle]), _balanced(join, parts[middle:]))
