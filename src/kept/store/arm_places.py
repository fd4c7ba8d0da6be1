"""Places among the arms of a stratified strategy, as rows in and out (`sql/arm_places.sql`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from kept.store.facts import CasesAsked
from kept.store.frames import read_frame, write_frame
from kept.store.queries import load

__all__ = ["count_strata", "lock_places", "read_unplaced", "write_places"]

_UNPLACED: Final[Mapping[str, Any]] = {
    "case_id": pl.Int64,
    "debtor_id": pl.Int64,
    "hash": pl.Int64,
}
_COLUMNS: Final = ("strategy", "debtor_id", "stratum", "draw", "placed_on")


def lock_places(strategy: str) -> None:
    """Ranks within a stratum are given by one transaction at a time."""
    load("arm_places")["alone"].rows({"strategy": strategy})


def read_unplaced(strategy: str, cases: CasesAsked) -> pl.DataFrame:
    """`case_id`, `debtor_id` and `hash` of those without a place; the hash orders them."""
    name = "unplaced" if cases.scope == "range" else "unplaced_some"
    parameters = {**cases.parameters, "strategy": strategy}
    return read_frame(load("arm_places")[name], parameters, _UNPLACED)


def count_strata(strategy: str) -> dict[str, int]:
    rows = load("arm_places")["strata"].rows({"strategy": strategy})
    return {row["stratum"]: row["debtors"] for row in rows}


def write_places(places: pl.DataFrame) -> None:
    write_frame(places.select(_COLUMNS), "arm_places", _COLUMNS)
