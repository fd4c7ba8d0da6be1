"""The columns of what cases could get, by name and type; no table and no database is touched here.

So it is read on machines that know neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

__all__ = ["CASE_COLUMNS", "lawful_name", "offer_columns", "value_name"]

#: What is carried for each case beside its options. `required` is the position of the treatment
#: that is not priced, or -1.
CASE_COLUMNS: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64,
    "person_id": pl.Int64,
    "seat_id": pl.Int64,
    "language": pl.String,
    "dpd": pl.Int64,
    "bucket": pl.Int64,
    "balance": pl.Int64,
    "overdue_balance": pl.Int64,
    "currency": pl.String,
    "arm_draw": pl.Int64,
    "required": pl.Int64,
    "required_priority": pl.Int64,
}


def value_name(position: int) -> str:
    """The column of a treatment's worth; null where it is no option."""
    return f"value_{position:d}"


def lawful_name(place: int) -> str:
    """The column of the minute from which a channel is lawful; null where it is not asked."""
    return f"lawful_{place:d}"


def offer_columns(treatments: int, channels: int) -> dict[str, Any]:
    """All columns of a run whose strategy has so many treatments and channels."""
    values = {value_name(each): pl.Int64 for each in range(treatments)}
    return {**CASE_COLUMNS, **values, **{lawful_name(each): pl.Int64 for each in range(channels)}}
