"""Strata: parts of a book within each of which the arms of a strategy keep their shares.

A stratum is what a debtor's case was, by a few facts or bands of them, when the debtor was first
placed. Within a stratum debtors are placed one after the other, in the order of a stable hash, and
each gets the next draw of a sequence that fills the range of draws evenly (van der Corput's, turned
by a hash of the stratum): so every arm has its share of the first n debtors to within about the
logarithm of n, whatever the shares are. Who is placed keeps the draw (`store/arm_places.py`).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import numpy as np
from narwhals.typing import IntoFrameT
from numpy.typing import NDArray

from kept.core.arms import SHARES
from kept.core.facts import CURRENCY_COLUMN

__all__ = ["StratumFact", "draws_of_ranks", "stratum_of", "with_stratum"]

_BITS: Final = 32
_MASK: Final = (1 << _BITS) - 1


@dataclass(frozen=True, slots=True)
class StratumFact:
    """A fact by which arms are stratified. `bands` are the rising values at which another band
    begins, none for a boolean or a category; amounts are minor units of `currency`."""

    fact: str
    bands: tuple[int, ...] = ()
    currency: str = ""


def stratum_of(strata: Sequence[StratumFact], facts: Mapping[str, Any]) -> str:
    """The name of a case's stratum, such as `balance:1 product:CARD`."""
    return " ".join(f"{each.fact}:{_part(each, facts)}" for each in strata)


def _part(each: StratumFact, facts: Mapping[str, Any]) -> str:
    """The number of the band, or the value; an amount in another currency is a band of its own."""
    value = facts[each.fact]
    if value is None:
        return "unknown"
    if each.currency and facts[CURRENCY_COLUMN] != each.currency:
        return "other"
    if each.bands:
        return str(bisect_right(each.bands, value))
    return str(int(value)) if isinstance(value, bool) else str(value)


def with_stratum(strata: Sequence[StratumFact], frame: IntoFrameT) -> IntoFrameT:
    """The frame of facts with the same names in a column `stratum`."""
    given: Any = nw.from_native(frame)
    schema = given.collect_schema()
    parts = [_part_column(each, schema[each.fact]) for each in strata]
    named = nw.concat_str(*parts, separator=" ").alias("stratum")
    return given.with_columns(named).to_native()  # type: ignore[no-any-return]


def _part_column(each: StratumFact, kind: Any) -> Any:
    value = nw.col(each.fact)
    if each.bands:
        band = nw.sum_horizontal(*((value >= limit).cast(nw.Int64) for limit in each.bands))
        text = band.cast(nw.String)
    else:
        text = (value.cast(nw.Int64) if kind == nw.Boolean else value).cast(nw.String)
    if each.currency:
        other = nw.col(CURRENCY_COLUMN) != each.currency
        text = nw.when(other).then(nw.lit("other")).otherwise(text)
    text = nw.when(value.is_null()).then(nw.lit("unknown")).otherwise(text)
    return nw.concat_str(nw.lit(f"{each.fact}:"), text)


def draws_of_ranks(salt: str, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """The draws of the debtors that come first (0), second… in the stratum that the salt names."""
    head = hashlib.md5(salt.encode(), usedforsecurity=False).digest()[:4]
    turned = (_mirrored(ranks) + int.from_bytes(head)) & _MASK
    return (turned * SHARES) >> _BITS


def _mirrored(ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """The 32 bits of each number in the reverse order."""
    found = ranks & _MASK
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF)):
        found = ((found >> shift) & mask) | ((found & mask) << shift)
    return ((found >> 16) | (found << 16)) & _MASK
