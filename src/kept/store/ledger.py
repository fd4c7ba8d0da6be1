"""The ledger in the database: reading positions, and posting a file's figures in one set.

What the figures mean is decided in `core/ledger.py`; the statements are `sql/ledger.sql`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from kept.core.ledger import Book, Posting
from kept.store.events import microseconds
from kept.store.queries import load

__all__ = [
    "ALL_KNOWN",
    "AccountPosition",
    "PostedSnapshots",
    "make_snapshot_tables",
    "post_snapshots",
    "postings_of",
    "read_positions",
]


#: With everything that is written: not `now`, since a clock may have been set back.
ALL_KNOWN: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AccountPosition:
    """One account as of a day; amounts in minor units of its currency.

    `overdue_minor` is past due (PD); `total_due_minor` is that and what falls due next: what a card
    asks for. `accrued_minor` is what `store.accruals` added for the days since the last charge.
    """

    account_id: int
    balance_minor: int
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    cost_minor: int
    other_minor: int
    overdue_minor: int
    oldest_due_on: date | None
    next_due_on: date | None
    dpd: int
    total_due_minor: int = 0
    accrued_minor: int = 0


def read_positions(
    account_ids: Iterable[int], as_of: date, known_at: datetime = ALL_KNOWN
) -> dict[int, AccountPosition]:
    """Positions of some accounts; one without postings by then is left out."""
    rows = (
        load("ledger")["positions"]
        .scoped("accounts")
        .rows({"account_ids": list(account_ids), "as_of": as_of, "known_at": known_at})
    )
    return {row["account_id"]: AccountPosition(**row) for row in rows}


def postings_of(account_id: int) -> list[Posting]:
    """The whole ledger of one account as values, for `core.ledger`."""
    sql = load("ledger")["history"].scoped("accounts")
    return [_posting(row) for row in sql.rows({"account_ids": [account_id]})]


def _posting(row: dict[str, Any]) -> Posting:
    return Posting(
        row["component"],
        Book(row["from_book"]),
        Book(row["to_book"]),
        row["amount_minor"],
        row["due_on"],
        row["effective_on"],
        microseconds(row["recorded_at"]),
    )


def make_snapshot_tables() -> None:
    """Make (or keep) the temporary tables that a caller fills for `post_snapshots`."""
    load("ledger")["make_snapshot_tables"].run()


@dataclass(frozen=True, slots=True)
class PostedSnapshots:
    """Entries written, and where a file disagrees with a ledger that holds the truth."""

    entries: int
    differences: list[dict[str, Any]]


def post_snapshots(*, actor: str, now: datetime, run_id: int, dues_known: bool) -> PostedSnapshots:
    """Post the figures in `snapshots` and `snapshot_balances`, which it may thin out.

    `snapshot_balances` has each mapped component of each account, zero included. `dues_known` is
    False for a file that says nothing of due dates. Accounts that were there before and whose
    product says `balance_authority: kept` are only compared.
    """
    sql = load("ledger")
    sql["clear_snapshot_tables"].run()
    differences = sql["snapshot_differences"].rows()
    sql["keep_to_creditors_truth"].run()
    plans = ["split_targets", "plan_openings", "plan_adjustments"]
    for name in [*plans, *(["plan_redates"] if dues_known else []), "number_entries"]:
        sql[name].run()
    written = sql["write_entries"].run({"recorded_at": now, "actor": actor, "run_id": run_id})
    sql["write_postings"].run({"recorded_at": now})
    return PostedSnapshots(written, differences)
