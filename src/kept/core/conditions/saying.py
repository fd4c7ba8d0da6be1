"""A condition in words: one sentence for the person who asks why, in English or in Chinese.

The words are the facts' names of the catalogue and those of `tongues.py`. Where the value that was
read is given, it is said too: "days past due is 12, between 6 and 17". Nothing is decided here, and
a sentence cannot be read back: the condition's text stays what counts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias, assert_never

from kept.core.conditions.tongues import TONGUES, Tongue
from kept.core.conditions.tree import (
    AllOf,
    Amount,
    AnyOf,
    Arithmetic,
    Comparison,
    Day,
    Flag,
    IsKnown,
    Literal,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Surely,
    Text,
)
from kept.core.currencies import UnknownCurrency, currency
from kept.core.facts import CATALOGUE, CURRENCY_COLUMN, Catalogue, FactType
from kept.core.money import Money

__all__ = ["Sayable", "Show", "say_condition"]

#: What a literal or a fact may be: text for `Show` to write in the reader's way.
Sayable: TypeAlias = int | bool | str | date | Money
Show: TypeAlias = Callable[[Sayable], str]

_TURNED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_HOLDS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_Pair: TypeAlias = tuple[Node, str, Node]
_Bound: TypeAlias = tuple[str, Literal]


def say_condition(
    tree: Node,
    language: str,
    values: Mapping[str, Any] | None = None,
    *,
    catalogue: Catalogue = CATALOGUE,
    show: Show = str,
) -> str:
    """The sentence for a condition; `language` is "en" or "zh".

    `values` are the facts as they were read, in the form of `Condition.evaluate`: a fact that is
    absent was not written down and is left out, None is unknown. A value that does not meet what is
    asked of it is said as "here …", so the sentence is true of the values whatever they are.
    """
    speaker = _Speaker(TONGUES[language], values or {}, catalogue, show)
    return speaker.tongue.sentence(speaker.clauses(tree))


class _Speaker:
    def __init__(
        self, tongue: Tongue, values: Mapping[str, Any], catalogue: Catalogue, show: Show
    ) -> None:
        self.tongue = tongue
        self.values = values
        self.catalogue = catalogue
        self.show = show

    # --- truths ---

    def clauses(self, tree: Node) -> list[str]:
        """What is asked, part by part; all that is asked of one fact stands in one clause."""
        parts = list(_flat(tree)) if isinstance(tree, AllOf) else [tree]
        found: list[tuple[str, list[_Bound]] | Node | _Pair] = []
        groups: dict[str, list[_Bound]] = {}
        for part in parts:
            if not isinstance(part, Comparison) or _is_flag_pair(self.pairs(part)):
                found.append(part)
                continue
            for pair in self.pairs(part):
                left, comparator, right = pair
                if not isinstance(left, Name) or not isinstance(right, Literal):
                    found.append(pair)
                    continue
                if left.name not in groups:
                    groups[left.name] = []
                    found.append((left.name, groups[left.name]))
                groups[left.name].append((comparator, right))
        return [self.clause(each) for each in found]

    def clause(self, part: tuple[str, list[_Bound]] | Node | _Pair) -> str:
        match part:
            case (str() as name, list() as bounds):
                return self.bounded(name, bounds)
            case (left, comparator, right):
                asked = self.asked(comparator, right, self.value(right))
                return self.tongue.asked.format(self.value(left), asked)
            case _:
                return self.truth(part)

    def truth(self, tree: Node) -> str:
        """A truth inside another one."""
        match tree:
            case AllOf() | Comparison():
                return self.tongue.joined_and(self.bracketed(tree))
            case AnyOf(parts=parts):
                return self.tongue.joined_or([self.inner(part) for part in parts])
            case Not(operand=Name(name=name)):
                return self.flag(name, False)
            case Not(operand=Surely(operand=operand)):
                return self.tongue.unsure.format(self.truth(operand))
            case Surely(operand=operand):
                return self.tongue.sure.format(self.truth(operand))
            case Not(operand=operand):
                return self.tongue.negated.format(self.truth(operand))
            case Membership():
                return self.membership(tree)
            case IsKnown(name=name, wanted=wanted):
                words = self.tongue.known if wanted else self.tongue.unknown
                return words.format(self.name(name))
            case Flag(value=value):
                return self.tongue.always if value else self.tongue.never
            case Name(name=name):
                return self.flag(name, True)
            case Number() | Text() | Amount() | Day() | Negative() | Arithmetic():
                return self.value(tree)  # no condition that compiles has a value here
            case _:
                assert_never(tree)

    def bracketed(self, tree: Node) -> list[str]:
        pairs = self.pairs(tree) if isinstance(tree, Comparison) else []
        if _is_flag_pair(pairs):
            (name, comparator, flag), *_ = pairs
            assert isinstance(name, Name)
            assert isinstance(flag, Flag)
            return [self.flag(name.name, flag.value == (comparator == "=="))]
        return self.clauses(tree)

    def inner(self, tree: Node) -> str:
        said = self.truth(tree)
        return self.tongue.brackets.format(said) if isinstance(tree, AllOf | AnyOf) else said

    def flag(self, name: str, wanted: bool) -> str:
        said = f"{self.name(name)}{self.tongue.colon}{self.yes_no(wanted)}"
        if name not in self.values or self.values[name] is wanted:
            return said
        return self.tongue.here.format(said, self.read(name))

    def bounded(self, name: str, bounds: Sequence[_Bound]) -> str:
        """A fact and every literal it is compared with; the value is said where it is given."""
        asked = self.tongue.joined_and(self.bounds(bounds))
        if name not in self.values:
            return self.tongue.asked.format(self.name(name), asked)
        value, said = self.known(name), self.read(name)
        if all(_holds(comparator, value, literal) for comparator, literal in bounds):
            if any(comparator == "==" for comparator, _ in bounds):
                return self.tongue.asked.format(self.name(name), self.asked("==", name, said))
            return self.tongue.is_value.format(self.name(name), said, asked)
        return self.tongue.here.format(self.tongue.asked.format(self.name(name), asked), said)

    def bounds(self, bounds: Sequence[_Bound]) -> list[str]:
        by = dict(bounds)
        if len(bounds) == 2 and set(by) == {">=", "<="}:
            low, high = by[">="], by["<="]
            words = self.tongue.from_to if isinstance(low, Day) else self.tongue.between
            return [words.format(self.value(low), self.value(high))]
        return [
            self.asked(comparator, literal, self.value(literal)) for comparator, literal in bounds
        ]

    def asked(self, comparator: str, side: Node | str, said: str) -> str:
        words = self.tongue.of_days if self.is_day(side) else self.tongue.comparators
        return words[comparator].format(said)

    def membership(self, tree: Membership) -> str:
        items = self.tongue.comma.join(self.value(item) for item in tree.items)
        words = self.tongue.none_of if tree.negated else self.tongue.one_of
        asked = words.format(items)
        if not isinstance(tree.value, Name) or tree.value.name not in self.values:
            return self.tongue.asked.format(self.value(tree.value), asked)
        name = tree.value.name
        value, said = self.known(name), self.read(name)
        inside = any(_holds("==", value, item) for item in tree.items)
        if value is not None and inside != tree.negated:
            return self.tongue.is_value.format(self.name(name), said, asked)
        return self.tongue.here.format(self.tongue.asked.format(self.name(name), asked), said)

    # --- values ---

    def value(self, tree: Node) -> str:
        match tree:
            case Number(value=value) | Amount(value=value) | Day(value=value) | Text(value=value):
                return self.written(value)
            case Flag(value=flag):
                return self.yes_no(flag)
            case Name(name=name):
                said = self.tongue.quotes.format(self.name(name)) if self.is_flag(name) else ""
                said = said or self.name(name)
                return (
                    self.tongue.with_value.format(said, self.read(name))
                    if (name in self.values)
                    else said
                )
            case Negative(operand=operand):
                return self.tongue.negative.format(self.operand(operand))
            case Arithmetic(operator=sign, left=left, right=right):
                words = self.tongue.arithmetic[sign]
                return words.format(self.operand(left), self.operand(right))
            case _:
                return self.tongue.brackets.format(self.truth(tree))

    def operand(self, tree: Node) -> str:
        said = self.value(tree)
        return (
            self.tongue.brackets.format(said) if isinstance(tree, Arithmetic | Negative) else said
        )

    def name(self, name: str) -> str:
        if name not in self.catalogue:
            return name.replace("_", " ")
        return self.catalogue[name].called(self.tongue.language)

    def read(self, name: str) -> str:
        value = self.known(name)
        return self.tongue.no_value if value is None else self.written(value)

    def known(self, name: str) -> Sayable | None:
        """The value that was read, money with its currency."""
        value: Sayable | None = self.values[name]
        fact = self.catalogue.get(name)
        if fact is None or fact.type is not FactType.MONEY or not isinstance(value, int):
            return value
        try:
            return Money(value, currency(str(self.values.get(CURRENCY_COLUMN))))
        except UnknownCurrency:
            return value

    def written(self, value: Sayable) -> str:
        if isinstance(value, bool):
            return self.yes_no(value)
        if value == "":
            return self.tongue.empty
        return self.show(value)

    def yes_no(self, value: bool) -> str:
        return self.tongue.yes if value else self.tongue.no

    def is_flag(self, name: str) -> bool:
        return name in self.catalogue and self.catalogue[name].type is FactType.BOOLEAN

    def is_day(self, side: Node | str) -> bool:
        name = side if isinstance(side, str) else side.name if isinstance(side, Name) else ""
        is_date = name in self.catalogue and self.catalogue[name].type is FactType.DATE
        return is_date or isinstance(side, Day)

    def pairs(self, tree: Comparison) -> list[_Pair]:
        """Neighbours of a chain, a literal on the right where only one side is one."""
        found: list[_Pair] = []
        left = tree.first
        for comparator, right in tree.rest:
            if isinstance(left, Literal) and not isinstance(right, Literal):
                found.append((right, _TURNED[comparator], left))
            else:
                found.append((left, comparator, right))
            left = right
        return found


def _flat(tree: AllOf) -> Iterable[Node]:
    for part in tree.parts:
        yield from _flat(part) if isinstance(part, AllOf) else (part,)


def _is_flag_pair(pairs: Sequence[_Pair]) -> bool:
    """`has_email == True`, which is said as the fact by itself."""
    return len(pairs) == 1 and isinstance(pairs[0][0], Name) and isinstance(pairs[0][2], Flag)


def _holds(comparator: str, value: Sayable | None, literal: Literal) -> bool:
    """Whether it surely holds: not for the unknown, nor for another currency."""
    other = literal.value
    if value is None or isinstance(value, Money) != isinstance(other, Money):
        return False
    if isinstance(value, Money) and isinstance(other, Money) and value.currency != other.currency:
        return False
    return bool(_HOLDS[comparator](value, other))
