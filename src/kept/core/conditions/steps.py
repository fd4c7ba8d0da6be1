"""The steps of a compiled condition, operator-only: they run on one case and on columns alike.

A row is a sequence with two places a fact, its value and whether it is known; an unknown one holds
a neutral value (0, "", False), never a null. A value step gives (value, known), a truth step gives
(surely true, surely false).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeAlias

from kept.core.algebra import also, between, div, is_in, mod, not_, where
from kept.core.truth import both, certain, either, opposite, when_known

__all__ = [
    "Compare",
    "Row",
    "TruthStep",
    "ValueStep",
    "all_of",
    "any_of",
    "bounded",
    "compared",
    "compared_to",
    "constant",
    "difference",
    "fact_compared_to",
    "fact_known",
    "fact_value",
    "flag",
    "flag_constant",
    "in_case_currency",
    "in_currency",
    "member",
    "money_known",
    "negation",
    "negative",
    "product",
    "quotient",
    "remainder",
    "surely",
    "total",
]

Row: TypeAlias = Sequence[Any]
ValueStep: TypeAlias = Callable[[Row], tuple[Any, Any]]
TruthStep: TypeAlias = Callable[[Row], tuple[Any, Any]]
Compare: TypeAlias = Callable[[Any, Any], Any]


# --- values ---------------------------------------------------------------------------------------


def constant(value: object) -> ValueStep:
    pair = (value, True)

    def step(row: Row) -> tuple[Any, Any]:
        return pair

    return step


def fact_value(slot: int) -> ValueStep:
    def step(row: Row) -> tuple[Any, Any]:
        return row[slot], row[slot + 1]

    return step


def bounded(slot: int, low: int, high: int) -> ValueStep:
    """A fact to calculate with: beyond its declared range it is unknown, so nothing overflows."""

    def step(row: Row) -> tuple[Any, Any]:
        known = also(row[slot + 1], between(row[slot], low, high))
        return where(known, row[slot], 0), known

    return step


def negative(operand: ValueStep) -> ValueStep:
    def step(row: Row) -> tuple[Any, Any]:
        value, known = operand(row)
        return 0 - value, known

    return step


def total(left: ValueStep, right: ValueStep) -> ValueStep:
    def step(row: Row) -> tuple[Any, Any]:
        a, a_known = left(row)
        b, b_known = right(row)
        return a + b, also(a_known, b_known)

    return step


def difference(left: ValueStep, right: ValueStep) -> ValueStep:
    def step(row: Row) -> tuple[Any, Any]:
        a, a_known = left(row)
        b, b_known = right(row)
        return a - b, also(a_known, b_known)

    return step


def product(left: ValueStep, right: ValueStep) -> ValueStep:
    def step(row: Row) -> tuple[Any, Any]:
        a, a_known = left(row)
        b, b_known = right(row)
        return a * b, also(a_known, b_known)

    return step


def quotient(left: ValueStep, right: ValueStep, narrow: bool) -> ValueStep:
    """Division by zero is unknown."""

    def step(row: Row) -> tuple[Any, Any]:
        a, a_known = left(row)
        b, b_known = right(row)
        value = div(a, where(b == 0, 1, b), narrow=narrow)
        return value, also(also(a_known, b_known), b != 0)

    return step


def remainder(left: ValueStep, right: ValueStep) -> ValueStep:
    def step(row: Row) -> tuple[Any, Any]:
        a, a_known = left(row)
        b, b_known = right(row)
        return mod(a, where(b == 0, 1, b)), also(also(a_known, b_known), b != 0)

    return step


# --- currencies: `slot` is that of the case's currency code ---------------------------------------


def in_currency(value: ValueStep, slot: int, code: str) -> ValueStep:
    """Money held against an amount of a named currency: another one makes it unknown."""

    def step(row: Row) -> tuple[Any, Any]:
        amount, known = value(row)
        return amount, also(known, row[slot] == code)

    return step


def in_case_currency(value: ValueStep, slot: int) -> ValueStep:
    """Money facts held against one another: the case's currency must be known at all."""

    def step(row: Row) -> tuple[Any, Any]:
        amount, known = value(row)
        return amount, also(known, row[slot + 1])

    return step


# --- truths ---------------------------------------------------------------------------------------


def flag_constant(value: bool) -> TruthStep:
    pair = (value, not_(value))

    def step(row: Row) -> tuple[Any, Any]:
        return pair

    return step


def flag(slot: int) -> TruthStep:
    def step(row: Row) -> tuple[Any, Any]:
        return when_known(row[slot + 1], row[slot], not_(row[slot]))

    return step


def compared(left: ValueStep, right: ValueStep, holds: Compare, fails: Compare) -> TruthStep:
    """`fails` is the comparator that holds exactly where `holds` does not."""

    def step(row: Row) -> tuple[Any, Any]:
        a, a_known = left(row)
        b, b_known = right(row)
        return when_known(also(a_known, b_known), holds(a, b), fails(a, b))

    return step


def fact_compared_to(slot: int, literal: object, holds: Compare, fails: Compare) -> TruthStep:
    """The commonest step, `compared_to` of a fact without the call in between."""

    def step(row: Row) -> tuple[Any, Any]:
        found, known = row[slot], row[slot + 1]
        return when_known(known, holds(found, literal), fails(found, literal))

    return step


def compared_to(value: ValueStep, literal: object, holds: Compare, fails: Compare) -> TruthStep:
    def step(row: Row) -> tuple[Any, Any]:
        found, known = value(row)
        return when_known(known, holds(found, literal), fails(found, literal))

    return step


def member(value: ValueStep, items: Collection[Any]) -> TruthStep:
    def step(row: Row) -> tuple[Any, Any]:
        found, known = value(row)
        inside = is_in(found, items)
        return when_known(known, inside, not_(inside))

    return step


def fact_known(slot: int) -> TruthStep:
    def step(row: Row) -> tuple[Any, Any]:
        return row[slot + 1], not_(row[slot + 1])

    return step


def money_known(slot: int, currency_slot: int) -> TruthStep:
    """An amount without its currency is not known."""

    def step(row: Row) -> tuple[Any, Any]:
        known = also(row[slot + 1], row[currency_slot + 1])
        return known, not_(known)

    return step


def negation(operand: TruthStep) -> TruthStep:
    def step(row: Row) -> tuple[Any, Any]:
        return opposite(operand(row))

    return step


def surely(operand: TruthStep) -> TruthStep:
    """The unknown becomes false: a truth of two values."""

    def step(row: Row) -> tuple[Any, Any]:
        return certain(operand(row))

    return step


def all_of(left: TruthStep, right: TruthStep) -> TruthStep:
    def step(row: Row) -> tuple[Any, Any]:
        return both(left(row), right(row))

    return step


def any_of(left: TruthStep, right: TruthStep) -> TruthStep:
    def step(row: Row) -> tuple[Any, Any]:
        return either(left(row), right(row))

    return step
