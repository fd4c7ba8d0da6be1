"""The other sides of the benchmark of proposing: the strategy's conditions for Polars and for zen.

Both are written from the printed condition, which is Python's grammar. An unknown fact makes a
comparison false here, as it does where a strategy acts on what surely holds; `not` of an unknown
does not occur in the strategy that is measured, and the benchmark compares all results.
Developers' machines only.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl
import zen

from kept.core.conditions import print_condition
from kept.core.facts import CATALOGUE, FactType
from kept.core.strategies import (
    AMOUNT_STEP_MINOR,
    Strategy,
    Treatment,
    history_fact,
    priority_column,
    proposed_column,
)

__all__ = ["by_hand", "contexts", "zen_decision", "zen_proposed"]

_MONEY: Final = re.compile(r'money\((\d+), "[A-Z]{3}"\)')
#: In place of an unknown number: no comparison of the strategy asks for anything as large.
_UNKNOWN: Final = 10**9
_CENTS: Final = 100
_MOST_MINOR: Final = 10**13


def _text(treatment: Treatment) -> str:
    """A treatment's whole condition; amounts in minor units, `surely` left out."""
    whole = f"({print_condition(treatment.when.tree)})"
    if treatment.repeat_after_days:
        whole += f" and not {history_fact(treatment.code)} < {treatment.repeat_after_days}"
    plain = whole.replace("surely(", "(")
    return _MONEY.sub(lambda found: str(int(found[1]) * _CENTS), plain)


# --- Polars ---------------------------------------------------------------------------------------


def by_hand(strategy: Strategy) -> dict[str, pl.Expr]:
    """For whom each treatment is proposed, as plain expressions of two truths, and how urgent it
    would be."""
    truths = {
        proposed_column(each): _polars(ast.parse(_text(each), mode="eval").body)
        for each in strategy.treatments
    }
    amount = pl.col("overdue_balance").clip(0, _MOST_MINOR) // AMOUNT_STEP_MINOR
    return truths | {
        priority_column(each): each.priority.base
        + each.priority.per_day * pl.col("dpd")
        + each.priority.per_amount * amount
        for each in strategy.treatments
    }


def _polars(node: ast.expr) -> pl.Expr:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return pl.all_horizontal(_polars(each) for each in parts)
        case ast.BoolOp(values=parts):
            return pl.any_horizontal(_polars(each) for each in parts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return ~_polars(part)
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = [left, *others]
            steps = [
                _compared(sides[place], sign, sides[place + 1]) for place, sign in enumerate(signs)
            ]
            return pl.all_horizontal(steps) if len(steps) > 1 else steps[0]
        case ast.Name(id=name):
            return pl.col(name)
        case ast.Constant(value=value):
            return pl.lit(value)
    raise ValueError(f"the benchmark does not know {ast.unparse(node)}")


def _compared(left: ast.expr, sign: ast.cmpop, right: ast.expr) -> pl.Expr:
    one, other = _polars(left), _polars(right)
    known = {
        ast.Lt: one < other,
        ast.LtE: one <= other,
        ast.Gt: one > other,
        ast.GtE: one >= other,
        ast.Eq: one == other,
        ast.NotEq: one != other,
    }
    return known[type(sign)].fill_null(value=False)


# --- zen ------------------------------------------------------------------------------------------


def zen_decision(strategy: Strategy) -> Any:
    """The decision table as expressions, one for each treatment."""
    expressions = [
        {"id": str(place), "key": f"t{place}", "value": _zen(_text(each))}
        for place, each in enumerate(strategy.treatments)
    ]
    nodes = [
        _node("in", "inputNode", {}),
        _node("table", "expressionNode", {"expressions": expressions}),
        _node("out", "outputNode", {}),
    ]
    edges = [
        {"id": f"{one}-{other}", "type": "edge", "sourceId": one, "targetId": other}
        for one, other in (("in", "table"), ("table", "out"))
    ]
    content = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    return zen.ZenEngine().create_decision(json.dumps(content))


def _zen(text: str) -> str:
    return _written(ast.parse(text, mode="eval").body)


def _written(node: ast.expr) -> str:
    """Every part in parentheses, chains of comparisons apart."""
    match node:
        case ast.BoolOp(op=sign, values=parts):
            word = " and " if isinstance(sign, ast.And) else " or "
            return f"({word.join(_written(each) for each in parts)})"
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return f"(not {_written(part)})"
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = [left, *others]
            steps = [
                f"{ast.unparse(ast.Compare(sides[place], [sign], [sides[place + 1]]))}"
                for place, sign in enumerate(signs)
            ]
            return f"({' and '.join(steps)})"
    return ast.unparse(node)


def _node(name: str, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    position = {"x": 0, "y": 0}
    return {"id": name, "name": name, "type": kind, "position": position, "content": content}


def contexts(strategy: Strategy, facts: pl.DataFrame) -> list[dict[str, Any]]:
    """The cases ready in memory, as zen takes them."""
    numbers = [name for name, kind in facts.schema.items() if kind == pl.Int64]
    dates = [name for name, fact in CATALOGUE.items() if fact.type is FactType.DATE]
    ready = facts.drop(dates, strict=False).with_columns(pl.col(numbers).fill_null(_UNKNOWN))
    return ready.to_dicts()


def zen_proposed(
    strategy: Strategy, decision: Any, given: Sequence[Mapping[str, Any]]
) -> pl.DataFrame:
    found = [decision.evaluate(each)["result"] for each in given]
    return pl.DataFrame(
        {
            proposed_column(each): [row[f"t{place}"] for row in found]
            for place, each in enumerate(strategy.treatments)
        }
    )
