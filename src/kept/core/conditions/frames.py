"""The edge between frames and conditions: one adapter in, one out.

In: nulls become a known mask and neutral values, types are checked. Out: truths become boolean
columns without nulls, and what was prepared is dropped. Polars, PySpark or whatever narwhals knows;
rows keep no order and need none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import narwhals as nw
from narwhals.typing import IntoFrameT

from kept.core.conditions.building import Input
from kept.core.conditions.condition import NEUTRAL, Condition
from kept.core.conditions.errors import FactsError
from kept.core.facts import FactType

__all__ = ["FactFrame", "facts_in", "truths_out", "with_truths"]

_INTEGERS: Final = (nw.Int64, nw.Int32, nw.Int16, nw.Int8, nw.UInt32, nw.UInt16, nw.UInt8)
_TEXTS: Final = (nw.String, nw.Categorical, nw.Enum)
_DTYPES: Final[dict[FactType, tuple[Any, ...]]] = {
    FactType.INTEGER: _INTEGERS,
    FactType.MONEY: _INTEGERS,
    FactType.BOOLEAN: (nw.Boolean,),
    FactType.CATEGORY: _TEXTS,
    FactType.DATE: (nw.Date,),
}
_STORED: Final[dict[FactType, Any]] = {
    FactType.INTEGER: nw.Int64,
    FactType.MONEY: nw.Int64,
    FactType.BOOLEAN: nw.Boolean,
    FactType.CATEGORY: nw.String,
    FactType.DATE: nw.Date,
}


@dataclass(frozen=True, slots=True)
class FactFrame:
    """A frame made ready for conditions: where each input's value and its known mask are.

    The mask is True itself where a column is certain to hold no null. `added` are the columns that
    were prepared and that the way out drops.
    """

    frame: nw.LazyFrame[Any]
    row: Mapping[str, tuple[nw.Expr, nw.Expr | bool]]
    added: tuple[str, ...]


def with_truths(
    frame: IntoFrameT, conditions: Mapping[str, Condition], *, surely_false: bool = False
) -> IntoFrameT:
    """The frame and, for each condition, the boolean column of its name: surely true.

    With `surely_false`, `<name>__false` as well. The frame comes back as the kind it was, eager or
    lazy; `FactsError` when a fact's column is absent or of another type.
    """
    given: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(frame)
    found = truths_out(facts_in(given, conditions.values()), conditions, surely_false=surely_false)
    result = found.collect() if isinstance(given, nw.DataFrame) else found
    return cast(IntoFrameT, result.to_native())


def facts_in(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any], conditions: Iterable[Condition]
) -> FactFrame:
    """The frame with a value and a known column for what the conditions read and may be unknown."""
    schema = frame.collect_schema()
    inputs = tuple(dict.fromkeys(read for each in conditions for read in each.inputs))
    for read in inputs:
        _check(read, schema)
    certain = _certain(frame, inputs)
    row: dict[str, tuple[nw.Expr, nw.Expr | bool]] = {}
    added: dict[str, nw.Expr] = {}
    for read in inputs:
        value = _value(read, schema)
        if read.name in certain:
            row[read.name] = value, True
            continue
        names = f"{read.name}__value", f"{read.name}__known"
        added[names[0]] = value.fill_null(NEUTRAL[read.type])
        added[names[1]] = ~nw.col(read.name).is_null()
        row[read.name] = nw.col(names[0]), nw.col(names[1])
    taken = sorted(set(added) & set(schema))
    if taken:
        raise FactsError(
            f"the frame has a column {taken[0]!r}, a name the conditions need; rename it"
        )
    lazy = frame.lazy()
    return FactFrame(lazy.with_columns(**added) if added else lazy, row, tuple(added))


def truths_out(
    facts: FactFrame, conditions: Mapping[str, Condition], *, surely_false: bool = False
) -> nw.LazyFrame[Any]:
    """The frame's own columns and the truths, as boolean columns without nulls."""
    truths: dict[str, nw.Expr] = {}
    for name, condition in conditions.items():
        truth = condition.columns(facts.row)
        truths[name] = truth.surely_true
        if surely_false:
            truths[f"{name}__false"] = truth.surely_false
    found = facts.frame.with_columns(**truths)
    return found.drop(*facts.added) if facts.added else found


def _check(read: Input, schema: nw.Schema) -> None:
    found = schema.get(read.name)
    if found is None:
        raise FactsError(f"the frame lacks the column {read.name!r}")
    # A column of nulls only has no type of its own; all of it is unknown.
    if not isinstance(found, (*_DTYPES[read.type], nw.Unknown)):
        raise FactsError(f"column {read.name!r} is {found}, not {read.type}")


def _certain(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any], inputs: Iterable[Input]
) -> frozenset[str]:
    """The inputs without a null: an eager frame has counted them, a lazy one is not asked."""
    if isinstance(frame, nw.LazyFrame):
        return frozenset()
    return frozenset(read.name for read in inputs if not frame[read.name].null_count())


def _value(read: Input, schema: nw.Schema) -> nw.Expr:
    stored = _STORED[read.type]
    column = nw.col(read.name)
    return column if schema[read.name] == stored else column.cast(stored)
