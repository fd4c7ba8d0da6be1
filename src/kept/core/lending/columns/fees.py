"""Late fees of many accounts: the first missed due date of each bill cycle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from kept.core.lending.columns.arithmetic import Ints
from kept.core.lending.columns.books import DAYS, FAR, Books
from kept.core.lending.columns.spans import dates_of, sorted_once
from kept.core.lending.rates import NANO
from kept.core.lending.terms import InterestTerms, LateFee, TermsVersion

__all__ = ["late_fees"]


def late_fees(books: Books, versions: Sequence[TermsVersion]) -> Ints:
    """The fees of each account up to the day asked, in minor units."""
    parts = [
        _of_version(books, version, version.terms, version.terms.late_fee)
        for version in versions
        if version.terms is not None and version.terms.late_fee is not None
    ]
    totals = np.zeros(len(books.accounts), np.int64)
    if not parts:
        return totals
    keys, cycles, amounts = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(keys, kind="stable")
    account = keys[order] // DAYS
    # The first of equal ones is what `unique` finds, and they stand in the order of days.
    first = np.unique(account * DAYS + cycles[order], return_index=True)[1]
    np.add.at(totals, account[first], amounts[order][first])
    return totals


def _of_version(
    books: Books, version: TermsVersion, terms: InterestTerms, fee: LateFee
) -> tuple[Ints, Ints, Ints]:
    keys = _due_keys(books, version)
    account, due_on = np.divmod(keys, DAYS)
    day = due_on + fee.grace_days
    may = (books.started_on[account] <= day) & (day < books.as_of)
    may &= ~books.stopped(terms, account, day)
    if terms.judgment is not None and not terms.judgment.adds:
        may &= ~books.judged(account, day)
    keys, account, due_on, day = keys[may], account[may], due_on[may], day[may]
    overdue = books.overdue(fee.base, fee.grace_days, account, day)
    amounts = _amounts(fee, overdue)
    charged = amounts > 0
    year, month, of_month = dates_of(due_on)
    cycles = year * 12 + month - (of_month < (terms.bill_day or 1))
    return keys[charged], cycles[charged], amounts[charged]


def _due_keys(books: Books, version: TermsVersion) -> Ints:
    postings = books.postings
    upto = (date.max if version.valid_to is None else version.valid_to).toordinal()
    due = postings.due_on
    wanted = (due > 0) & (due < FAR) & (postings.owed_minor > 0)
    wanted &= (due >= version.valid_from.toordinal()) & (due <= upto)
    return sorted_once(postings.account[wanted] * DAYS + due[wanted])


def _amounts(fee: LateFee, overdue: Ints) -> Ints:
    if not fee.share_nano:
        return np.where(overdue > 0, fee.amount_minor, 0)
    high, low = np.divmod(overdue, NANO)
    share = high * fee.share_nano + (low * fee.share_nano + NANO // 2) // NANO
    amount = np.maximum(share, fee.minimum_minor)
    if fee.maximum_minor is not None:
        amount = np.minimum(amount, fee.maximum_minor)
    return np.where(overdue > 0, amount, 0)
