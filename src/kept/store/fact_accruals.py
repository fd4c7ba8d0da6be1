"""Facts of money with what accrued up to the day, for products whose figures kept holds.

Balance, interest, penalty and fees; days past due and the overdue amount never depend on accrual.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import polars as pl

from kept.core.facts import CURRENCY_COLUMN
from kept.core.lending.caps import Charged
from kept.store.accruals import accruing_products, read_accrued_of_cases
from kept.store.models import Account

__all__ = ["with_accrued"]

_FACTS: Final = {
    "interest_balance": (Charged.INTEREST,),
    "penalty_balance": (Charged.PENALTY,),
    "fee_balance": (Charged.FEE,),
    "balance": tuple(Charged),
}


def with_accrued(frame: pl.DataFrame, as_of: date, known_at: datetime) -> pl.DataFrame:
    """The same rows in the same order; amounts of another currency than the case's stay out."""
    named = [name for name in _FACTS if name in frame.columns]
    products = accruing_products() if named and len(frame) else []
    if not products:
        return frame
    accrued = read_accrued_of_cases(frame["case_id"].to_list(), products, as_of, known_at)
    if not len(accrued):
        return frame
    summed = _of_cases(accrued, frame)
    frame = frame.join(summed, on="case_id", how="left", maintain_order="left")
    for name in named:
        parts = [pl.col(f"accrued_{each.value}").fill_null(0) for each in _FACTS[name]]
        frame = frame.with_columns(pl.col(name) + pl.sum_horizontal(parts))
    return frame.drop(f"accrued_{each.value}" for each in Charged)


def _of_cases(accrued: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    ids = accrued["account_id"].to_list()
    currencies = dict(Account.objects.filter(pk__in=ids).values_list("pk", "currency"))
    coded = accrued.with_columns(
        pl.col("account_id").replace_strict(currencies, return_dtype=pl.String).alias("own")
    )
    same = coded.join(frame.select("case_id", CURRENCY_COLUMN), on="case_id").filter(
        pl.col("own") == pl.col(CURRENCY_COLUMN)
    )
    return same.group_by("case_id").agg(
        pl.col(each.value).sum().alias(f"accrued_{each.value}") for each in Charged
    )
