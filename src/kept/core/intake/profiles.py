"""What a file looks like as a whole, beside the files before it, and when a person is asked.

A summary is small and holds numbers only, no name and no account. Amounts are counted in a
histogram of whole minor units that is exact for small amounts and within a sixteenth for large
ones, so that chunks can be summed in any order. Comparing is pure arithmetic of integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from statistics import median_low
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kept.core.intake.maps import Bands

__all__ = [
    "BREACH_SENTENCES",
    "COMPARED_FILES",
    "PROFILE_FIELDS",
    "AmountSummary",
    "Breach",
    "BreachCode",
    "Histogram",
    "ProfileSummary",
    "find_breaches",
]

COMPARED_FILES: Final = 10

# The fields of which a profile counts how many rows have nothing.
PROFILE_FIELDS: Final = (
    "account.opened_on",
    "account.original_amount",
    "account.due_on",
    "account.next_due_on",
    "account.overdue",
    "debtor.external_id",
    "debtor.identity",
    "contacts.phone",
    "contacts.email",
    "contacts.address",
    "contacts.handle",
    "related",
)

_QUANTILES: Final = {
    "p01": 10,
    "p10": 100,
    "p25": 250,
    "median": 500,
    "p75": 750,
    "p90": 900,
    "p99": 990,
}
# Amounts below 2^5 have a place of their own; from there on 16 places for each doubling.
_EXACT_BITS: Final = 5


class BreachCode(StrEnum):
    ROWS_CHANGED = "rows_changed"
    BALANCE_CHANGED = "balance_changed"
    MEDIAN_CHANGED = "median_changed"
    MANY_REJECTED = "many_rejected"
    OPENED_EARLY = "opened_early"
    MANY_NULLS = "many_nulls"


BREACH_SENTENCES: Mapping[BreachCode, str] = {
    BreachCode.ROWS_CHANGED: "The file has {found} rows; the files before it had {usual}.",
    BreachCode.BALANCE_CHANGED: "Balances sum to {found} {currency}; in the files before to"
    " {usual}.",
    BreachCode.MEDIAN_CHANGED: "Half of the balances are above {found} {currency}; in the files"
    " before it was {usual}.",
    BreachCode.MANY_REJECTED: "{found} per mille of the rows are refused; at most {most} are"
    " usual.",
    BreachCode.OPENED_EARLY: "An account was opened on {found}, before {least}.",
    BreachCode.MANY_NULLS: "{found} per mille of the rows have no {field}; at most {most} are"
    " usual.",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """A band that the file breaks; `detail` fills its sentence, amounts are in minor units."""

    code: BreachCode
    detail: Mapping[str, Any]


# --- amounts --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Histogram:
    """Counts of whole amounts by place; negative amounts have negative places."""

    counts: dict[int, int] = field(default_factory=dict)

    def add(self, amounts: NDArray[np.int64]) -> None:
        """Amounts of the whole range but its least, which no valid row has."""
        size = np.abs(amounts)
        places = np.where(amounts < 0, -1 - _places(size), _places(size))
        for place, count in zip(*np.unique(places, return_counts=True), strict=True):
            self.counts[int(place)] = self.counts.get(int(place), 0) + int(count)

    def merge(self, other: Histogram) -> None:
        for place, count in other.counts.items():
            self.counts[place] = self.counts.get(place, 0) + count

    def quantile(self, per_mille: int) -> int:
        """The amount at or above which lie all but `per_mille` of the rows; 0 of nothing.

        It is the end of its place that is nearer to zero: exact below 32, within a sixteenth above.
        """
        rank = (sum(self.counts.values()) - 1) * per_mille // 1000
        for place in sorted(self.counts):
            rank -= self.counts[place]
            if rank < 0:
                return _amount(place) if place >= 0 else -_amount(-1 - place)
        return 0


def _places(size: NDArray[np.int64]) -> NDArray[np.int64]:
    bits = np.frexp(size.astype(np.float64))[1].astype(np.int64)
    # A float rounds up to the next power of two where 53 bits are not enough.
    whole = np.int64(1) << np.clip(bits - 1, 0, 62)
    bits = np.where((whole > size) & (size > 0), bits - 1, np.minimum(bits, 63))
    shift = np.clip(bits - _EXACT_BITS, 0, None)
    return np.asarray((shift << (_EXACT_BITS - 1)) + (size >> shift))


def _amount(place: int) -> int:
    """The least size that has the place."""
    half = 1 << (_EXACT_BITS - 1)
    if place < 2 * half:
        return place
    shift = place // half - 1
    return (place - shift * half) << shift


@dataclass(frozen=True, slots=True)
class AmountSummary:
    """Balances of one currency, in minor units."""

    rows: int
    total: int
    least: int
    most: int
    negative: int
    zero: int
    quantiles: Mapping[str, int]

    @classmethod
    def of(cls, histogram: Histogram, *, total: int, least: int, most: int) -> AmountSummary:
        counts = histogram.counts
        return cls(
            rows=sum(counts.values()),
            total=total,
            least=least,
            most=most,
            negative=sum(count for place, count in counts.items() if place < 0),
            zero=counts.get(0, 0),
            quantiles={
                name: min(most, max(least, histogram.quantile(share)))
                for name, share in _QUANTILES.items()
            },
        )


# --- the whole file -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProfileSummary:
    """`accounts` is the number of distinct account numbers, estimated within a few per cent."""

    rows: int
    rejected: int
    accounts: int
    nulls: Mapping[str, int]  # by PROFILE_FIELDS, of the rows that are not refused
    dates: Mapping[str, tuple[str, str]]  # first and last, by field
    balances: Mapping[str, AmountSummary]  # by currency
    counts: Mapping[str, Mapping[str, int]]  # rows by product, state, hold

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ProfileSummary:
        """What `to_json` gave, after a way through JSON; keys of others are left alone."""
        names = ("rows", "rejected", "accounts", "nulls", "counts")
        return cls(
            **{name: stored[name] for name in names},
            dates={name: (first, last) for name, (first, last) in stored["dates"].items()},
            balances={code: AmountSummary(**each) for code, each in stored["balances"].items()},
        )


def find_breaches(
    found: ProfileSummary, earlier: Sequence[ProfileSummary], bands: Bands
) -> tuple[Breach, ...]:
    """Every band that is broken. `earlier` are the creditor's last files of this type.

    A change is judged against the median of the last ten, so one odd file does not move it; the
    first file has nothing to be compared with.
    """
    last = earlier[-COMPARED_FILES:]
    return (
        *_rows_changed(found, last, bands.rows_change_per_mille),
        *_amounts_changed(found, last, bands),
        *_many_rejected(found, bands.rejected_per_mille),
        *_opened_early(found, bands.opened_on_least),
        *_many_nulls(found, bands.null_per_mille),
    )


def _beyond(found: int, usual: int, band: int) -> bool:
    return abs(found - usual) * 1000 > abs(usual) * band


def _rows_changed(
    found: ProfileSummary, earlier: Sequence[ProfileSummary], band: int | None
) -> Iterable[Breach]:
    if band is None or not earlier:
        return
    usual = median_low(each.rows for each in earlier)
    if _beyond(found.rows, usual, band):
        yield Breach(BreachCode.ROWS_CHANGED, {"found": found.rows, "usual": usual})


def _amounts_changed(
    found: ProfileSummary, earlier: Sequence[ProfileSummary], bands: Bands
) -> Iterable[Breach]:
    for code, summary in sorted(found.balances.items()):
        before = [each.balances[code] for each in earlier if code in each.balances]
        if not before:
            continue
        for breach, band, now, then in (
            (
                BreachCode.BALANCE_CHANGED,
                bands.balance_change_per_mille,
                summary.total,
                [each.total for each in before],
            ),
            (
                BreachCode.MEDIAN_CHANGED,
                bands.median_change_per_mille,
                summary.quantiles["median"],
                [each.quantiles["median"] for each in before],
            ),
        ):
            usual = median_low(then)
            if band is not None and _beyond(now, usual, band):
                yield Breach(breach, {"found": now, "usual": usual, "currency": code})


def _many_rejected(found: ProfileSummary, most: int | None) -> Iterable[Breach]:
    share = found.rejected * 1000 // max(1, found.rows)
    if most is not None and found.rejected * 1000 > most * found.rows:
        yield Breach(BreachCode.MANY_REJECTED, {"found": share, "most": most})


def _opened_early(found: ProfileSummary, least: str | None) -> Iterable[Breach]:
    first = found.dates.get("account.opened_on")
    if least is not None and first and date.fromisoformat(first[0]) < date.fromisoformat(least):
        yield Breach(BreachCode.OPENED_EARLY, {"found": first[0], "least": least})


def _many_nulls(found: ProfileSummary, bands: Mapping[str, int]) -> Iterable[Breach]:
    taken = found.rows - found.rejected
    for name, most in sorted(bands.items()):
        nulls = found.nulls.get(name, taken)
        if nulls * 1000 > most * taken:
            share = nulls * 1000 // max(1, taken)
            yield Breach(BreachCode.MANY_NULLS, {"found": share, "most": most, "field": name})
