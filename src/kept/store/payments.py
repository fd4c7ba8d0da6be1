"""Payments in the database: taking a set of them in, and taking back a set of returns.

The caller is inside a transaction, holds the policy and has filled `payment_lines` (or
`payment_goings`); one payment is a set of one. What is right is said by `core/payments`; the
statements are `sql/payments.sql`. Here is their order, and what of it is scored outside of SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from django.db import connection

from kept.core.actors import Actor
from kept.core.payments.matching import (
    Candidate,
    Clue,
    Likeness,
    Promised,
    best_likeness,
)
from kept.core.payments.policies import AccountOrder, OverPayment, PaymentPolicy
from kept.store.events import append_prepared_events
from kept.store.ledger import AccountPosition, read_positions
from kept.store.promises import judge_touched
from kept.store.queries import load, rows_in
from kept.store.to_decide import Cause, mark_touched

__all__ = [
    "Going",
    "Line",
    "Writing",
    "fill_goings",
    "fill_lines",
    "likenesses",
    "make_payment_tables",
    "take_back",
    "take_payments",
    "withdraw",
]

_FAR: Final = date.max


@dataclass(frozen=True, slots=True)
class Line:
    """One payment to be taken; texts are as they are compared in the book."""

    line_no: int
    channel: str
    external_id: str
    amount_minor: int
    currency: str
    received_on: date
    way: str = "bank_transfer"
    payer_relation: str = "unknown"
    bank_reference: str = ""
    value_on: date | None = None
    details_cipher: bytes | None = None
    reference: str | None = None
    virtual_account: str | None = None
    accounts: list[str] | None = None
    debtor: str | None = None
    tokens: list[str] | None = None
    name_key: str | None = None
    payment_id: int | None = None
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Going:
    """Money that goes back; `payment_id` where the caller knows which."""

    line_no: int
    channel: str
    external_id: str
    kind: str
    amount_minor: int
    currency: str
    returned_on: date
    code: str = ""
    reason: str = ""
    reverses: str | None = None
    bank_reference: str = ""
    account: str | None = None
    payment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """Under whose name and when a set is written, and by which file, run or approval."""

    actor: Actor
    now: datetime
    creditor_id: int
    run_id: int | None = None
    intake_file_id: int | None = None
    approval_id: int | None = None

    def parameters(self, **more: object) -> dict[str, Any]:
        return {
            "actor": self.actor.name,
            "now": self.now,
            "creditor_id": self.creditor_id,
            "run_id": self.run_id,
            "intake_file_id": self.intake_file_id,
            "approval_id": self.approval_id,
            **more,
        }


def make_payment_tables() -> None:
    """Make (or keep) the temporary tables, empty."""
    sql = load("payments")
    for name in ("make_tables", "clear_tables", "make_return_tables"):
        sql[name].run()


def fill_lines(lines: Iterable[Line]) -> None:
    rows_in("payment_lines", [each.name for each in fields(Line)], map(_values, lines))


def fill_goings(goings: Iterable[Going]) -> None:
    rows_in("payment_goings", [each.name for each in fields(Going)], map(_values, goings))


def _values(row: Line | Going) -> list[object]:
    return [getattr(row, each.name) for each in fields(row)]


def take_payments(
    writing: Writing, policy: PaymentPolicy, charge: Callable[[], None] | None = None
) -> list[dict[str, Any]]:
    """Match, allocate and write the payments of `payment_lines`; returns how they ended.

    `charge` posts what accrued on the accounts of `payment_targets` up to the payment's day; it is
    called before each turn's allocation.

    Rows of `state`, `reason` and `payments`. One that is known behind its door is left out.
    """
    sql, given = load("payments"), writing.parameters(duplicate_days=policy.duplicate_days)
    for name in ("number_payments", "find_accounts", "find_by_text"):
        sql[name].run(given)
    _match_by_likeness(writing.creditor_id, policy)
    sql["lock_accounts"].rows()
    sql["judge"].run(given)
    turns = sql["last_turn"].rows()[0]["turns"]
    for turn in range(1, turns + 1):
        _allocate_turn(policy, writing.parameters(turn=turn), charge)
    sql["write_payments"].run(given)
    sql["write_allocations"].run(given)
    sql["add_to_payments"].run()
    _tell(writing, "prepare_events", "payment.allocate")
    return sql["count_outcomes"].rows()


def _allocate_turn(
    policy: PaymentPolicy, given: Mapping[str, Any], charge: Callable[[], None] | None
) -> None:
    """One payment of each debtor; the next turn sees what this one posted."""
    sql = load("payments")
    others = policy.over_payment is OverPayment.OTHER_ACCOUNTS
    sql["aim"].run({**given, "other_accounts": others})
    _rank_choices(policy.account_order)
    if charge is not None:
        charge()
    for name in ("step", "allocate", "number_entries", "write_entries", "write_postings"):
        sql[name].run(given)
    sql["clear_turn"].run()


def _rank_choices(order: AccountOrder) -> None:
    """Where a payment may go to several accounts: which of them comes first."""
    sql = load("payments")
    rows = sql["list_choices"].rows()
    places: list[tuple[int, int, int]] = []
    for (line_no, day), group in groupby(
        rows, key=lambda row: (row["line_no"], row["received_on"])
    ):
        choices = list(group)
        positions = read_positions([row["account_id"] for row in choices], day)
        choices.sort(key=lambda row: _rank(order, row, positions.get(row["account_id"])))
        places += [(line_no, row["account_id"], n) for n, row in enumerate(choices, 1)]
    if places:
        lines, accounts, ranks = zip(*places, strict=True)
        sql["rank_choices"].run(
            {"lines": list(lines), "accounts": list(accounts), "places": list(ranks)}
        )


def _rank(
    order: AccountOrder, row: Mapping[str, Any], position: AccountPosition | None
) -> tuple[object, ...]:
    oldest = _FAR if position is None or position.oldest_due_on is None else position.oldest_due_on
    named = row["account_rank"] if order is AccountOrder.AS_NAMED else row["account_rank"] > 1000
    ordered = order is AccountOrder.COURT_ORDERED_FIRST and not row["is_ordered"]
    return (named, ordered, oldest, row["account_id"])


def _match_by_likeness(creditor_id: int, policy: PaymentPolicy) -> None:
    rows = load("payments")["list_clues"].rows()
    if not rows:
        return
    clues = [(row["line_no"], row["currency"], _clue(row)) for row in rows]
    found = []
    by_line = likenesses(creditor_id, clues)
    for line_no, _currency, _known in clues:
        if by_line.get(line_no):
            found.append((line_no, by_line[line_no][0]))
    meant = [
        (line, account_id, each.debtor_id, each.confidence_per_mille)
        for line, each in found
        for account_id in (each.account_id, *each.beside)
    ]
    lines, accounts, debtors, confidences = zip(*meant, strict=True) if meant else ((),) * 4
    load("payments")["take_likeness"].run(
        {
            "lines": list(lines),
            "accounts": list(accounts),
            "debtors": list(debtors),
            "confidences": list(confidences),
            "confident_per_mille": policy.confident_per_mille,
        }
    )


def _clue(row: Mapping[str, Any]) -> Clue:
    return Clue(
        row["amount_minor"], row["received_on"], row["name_key"] or "", tuple(row["tokens"] or ())
    )


def likenesses(
    creditor_id: int, clues: Sequence[tuple[int, str, Clue]]
) -> dict[int, tuple[Likeness, ...]]:
    """Of payments (line, currency, clue): the accounts they may be for, the likeliest first."""
    names = sorted({clue.name_key for _line, _currency, clue in clues if clue.name_key})
    sql = load("payments")["list_candidates"]
    rows = sql.rows({"creditor_id": creditor_id, "names": names})
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["name_key"], []).append(row)
    days = {clue.received_on for _line, _currency, clue in clues}
    ids = [row["account_id"] for row in rows]
    positions = {day: read_positions(ids, day) for day in days} if ids else {}
    promised = _promised_over(ids, days)
    return {
        line: best_likeness(
            clue,
            [
                _candidate(
                    row,
                    by_name[clue.name_key],
                    positions[clue.received_on],
                    promised.get((row["account_id"], clue.received_on), ()),
                )
                for row in by_name.get(clue.name_key, ())
                if row["currency"] == currency
            ],
        )
        for line, currency, clue in clues
    }


def _promised_over(
    account_ids: Sequence[int], days: Collection[date]
) -> dict[tuple[int, date], tuple[Promised, ...]]:
    """By account and day of a payment: the promises that waited for money around that day."""
    if not account_ids:
        return {}
    given = {"account_ids": list(account_ids), "days": sorted(days)}
    found: dict[tuple[int, date], tuple[Promised, ...]] = {}
    for row in load("payments")["list_promised"].rows(given):
        over = tuple(row["over"])
        promised = Promised(row["missing_minor"], row["due_on"], over)
        for account_id in over:
            key = (account_id, row["day"])
            found[key] = (*found.get(key, ()), promised)
    return found


def _candidate(
    row: Mapping[str, Any],
    namesakes: Sequence[Mapping[str, Any]],
    positions: Mapping[int, AccountPosition],
    promised: tuple[Promised, ...],
) -> Candidate:
    position = positions.get(row["account_id"])
    return Candidate(
        account_id=row["account_id"],
        debtor_id=row["debtor_id"],
        external_id=row["external_id"],
        name_key=row["name_key"],
        of_this_name=len({each["debtor_id"] for each in namesakes}),
        balance_minor=0 if position is None else position.balance_minor,
        overdue_minor=0 if position is None else position.overdue_minor,
        promised=promised,
    )


def take_back(writing: Writing) -> tuple[int, list[dict[str, Any]]]:
    """Write the returns of `payment_goings`; returns how many, and those not taken with why.

    Rows of `line_no`, `external_id` and `fault`.
    """
    faults = _find_goings(writing)
    load("payments")["write_reversals"].run(writing.parameters())
    load("payments")["write_returns"].run(writing.parameters())
    taken = load("payments")["count_goings"].rows()[0]["goings"]
    _tell(writing, "prepare_return_events", "payment.return")
    return taken, faults


def withdraw(writing: Writing) -> list[dict[str, Any]]:
    """Take the payments of `payment_goings` back from their accounts, into suspense."""
    faults = _find_goings(writing)
    load("payments")["plan_unexplained"].run({})
    load("payments")["write_reversals"].run(writing.parameters())
    load("payments")["put_into_suspense"].run()
    _tell(writing, "prepare_return_events", "payment.withdraw")
    return faults


def _find_goings(writing: Writing) -> list[dict[str, Any]]:
    sql, given = load("payments"), writing.parameters()
    sql["find_goings"].run(given)
    sql["lock_payments"].rows()
    sql["judge_goings"].run(given)
    faults = sql["list_faults"].rows()
    sql["drop_faults"].run()
    sql["plan_reversals"].run()
    return faults


def _touch(statement: str) -> None:
    """Leaves the accounts that were paid or charged back in `touched_accounts`."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.touched_accounts")
    load("payments")[statement].run()


def _tell(writing: Writing, statement: str, action: str) -> None:
    _touch("touch_paid" if statement == "prepare_events" else "touch_returned")
    load("payments")[statement].run(writing.parameters(action=action))
    append_prepared_events(actor=writing.actor, now=writing.now, batch_id=writing.run_id)
    judge_touched(actor=writing.actor, now=writing.now, batch_id=writing.run_id)
    mark_touched(Cause.PAYMENT, writing.now)
