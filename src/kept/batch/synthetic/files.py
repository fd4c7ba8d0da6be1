"""The synthetic lenders' files: the whole book on the first day, then what changed, with manifests.

A file is written when its day is reached and looks as that lender's files look (`dialects`). A few
rows of one file name 30 February; they come again, right, in the next one, as corrected rows do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import yaml
from numpy.typing import NDArray

from kept.batch.intake.control import manifest_path
from kept.batch.synthetic.book import LenderBook, file_days
from kept.batch.synthetic.dialects import DIALECTS, Dialect
from kept.batch.synthetic.evolving import Snapshot

__all__ = ["DeliveredFile", "deliver"]

_FAULTY_SEQUENCE = 3
_FAULTY_ROWS = 3
_ROWS_AT_A_TIME = 100_000
_CONTENT = (
    "state",
    "principal_minor",
    "interest_minor",
    "penalty_minor",
    "overdue_minor",
    "due_on",
    "next_due_on",
    "hold_reason",
)


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """`received_at` is when the house would take it in: before dawn on the next day."""

    path: Path
    manifest: Path
    sequence: int
    coverage: str
    as_of: date
    rows: int
    faulty_rows: int
    received_at: datetime


def deliver(book: LenderBook, folder: Path) -> Iterator[DeliveredFile]:
    """Write the files of a book one by one into a folder that exists."""
    told = np.zeros(book.accounts.height, dtype=np.uint64)
    days = book.evolution.days(book.last_day, file_days(book.first_day, book.last_day))
    for sequence, snapshot in enumerate(days, start=1):
        rows = _changed_rows(book, snapshot, told)
        # No more than an intake takes without asking, however small the book.
        faulty = min(_FAULTY_ROWS, len(rows) // 100) if sequence == _FAULTY_SEQUENCE else 0
        told[rows["account"].head(faulty).to_numpy()] = 0
        yield _write(book, folder, sequence, snapshot.day, rows, faulty)


def _changed_rows(book: LenderBook, snapshot: Snapshot, told: NDArray[np.uint64]) -> pl.DataFrame:
    """The accounts whose content is not what the lender last told, by account; notes the new."""
    accounts = snapshot.accounts
    debtors = book.accounts["debtor"][accounts["account"]]
    marks = book.people.select("hold_reason", "hold_on")[debtors]
    rows = pl.concat([accounts, marks], how="horizontal").with_columns(
        hold_reason=pl.when(pl.col("hold_on") <= snapshot.day).then("hold_reason")
    )
    content = rows.select(_CONTENT).hash_rows(seed=1).to_numpy()
    places = rows["account"].to_numpy()
    changed = content != told[places]
    told[places] = content
    return rows.filter(pl.Series(changed)).drop("hold_on")


def _write(
    book: LenderBook, folder: Path, sequence: int, day: date, rows: pl.DataFrame, faulty: int
) -> DeliveredFile:
    dialect = DIALECTS[book.lender.code]
    path = folder / f"{book.lender.code}_accounts_{day:%Y%m%d}_{sequence:03d}.csv"
    hash_total = 0
    with path.open("wb") as file:
        for start in range(0, max(rows.height, 1), _ROWS_AT_A_TIME):
            part = _neutral(book, rows.slice(start, _ROWS_AT_A_TIME))
            hash_total += int(part["account_id"].str.tail(9).cast(pl.Int64).sum())
            cells = dialect.written(part)
            cells = _with_faults(cells, dialect, faulty if start == 0 else 0)
            text = cells.write_csv(include_header=start == 0)
            file.write(text.encode(dialect.encoding))
    received_at = _before_dawn(day, book.lender.zone)
    manifest = _manifest(book, path, sequence, day, rows, hash_total, received_at)
    target = manifest_path(path)
    target.write_text(yaml.safe_dump(manifest, sort_keys=False), encoding="utf-8")
    coverage = str(manifest["coverage"])
    return DeliveredFile(path, target, sequence, coverage, day, rows.height, faulty, received_at)


def _neutral(book: LenderBook, rows: pl.DataFrame) -> pl.DataFrame:
    """The changed rows with everything that does not change; rows are found by their place."""
    accounts = book.accounts[rows["account"]].select(
        "debtor", "account_id", "product", "opened_on", "original_minor"
    )
    people = book.people[accounts["debtor"]].drop("debtor", "hold_reason", "hold_on")
    currency = pl.lit(book.lender.currency).alias("currency")
    return pl.concat([rows, accounts, people], how="horizontal").with_columns(currency)


def _with_faults(cells: pl.DataFrame, dialect: Dialect, faulty: int) -> pl.DataFrame:
    """The first rows with a due date that no calendar has."""
    impossible = date(2026, 2, 28).strftime(dialect.date_format).replace("28", "30")
    due = dialect.headings["due_on"]
    place = pl.int_range(pl.len())
    return cells.with_columns(
        pl.when(place < faulty).then(pl.lit(impossible)).otherwise(pl.col(due)).alias(due)
    )


def _manifest(
    book: LenderBook,
    path: Path,
    sequence: int,
    day: date,
    rows: pl.DataFrame,
    hash_total: int,
    received_at: datetime,
) -> dict[str, object]:
    """Identity and control totals of a file; totals by currency in major units."""
    owed = rows.select(pl.sum("principal_minor", "interest_minor", "penalty_minor"))
    whole, cents = divmod(sum(owed.row(0)), 100)
    return {
        "file_id": path.stem,
        "file_type": "accounts",
        "spec_version": 1,
        "sequence": sequence,
        "produced_at": (received_at - timedelta(hours=1)).astimezone(UTC).isoformat(),
        "as_of": day.isoformat(),
        "coverage": "full" if sequence == 1 else "changes",
        "rows": rows.height,
        "hash_total": hash_total,
        "totals": {book.lender.currency: f"{whole}.{cents:02d}"},
    }


def _before_dawn(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(3, 0), ZoneInfo(zone))
