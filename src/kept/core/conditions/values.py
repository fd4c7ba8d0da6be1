"""Typed values inside a condition: what each is, how far it reaches, and the step that gives it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kept.core.algebra import DOUBLE_EXACT
from kept.core.conditions import steps
from kept.core.conditions.faults import ConditionFault as Fault
from kept.core.conditions.intervals import NOTHING, Interval
from kept.core.conditions.steps import ValueStep
from kept.core.conditions.tree import Amount, Day, Flag, Literal, Number, Text
from kept.core.facts import Fact, FactType
from kept.core.said import Said

__all__ = ["ORDERED", "WORDS", "Value", "calculation", "example", "literal_value"]


@dataclass(frozen=True, slots=True)
class Value:
    """A typed value step. `currency` is that of the literals in money, None while none occurred."""

    step: ValueStep
    type: FactType
    said: str
    at: int
    interval: Interval = NOTHING
    currency: str | None = None
    literal: object | None = None
    fact: Fact | None = None
    has_facts: bool = False


ORDERED: Final = (FactType.INTEGER, FactType.MONEY, FactType.DATE)
WORDS: Final = {
    FactType.INTEGER: Said(Fault.A_WHOLE_NUMBER),
    FactType.MONEY: Said(Fault.MONEY),
    FactType.BOOLEAN: Said(Fault.TRUE_OR_FALSE),
    FactType.CATEGORY: Said(Fault.A_TEXT),
    FactType.DATE: Said(Fault.A_DATE),
}


def literal_value(node: Literal) -> Value:
    match node:
        case Number(value=number):
            return _constant(number, FactType.INTEGER, str(number), node.at, number)
        case Amount(value=money):
            minor = money.amount_minor
            found = _constant(minor, FactType.MONEY, str(money), node.at, minor)
            return replace(found, currency=money.currency.code)
        case Text(value=text):
            return _constant(text, FactType.CATEGORY, repr(text), node.at)
        case Flag(value=flag):
            return _constant(flag, FactType.BOOLEAN, str(flag), node.at)
        case Day(value=day):
            return _constant(day, FactType.DATE, day.isoformat(), node.at)


def _constant(value: object, kind: FactType, said: str, at: int, size: int = 0) -> Value:
    return Value(
        steps.constant(value), kind, said, at, interval=Interval(size, size), literal=value
    )


def calculation(sign: str, left: Value, right: Value) -> ValueStep:
    match sign:
        case "+":
            return steps.total(left.step, right.step)
        case "-":
            return steps.difference(left.step, right.step)
        case "*":
            return steps.product(left.step, right.step)
        case "//":
            narrow = left.interval.size < DOUBLE_EXACT and right.interval.size < DOUBLE_EXACT
            return steps.quotient(left.step, right.step, narrow)
        case _:
            return steps.remainder(left.step, right.step)


def example(value: Value) -> str:
    name = value.said
    match value.type:
        case FactType.MONEY:
            return f'{name} > money(500, "CNY")'
        case FactType.CATEGORY:
            return f'{name} == "…"'
        case FactType.DATE:
            return f'{name} < date("2026-01-31")'
        case _:
            return f"{name} > 0"
