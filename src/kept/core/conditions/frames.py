"""The edge between frames and conditions: one adapter in, one out.

In: nulls become a known mask and neutral values, types are checked. Out: truths become boolean
columns without nulls, and what was prepared is dropped. Polars, PySpark or whatever narwhals knows;
rows keep no order and need none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import narwhals as nw
from narwhals.typing import IntoFrameT

from kept.core.conditions.building import Input
from kept.core.conditions.condition import NEUTRAL, Condition, known_column, value_column
from kept.core.conditions.errors import FactsError
from kept.core.facts import FactType

__all__ = ["facts_in", "truths_out", "with_truths"]

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


def with_truths(
    frame: IntoFrameT, conditions: Mapping[str, Condition], *, surely_false: bool = False
) -> IntoFrameT:
    """The frame and, for each condition, the boolean column of its name: surely true.

    With `surely_false`, `<name>__false` as well. The frame comes back as the kind it was, eager or
    lazy; `FactsError` when a fact's column is absent or of another type.
    """
    given: Any = nw.from_native(frame)
    prepared = facts_in(given.lazy(), conditions.values())
    found = truths_out(prepared, given.collect_schema().names(), conditions, surely_false)
    result = found.collect() if isinstance(given, nw.DataFrame) else found
    return cast(IntoFrameT, result.to_native())


def facts_in(frame: nw.LazyFrame[Any], conditions: Iterable[Condition]) -> nw.LazyFrame[Any]:
    """The frame with a value and a known column for everything that the conditions read."""
    schema = frame.collect_schema()
    inputs = dict.fromkeys(read for condition in conditions for read in condition.inputs)
    columns = [column for read in inputs for column in _prepared(read, schema)]
    return frame.with_columns(*columns) if columns else frame


def truths_out(
    prepared: nw.LazyFrame[Any],
    keep: Iterable[str],
    conditions: Mapping[str, Condition],
    surely_false: bool = False,
) -> nw.LazyFrame[Any]:
    """The columns to keep and the truths of the conditions, as boolean columns without nulls."""
    truths: dict[str, nw.Expr] = {}
    for name, condition in conditions.items():
        truth = condition.columns()
        truths[name] = truth.surely_true
        if surely_false:
            truths[f"{name}__false"] = truth.surely_false
    columns = dict.fromkeys([*keep, *truths])
    return prepared.with_columns(**truths).select(*columns)


def _prepared(read: Input, schema: nw.Schema) -> list[nw.Expr]:
    found = schema.get(read.name)
    if found is None:
        raise FactsError(f"the frame lacks the column {read.name!r}")
    # A column of nulls only has no type of its own; all of it is unknown.
    if not isinstance(found, (*_DTYPES[read.type], nw.Unknown)):
        raise FactsError(f"column {read.name!r} is {found}, not {read.type}")
    column, stored = nw.col(read.name), _STORED[read.type]
    value = column if found == stored else column.cast(stored)
    return [
        value.fill_null(NEUTRAL[read.type]).alias(value_column(read.name)),
        (~column.is_null()).alias(known_column(read.name)),
    ]
