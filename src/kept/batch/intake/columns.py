"""Columns of one value, made without going through the query engine: chunks need dozens of them."""

from __future__ import annotations

from typing import Any

import polars as pl

__all__ = ["constant", "distinct", "nothing"]


def constant(value: str | int | bool | None, height: int, kind: pl.DataType) -> pl.Series:
    return pl.Series([value], dtype=kind).new_from_index(0, height)


def distinct(values: pl.Series) -> list[Any]:
    """The distinct values but null; at once for a column of one value, as most of these are."""
    if len(values) and not values.has_nulls() and (values == values[0]).all():
        return [values[0]]
    return values.drop_nulls().unique().sort().to_list()


def nothing(height: int, kind: pl.DataType) -> pl.Series:
    return constant(None, height, kind)
