"""What rows of promises say beside whom they are about: amount, currency, day, in column form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import constant, nothing
from kept.batch.intake.measuring import Measures
from kept.core.currencies import CURRENCIES
from kept.core.intake import RecordsMap, RejectCode

__all__ = ["amounts_of", "read_promises"]


def read_promises(
    chunk: Chunk, records_map: RecordsMap, values: Mapping[str, pl.Series], house: str
) -> dict[str, pl.Series]:
    """`amount` in minor units as text and `currency`; faults of the row are noted.

    `house` is the creditor's currency, for rows that name none. A promise falls due on the day it
    was made or later, and one that ended says why.
    """
    rules = records_map.fields
    currency, measures = amounts_of(chunk, records_map, house)
    minor = measures.amount(rules["amount"], needed=True)
    chunk.refuse(minor <= 0, rules["amount"], RejectCode.NOT_POSITIVE)
    # The creditor's day of the making may be one off at night; the book looks at it exactly.
    early = values["due_on"] < values["received_at"].dt.date() - timedelta(days=1)
    chunk.refuse(early.fill_null(False), rules["due_on"], RejectCode.TIMES_OUT_OF_ORDER)
    _check_ends(chunk, records_map, values)
    return {"amount": minor.cast(pl.String), "currency": currency}


def amounts_of(chunk: Chunk, records_map: RecordsMap, house: str) -> tuple[pl.Series, Measures]:
    """Each row's currency, and what reads its amounts."""
    currency = _currency(chunk, records_map, house)
    exponents = {code: each.exponent for code, each in CURRENCIES.items()}
    known = currency.replace_strict(exponents, default=2, return_dtype=pl.Int64).fill_null(2)
    return currency, Measures(chunk, records_map.file, currency, known)


def _currency(chunk: Chunk, records_map: RecordsMap, house: str) -> pl.Series:
    rule = records_map.fields.get("currency")
    if rule is None:
        return constant(house, chunk.height, pl.String())
    found = chunk.text(rule).str.to_uppercase().fill_null(house)
    unknown = ~found.is_in(list(CURRENCIES))
    chunk.refuse(unknown, rule, RejectCode.UNKNOWN_CURRENCY)
    return found.set(unknown, None)


def _check_ends(chunk: Chunk, records_map: RecordsMap, values: Mapping[str, pl.Series]) -> None:
    ended = values.get("ended_at")
    if ended is None:
        return
    reasons = values.get("end_reason", nothing(chunk.height, pl.String()))
    unclear = ended.is_not_null() & reasons.is_null()
    chunk.refuse(
        unclear, records_map.fields["ended_at"], RejectCode.VALUE_NEEDED, kind="end_reason"
    )
