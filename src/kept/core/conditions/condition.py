"""A compiled condition: one meaning, for one case and for columns of cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import narwhals as nw

from kept.core.conditions.building import Input, build
from kept.core.conditions.errors import ConditionError, ConditionErrorCode, FactsError
from kept.core.conditions.places import Source
from kept.core.conditions.printing import print_condition
from kept.core.conditions.reading import read_condition
from kept.core.conditions.steps import TruthStep
from kept.core.conditions.tree import Node
from kept.core.facts import CATALOGUE, Catalogue, FactType, Use
from kept.core.said import Said
from kept.core.truth import Truth

__all__ = ["NEUTRAL", "Condition", "compile_condition"]

# What stands in the place of an unknown value, so that no predicate ever meets a null.
NEUTRAL: Final[dict[FactType, Any]] = {
    FactType.INTEGER: 0,
    FactType.MONEY: 0,
    FactType.BOOLEAN: False,
    FactType.CATEGORY: "",
    FactType.DATE: date(1970, 1, 1),
}
_SCALARS: Final[dict[FactType, type]] = {
    FactType.INTEGER: int,
    FactType.MONEY: int,
    FactType.BOOLEAN: bool,
    FactType.CATEGORY: str,
    FactType.DATE: date,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Made by `compile_condition`. Two conditions are equal when their trees are.

    `facts` are the names it reads, in the order of reading; `inputs` adds the currency column where
    money is read.
    """

    text: str = field(compare=False)
    tree: Node
    facts: tuple[str, ...] = field(compare=False)
    inputs: tuple[Input, ...] = field(compare=False, repr=False)
    _step: TruthStep = field(compare=False, repr=False)
    _reads: tuple[tuple[str, type, Any], ...] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return print_condition(self.tree)

    def evaluate(self, facts: Mapping[str, Any]) -> Truth[bool]:
        """The truth for one case.

        None is unknown. Money is an integer of minor units beside the case's `currency` code.
        `FactsError` when a fact is absent or of another type.
        """
        row: list[Any] = []
        add = row.append
        for name, kind, neutral in self._reads:
            try:
                value = facts[name]
            except KeyError:
                raise FactsError(f"the facts lack {name!r}; give None for unknown") from None
            if value is None:
                add(neutral)
                add(False)
            elif type(value) is kind:
                add(value)
                add(True)
            else:
                raise FactsError(f"{name} is {value!r}, not of type {kind.__name__}")
        return Truth._make(self._step(row))

    def rows(self, row: Mapping[str, tuple[Any, Any]]) -> Truth[Any]:
        """The truth over values and known masks of any kind that the operators run on."""
        return Truth._make(self._step([place for read in self.inputs for place in row[read.name]]))

    def columns(self, row: Mapping[str, tuple[nw.Expr, nw.Expr | bool]]) -> Truth[nw.Expr]:
        """The truth as two boolean columns; `row` is that of `facts_in`."""
        return Truth(*(_as_column(side) for side in self.rows(row)))


def compile_condition(
    text: str, catalogue: Catalogue = CATALOGUE, *, use: Use = Use.STRATEGY
) -> Condition:
    """The condition of a text, checked against the facts that `use` may read.

    Whatever the text, the result is a condition or one `ConditionError`.
    """
    tree = read_condition(text)

    def error(code: ConditionErrorCode, what: Said, at: int) -> ConditionError:
        return Source.gated(text).error(code, what, at)

    built = build(tree, catalogue, use, error)
    reads = tuple((read.name, _SCALARS[read.type], NEUTRAL[read.type]) for read in built.inputs)
    return Condition(text, tree, built.facts, built.inputs, built.step, reads)


def _as_column(side: Any) -> nw.Expr:
    """A condition without facts is a constant, which a frame needs as a column too."""
    return side if isinstance(side, nw.Expr) else nw.lit(side)
