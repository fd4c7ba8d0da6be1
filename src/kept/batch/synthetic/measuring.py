"""What a simulated book did, measured as the public sources measured theirs.

Takes the cycles of `evolving` and returns shares; it knows nothing of the tables they were drawn
from. Months that are not over are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["Measured", "measure", "paid_shares"]


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of the accounts that were `months_late` on a due date, a month later.

    `rolls_by_balance` weighs by what was owed and counts the interest added since, as the trusts'
    reports do: balance a month later of those that worsened, over the balance of all.
    """

    months_late: int
    count: int
    cures: float
    improves: float
    worsens: float
    pays: float
    rolls_by_balance: float


def measure(cycles: pl.DataFrame, months_late: int, *, missed_only: bool = True) -> Measured:
    """Raises ZeroDivisionError when no account was that late: there is nothing to measure."""
    over = cycles.filter(
        pl.col("next_months_late").is_not_null() & (pl.col("months_late") == months_late)
    )
    if missed_only:
        over = over.filter(pl.col("missed"))
    worse = pl.col("next_months_late") > months_late
    row = over.select(
        count=pl.len(),
        cures=(pl.col("next_months_late") == 0).mean(),
        improves=(pl.col("next_months_late") < months_late).mean(),
        worsens=worse.mean(),
        pays=(pl.col("paid_minor") > 0).mean(),
        rolls_by_balance=pl.col("next_bill_minor").filter(worse).sum() / pl.col("bill_minor").sum(),
    ).row(0, named=True)
    if row["count"] == 0:
        raise ZeroDivisionError(f"no account was {months_late} months late")
    return Measured(months_late, **row)


def paid_shares(cycles: pl.DataFrame, at_least_late: int = 2) -> pl.Series:
    """Paid share of the bill of each late account that paid anything in a month that is over."""
    paying = cycles.filter(
        pl.col("next_months_late").is_not_null()
        & (pl.col("months_late") >= at_least_late)
        & (pl.col("bill_minor") > 0)
        & (pl.col("paid_minor") > 0)
    )
    return paying.select(pl.col("paid_minor") / pl.col("bill_minor")).to_series()
