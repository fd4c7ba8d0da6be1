"""From tree to text, such that reading the text gives the same tree.

Brackets stand only where the tree needs them. A text that would pass the limit of length is printed
without the spaces that can be spared; it is then no longer than any text the tree was read from.
"""

from __future__ import annotations

import re
from typing import Final, assert_never

from kept.core.conditions.places import LENGTH_MAX
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
from kept.core.money import Money

__all__ = ["print_condition"]

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _ATOM = range(8)


def print_condition(tree: Node) -> str:
    spaced = _Printer(" ").node(tree, _OR)
    return spaced if len(spaced) <= LENGTH_MAX else _Printer("").node(tree, _OR)


class _Printer:
    def __init__(self, space: str) -> None:
        self.space = space

    def node(self, tree: Node, least: int) -> str:
        """The text of a node, in brackets when it binds more loosely than its place asks."""
        strength, text = self.bare(tree)
        return text if strength >= least else f"({text})"

    def bare(self, tree: Node) -> tuple[int, str]:
        match tree:
            case Number(value=value):
                return (_SIGN if value < 0 else _ATOM), str(value)
            case Text(value=value):
                return _ATOM, quoted(value)
            case Flag(value=flag):
                return _ATOM, str(flag)
            case Amount(value=money):
                return _ATOM, self.amount(money)
            case Day(value=day):
                return _ATOM, f'date("{day.isoformat()}")'
            case Name(name=name):
                return _ATOM, name
            case IsKnown(name=name, wanted=wanted):
                return _ATOM, f"{'known' if wanted else 'is_unknown'}({name})"
            case Surely(operand=operand):
                return _ATOM, f"surely({self.node(operand, _OR)})"
            case Negative(operand=operand):
                return _SIGN, "-" + self.node(operand, _SIGN)
            case Arithmetic():
                return self.arithmetic(tree)
            case Comparison(first=first, rest=rest):
                text = self.node(first, _SUM)
                for comparator, operand in rest:
                    text += f"{self.space}{comparator}{self.space}{self.node(operand, _SUM)}"
                return _COMPARE, text
            case Membership():
                return _COMPARE, self.membership(tree)
            case Not(operand=operand):
                return _NOT, self.words("not", self.node(operand, _NOT))
            case AllOf(parts=parts):
                return _AND, self.joined("and", [self.node(part, _NOT) for part in parts])
            case AnyOf(parts=parts):
                return _OR, self.joined("or", [self.node(part, _AND) for part in parts])
            case _:
                assert_never(tree)

    def arithmetic(self, tree: Arithmetic) -> tuple[int, str]:
        strength = _SUM if tree.operator in "+-" else _PRODUCT
        left, right = self.node(tree.left, strength), self.node(tree.right, strength + 1)
        return strength, f"{left}{self.space}{tree.operator}{self.space}{right}"

    def membership(self, tree: Membership) -> str:
        items = f",{self.space}".join(self.node(item, _OR) for item in tree.items)
        word = "not in" if tree.negated else "in"
        closing = "," if len(tree.items) == 1 else ""
        return self.words(self.node(tree.value, _SUM), word, f"({items}{closing})")

    def joined(self, word: str, parts: list[str]) -> str:
        text = parts[0]
        for part in parts[1:]:
            text = self.words(text, word, part)
        return text

    def words(self, *parts: str) -> str:
        """Parts side by side; a space may be spared only where letters do not meet."""
        text = parts[0]
        for part in parts[1:]:
            meet = _WORD.match(text[-1]) and _WORD.match(part[0])
            text += (" " if meet else self.space) + part
        return text

    def amount(self, money: Money) -> str:
        whole, _, decimals = money.text.partition(".")
        if not decimals.strip("0"):
            number = whole
        else:
            shortest = money.text.rstrip("0")
            number = f'"{money.text if self.space else shortest}"'
        return f'money({number},{self.space}"{money.currency.code}")'


_WORD: Final = re.compile(r"\w", re.ASCII)


def quoted(value: str) -> str:
    """A text never holds both kinds of quotes, nor a backslash: the reader refuses them."""
    return f"'{value}'" if '"' in value else f'"{value}"'
