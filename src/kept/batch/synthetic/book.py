"""A synthetic book: for each lender its debtors, accounts and ninety days to come, from one seed.

The same seed, number of debtors and last day give the same book, to the byte. Nothing is written
here; `files` makes the lenders' files of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kept.batch.synthetic.accounts import accounts_of
from kept.batch.synthetic.evolving import Evolution
from kept.batch.synthetic.lenders import LAKEMERE, QINGHE, MadeUpCreditor
from kept.batch.synthetic.people import Crowd, people_of, with_holds
from kept.batch.synthetic.streams import Streams

__all__ = ["DAYS", "FEWEST_DEBTORS", "LenderBook", "file_days", "make_books"]

DAYS: Final = 90
"""From the first file, which tells of the whole book, to the last."""

FEWEST_DEBTORS: Final = 10
_KNOWN_TO_BOTH_ONE_IN = 20
_FILE_EVERY_DAYS = 18


@dataclass(frozen=True, slots=True)
class LenderBook:
    """`evolution` moves when its `days` are taken, so a book is gone through once."""

    lender: MadeUpCreditor
    people: pl.DataFrame
    accounts: pl.DataFrame
    evolution: Evolution
    first_day: date
    last_day: date


def make_books(
    debtors: int, seed: int, last_day: date, american_last_day: date | None = None
) -> tuple[LenderBook, LenderBook]:
    """Both lenders' books; together they have exactly `debtors` debtors.

    The American book may end a day earlier: its lender's day ends half a day after the Chinese.
    """
    if debtors < FEWEST_DEBTORS:
        raise ValueError(f"a book has at least {FEWEST_DEBTORS} debtors, not {debtors}")
    streams = Streams(seed)
    chinese = round(debtors * QINGHE.share)
    companies = _companies(QINGHE, chinese, streams)
    crowd = Crowd(np.arange(chinese), companies)
    first = _book(QINGHE, crowd, streams, last_day)
    american = debtors - chinese
    known = _known_elsewhere(first.people, american // _KNOWN_TO_BOTH_ONE_IN)
    companies = _companies(LAKEMERE, american, streams)
    companies[: known.height] = False
    second_day = american_last_day or last_day
    second = _book(LAKEMERE, Crowd(np.arange(american), companies, known), streams, second_day)
    return first, second


def file_days(first_day: date, last_day: date) -> list[date]:
    """The days of the files after the first: every eighteenth, and the last day."""
    days = range(_FILE_EVERY_DAYS, (last_day - first_day).days, _FILE_EVERY_DAYS)
    return [first_day + timedelta(days=day) for day in days] + [last_day]


def _book(lender: MadeUpCreditor, crowd: Crowd, streams: Streams, last_day: date) -> LenderBook:
    first_day = last_day - timedelta(days=DAYS - 1)
    people = with_holds(
        people_of(lender, crowd, streams.of(f"people {lender.code}")),
        streams.of(f"holds {lender.code}"),
        first_day,
        last_day,
    )
    accounts = accounts_of(
        lender, crowd.is_company, streams.of(f"accounts {lender.code}"), first_day, last_day
    )
    evolution = Evolution(lender, accounts, streams.of(f"days {lender.code}"), first_day)
    return LenderBook(lender, people, accounts, evolution, first_day, last_day)


def _companies(lender: MadeUpCreditor, size: int, streams: Streams) -> NDArray[np.bool_]:
    return streams.of(f"companies {lender.code}").random(size) < lender.company_share


def _known_elsewhere(people: pl.DataFrame, count: int) -> pl.DataFrame:
    """Every so many-th person of a book, as another lender knows them."""
    persons = people.filter(kind="person")
    step = max(persons.height // max(count, 1), 1)
    return (
        persons.gather_every(step)
        .head(count)
        .select("name", "language", "identity_country", "identity_number")
    )
