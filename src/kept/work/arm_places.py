"""Placing debtors among the arms of a stratified strategy: once each, the same for good.

The night places whoever is new before it proposes; by day a case that is decided for the first time
is placed by the same function. A strategy without strata draws by the hash alone and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import numpy as np
import polars as pl
from django.db import transaction

from kept.core.strata import draws_of_ranks, with_stratum
from kept.core.strategies import Strategy
from kept.store.arm_places import count_strata, lock_places, read_unplaced, write_places
from kept.store.facts import CasesAsked, load_facts

__all__ = ["place_debtors"]


@transaction.atomic
def place_debtors(
    strategy: Strategy, ranges: Iterable[CasesAsked], *, on: date, now: datetime
) -> int:
    """Give every debtor of these open cases that has none a place; returns how many were new.

    All or none, so that what is ended by force and begun again places the same.
    """
    if not strategy.strata:
        return 0
    lock_places(strategy.code)
    frames = [_with_strata(strategy, cases, on, now) for cases in ranges]
    fresh = pl.concat([frame for frame in frames if len(frame)]) if any(map(len, frames)) else None
    if fresh is None:
        return 0
    write_places(_drawn(strategy.code, fresh.unique("debtor_id", keep="first"), on))
    return fresh["debtor_id"].n_unique()


def _with_strata(strategy: Strategy, cases: CasesAsked, on: date, now: datetime) -> pl.DataFrame:
    """The debtors of a range without a place, each with the stratum of its case."""
    unplaced = read_unplaced(strategy.code, cases)
    if not len(unplaced):
        return unplaced
    wanted = {each.fact for each in strategy.strata}
    facts = load_facts(cases, as_of=on, known_at=now, only=wanted)
    rows = unplaced.join(facts.drop("debtor_id"), on="case_id", how="inner")
    named: pl.DataFrame = with_stratum(strategy.strata, rows)
    return named.select("debtor_id", "hash", "stratum")


def _drawn(code: str, fresh: pl.DataFrame, on: date) -> pl.DataFrame:
    """The next places of each stratum, in the order of the hash."""
    counts = count_strata(code)
    parts = []
    for (stratum,), rows in fresh.sort("stratum", "hash", "debtor_id").group_by(
        "stratum", maintain_order=True
    ):
        first = counts.get(str(stratum), 0)
        ranks = np.arange(first, first + len(rows), dtype=np.int64)
        draws = draws_of_ranks(f"{code}:{stratum}", ranks)
        parts.append(rows.with_columns(draw=pl.Series(draws)))
    return pl.concat(parts).with_columns(strategy=pl.lit(code), placed_on=pl.lit(on, dtype=pl.Date))
