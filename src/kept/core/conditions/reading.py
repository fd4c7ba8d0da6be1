"""From text to tree, by Python's own parser and a closed list of what is taken over from it.

It knows the grammar, not the catalogue: names and types are checked by `building`. Whatever the
text, the result is a tree or one `ConditionError`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

from kept.core.conditions.errors import ConditionError, ConditionErrorCode
from kept.core.conditions.faults import ConditionFault as Fault
from kept.core.conditions.places import Source
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
from kept.core.currencies import UnknownCurrency
from kept.core.money import AMOUNT_MIN, MoneyError, parse_money
from kept.core.said import Said

__all__ = ["DEPTH_MAX", "NUMBER_MAX", "NUMBER_MIN", "read_condition"]

DEPTH_MAX: Final = 50
NUMBER_MAX: Final = 2**63 - 1
NUMBER_MIN: Final = -(2**63)

_COMPARATORS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
_NOT_TAKEN: Final[dict[type[ast.AST], Fault]] = {
    ast.Pow: Fault.NO_POWERS,
    ast.IfExp: Fault.NO_IF,
    ast.Is: Fault.NO_IS,
    ast.IsNot: Fault.NO_IS_NOT,
    ast.UAdd: Fault.NO_PLUS,
    ast.Tuple: Fault.NO_LIST,
}


def read_condition(text: str) -> Node:
    """The tree of a text, or a `ConditionError` with the place of what is wrong."""
    if not isinstance(text, str):
        raise ConditionError(
            ConditionErrorCode.SYNTAX, Said(Fault.NO_TEXT, found=type(text).__name__), 1, 1
        )
    source = Source.gated(text)
    return _Reader(source).node(_parsed(source), 1)


def _parsed(source: Source) -> ast.expr:
    if not source.line:
        raise source.error(ConditionErrorCode.SYNTAX, Said(Fault.EMPTY), 0)
    try:
        return ast.parse(source.line, mode="eval").body
    except SyntaxError as problem:
        # The parser gives 0 where it ran out of text.
        at = source.skipped + (problem.offset - 1 if problem.offset else len(source.line))
        why = problem.msg.split(". ")[0]
        said = Said(Fault.NO_EXPRESSION, why=why) if problem.offset else Said(Fault.ENDS_EARLY)
        raise source.error(ConditionErrorCode.SYNTAX, said, at) from None
    except (RecursionError, MemoryError):
        raise source.error(ConditionErrorCode.TOO_DEEP, _TOO_DEEP, 0) from None


_TOO_DEEP: Final = Said(Fault.TOO_DEEP, most=DEPTH_MAX)


class _Reader:
    """Turns Python's nodes into ours; anything not listed here is refused with its place."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def node(self, found: ast.expr, depth: int) -> Node:
        if depth > DEPTH_MAX:
            raise self.error(ConditionErrorCode.TOO_DEEP, _TOO_DEEP, found)
        match found:
            case ast.BoolOp():
                parts = tuple(self.node(part, depth + 1) for part in found.values)
                joined = AllOf if isinstance(found.op, ast.And) else AnyOf
                return joined(parts, self.at(found))
            case ast.UnaryOp():
                return self.unary(found, depth)
            case ast.BinOp():
                operator = self.operator(_ARITHMETIC, found.op, found)
                left, right = self.node(found.left, depth + 1), self.node(found.right, depth + 1)
                return Arithmetic(operator, left, right, self.at(found.right))
            case ast.Compare():
                return self.compare(found, depth)
            case ast.Call():
                return self.call(found, depth)
            case ast.Name():
                return self.name(found)
            case ast.Constant():
                return self.constant(found)
        raise self.refusal(found, found)

    def unary(self, found: ast.UnaryOp, depth: int) -> Node:
        match found.op, found.operand:
            case ast.USub(), ast.Constant(value=int(value)) if not isinstance(value, bool):
                return self.number(-value, found)
            case ast.USub(), _:
                return _negated(self.node(found.operand, depth + 1), self.at(found))
            case ast.Not(), _:
                return Not(self.node(found.operand, depth + 1), self.at(found))
        raise self.refusal(found.op, found)

    def compare(self, found: ast.Compare, depth: int) -> Node:
        first = self.node(found.left, depth + 1)
        if any(isinstance(operator, ast.In | ast.NotIn) for operator in found.ops):
            return self.membership(found, first, depth)
        rest = tuple(
            (self.operator(_COMPARATORS, operator, operand), self.node(operand, depth + 1))
            for operator, operand in zip(found.ops, found.comparators, strict=True)
        )
        return Comparison(first, rest, self.at(found))

    def membership(self, found: ast.Compare, first: Node, depth: int) -> Node:
        if len(found.ops) > 1:
            raise self.error(ConditionErrorCode.GRAMMAR, Said(Fault.IN_CHAINED), found)
        items = found.comparators[0]
        if not isinstance(items, ast.Tuple) or not items.elts:
            raise self.error(
                ConditionErrorCode.GRAMMAR,
                Said(Fault.IN_WHAT),
                items,
            )
        negated = isinstance(found.ops[0], ast.NotIn)
        literals = tuple(self.literal(item, depth + 1) for item in items.elts)
        return Membership(first, literals, negated, self.at(found))

    def literal(self, item: ast.expr, depth: int) -> Literal:
        found = self.node(item, depth)
        if isinstance(found, Number | Text | Flag | Amount | Day):
            return found
        raise self.error(ConditionErrorCode.GRAMMAR, Said(Fault.VALUES_ONLY), item)

    def constant(self, found: ast.Constant) -> Node:
        match found.value:
            case bool(value):
                return Flag(value, self.at(found))
            case int(value):
                return self.number(value, found)
            case str(value):
                if '"' in value and "'" in value:
                    raise self.error(ConditionErrorCode.CHARACTER, Said(Fault.QUOTES), found)
                return Text(value, self.at(found))
        raise self.refusal(found, found)

    def number(self, value: int, found: ast.expr) -> Number:
        if not NUMBER_MIN <= value <= NUMBER_MAX:
            raise self.error(ConditionErrorCode.NUMBER, Said(Fault.BIG_NUMBER), found)
        return Number(value, self.at(found))

    def name(self, found: ast.Name) -> Name:
        if found.id in _CALLS:
            raise self.error(
                ConditionErrorCode.UNKNOWN_NAME,
                Said(Fault.IS_FUNCTION, name=found.id, example=_CALLS[found.id]),
                found,
            )
        return Name(found.id, self.at(found))

    def call(self, found: ast.Call, depth: int) -> Node:
        called = found.func.id if isinstance(found.func, ast.Name) else ""
        makers: dict[str, Callable[[ast.Call], Node | None]] = {
            "money": self.money,
            "date": self.day,
            "known": self.is_known,
            "is_unknown": self.is_known,
            "surely": lambda call: self.surely(call, depth),
        }
        if called not in makers:
            near = get_close_matches(called, _CALLS)
            fault = Fault.NO_FUNCTION_NEAR if near else Fault.NO_FUNCTION
            values = {"near": near[0]} if near else {"known": ", ".join(_CALLS)}
            said = Said(fault, name=repr(called), **values)
            raise self.error(ConditionErrorCode.UNKNOWN_CALL, said, found)
        made = None if found.keywords else makers[called](found)
        if made is None:
            raise self.error(
                ConditionErrorCode.GRAMMAR, Said(Fault.WRITE_CALL, example=_CALLS[called]), found
            )
        return made

    def money(self, found: ast.Call) -> Amount | None:
        match found.args:
            case [ast.Constant(value=str(amount)), ast.Constant(value=str(code))]:
                return self.amount(amount, code, found)
            case [ast.Constant(value=int(whole)), ast.Constant(value=str(code))]:
                return None if isinstance(whole, bool) else self.amount(str(whole), code, found)
            case [
                ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(whole))),
                ast.Constant(value=str(code)),
            ]:
                return None if isinstance(whole, bool) else self.amount(str(-whole), code, found)
        return None

    def amount(self, text: str, code: str, found: ast.Call) -> Amount:
        try:
            return Amount(parse_money(text, code), self.at(found))
        except UnknownCurrency as problem:
            place = found.args[1]
            raise self.error(ConditionErrorCode.CURRENCY, problem.said, place) from None
        except MoneyError as problem:
            place = found.args[0]
            raise self.error(ConditionErrorCode.AMOUNT, problem.said, place) from None

    def day(self, found: ast.Call) -> Day | None:
        match found.args:
            case [ast.Constant(value=str(text))]:
                try:
                    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                        return Day(date.fromisoformat(text), self.at(found))
                except ValueError:
                    pass
                raise self.error(
                    ConditionErrorCode.DATE, Said(Fault.NO_DAY, found=repr(text)), found.args[0]
                )
        return None

    def is_known(self, found: ast.Call) -> IsKnown | None:
        match found.func, found.args:
            case ast.Name(id=called), [ast.Name(id=name)]:
                return IsKnown(name, called == "known", self.at(found.args[0]))
        return None

    def surely(self, found: ast.Call, depth: int) -> Surely | None:
        match found.args:
            case [operand]:
                return Surely(self.node(operand, depth + 1), self.at(found))
        return None

    def operator(self, taken: Mapping[Any, str], found: ast.AST, place: ast.expr) -> str:
        if type(found) not in taken:
            raise self.refusal(found, place)
        return taken[type(found)]

    def refusal(self, found: ast.AST, place: ast.expr) -> ConditionError:
        fault = _NOT_TAKEN.get(type(found), Fault.NOT_TAKEN)
        return self.error(ConditionErrorCode.GRAMMAR, Said(fault), place)

    def error(self, code: ConditionErrorCode, what: Said, found: ast.expr) -> ConditionError:
        return self.source.error(code, what, self.at(found))

    def at(self, found: ast.expr) -> int:
        return self.source.place(found.col_offset)


def _negated(operand: Node, at: int) -> Node:
    match operand:
        case Number(value=value) if value != NUMBER_MIN:
            return Number(-value, at)
        case Amount(value=money) if money.amount_minor != AMOUNT_MIN:
            return Amount(-money, at)
    return Negative(operand, at)


_CALLS: Final = {
    "money": 'money(500, "CNY") or money("500.50", "CNY")',
    "date": 'date("2026-01-31")',
    "known": "known(fact)",
    "is_unknown": "is_unknown(fact)",
    "surely": "surely(dpd > 30)",
}
