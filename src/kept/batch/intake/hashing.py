"""The hash of a row's content: equal rows of two files are the same row, whatever their lines.

BLAKE2b over texts, so that it does not change with a version of any library. It covers what a row
says, with its contact points and related persons, and nothing of the file around it. It is not
keyed: where it is stored, a key must be put over it, since it covers personal values.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import polars as pl

__all__ = ["ROW_HASH_BYTES", "hash_rows"]

ROW_HASH_BYTES = 16
# Control characters are refused in values, so these cannot be part of one.
_BETWEEN_FIELDS = "\x1f"
_NO_VALUE = "\x1e"


def hash_rows(fields: Sequence[pl.Series], tagged: Sequence[pl.Series]) -> pl.Series:
    """Fields count by their place, null and empty apart; tagged texts count where not empty."""
    if not fields:
        return pl.Series([], dtype=pl.Binary())
    names = [f"f{place}" for place in range(len(fields))]
    frame = pl.DataFrame(dict(zip(names, fields, strict=True)))
    more = [f"t{place}" for place in range(len(tagged))]
    frame = frame.with_columns(**dict(zip(more, tagged, strict=True)))
    parts = [pl.col(name).cast(pl.String).fill_null(_NO_VALUE) for name in names]
    text = pl.concat_str(*parts, *(pl.col(name) for name in more), separator=_BETWEEN_FIELDS)
    texts = frame.select(text.alias("text"))["text"].to_list()
    return pl.Series(
        [blake2b(each.encode(), digest_size=ROW_HASH_BYTES).digest() for each in texts],
        dtype=pl.Binary(),
    )
