"""Columns of one value, made without going through the query engine: chunks need dozens of them."""

from __future__ import annotations

import polars as pl

__all__ = ["constant", "nothing"]


def constant(value: str | int | bool | None, height: int, kind: pl.DataType) -> pl.Series:
    return pl.Series([value], dtype=kind).new_from_index(0, height)


def nothing(height: int, kind: pl.DataType) -> pl.Series:
    return constant(None, height, kind)
