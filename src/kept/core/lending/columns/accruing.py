"""Spans, charges and sums put together; what compounds goes span by span, all accounts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from kept.core.lending.applying import fee_bounds
from kept.core.lending.caps import Cap, CapKind, Charged, in_force
from kept.core.lending.columns.arithmetic import (
    MILLI,
    Exact,
    Ints,
    amounts,
    half_up,
    sum_by_account,
)
from kept.core.lending.columns.books import (
    AccountColumns,
    Books,
    HoldColumns,
    PostingColumns,
)
from kept.core.lending.columns.charging import JOINS_DAILY, JOINS_MONTHLY, Charges, lay_out
from kept.core.lending.columns.fees import late_fees
from kept.core.lending.columns.spans import Spans, cut
from kept.core.lending.rates import NANO
from kept.core.lending.terms import InterestTerms, TermsVersion

__all__ = ["AccruedColumns", "accrue_columns"]

_ACCOUNTS_AT_ONCE: Final = 50_000


@dataclass(frozen=True, slots=True)
class AccruedColumns:
    """By component: what accrued since the first day, and what was charged of it; minor units."""

    totals: dict[Charged, Ints]
    charged: dict[Charged, Ints]

    def accrued(self, component: Charged) -> Ints:
        return self.totals[component] - self.charged[component]


def accrue_columns(
    accounts: AccountColumns,
    postings: PostingColumns,
    holds: HoldColumns,
    versions: Sequence[TermsVersion],
    as_of: date,
    *,
    at_once: int = _ACCOUNTS_AT_ONCE,
) -> AccruedColumns:
    """What accrued on every account, by the postings effective on or before the day."""
    parts = []
    for first in range(0, max(len(accounts), 1), at_once):
        chunk = _chunk(accounts, postings, holds, first, first + at_once)
        parts.append(_accrue_chunk(*chunk, versions, as_of.toordinal()))
    return AccruedColumns(
        {each: np.concatenate([part.totals[each] for part in parts]) for each in Charged},
        {each: np.concatenate([part.charged[each] for part in parts]) for each in Charged},
    )


def _chunk(
    accounts: AccountColumns, postings: PostingColumns, holds: HoldColumns, first: int, end: int
) -> tuple[AccountColumns, PostingColumns, HoldColumns]:
    lo, hi = np.searchsorted(postings.account, [first, end])
    some = slice(int(lo), int(hi))
    held = (holds.account >= first) & (holds.account < end)
    return (
        AccountColumns(
            accounts.agreed_on[first:end],
            accounts.original_minor[first:end],
            accounts.judged_on[first:end],
            accounts.charged_off_on[first:end],
        ),
        PostingColumns(
            postings.components,
            postings.account[some] - first,
            postings.component[some],
            postings.owed_minor[some],
            postings.due_on[some],
            postings.effective_on[some],
            postings.accrued[some],
        ),
        HoldColumns(
            holds.reasons,
            holds.account[held] - first,
            holds.reason[held],
            holds.first_on[held],
            holds.end_on[held],
            holds.accrual[held],
        ),
    )


def _accrue_chunk(
    accounts: AccountColumns,
    postings: PostingColumns,
    holds: HoldColumns,
    versions: Sequence[TermsVersion],
    as_of: int,
) -> AccruedColumns:
    seen = postings.where(postings.effective_on <= as_of)
    charged = _charged(seen.where(seen.accrued), len(accounts))
    books = Books(accounts, seen.where(~seen.accrued), holds, as_of)
    spans = cut(books, versions)
    charges = lay_out(books, spans, versions)
    totals = {
        Charged.INTEREST: _onto(books, spans, half_up(_interest(spans, charges), MILLI)),
        Charged.PENALTY: _onto(
            books,
            spans,
            half_up(sum_by_account(charges.penalty, spans.starts, spans.counts), MILLI),
        ),
        Charged.FEE: late_fees(books, versions),
    }
    terms = _last_terms(versions, as_of)
    if terms is not None:
        _bound(books, spans, charges, terms, totals)
    return AccruedColumns(totals, charged)


def _charged(own: PostingColumns, size: int) -> dict[Charged, Ints]:
    found = {}
    for each in Charged:
        rows = own.where(own.named((each.value,)))
        found[each] = np.zeros(size, np.int64)
        np.add.at(found[each], rows.account, rows.owed_minor)
    return found


def _onto(books: Books, spans: Spans, values: Ints) -> Ints:
    """Values of the accounts that have spans, with 0 for the others."""
    result = np.zeros(len(books.accounts), np.int64)
    result[spans.of] = values
    return result


def _last_terms(versions: Sequence[TermsVersion], as_of: int) -> InterestTerms | None:
    found = [v for v in versions if v.terms is not None and v.valid_from.toordinal() <= as_of]
    return max(found, key=lambda v: v.valid_from).terms if found else None


def _interest(spans: Spans, charges: Charges) -> Exact:
    """Interest and judgment interest of each account that has spans."""
    if charges.compounds.any():
        return _compounded(spans, charges)
    base = charges.lent + np.where(charges.bears, np.maximum(charges.billed, 0), 0)
    exact = charges.interest.of_base(base) + charges.judgment
    return sum_by_account(exact, spans.starts, spans.counts)


def _compounded(spans: Spans, charges: Charges) -> Exact:
    size = len(spans.of)
    joined, running = np.zeros(size, np.int64), Exact.zeros(size)
    order = np.argsort(-spans.counts, kind="stable")
    ranked = spans.counts[order]
    for rank in range(int(spans.counts.max(initial=0))):
        now = order[: int(np.searchsorted(-ranked, -rank, side="left"))]
        rows = spans.starts[now] + rank
        before = _join(joined, running.at(now), now, charges.joins[rows])
        base = _base_milli(charges, rows, joined[now])
        priced = charges.interest
        more = amounts(base, priced.nano[rows], priced.days[rows], priced.of[rows])
        after = before + more + charges.judgment.at(rows)
        running.whole[now], running.rest[now] = after.whole, after.rest
    return Exact(joined, np.zeros(size, np.int64)) + running


def _join(joined: Ints, running: Exact, now: Ints, joins: Ints) -> Exact:
    """What runs joins where the day says so; gives what then still runs."""
    if not joins.any():
        return running
    monthly = half_up(running, MILLI) * MILLI
    daily = half_up(running, 1)
    more = np.where(joins == JOINS_MONTHLY, monthly, np.where(joins == JOINS_DAILY, daily, 0))
    joined[now] += more
    runs_on = joins == 0
    return Exact(np.where(runs_on, running.whole, 0), np.where(runs_on, running.rest, 0))


def _base_milli(charges: Charges, rows: Ints, joined: Ints) -> Ints:
    billed = charges.billed[rows] * MILLI + np.where(charges.compounds[rows], joined, 0)
    result: Ints = charges.lent[rows] * MILLI + np.where(
        charges.bears[rows], np.maximum(billed, 0), 0
    )
    return result


def _bound(
    books: Books, spans: Spans, charges: Charges, terms: InterestTerms, totals: dict[Charged, Ints]
) -> None:
    """`applying.bounded_charges` on columns."""
    interest = totals[Charged.INTEREST]
    if terms.minimum_minor:
        interest = np.where(interest > 0, np.maximum(interest, terms.minimum_minor), interest)
    if terms.maximum_minor is not None:
        interest = np.minimum(interest, terms.maximum_minor)
    original = _original(books)
    if terms.maximum_share_nano is not None:
        interest = np.minimum(interest, _share(original, terms.maximum_share_nano))
    totals[Charged.INTEREST] = interest
    for cap in fee_bounds(terms):
        exact = charges.bounds.get(cap, Exact.zeros(len(spans.account)))
        summed = sum_by_account(exact, spans.starts, spans.counts).whole // MILLI
        others = sum(totals[each] for each in cap.covers if each is not Charged.FEE)
        _least(totals, Charged.FEE, _onto(books, spans, summed) - others)
    for cap in in_force(terms.caps, date.fromordinal(books.as_of)):
        if cap.kind is CapKind.FEE_TOTAL:
            _least(totals, Charged.FEE, np.full(len(interest), cap.amount_minor, np.int64))
        elif cap.kind is CapKind.TOTAL_SHARE:
            _bound_total(totals, cap, original)


def _bound_total(totals: dict[Charged, Ints], cap: Cap, original: Ints) -> None:
    left = _share(original, cap.share_nano)
    for component in (each for each in Charged if each in cap.covers):
        _least(totals, component, left)
        left = left - totals[component]


def _least(totals: dict[Charged, Ints], component: Charged, most: Ints) -> None:
    totals[component] = np.minimum(totals[component], np.maximum(most, 0))


def _original(books: Books) -> Ints:
    every = np.arange(len(books.accounts))
    opening = books.owed(("principal",), every, books.started_on)
    known = books.accounts.original_minor
    return np.maximum(np.where(known < 0, opening, known), 0)


def _share(amount: Ints, nano: int) -> Ints:
    """amount x nano / 10^9, cut; in two steps, since shares go up to 1,000 %."""
    high, low = np.divmod(amount, NANO)
    whole, part = divmod(nano, NANO)
    result: Ints = high * nano + low * whole + low * part // NANO
    return result
