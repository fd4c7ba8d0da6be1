"""What is charged in each span: bases, rates and days laid out in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np

from kept.core.lending.applying import (
    agreed_changes,
    fee_bounds,
    rate_changes,
    rates_of_day,
)
from kept.core.lending.caps import Cap, Charged, cap_rate
from kept.core.lending.columns.arithmetic import MILLI, Exact, Ints, amounts
from kept.core.lending.columns.books import Books, Truths
from kept.core.lending.columns.spans import Spans, count_days, dates_of, promotional_ends
from kept.core.lending.rates import Rate, RateUnit
from kept.core.lending.terms import Compounding, InterestTerms, TermsVersion

__all__ = ["JOINS_DAILY", "JOINS_MONTHLY", "Charges", "lay_out"]

JOINS_MONTHLY: Final = 1
JOINS_DAILY: Final = 2


class Priced:
    """A rate for each span: its parts, the days and what they are of."""

    def __init__(self, size: int) -> None:
        self.nano = np.zeros(size, np.int64)
        self.days = np.zeros(size, np.int64)
        self.of = np.ones(size, np.int64)

    def put(
        self, rows: Ints, nano: Ints, daily: Truths, days: Ints, yearly: tuple[Ints, Ints]
    ) -> None:
        self.nano[rows] = nano
        self.days[rows] = np.where(daily, days, yearly[0])
        self.of[rows] = np.where(daily, 1, yearly[1])

    def of_base(self, base_minor: Ints) -> Exact:
        return amounts(base_minor * MILLI, self.nano, self.days, self.of)


class Charges:
    """`lent` bears interest, and `billed` (interest that was charged by others) where `bears` says
    so; what has joined is added where `compounds`. `joins` says what happens when a span begins."""

    def __init__(self, size: int) -> None:
        self.lent = np.zeros(size, np.int64)
        self.billed = np.zeros(size, np.int64)
        self.bears = np.zeros(size, np.bool_)
        self.compounds = np.zeros(size, np.bool_)
        self.joins = np.zeros(size, np.int64)
        self.interest = Priced(size)
        self.judgment = Exact.zeros(size)
        self.penalty = Exact.zeros(size)
        self.bounds: dict[Cap, Exact] = {}


@dataclass(frozen=True, slots=True)
class _Rows:
    """The spans of one version that are not stopped."""

    books: Books
    terms: InterestTerms
    rows: Ints
    account: Ints
    first: Ints
    end: Ints
    changes: list[date] = field(default_factory=list)

    @property
    def days(self) -> Ints:
        return self.end - self.first

    def yearly(self) -> tuple[Ints, Ints]:
        started = self.books.started_on[self.account]
        return count_days(self.terms.day_count, started, self.first, self.end)

    def only(self, kept: Truths) -> _Rows:
        return _Rows(
            self.books,
            self.terms,
            self.rows[kept],
            self.account[kept],
            self.first[kept],
            self.end[kept],
            self.changes,
        )

    def exact(self, base_minor: Ints, nano: Ints, daily: Truths) -> Exact:
        yearly = self.yearly()
        days, of = np.where(daily, self.days, yearly[0]), np.where(daily, 1, yearly[1])
        return amounts(base_minor * MILLI, nano, days, of)


def lay_out(books: Books, spans: Spans, versions: Sequence[TermsVersion]) -> Charges:
    charges = Charges(len(spans.account))
    changes = agreed_changes(versions)
    for version in versions:
        if version.terms is None:
            continue
        upto = date.max if version.valid_to is None else version.valid_to
        inside = (spans.first >= version.valid_from.toordinal()) & (spans.first <= upto.toordinal())
        rows = np.flatnonzero(inside)
        part = _Rows(
            books,
            version.terms,
            rows,
            spans.account[rows],
            spans.first[rows],
            spans.end[rows],
            changes,
        )
        _lay_joins(charges, part)
        stopped = books.stopped(version.terms, part.account, part.first)
        _lay_version(charges, part.only(~stopped))
    return charges


def _lay_joins(charges: Charges, part: _Rows) -> None:
    compounding = part.terms.interest.compounding if part.terms.interest else Compounding.NONE
    if compounding is Compounding.DAILY:
        charges.joins[part.rows] = JOINS_DAILY
    elif compounding is Compounding.MONTHLY:
        of_month = dates_of(part.first)[2]
        charges.joins[part.rows[of_month == part.terms.bill_day]] = JOINS_MONTHLY


def _lay_version(charges: Charges, part: _Rows) -> None:
    judgment = part.terms.judgment
    if judgment is not None:
        judged = part.books.judged(part.account, part.first)
        after = part.only(judged)
        base = np.maximum(after.books.owed(judgment.base, after.account, after.first), 0)
        daily = np.full(len(base), judgment.rate.unit is RateUnit.DAILY)
        nano = np.full(len(base), judgment.rate.nano, np.int64)
        _put(charges.judgment, after.rows, after.exact(base, nano, daily))
        if not judgment.adds:
            part = part.only(~judged)
    _lay_contract(charges, part)


def _put(into: Exact, rows: Ints, values: Exact) -> None:
    into.whole[rows], into.rest[rows] = values.whole, values.rest


def _lay_contract(charges: Charges, part: _Rows) -> None:
    terms, books = part.terms, part.books
    interest, penalty = _rates(part)
    overdue = np.zeros(len(part.rows), np.int64)
    if terms.penalty is not None:
        kind = terms.penalty
        overdue = books.overdue(kind.base, kind.grace_days, part.account, part.first)
        _put(charges.penalty, part.rows, part.exact(overdue, *penalty))
    if terms.interest is None:
        return
    base = set(terms.interest.base)
    own = Charged.INTEREST.value
    lent = np.maximum(books.owed(sorted(base - {own}), part.account, part.first), 0)
    for cap in fee_bounds(terms):
        exact = charges.bounds.setdefault(cap, Exact.zeros(len(charges.lent)))
        _put(exact, part.rows, part.exact(lent, *_cap_rates(part, cap)))
    if terms.penalty is not None and terms.penalty.instead_of_interest:
        lent = np.maximum(lent - overdue, 0)
    compounds = terms.interest.compounding is not Compounding.NONE
    charges.lent[part.rows] = lent
    charges.compounds[part.rows] = compounds
    if compounds or own in base:
        charges.bears[part.rows] = True
        charges.billed[part.rows] = books.owed((own,), part.account, part.first)
    charges.interest.put(part.rows, *interest, part.days, part.yearly())


_Rates = tuple[Ints, Truths]


def _rates(part: _Rows) -> tuple[_Rates, _Rates]:
    """Interest and penalty rates as parts and whether they are daily, from one call for each
    stretch of days, promotional or not, and agreement before or after a bound changed."""
    terms, size = part.terms, len(part.rows)
    ends = promotional_ends(terms, part.books.started_on)
    offered = np.zeros(size, np.bool_) if ends is None else part.first < ends[part.account]
    places, sample = _stretches(part, rate_changes(terms), offered)
    found = []
    for row in sample:
        agreed = int(part.books.accounts.agreed_on[part.account[row]])
        found.append(
            rates_of_day(
                terms,
                date.fromordinal(int(part.first[row])),
                promotional=bool(offered[row]),
                agreed_on=date.fromordinal(agreed) if agreed else None,
            )
        )
    interest = _spread([each.interest for each in found], places)
    return interest, _spread([each.penalty for each in found], places)


def _stretches(part: _Rows, changes: set[date], offered: Truths) -> tuple[Ints, Ints]:
    days = np.array(sorted(day.toordinal() for day in changes), np.int64)
    agreed_days = np.array([day.toordinal() for day in part.changes], np.int64)
    agreed = part.books.accounts.agreed_on[part.account]
    # An unknown day of agreement is a kind of its own.
    since = np.where(agreed > 0, np.searchsorted(agreed_days, agreed, side="right") + 1, 0)
    stretch = np.searchsorted(days, part.first, side="right")
    kind = (stretch * (len(agreed_days) + 2) + since) * 2 + offered
    # There are few kinds: each place of a small table is written by the rows of one.
    sample_of = np.full(int(kind.max(initial=0)) + 1, -1, np.int64)
    sample_of[kind] = np.arange(len(kind))
    found = sample_of >= 0
    places = (np.cumsum(found) - 1)[kind]
    return places, sample_of[found]


def _spread(rates: Sequence[Rate], places: Ints) -> _Rates:
    nano = np.array([rate.nano for rate in rates], np.int64)
    daily = np.array([rate.unit is RateUnit.DAILY for rate in rates], np.bool_)
    return nano[places], daily[places]


def _cap_rates(part: _Rows, cap: Cap) -> _Rates:
    nothing = np.zeros(len(part.rows), np.bool_)
    places, sample = _stretches(part, rate_changes(part.terms), nothing)
    found = []
    for row in sample:
        day = date.fromordinal(int(part.first[row]))
        agreed = int(part.books.accounts.agreed_on[part.account[row]])
        rate = cap_rate(cap, day, date.fromordinal(agreed) if agreed else None)
        inside = cap.valid_from <= day and (cap.valid_to is None or day <= cap.valid_to)
        found.append(rate if rate is not None and inside else Rate(0, RateUnit.YEARLY))
    return _spread(found, places)
