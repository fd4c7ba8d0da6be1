"""What has accrued on one account as of a day, with a trace that can be checked by hand.

The answer is a closed form: the exact total from the first day to the day asked, rounded once,
minus what was charged before. Entries by which kept charged it (book `accrued`) are no part of any
base, so that neither posting the accrued part, nor on which day, nor asking in between changes a
total. A payment that comes late and back-dated changes it, both ways.

Days: interest runs from the day an amount is owed to the day it is paid, that day excluded. A
penalty runs from the due date plus the days of grace. What joins the base when interest is
compounded is rounded half up: on a bill day to a minor unit, daily to a thousandth of one.
Bounds: rates day by day; fees by what a bound leaves over in total; then bounds on whole totals.

The twin for a million accounts is `columns.py`; a property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from kept.core.ledger import NO_DUE_DATE, Book, Posting
from kept.core.lending.applying import (
    Cut,
    RatesOfDay,
    bounded_charges,
    cycle_of,
    fee_bounds,
    late_fee,
    original_of,
    rate_changes,
    rates_of_day,
    version_on,
)
from kept.core.lending.caps import Cap, Charged, cap_rate
from kept.core.lending.day_counts import DayCount, counted_days
from kept.core.lending.rates import NANO, Rate, RateUnit
from kept.core.lending.terms import (
    Compounding,
    InterestTerms,
    Life,
    TermsVersion,
    promotional_end,
    stops,
)

__all__ = ["Accrual", "Reason", "Segment", "accrue", "is_accrued"]

_INTEREST = Charged.INTEREST.value
_MILLI = 1000


class Reason(StrEnum):
    CONTRACT = "contract"
    PROMOTIONAL = "promotional"
    OVERDUE = "overdue"
    JUDGMENT = "judgment"
    LATE_FEE = "late_fee"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Segment:
    """`base` x `rate` x `days` / `of` is `amount`, all in minor units and exact; `of` is 1 for a
    daily rate. A late fee has no rate: `base` was overdue on `first`. `cap` cut the rate."""

    component: Charged
    reason: Reason
    first: date
    end: date
    base: Fraction
    rate: Rate | None
    days: int
    of: int
    amount: Fraction
    cap: str = ""


@dataclass(frozen=True, slots=True)
class Accrual:
    """`totals` since the first day, `charged` so far; `accrued` is what an entry would charge now.

    What is accrued may be negative: a back-dated payment made an earlier charge too high.
    """

    as_of: date
    totals: Mapping[Charged, int]
    charged: Mapping[Charged, int]
    trace: tuple[Segment, ...] = ()
    cuts: tuple[Cut, ...] = ()

    @property
    def accrued(self) -> dict[Charged, int]:
        return {each: self.totals[each] - self.charged[each] for each in Charged}

    @property
    def accrued_minor(self) -> int:
        return sum(self.accrued.values())


def is_accrued(posting: Posting) -> bool:
    return Book.ACCRUED in (posting.from_book, posting.to_book)


def accrue(
    postings: Iterable[Posting],
    versions: Sequence[TermsVersion],
    life: Life,
    as_of: date,
    known_at: int,
) -> Accrual:
    """By the postings effective on or before `as_of` and known at `known_at`."""
    seen = [p for p in postings if p.effective_on <= as_of and p.recorded_at <= known_at]
    charged = dict.fromkeys(Charged, 0)
    for posting in seen:
        if is_accrued(posting):
            charged[Charged(posting.component)] += posting.owed
    account = _Account([p for p in seen if not is_accrued(p)], versions, life, as_of)
    if not account.postings or not any(version.terms for version in versions):
        return Accrual(as_of, dict.fromkeys(Charged, 0), charged)
    walk = _Walk(account)
    for first, end in account.spans():
        walk.step(first, end)
    fees = _late_fees(account)
    totals = walk.totals() | {Charged.FEE: sum(int(fee.amount) for fee in fees)}
    cuts = _cut(account, walk, totals)
    trace = sorted((*_merged(walk.trace), *fees), key=lambda each: (each.first, each.component))
    return Accrual(as_of, totals, charged, tuple(trace), tuple(cuts))


def _cut(account: _Account, walk: _Walk, totals: dict[Charged, int]) -> list[Cut]:
    terms = account.last_terms()
    if terms is None:
        return []
    bounds = [(cap, int(walk.bounds.get(cap, Fraction(0)))) for cap in fee_bounds(terms)]
    original = original_of(account.life, account.owed(("principal",), account.started_on))
    return bounded_charges(terms, totals, bounds, max(original, 0), account.as_of)


@dataclass(frozen=True, slots=True)
class _Account:
    """The postings that are no accrual, and what can be asked of them."""

    postings: list[Posting]
    versions: Sequence[TermsVersion]
    life: Life
    as_of: date

    @property
    def started_on(self) -> date:
        return min(posting.effective_on for posting in self.postings)

    def owed(self, components: Iterable[str], day: date) -> int:
        names = set(components)
        return sum(p.owed for p in self.postings if p.component in names and p.effective_on <= day)

    def overdue(self, components: Iterable[str], day: date, grace_days: int) -> int:
        """What fell due at least `grace_days` before the day's end, less every credit."""
        names, last = set(components), day - timedelta(days=grace_days)
        found = sum(
            p.owed
            for p in self.postings
            if p.component in names
            and p.effective_on <= day
            and (p.due_on is None or p.due_on <= last)
        )
        return max(found, 0)

    def stopped(self, terms: InterestTerms, day: date) -> bool:
        off = self.life.charged_off_on
        if terms.stops_on_charge_off and off is not None and off <= day:
            return True
        return any(
            stops(terms, hold) and hold.first <= day and (hold.end is None or day < hold.end)
            for hold in self.life.holds
        )

    def judged(self, day: date) -> bool:
        return self.life.judged_on is not None and self.life.judged_on <= day

    def last_terms(self) -> InterestTerms | None:
        """The terms in force on the day asked, or the last before."""
        found = [v for v in self.versions if v.terms is not None and v.valid_from <= self.as_of]
        return max(found, key=lambda v: v.valid_from).terms if found else None

    def spans(self) -> list[tuple[date, date]]:
        """The days from the start to the day asked, cut wherever anything may change."""
        cuts = {self.started_on, self.as_of}
        cuts.update(posting.effective_on for posting in self.postings)
        for bound in (self.life.judged_on, self.life.charged_off_on):
            cuts.update((bound,) if bound is not None else ())
        for hold in self.life.holds:
            cuts.update(day for day in (hold.first, hold.end) if day is not None)
        for version in self.versions:
            cuts.update(self._cuts_of(version))
        inside = sorted(day for day in cuts if self.started_on <= day <= self.as_of)
        return list(pairwise(inside))

    def _cuts_of(self, version: TermsVersion) -> set[date]:
        cuts = {version.valid_from}
        if version.valid_to is not None and version.valid_to < date.max:
            cuts.add(version.valid_to + timedelta(days=1))
        terms = version.terms
        if terms is None:
            return cuts
        cuts |= rate_changes(terms)
        offer_ends = promotional_end(terms, self.started_on)
        cuts |= {offer_ends} if offer_ends is not None else set()
        if terms.penalty is not None:
            grace = timedelta(days=terms.penalty.grace_days)
            dues = {p.due_on for p in self.postings if p.due_on and p.due_on < NO_DUE_DATE}
            cuts |= {due_on + grace for due_on in dues}
        return cuts | self._calendar_cuts(terms)

    def _calendar_cuts(self, terms: InterestTerms) -> set[date]:
        first, days = self.started_on, (self.as_of - self.started_on).days
        every = [first + timedelta(days=place) for place in range(days)]
        compounding = terms.interest.compounding if terms.interest else Compounding.NONE
        if compounding is Compounding.DAILY:
            return set(every)
        cuts: set[date] = set()
        if compounding is Compounding.MONTHLY:
            cuts |= {day for day in every if day.day == terms.bill_day}
        if terms.day_count is DayCount.ACT_ACT_ISDA:
            cuts |= {day for day in every if (day.month, day.day) == (1, 1)}
        return cuts


