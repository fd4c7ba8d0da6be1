"""The profile of a file, made chunk by chunk of prepared rows and summed in any order.

A chunk's profile is a few kilobytes, so that each chunk keeps its own and a resumed run sums what
is there. Distinct account numbers are estimated (HyperLogLog, 1,024 registers, about 3 % off); the
exact duplicates of a file are found by applying.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kept.batch.intake.prepared import Prepared, balance_column, components_of
from kept.core.intake.profiles import (
    PROFILE_FIELDS,
    AmountSummary,
    Histogram,
    ProfileSummary,
)

__all__ = ["ChunkProfile", "profile_chunk"]

_REGISTER_BITS: Final = 10
_REGISTERS: Final = 1 << _REGISTER_BITS
_DATES: Final = {
    "account.opened_on": "opened_on",
    "account.due_on": "due_on",
    "account.next_due_on": "next_due_on",
    "account.as_of": "as_of",
}
_COLUMNS: Final = {
    "account.opened_on": "opened_on",
    "account.original_amount": "original_amount_minor",
    "account.due_on": "due_on",
    "account.next_due_on": "next_due_on",
    "account.overdue": "overdue_minor",
    "debtor.identity": "identity_number",
}


@dataclass(slots=True)
class _Balances:
    histogram: Histogram = field(default_factory=Histogram)
    total: int = 0
    least: int | None = None
    most: int | None = None

    def merge(self, other: _Balances) -> None:
        self.histogram.merge(other.histogram)
        self.total += other.total
        self.least = min((v for v in (self.least, other.least) if v is not None), default=None)
        self.most = max((v for v in (self.most, other.most) if v is not None), default=None)


@dataclass(slots=True)
class ChunkProfile:
    """The profile of some chunks; `merge` takes in those of others."""

    rows: int = 0
    rejected: int = 0
    registers: NDArray[np.uint8] = field(
        default_factory=lambda: np.zeros(_REGISTERS, dtype=np.uint8)
    )
    nulls: dict[str, int] = field(default_factory=dict)
    dates: dict[str, tuple[str, str]] = field(default_factory=dict)
    balances: dict[str, _Balances] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def merge(self, other: ChunkProfile) -> None:
        self.rows += other.rows
        self.rejected += other.rejected
        self.registers = np.maximum(self.registers, other.registers)
        _add(self.nulls, other.nulls)
        for name, (first, last) in other.dates.items():
            mine = self.dates.get(name, (first, last))
            self.dates[name] = (min(mine[0], first), max(mine[1], last))
        for code, balances in other.balances.items():
            self.balances.setdefault(code, _Balances()).merge(balances)
        for name, counts in other.counts.items():
            _add(self.counts.setdefault(name, {}), counts)

    def summary(self) -> ProfileSummary:
        return ProfileSummary(
            rows=self.rows,
            rejected=self.rejected,
            accounts=_estimate(self.registers),
            nulls=dict(self.nulls),
            dates=dict(self.dates),
            balances={
                code: AmountSummary.of(
                    each.histogram, total=each.total, least=each.least or 0, most=each.most or 0
                )
                for code, each in sorted(self.balances.items())
            },
            counts={name: dict(sorted(counts.items())) for name, counts in self.counts.items()},
        )

    def to_json(self) -> dict[str, Any]:
        """Small enough to be kept with the chunk; `from_json` gives it back."""
        return {
            "rows": self.rows,
            "rejected": self.rejected,
            "registers": base64.b64encode(self.registers.tobytes()).decode(),
            "nulls": self.nulls,
            "dates": self.dates,
            "balances": {
                code: [each.total, each.least, each.most, each.histogram.counts]
                for code, each in self.balances.items()
            },
            "counts": self.counts,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ChunkProfile:
        registers = np.frombuffer(base64.b64decode(stored["registers"]), dtype=np.uint8)
        balances = {}
        for code, (total, least, most, counts) in stored["balances"].items():
            histogram = Histogram({int(place): count for place, count in counts.items()})
            balances[code] = _Balances(histogram, total, least, most)
        return cls(
            rows=stored["rows"],
            rejected=stored["rejected"],
            registers=registers.copy(),
            nulls=dict(stored["nulls"]),
            dates={name: (first, last) for name, (first, last) in stored["dates"].items()},
            balances=balances,
            counts={name: dict(counts) for name, counts in stored["counts"].items()},
        )


def profile_chunk(prepared: Prepared) -> ChunkProfile:
    rows = prepared.rows
    refused = prepared.errors.filter(pl.col("severity") == "reject")["line_no"].n_unique()
    return ChunkProfile(
        rows=prepared.totals.rows,
        rejected=refused,
        registers=_registers(rows["external_id"]),
        nulls=_nulls(prepared),
        dates=_date_ranges(rows),
        balances=_balances(rows),
        counts={
            "product": _counts(rows["product_code"]),
            "state": _counts(rows["state"]),
            "hold": _counts(rows["hold_reasons"].explode().drop_nulls()),
        },
    )


def _add(mine: dict[str, int], others: Mapping[str, int]) -> None:
    for name, count in others.items():
        mine[name] = mine.get(name, 0) + count


def _counts(values: pl.Series) -> dict[str, int]:
    return dict(values.alias("value").value_counts().iter_rows())


def _nulls(prepared: Prepared) -> dict[str, int]:
    """Rows that have nothing of a field; of contact points, debtors who have none of a kind."""
    rows = prepared.rows
    own = prepared.contacts.filter(pl.col("related_index").is_null())
    lent = rows["debtor_external_id"] == "A:" + rows["external_id"]
    found = {name: rows[column].null_count() for name, column in _COLUMNS.items()}
    found["debtor.external_id"] = int(lent.fill_null(True).sum())
    found["related"] = rows.height - prepared.related["line_no"].n_unique()
    for name in PROFILE_FIELDS:
        if name.startswith("contacts."):
            mine = own.filter(pl.col("kind") == name.removeprefix("contacts."))
            found[name] = rows.height - mine["line_no"].n_unique()
    return {name: found[name] for name in PROFILE_FIELDS}


def _date_ranges(rows: pl.DataFrame) -> dict[str, tuple[str, str]]:
    ranges = {}
    for name, column in _DATES.items():
        first, last = rows[column].min(), rows[column].max()
        if isinstance(first, date) and isinstance(last, date):
            ranges[name] = (first.isoformat(), last.isoformat())
    return ranges


def _balances(rows: pl.DataFrame) -> dict[str, _Balances]:
    total = pl.sum_horizontal(balance_column(each) for each in components_of(rows))
    frame = rows.select("currency", total.alias("balance"))
    found = {}
    for (code,), part in frame.group_by("currency"):
        amounts = part["balance"].to_numpy()
        balances = _Balances(
            total=int(part["balance"].cast(pl.Int128).sum()),
            least=int(amounts.min()),
            most=int(amounts.max()),
        )
        balances.histogram.add(amounts)
        found[str(code)] = balances
    return found


# --- distinct account numbers ---------------------------------------------------------------------


def _registers(values: pl.Series) -> NDArray[np.uint8]:
    """The longest run of leading zeros seen by each register (Flajolet and others, 2007)."""
    registers = np.zeros(_REGISTERS, dtype=np.uint8)
    # The seed is given, so that a run that is resumed hashes as it did before.
    hashes = values.hash(seed=1).to_numpy()
    places = (hashes >> np.uint64(64 - _REGISTER_BITS)).astype(np.int64)
    rest = (hashes << np.uint64(_REGISTER_BITS)) | np.uint64(1 << (_REGISTER_BITS - 1))
    leading = 64 - np.frexp((rest >> np.uint64(11)).astype(np.float64))[1] - 11
    np.maximum.at(registers, places, (leading + 1).astype(np.uint8))
    return registers


def _estimate(registers: NDArray[np.uint8]) -> int:
    empty = int((registers == 0).sum())
    if empty > _REGISTERS * 7 // 10 or (empty and _raw_estimate(registers) < 2.5 * _REGISTERS):
        return round(_REGISTERS * float(np.log(_REGISTERS / empty)))
    return round(_raw_estimate(registers))


def _raw_estimate(registers: NDArray[np.uint8]) -> float:
    bias = 0.7213 / (1 + 1.079 / _REGISTERS)
    return float(bias * _REGISTERS**2 / np.exp2(-registers.astype(np.float64)).sum())
