"""The columns that come in, and what can be asked of them on a day: sums up to it, by account.

Days are ordinals. A key is an account and a day in one integer, so that one sorted array answers
for all accounts by binary search.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kept.core.lending.columns.arithmetic import Ints
from kept.core.lending.terms import InterestTerms

__all__ = [
    "DAYS",
    "FAR",
    "AccountColumns",
    "Books",
    "HoldColumns",
    "Lookup",
    "PostingColumns",
    "TooLarge",
    "Truths",
]

Truths = NDArray[np.bool_]

#: No such day: after every other.
FAR: Final = date.max.toordinal()
#: A key is account x DAYS + day.
DAYS: Final = 2**22
#: Above it a product of base and rate might not fit.
_BASE_MINOR_MOST: Final = 10**13


class TooLarge(ValueError):
    """An account owes more than 10^13 minor units: accrue it by itself, with `accrual.accrue`."""


@dataclass(frozen=True, slots=True)
class AccountColumns:
    """One row an account. Unknown: `agreed_on` 0, `original_minor` -1; no such day: `FAR`."""

    agreed_on: Ints
    original_minor: Ints
    judged_on: Ints
    charged_off_on: Ints

    def __len__(self) -> int:
        return len(self.agreed_on)


@dataclass(frozen=True, slots=True)
class PostingColumns:
    """One row a posting on the receivable side, in the order of `account` (a row number).

    `component` is a place in `components`; `due_on` is 0 for none and `FAR` for none yet;
    `accrued` is true where one of the books is `accrued`.
    """

    components: tuple[str, ...]
    account: Ints
    component: Ints
    owed_minor: Ints
    due_on: Ints
    effective_on: Ints
    accrued: Truths

    def where(self, kept: Truths) -> PostingColumns:
        return PostingColumns(
            self.components,
            self.account[kept],
            self.component[kept],
            self.owed_minor[kept],
            self.due_on[kept],
            self.effective_on[kept],
            self.accrued[kept],
        )

    def named(self, names: Iterable[str]) -> Truths:
        places = [place for place, each in enumerate(self.components) if each in set(names)]
        return np.isin(self.component, places)


@dataclass(frozen=True, slots=True)
class HoldColumns:
    """One row a hold: `reason` is a place in `reasons`, `end_on` (excluded) may be `FAR`."""

    reasons: tuple[str, ...]
    account: Ints
    reason: Ints
    first_on: Ints
    end_on: Ints
    accrual: Truths

    @classmethod
    def none(cls) -> HoldColumns:
        empty = np.zeros(0, np.int64)
        return cls((), empty, empty, empty, empty, np.zeros(0, np.bool_))


class Lookup:
    """Running sums by account and day of changes that come in any order."""

    def __init__(self, account: Ints, day: Ints, change: Ints) -> None:
        keys = account * DAYS + day
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        # The running sum over all accounts may pass 2^63 and comes round again: only differences
        # within one account are taken of it.
        self._sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(change[order])])

    def at(self, account: Ints, day: Ints) -> Ints:
        """Everything of the account up to the day, the day included."""
        upto = np.searchsorted(self._keys, account * DAYS + day, side="right")
        before = np.searchsorted(self._keys, account * DAYS, side="left")
        result: Ints = self._sums[upto] - self._sums[before]
        return result


class Books:
    """The postings that are no accrual, the holds, and the days of each account."""

    def __init__(
        self, accounts: AccountColumns, postings: PostingColumns, holds: HoldColumns, as_of: int
    ) -> None:
        self.accounts, self.postings, self.holds, self.as_of = accounts, postings, holds, as_of
        self.started_on = np.full(len(accounts), FAR, np.int64)
        np.minimum.at(self.started_on, postings.account, postings.effective_on)
        self._owed: dict[tuple[str, ...], Lookup] = {}
        self._overdue: dict[tuple[tuple[str, ...], int], Lookup] = {}

    def owed(self, components: Sequence[str], account: Ints, day: Ints) -> Ints:
        names = tuple(sorted(components))
        if names not in self._owed:
            rows = self.postings.where(self.postings.named(names))
            self._owed[names] = Lookup(rows.account, rows.effective_on, rows.owed_minor)
        found = self._owed[names].at(account, day)
        if len(found) and int(np.abs(found).max()) > _BASE_MINOR_MOST:
            raise TooLarge("an account owes more than 10^13 minor units")
        return found

    def overdue(self, components: Sequence[str], grace: int, account: Ints, day: Ints) -> Ints:
        names = tuple(sorted(components))
        if (names, grace) not in self._overdue:
            wanted = self.postings.named(names) & (self.postings.due_on < FAR)
            rows = self.postings.where(wanted)
            counted = np.maximum(rows.effective_on, rows.due_on + grace)
            day_of = np.where(rows.due_on == 0, rows.effective_on, counted)
            # A due date and its grace beyond all days never comes.
            day_of = np.minimum(day_of, FAR)
            self._overdue[names, grace] = Lookup(rows.account, day_of, rows.owed_minor)
        found: Ints = np.maximum(self._overdue[names, grace].at(account, day), 0)
        return found

    def stopped(self, terms: InterestTerms, account: Ints, day: Ints) -> Truths:
        wanted = self.stopping(terms)
        result: Truths = np.zeros(len(account), np.bool_)
        if wanted.any():
            held, ones = self.holds.account[wanted], np.ones(int(wanted.sum()), np.int64)
            lookup = Lookup(
                np.concatenate([held, held]),
                np.concatenate([self.holds.first_on[wanted], self.holds.end_on[wanted]]),
                np.concatenate([ones, -ones]),
            )
            result = lookup.at(account, day) > 0
        if terms.stops_on_charge_off:
            result = result | (self.accounts.charged_off_on[account] <= day)
        return result

    def stopping(self, terms: InterestTerms) -> Truths:
        reasons = [
            place for place, name in enumerate(self.holds.reasons) if name in terms.stopping_holds
        ]
        # A hold of no days, or that ended before it began, holds nothing.
        lasting = self.holds.first_on < self.holds.end_on
        return (self.holds.accrual | np.isin(self.holds.reason, reasons)) & lasting

    def judged(self, account: Ints, day: Ints) -> Truths:
        result: Truths = self.accounts.judged_on[account] <= day
        return result
