"""Ninety days of a synthetic lender's book, day by day and in columns.

Each account has a due date once a month. On it, a due amount and the month's interest are added and
the coming month is drawn from the market's table: how many months late the account will be on its
next due date, whether it pays for that, when and how much; where it does not pay, the creditor
moves the due date. The days in between carry this out. Every amount is integer minor units.
Nothing here knows files or tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from kept.batch.synthetic.lenders import MadeUpCreditor

__all__ = ["ACTIVE", "CLOSED", "RECALLED", "Evolution", "Snapshot"]

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

ACTIVE, CLOSED, RECALLED = 0, 1, 2
_EPOCH: Final = date(1970, 1, 1).toordinal()
NEVER: Final = np.iinfo(np.int64).max

_RECALLED_FROM_MONTHS_LATE = 6
_RECALLED_SHARE = 0.5
# Paid share of the bill given any payment, cards at 2 and more months late, UCI Taiwan: median 5 %,
# 95th percentile 26 %. A cure pays all dues; one in five goes on to pay a good part of the rest.
_PAYS_MUCH_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The accounts that the lender tells of, as they stand at the end of a day.

    Columns: account, state, principal_minor, interest_minor, fee_minor, penalty_minor,
    overdue_minor, due_on (oldest unpaid due date, null when none), next_due_on.
    """

    day: date
    accounts: pl.DataFrame


@dataclass(slots=True)
class _Book:
    """The moving columns of all accounts; days are counted from 1970-01-01."""

    due_day: Integers
    instalment: Integers
    principal: Integers
    interest: Integers
    penalty: Integers
    arrears: Integers
    last_due: Integers
    enters: Integers
    state: Integers
    pays_on: Integers
    pays: Integers
    moves_to: Integers
    told: Booleans

    def owed(self, here: Integers) -> Integers:
        return self.principal[here] + self.interest[here] + self.penalty[here]


