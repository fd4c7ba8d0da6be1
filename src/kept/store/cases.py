"""Settling cases in bulk: accounts enter, are gathered and leave by the rules of `core/cases.py`.

The caller is inside the transaction of the write that moved the accounts, has put their ids into
the temporary table `touched_accounts (account_id)`, and makes the events: what changed is left in
the temporary table `case_changes (case_id, account_id, change, reason)`, and how every account of
the debtors stands today in `standings`. Both go with the transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias

from django.db import connection

from kept.store.queries import load

__all__ = ["CaseCounts", "Turn", "lock_cases", "settle_cases", "share_cases", "touch_accounts"]

#: Called before a range locks or writes rows; comes back when those before it are committed.
Turn: TypeAlias = Callable[[], None]

#: Later than anything is recorded: a case is settled on all that the ledger knows.
_ALL_THAT_IS_KNOWN = datetime(9999, 1, 1, tzinfo=UTC)
_TEMPORARY = ("settled_accounts", "settled_positions", "standings", "settled_debtors")


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How often each change happened."""

    opened: int = 0
    entered: int = 0
    gathered: int = 0
    left: int = 0
    closed: int = 0


def touch_accounts(account_ids: list[int]) -> None:
    """Fill `touched_accounts` for a handful of accounts; a bulk writer fills it by SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS touched_accounts;"
            "CREATE TEMPORARY TABLE touched_accounts (account_id bigint PRIMARY KEY) ON COMMIT DROP"
        )
        cursor.execute(
            "INSERT INTO touched_accounts SELECT DISTINCT unnest(%s::bigint[])", [account_ids]
        )


def lock_cases(creditor_id: int) -> None:
    """Nobody else settles this creditor's cases or deals their tasks until we commit."""
    load("cases")["lock_creditor"].rows({"creditor_id": creditor_id})


def share_cases(creditor_id: int) -> None:
    """As `lock_cases`, but for others who share them: each keeps to debtors of its own, and they
    write one after the other."""
    load("cases")["share_creditor"].rows({"creditor_id": creditor_id})


def settle_cases(*, now: datetime, on: date, turn: Turn | None = None) -> CaseCounts:
    """Bring the cases of the debtors of `touched_accounts` up to date with the ledger as of `on`.

    `on` is the creditor's business date; `now` is written as the time of the change. Settling
    twice changes nothing. Who has locked or shared the cases gives a `turn`, which is called before
    anything is written.
    """
    sql = load("cases")
    at = {"now": now, "on": on}
    _drop(*_TEMPORARY, "case_changes")
    _analyse("touched_accounts")
    if turn is None:
        sql["lock_creditors"].rows()
    sql["widen"].run()
    _index("settled_accounts", "account_id")
    _read_positions(on)
    _index("settled_positions", "account_id")
    sql["stand"].run(at)
    _index("standings", "debtor_id")
    sql["mark_cured"].run()
    sql["judge"].run(at)
    _index("settled_debtors", "debtor_id")
    sql["list_changes"].run()
    if turn is not None:
        turn()
    for step in ("open_cases", "take_in", "enter_gathered", "leave", "close_cases"):
        sql[step].run(at)
    return CaseCounts(**{row["change"]: row["times"] for row in sql["count_changes"].rows()})


def _read_positions(on: date) -> None:
    positions = load("ledger")["positions"].scoped("settled").text
    made = f"CREATE TEMPORARY TABLE settled_positions ON COMMIT DROP AS {positions}"
    with connection.cursor() as cursor:
        cursor.execute(made, {"as_of": on, "known_at": _ALL_THAT_IS_KNOWN})


def _drop(*tables: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"DROP TABLE IF EXISTS pg_temp.{table}" for table in tables))


def _index(table: str, column: str) -> None:
    """A temporary table has neither index nor statistics before someone asks for them."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX ON pg_temp.{table} ({column})")
    _analyse(table)


def _analyse(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE pg_temp.{table}")