@dataclass(slots=True)
class _Walk:
    """Goes through the spans in order; `joined` counts thousandths, the rest is exact."""

    account: _Account
    joined: int = 0
    running: Fraction = Fraction(0)
    penalty: Fraction = Fraction(0)
    bounds: dict[Cap, Fraction] = field(default_factory=dict)
    trace: list[Segment] = field(default_factory=list)

    def totals(self) -> dict[Charged, int]:
        interest = Fraction(self.joined, _MILLI) + self.running
        return {
            Charged.INTEREST: _half_up(interest),
            Charged.PENALTY: _half_up(self.penalty),
            Charged.FEE: 0,
        }

    def step(self, first: date, end: date) -> None:
        account = self.account
        version = version_on(account.versions, first)
        if version is None or version.terms is None:
            return
        terms = version.terms
        self._join(terms, first)
        if account.stopped(terms, first):
            row = Segment(
                Charged.INTEREST, Reason.STOPPED, first, end, Fraction(0), None, 0, 1, Fraction(0)
            )
            self.trace.append(row)
            return
        judged = account.judged(first) and terms.judgment is not None
        if judged and terms.judgment is not None:
            base = Fraction(max(account.owed(terms.judgment.base, first), 0))
            self._charge(
                terms, Charged.INTEREST, Reason.JUDGMENT, first, end, base, terms.judgment.rate, ""
            )
            if not terms.judgment.adds:
                return
        self._contract(terms, first, end)

    def _join(self, terms: InterestTerms, day: date) -> None:
        compounding = terms.interest.compounding if terms.interest else Compounding.NONE
        if compounding is Compounding.MONTHLY and day.day == terms.bill_day:
            self.joined += _half_up(self.running) * _MILLI
            self.running = Fraction(0)
        elif compounding is Compounding.DAILY:
            self.joined += _half_up(self.running * _MILLI)
            self.running = Fraction(0)

    def _contract(self, terms: InterestTerms, first: date, end: date) -> None:
        account = self.account
        offer_ends = promotional_end(terms, account.started_on)
        promotional = offer_ends is not None and first < offer_ends
        rates = rates_of_day(
            terms, first, promotional=promotional, agreed_on=account.life.agreed_on
        )
        overdue = 0
        if terms.penalty is not None:
            overdue = account.overdue(terms.penalty.base, first, terms.penalty.grace_days)
            base = Fraction(overdue)
            self._charge(
                terms,
                Charged.PENALTY,
                Reason.OVERDUE,
                first,
                end,
                base,
                rates.penalty,
                rates.penalty_cap,
            )
        if terms.interest is not None:
            self._interest(terms, first, end, rates, overdue, promotional)

    def _interest(
        self,
        terms: InterestTerms,
        first: date,
        end: date,
        rates: RatesOfDay,
        overdue: int,
        promotional: bool,
    ) -> None:
        interest = terms.interest
        assert interest is not None
        lent = max(self.account.owed(set(interest.base) - {_INTEREST}, first), 0)
        for cap in fee_bounds(terms):
            self._bound(cap, terms, first, end, lent)
        if terms.penalty is not None and terms.penalty.instead_of_interest:
            lent = max(lent - overdue, 0)
        compounds = interest.compounding is not Compounding.NONE
        billed = Fraction(0)
        if compounds or _INTEREST in interest.base:
            billed = Fraction(self.account.owed((_INTEREST,), first))
            billed += Fraction(self.joined, _MILLI) if compounds else 0
        reason = Reason.PROMOTIONAL if promotional else Reason.CONTRACT
        base = lent + max(billed, Fraction(0))
        self._charge(
            terms, Charged.INTEREST, reason, first, end, base, rates.interest, rates.interest_cap
        )

    def _bound(self, cap: Cap, terms: InterestTerms, first: date, end: date, lent: int) -> None:
        rate = cap_rate(cap, first, self.account.life.agreed_on)
        inside = cap.valid_from <= first and (cap.valid_to is None or first <= cap.valid_to)
        if rate is not None and inside:
            days, of = self._days(terms, rate, first, end)
            more = Fraction(lent * rate.nano * days, NANO * of)
            self.bounds[cap] = self.bounds.get(cap, Fraction(0)) + more

    def _days(self, terms: InterestTerms, rate: Rate, first: date, end: date) -> tuple[int, int]:
        if rate.unit is RateUnit.DAILY:
            return (end - first).days, 1
        if terms.day_count in (DayCount.ACT_360, DayCount.ACT_365F, DayCount.ACT_ACT_ISDA):
            part = counted_days(terms.day_count, first, end)[0]
            return part.days, part.of
        # Of months of 30 days only the count from one fixed day adds up wherever it is cut.
        start = self.account.started_on
        upto = counted_days(terms.day_count, start, end)[0].days
        return upto - counted_days(terms.day_count, start, first)[0].days, 360

    def _charge(
        self,
        terms: InterestTerms,
        component: Charged,
        reason: Reason,
        first: date,
        end: date,
        base: Fraction,
        rate: Rate,
        cap: str,
    ) -> None:
        if not base or not rate.nano:
            return
        days, of = self._days(terms, rate, first, end)
        amount = base * Fraction(rate.nano * days, NANO * of)
        if component is Charged.PENALTY:
            self.penalty += amount
        else:
            self.running += amount
        self.trace.append(Segment(component, reason, first, end, base, rate, days, of, amount, cap))