@dataclass(slots=True)
class Evolution:
    """A lender's accounts moving from `first_day`; use once: `days` moves them on.

    `cycles()` afterwards holds one row for every due date that passed: account, due_on,
    months_late, missed, bill_minor, paid_minor, and the same figures a month later.
    """

    lender: MadeUpCreditor
    accounts: pl.DataFrame
    draw: Generator
    first_day: date
    _book: _Book = field(init=False)
    _cycles: list[pl.DataFrame] = field(init=False, default_factory=list)
    _by_due_day: list[Integers] = field(init=False)
    _monthly_bp: Integers = field(init=False)

    def __post_init__(self) -> None:
        self._book = _opening(self.accounts, self.first_day)
        due_day = self._book.due_day
        self._by_due_day = [np.flatnonzero(due_day == day) for day in range(32)]
        rates = self.lender.market.monthly_interest_bp
        self._monthly_bp = (
            self.accounts["family"].replace_strict(dict(rates), return_dtype=pl.Int64).to_numpy()
        )
        self._begin()

    def days(self, last_day: date, told_on: Sequence[date]) -> Iterator[Snapshot]:
        """Move day by day to `last_day`; yields the book on the first day and on `told_on`."""
        wanted = {_number(day): day for day in (self.first_day, *told_on)}
        for day in range(_number(self.first_day), _number(last_day) + 1):
            if day > _number(self.first_day):
                self._fall_due(day)
            self._carry_out(day)
            if day in wanted:
                yield Snapshot(wanted[day], self._told(day))

    def cycles(self) -> pl.DataFrame:
        """Due dates with what came of them; `next_…` is null while the month is not over."""
        ordered = pl.concat(self._cycles).sort("account", "due_on")
        later = [
            pl.col(name).shift(-1).over("account").alias(f"next_{name}")
            for name in ("months_late", "bill_minor")
        ]
        # The last row of an account paid off in full says what became of it; it is no due date.
        return ordered.with_columns(later).filter(pl.col("bill_minor") > 0)

    def _begin(self) -> None:
        """The month that is running on the first day is drawn from that day on."""
        book, everyone = self._book, np.arange(len(self._book.due_day))
        late = _months_late(book.arrears, book.instalment)
        # Today's due is among the arrears of whoever missed it.
        late = np.where(late > 0, late - 1, 0)
        missed = book.arrears > 0
        self._plan(everyone, late, missed, _number(self.first_day))
        self._note(everyone, late, missed)

    def _fall_due(self, day: int) -> None:
        book = self._book
        here = self._by_due_day[date.fromordinal(day + _EPOCH).day]
        here = here[book.state[here] == ACTIVE]
        late = _months_late(book.arrears[here], book.instalment[here])
        book.interest[here] += book.principal[here] * self._monthly_bp[here] // 10_000
        fee = book.instalment[here] * self.lender.market.late_fee_bp // 10_000
        book.penalty[here] += np.where(late > 0, fee, 0)
        owed = book.owed(here)
        book.arrears[here] = np.minimum(book.arrears[here] + book.instalment[here], owed)
        book.last_due[here] = day
        missed = (late > 0) | self._misses(here, day)
        self._plan(here, late, missed, day)
        self._note(here, late, missed)
        self._recall(here, late)

    def _misses(self, here: Integers, day: int) -> Booleans:
        """Who of the current lets this due date pass: a newcomer surely, the others by share."""
        enters, told = self._book.enters[here], self._book.told[here]
        newcomer = ~told & (enters <= day)
        self._book.told[here[newcomer]] = True
        drawn = self.draw.random(len(here)) < self.lender.market.misses_when_current
        return newcomer | (told & drawn)

    def _plan(self, here: Integers, late: Integers, missed: Booleans, day: int) -> None:
        """Draw the coming month of these accounts: where they will stand, and by what payment."""
        market, book = self.lender.market, self._book
        row = np.minimum(late, len(market.moves) - 1)
        drawn = self.draw.random((len(here), 1))
        target = (drawn >= market.moves_cumulative[row]).sum(axis=1)
        target = np.where((row == len(market.moves) - 1) & (target == row), late + 1, target)
        target = np.where(missed, target, 0)
        pays = self.draw.random(len(here)) < _pay_shares(np.array(market.pays)[row], late, target)
        on_time = ~missed
        until = _due_date(book.last_due[here], book.due_day[here], 1)
        wait = 1 + (self.draw.random(len(here)) * (until - day - 1)).astype(np.int64)
        acts_on = np.where(on_time, day, day + np.minimum(wait, until - day - 1))
        amounts = np.where(on_time, book.instalment[here], self._amounts(here, late, target))
        amounts = np.minimum(amounts, book.owed(here))
        does = pays | on_time | (target <= late)
        book.pays_on[here] = np.where(does, acts_on, NEVER)
        book.pays[here] = np.where(pays | on_time, amounts, 0)
        moved = missed & ~pays & (target <= late)
        book.moves_to[here] = np.where(moved, target * book.instalment[here], NEVER)

    def _amounts(self, here: Integers, late: Integers, target: Integers) -> Integers:
        """What brings an account to `target` months late and not beyond; part of a due if worse."""
        book, size = self._book, len(here)
        due, arrears = book.instalment[here], book.arrears[here]
        rest = book.owed(here) - arrears
        much = self.draw.random(size) < _PAYS_MUCH_SHARE
        extra = np.where(much, self.draw.random(size) ** 2 * rest, 0)
        extra = np.where(target == 0, extra, self.draw.random(size) * 0.4 * due)
        part = np.where(self.draw.random(size) < 0.5, 0.2, 0.6) * (arrears - late * due)
        needed = arrears - target * due + extra
        amount = np.where(target > late, part, needed)
        return np.maximum(amount.astype(np.int64) // 100, 1) * 100

    def _note(self, here: Integers, late: Integers, missed: Booleans) -> None:
        book = self._book
        self._cycles.append(
            pl.DataFrame(
                {
                    "account": here,
                    "due_on": pl.Series(_days(book.last_due[here])).cast(pl.Date),
                    "months_late": late,
                    "missed": missed,
                    "bill_minor": book.owed(here),
                    "paid_minor": book.pays[here],
                }
            )
        )

    def _recall(self, here: Integers, late: Integers) -> None:
        old = here[late >= _RECALLED_FROM_MONTHS_LATE]
        gone = old[self.draw.random(len(old)) < _RECALLED_SHARE]
        self._book.state[gone] = RECALLED
        self._book.pays_on[gone] = NEVER

    def _carry_out(self, day: int) -> None:
        """Today's payments and moved due dates; money goes to penalty, interest, principal."""
        book = self._book
        here = np.flatnonzero(book.pays_on == day)
        left = book.pays[here].copy()
        book.arrears[here] -= np.minimum(left, book.arrears[here])
        book.arrears[here] = np.minimum(book.arrears[here], book.moves_to[here])
        for balance in (book.penalty, book.interest, book.principal):
            taken = np.minimum(left, balance[here])
            balance[here] -= taken
            left -= taken
        book.pays_on[here] = NEVER
        self._close(here[book.owed(here) == 0])

    def _close(self, here: Integers) -> None:
        """Paid in full: the account is current for good, noted as a due date without a bill."""
        book = self._book
        book.state[here] = CLOSED
        book.last_due[here] = _due_date(book.last_due[here], book.due_day[here], 1)
        book.pays[here] = 0
        self._note(here, np.zeros(len(here), dtype=np.int64), np.zeros(len(here), dtype=np.bool_))

    def _told(self, day: int) -> pl.DataFrame:
        book = self._book
        falls_today = np.where(book.last_due == day, book.instalment, 0)
        overdue = np.maximum(book.arrears - falls_today, 0)
        here = np.flatnonzero(book.told)
        late = _months_late(book.arrears[here], book.instalment[here])
        oldest = _due_date(book.last_due[here], book.due_day[here], 1 - late)
        return pl.DataFrame(
            {
                "account": here,
                "state": book.state[here],
                "principal_minor": book.principal[here],
                "interest_minor": book.interest[here],
                "penalty_minor": book.penalty[here],
                "overdue_minor": overdue[here],
                "due_on": _dates_where(late > 0, oldest),
                "next_due_on": _dates_where(
                    book.state[here] == ACTIVE,
                    _due_date(book.last_due[here], book.due_day[here], 1),
                ),
            }
        )


def _opening(accounts: pl.DataFrame, first_day: date) -> _Book:
    """The book at the end of the first day, before its running month is drawn."""
    size, today = accounts.height, _number(first_day)
    due_day = accounts["due_day"].to_numpy().astype(np.int64)
    instalment = accounts["instalment_minor"].to_numpy()
    late = accounts["months_late"].to_numpy().astype(np.int64)
    owed = accounts["owed_minor"].to_numpy()
    this_month = _due_date(np.full(size, today), due_day, 0)
    last_due = np.where(this_month <= today, this_month, _due_date(this_month, due_day, -1))
    unpaid = late + ((late > 0) | accounts["just_missed"].to_numpy())
    interest = owed // 100 * np.minimum(late, 6)
    penalty = instalment // 20 * np.minimum(late, 6)
    enters = accounts["enters_on"]
    return _Book(
        due_day=due_day,
        instalment=instalment.copy(),
        principal=owed.copy(),
        interest=interest,
        penalty=penalty,
        arrears=np.minimum(unpaid * instalment, owed),
        last_due=last_due,
        enters=enters.cast(pl.Int32).cast(pl.Int64).fill_null(0).to_numpy(),
        state=np.zeros(size, dtype=np.int64),
        pays_on=np.full(size, NEVER),
        pays=np.zeros(size, dtype=np.int64),
        moves_to=np.full(size, NEVER),
        told=enters.is_null().to_numpy().copy(),
    )


def _pay_shares(
    shares: NDArray[np.float64], late: Integers, target: Integers
) -> NDArray[np.float64]:
    """The share of each account's kind that pays, given where it will stand."""
    improving, staying, worsening = shares.T
    partial = np.where(target == late, staying, np.where(target < late, improving, worsening))
    return np.where(target == 0, 1.0, partial)


def _months_late(arrears: Integers, instalment: Integers) -> Integers:
    return -(-arrears // instalment)


def _due_date(day: Integers, due_day: Integers, months: Integers | int) -> Integers:
    """The due date of the month that lies `months` after that of `day`, as day numbers."""
    month = _days(day).astype("datetime64[M]") + np.asarray(months, dtype="timedelta64[M]")
    first: Integers = month.astype("datetime64[D]").astype(np.int64)
    return first + due_day - 1


def _days(numbers: Integers) -> NDArray[np.datetime64]:
    return numbers.astype("datetime64[D]")


def _dates_where(choice: Booleans, numbers: Integers) -> pl.Series:
    dates = np.where(choice, _days(numbers), np.datetime64("NaT"))
    return pl.Series(dates.astype("datetime64[D]")).cast(pl.Date)


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH
