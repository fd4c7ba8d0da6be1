"""Columns of identity numbers: normalised and checked as `kept.core.identities.check_identity`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kept.batch.intake.columns import constant
from kept.core.identities import (
    RESIDENT_ID_LENGTH,
    NumberCheck,
    ascii_matrix,
    check_company_numbers,
    check_identity,
    check_resident_ids,
)
from kept.core.intake import IdentityKind

__all__ = ["Identities", "check_numbers"]

_RESIDENT = r"^[1-9][0-9]{16}[0-9X]$"
_COMPANY = r"^[0-9A-HJ-NP-RTUW-Y]{18}$"


@dataclass(frozen=True, slots=True)
class Identities:
    """Numbers as they are kept, null where they are not good; `found` holds a `NumberCheck`."""

    numbers: pl.Series
    found: pl.Series


def check_numbers(kinds: pl.Series, countries: pl.Series, texts: pl.Series) -> Identities:
    """Chinese numbers of 18 characters by columns, every distinct other one by itself.

    A null text is good and stays null.
    """
    numbers = texts.str.to_uppercase()
    found = constant(int(NumberCheck.GOOD), len(texts), pl.Int8())
    chinese = countries == "CN"
    left = texts.is_not_null()
    for kind, pattern, check in (
        (IdentityKind.NATIONAL_ID, _RESIDENT, check_resident_ids),
        (IdentityKind.COMPANY_NUMBER, _COMPANY, check_company_numbers),
    ):
        mine = (left & chinese & (kinds == kind.value) & numbers.str.contains(pattern)).fill_null(
            False
        )
        if mine.any():
            codes = ascii_matrix(numbers.filter(mine).to_list(), RESIDENT_ID_LENGTH)
            found = found.scatter(mine.arg_true(), pl.Series(check(codes), dtype=pl.Int8))
            left = left & ~mine
    if left.any():
        numbers, found = _one_by_one(kinds, countries, texts, numbers, found, left)
    return Identities(numbers.set(found != int(NumberCheck.GOOD), None), found)


def _one_by_one(
    kinds: pl.Series,
    countries: pl.Series,
    texts: pl.Series,
    numbers: pl.Series,
    found: pl.Series,
    left: pl.Series,
) -> tuple[pl.Series, pl.Series]:
    frame = pl.DataFrame({"kind": kinds, "country": countries, "text": texts}).filter(left)
    results = [
        check_identity(kind or "", country or "", text) for kind, country, text in frame.iter_rows()
    ]
    places = left.arg_true()
    checked = pl.Series([number for number, _ in results], dtype=pl.String)
    outcomes = pl.Series(np.array([int(outcome) for _, outcome in results], dtype=np.int8))
    return numbers.scatter(places, checked), found.scatter(places, outcomes)
