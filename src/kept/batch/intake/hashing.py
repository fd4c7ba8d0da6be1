"""The hash of a row's content: equal rows of two files are the same row, whatever their lines.

BLAKE2b over the canonical values that the map reads from the row, with their names, so that it does
not change with a version of any library. A map that reads more makes other hashes: its rows count
as changed once. The hash is not keyed: where it is stored, a key must be put over it, since it
covers personal values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b

import polars as pl

__all__ = ["ROW_HASH_BYTES", "hash_rows"]

ROW_HASH_BYTES = 16
# Control characters are refused in values, so these cannot be part of one.
_BETWEEN_FIELDS = "\x1f"
_NO_VALUE = "\x1e"
# So few that their bytes stay in the processor's cache.
_AT_A_TIME = 1000


def hash_rows(parts: Mapping[str, pl.Series]) -> pl.Series:
    """One hash a row over named columns; null and empty text are not the same."""
    names = sorted(parts)
    frame = pl.DataFrame({name: parts[name] for name in names})
    lead = pl.lit(json.dumps(names))
    text = pl.concat_str(
        lead, *(_text(name, kind) for name, kind in frame.schema.items()), separator=_BETWEEN_FIELDS
    )
    content = frame.select(text.cast(pl.Binary).alias("content"))["content"]
    hashes: list[bytes] = []
    for start in range(0, len(content), _AT_A_TIME):
        texts = content.slice(start, _AT_A_TIME).to_list()
        hashes += [blake2b(each, digest_size=ROW_HASH_BYTES).digest() for each in texts]
    return pl.Series(hashes, dtype=pl.Binary())


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Date:
        # As a number of days: three times as fast to write as a date.
        column = column.cast(pl.Int32)
    if kind != pl.String:
        column = column.cast(pl.String)
    return column.fill_null(_NO_VALUE)
