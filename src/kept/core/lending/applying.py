"""Which rates hold on a day, and under which bounds; one account and many accounts share it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kept.core.lending.caps import Cap, CapKind, Charged, FixedAt, cap_rate, in_force
from kept.core.lending.rates import Rate, RateUnit, changes_of, rate_on
from kept.core.lending.terms import InterestTerms, LateFee, Life, TermsVersion

__all__ = [
    "RatesOfDay",
    "bounded_charges",
    "cycle_of",
    "fee_bounds",
    "late_fee",
    "rate_changes",
    "rates_of_day",
    "version_on",
]

_ZERO = Rate(0, RateUnit.YEARLY)


@dataclass(frozen=True, slots=True)
class RatesOfDay:
    """What is charged on a day; a rate of 0 charges nothing. A cap's id stands where it cut."""

    interest: Rate
    penalty: Rate
    interest_cap: str = ""
    penalty_cap: str = ""


def version_on(versions: Iterable[TermsVersion], day: date) -> TermsVersion | None:
    for version in versions:
        if version.valid_from <= day and (version.valid_to is None or day <= version.valid_to):
            return version
    return None


def rates_of_day(
    terms: InterestTerms, day: date, *, promotional: bool, agreed_on: date | None
) -> RatesOfDay:
    """The rates after the bounds; the penalty gets what interest on the same amount leaves."""
    interest, interest_cap = _interest_rate(terms, day, promotional, agreed_on)
    if terms.penalty is None:
        return RatesOfDay(interest, _ZERO, interest_cap)
    penalty, penalty_cap = rate_on(terms.penalty.rates, day) or _ZERO, ""
    for cap in _rate_caps(terms, day, Charged.PENALTY):
        limit = cap_rate(cap, day, agreed_on)
        if limit is None:
            continue
        room = limit.as_unit(penalty.unit, terms.day_count).nano
        if Charged.INTEREST in cap.covers and not terms.penalty.instead_of_interest:
            room -= interest.as_unit(penalty.unit, terms.day_count, up=True).nano
        if room < penalty.nano:
            penalty, penalty_cap = Rate(max(room, 0), penalty.unit), cap.id
    return RatesOfDay(interest, penalty, interest_cap, penalty_cap)


def _interest_rate(
    terms: InterestTerms, day: date, promotional: bool, agreed_on: date | None
) -> tuple[Rate, str]:
    if terms.interest is None:
        return _ZERO, ""
    rate = rate_on(terms.interest.rates, day) or _ZERO
    if promotional and terms.promotional is not None:
        rate = terms.promotional.rate
    found = ""
    for cap in _rate_caps(terms, day, Charged.INTEREST):
        limit = cap_rate(cap, day, agreed_on)
        if limit is not None and limit.as_unit(rate.unit, terms.day_count).nano < rate.nano:
            rate, found = limit.as_unit(rate.unit, terms.day_count), cap.id
    return rate, found


def _rate_caps(terms: InterestTerms, day: date, charged: Charged) -> list[Cap]:
    caps = in_force(terms.caps, day)
    return [cap for cap in caps if cap.kind is CapKind.RATE and charged in cap.covers]


def fee_bounds(terms: InterestTerms) -> tuple[Cap, ...]:
    """Bounds on rates that fees count into: they accrue beside, and fees get what is left."""
    if terms.late_fee is None:
        return ()
    kind = CapKind.RATE
    return tuple(cap for cap in terms.caps if cap.kind is kind and Charged.FEE in cap.covers)


def rate_changes(terms: InterestTerms) -> set[date]:
    """Every day on which a rate or a bound of the terms may change."""
    found: set[date] = set()
    if terms.interest is not None:
        found.update(changes_of(terms.interest.rates))
    if terms.penalty is not None:
        found.update(changes_of(terms.penalty.rates))
    for cap in terms.caps:
        if cap.kind is CapKind.RATE:
            found.add(cap.valid_from)
            if cap.valid_to is not None and cap.valid_to < date.max:
                found.add(date.fromordinal(cap.valid_to.toordinal() + 1))
            if cap.fixed_at is FixedAt.DAY:
                found.update(changes_of(cap.rates))
    return found


def cycle_of(day: date, bill_day: int | None) -> int:
    """The bill cycle of a day as a running number of months; calendar months without a bill day."""
    return day.year * 12 + day.month - (day.day < (bill_day or 1))


def late_fee(fee: LateFee, overdue_minor: int) -> int:
    """What a missed due date costs; 0 where nothing is overdue."""
    if overdue_minor <= 0:
        return 0
    if not fee.share_nano:
        return fee.amount_minor
    share = (overdue_minor * fee.share_nano * 2 + 10**9) // (2 * 10**9)
    amount = max(share, fee.minimum_minor)
    return amount if fee.maximum_minor is None else min(amount, fee.maximum_minor)


@dataclass(frozen=True, slots=True)
class Cut:
    """What a bound took off a component's total."""

    component: Charged
    name: str
    before_minor: int
    after_minor: int


def bounded_charges(
    terms: InterestTerms,
    totals: dict[Charged, int],
    bounds: Sequence[tuple[Cap, int]],
    original_minor: int,
    as_of: date,
) -> list[Cut]:
    """Apply what bounds whole totals, in place; `bounds` is how much each rate bound came to."""
    cuts: list[Cut] = []

    def least(component: Charged, most: int, name: str) -> None:
        before = totals[component]
        if before > max(most, 0):
            totals[component] = max(most, 0)
            cuts.append(Cut(component, name, before, totals[component]))

    interest = totals[Charged.INTEREST]
    if 0 < interest < terms.minimum_minor:
        totals[Charged.INTEREST] = terms.minimum_minor
        cuts.append(Cut(Charged.INTEREST, "minimum", interest, terms.minimum_minor))
    if terms.maximum_minor is not None:
        least(Charged.INTEREST, terms.maximum_minor, "maximum")
    if terms.maximum_share_nano is not None:
        most = original_minor * terms.maximum_share_nano // 10**9
        least(Charged.INTEREST, most, "maximum_share")
    for cap, most in bounds:
        others = sum(totals[each] for each in cap.covers if each is not Charged.FEE)
        least(Charged.FEE, most - others, cap.id)
    for cap in in_force(terms.caps, as_of):
        if cap.kind is CapKind.FEE_TOTAL:
            least(Charged.FEE, cap.amount_minor, cap.id)
        elif cap.kind is CapKind.TOTAL_SHARE:
            left = original_minor * cap.share_nano // 10**9
            for component in (each for each in Charged if each in cap.covers):
                least(component, left, cap.id)
                left -= totals[component]
    return cuts


def agreed_changes(versions: Iterable[TermsVersion]) -> list[date]:
    """Days on which a bound that is fixed at the agreement changes its value."""
    return sorted(
        {
            day
            for version in versions
            if version.terms is not None
            for cap in version.terms.caps
            if cap.fixed_at is FixedAt.AGREEMENT
            for day in (*changes_of(cap.rates), cap.valid_from)
        }
    )


def original_of(life: Life, opening_minor: int) -> int:
    return opening_minor if life.original_minor is None else life.original_minor
