"""The accounts of one synthetic lender on the first day, in columns.

How many a debtor has, which product, what is owed, what falls due each month and how late the
account is. How they move afterwards is in `evolving`.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from kept.batch.synthetic.lenders import MadeUpCreditor

__all__ = ["accounts_of"]

Integers = NDArray[np.int64]

_ACCOUNTS_A_DEBTOR = np.array([0.74, 0.19, 0.05, 0.02])
_COMES_LATER = 0.3
_ENTRY_NOTICE_DAYS = 40
"""The last newcomer may enter this long before the end, so that a file still tells of it."""


def accounts_of(
    lender: MadeUpCreditor,
    is_company: NDArray[np.bool_],
    draw: Generator,
    first_day: date,
    last_day: date,
) -> pl.DataFrame:
    """One row an account. Columns:

    account, debtor, account_id, product, family, opened_on, original_minor, instalment_minor,
    owed_minor, due_day (1-28), months_late, just_missed, enters_on (null: in the first file).
    """
    counts = 1 + np.searchsorted(np.cumsum(_ACCOUNTS_A_DEBTOR), draw.random(len(is_company)))
    debtor = np.repeat(np.arange(len(is_company)), np.minimum(counts, 4))
    size = len(debtor)
    product = _products(lender, is_company[debtor], draw)
    owing = _amounts(lender, product, draw, first_day)
    late, just_missed = _lateness(lender, draw, size)
    enters_on = _entries(debtor, draw, first_day, last_day)
    newcomer = enters_on.is_not_null().to_numpy()
    codes = pl.Series([each.code for each in lender.products]).gather(product)
    return pl.DataFrame(
        {
            "account": np.arange(size),
            "debtor": debtor,
            "account_id": codes + "-" + pl.Series(100_000_000 + np.arange(size)).cast(pl.String),
            "product": codes,
            "family": pl.Series([each.family for each in lender.products]).gather(product),
            **owing,
            "due_day": draw.integers(1, 29, size),
            "months_late": np.where(newcomer, 0, late),
            "just_missed": np.where(newcomer, False, just_missed),
            "enters_on": enters_on,
        }
    )


def _products(lender: MadeUpCreditor, company: NDArray[np.bool_], draw: Generator) -> Integers:
    """Places in the lender's list: persons draw by share, companies take the product for them."""
    shares = np.array([each.share for each in lender.products])
    for_companies = next(at for at, each in enumerate(lender.products) if each.for_companies)
    drawn = np.searchsorted(np.cumsum(shares / shares.sum()), draw.random(len(company)))
    return np.where(company, for_companies, drawn)


def _amounts(
    lender: MadeUpCreditor, product: Integers, draw: Generator, first_day: date
) -> dict[str, pl.Series | Integers]:
    """What is owed, what falls due a month, when it began; integer minor units in whole majors."""
    size = len(product)
    median = np.array([each.median_amount for each in lender.products])[product]
    least = np.array([each.months[0] for each in lender.products])[product]
    most = np.array([each.months[1] for each in lender.products])[product]
    is_card = np.array([each.family == "card" for each in lender.products])[product]
    owed = np.maximum(median * np.exp(draw.normal(0.0, 0.8, size)), median / 20)
    months = draw.integers(least, most + 1)
    # A card asks about a fiftieth of what is owed, a loan an equal part a month.
    part = np.where(is_card, draw.uniform(0.0155, 0.0245, size), 1 / months)
    repaid = draw.uniform(0.05, 0.6, size)
    age = (30.4 * np.where(is_card, months, months * repaid)).astype(np.int64) + 220
    opened = np.datetime64(first_day) - age.astype("timedelta64[D]")
    owed_minor = np.rint(owed).astype(np.int64) * 100
    return {
        "opened_on": pl.Series(opened).cast(pl.Date),
        "original_minor": np.rint(owed / np.where(is_card, 0.8, 1 - repaid)).astype(np.int64) * 100,
        "instalment_minor": np.maximum(np.rint(owed * part).astype(np.int64), 1) * 100,
        "owed_minor": owed_minor,
    }


def _lateness(
    lender: MadeUpCreditor, draw: Generator, size: int
) -> tuple[Integers, NDArray[np.bool_]]:
    """Months late and whether the last due date was just missed, by the market's opening shares."""
    market = lender.market
    current, *late = market.opening
    shares = np.cumsum([market.opening_just_missed, current, *late])
    place = np.searchsorted(shares / shares[-1], draw.random(size))
    return np.maximum(place - 1, 0), place == 0


def _entries(debtor: Integers, draw: Generator, first_day: date, last_day: date) -> pl.Series:
    """From when on an account that is not in the first file misses its first due date."""
    size = len(debtor)
    span = (last_day - first_day).days - _ENTRY_NOTICE_DAYS
    waits = draw.integers(0, max(span, 1), size)
    days = pl.Series(np.datetime64(first_day) + waits.astype("timedelta64[D]")).cast(pl.Date)
    later = pl.Series(draw.random(size) < _COMES_LATER)
    return pl.select(pl.when(pl.lit(later)).then(pl.lit(days))).to_series()
