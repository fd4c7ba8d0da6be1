"""The tree of a condition: our own nodes, frozen, equal when they mean the same.

`at` is the place in the text, in characters from 0; it takes no part in equality.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from kept.core.money import Money

__all__ = [
    "ARITHMETIC",
    "COMPARATORS",
    "AllOf",
    "Amount",
    "AnyOf",
    "Arithmetic",
    "Comparison",
    "Day",
    "Flag",
    "IsKnown",
    "Membership",
    "Name",
    "Negative",
    "Node",
    "Not",
    "Number",
    "Surely",
    "Text",
]

COMPARATORS = ("==", "!=", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "//", "%")


@dataclass(frozen=True, slots=True)
class Number:
    value: int
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Flag:
    value: bool
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Amount:
    value: Money
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Day:
    value: date
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus something that is not a literal; minus a literal is a literal."""

    operand: Node
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str
    left: Node
    right: Node
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`first` and then a comparator and an operand, once or more: `6 <= dpd <= 17` has two."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """`value in (items)`, or `not in` when `negated`. Items are literals, at least one."""

    value: Node
    items: tuple[Literal, ...]
    negated: bool
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IsKnown:
    """`known(name)`, or `is_unknown(name)` when not `wanted`."""

    name: str
    wanted: bool
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Node
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Surely:
    """`surely(operand)`: true where the operand surely holds, else false, never unknown."""

    operand: Node
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Two or more parts joined by `and`."""

    parts: tuple[Node, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Two or more parts joined by `or`."""

    parts: tuple[Node, ...]
    at: int = field(default=0, compare=False, repr=False)


Literal: TypeAlias = Number | Text | Flag | Amount | Day
Node: TypeAlias = (
    Literal
    | Name
    | Negative
    | Arithmetic
    | Comparison
    | Membership
    | IsKnown
    | Not
    | Surely
    | AllOf
    | AnyOf
)