def _late_fees(account: _Account) -> list[Segment]:
    """One for each bill cycle in which a due date was missed, on the day after grace."""
    dues = {
        p.due_on for p in account.postings if p.due_on and p.due_on < NO_DUE_DATE and p.owed > 0
    }
    found: dict[int, Segment] = {}
    for due_on in sorted(dues):
        version = version_on(account.versions, due_on)
        terms = version.terms if version is not None else None
        if terms is None or terms.late_fee is None:
            continue
        day = due_on + timedelta(days=terms.late_fee.grace_days)
        cycle = cycle_of(due_on, terms.bill_day)
        if cycle in found or not _may_charge_fee(account, terms, day):
            continue
        overdue = account.overdue(terms.late_fee.base, day, terms.late_fee.grace_days)
        amount = late_fee(terms.late_fee, overdue)
        if amount:
            on = day + timedelta(days=1)
            found[cycle] = Segment(
                Charged.FEE,
                Reason.LATE_FEE,
                on,
                on,
                Fraction(overdue),
                None,
                0,
                1,
                Fraction(amount),
            )
    return list(found.values())


def _may_charge_fee(account: _Account, terms: InterestTerms, day: date) -> bool:
    if not account.started_on <= day < account.as_of or account.stopped(terms, day):
        return False
    return not (account.judged(day) and terms.judgment is not None and not terms.judgment.adds)


def _half_up(exact: Fraction) -> int:
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _merged(rows: Iterable[Segment]) -> list[Segment]:
    """Rows that differ in nothing but their days, one after another, are one row."""
    last: dict[tuple[Charged, Reason], int] = {}
    found: list[Segment] = []
    for row in rows:
        kind = (row.component, row.reason)
        place = last.get(kind)
        before = found[place] if place is not None else None
        if before is not None and place is not None and _continues(before, row):
            found[place] = Segment(
                row.component,
                row.reason,
                before.first,
                row.end,
                row.base,
                row.rate,
                before.days + row.days,
                row.of,
                before.amount + row.amount,
                row.cap,
            )
        else:
            last[kind] = len(found)
            found.append(row)
    return found


def _continues(before: Segment, row: Segment) -> bool:
    same = (before.base, before.rate, before.of, before.cap) == (
        row.base,
        row.rate,
        row.of,
        row.cap,
    )
    return same and before.end == row.first
