"""What a debtor can carry each month, and the plans around it; never one that cannot be carried.

Income less protected living costs less other payments is what is left; a share of it (half, unless
the policy says otherwise) may go into instalments. Protected costs are data of a country
(`packs/money/living_costs.yaml`) or the lender's own; what a debtor shows to be higher is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from kept.core.lending.caps import CapStatus
from kept.core.lending.faults import LendingFault
from kept.core.lending.rates import NANO, Rate, RateUnit
from kept.core.lending.schedules import Instalment, ScheduleTerms, annuity
from kept.core.said import Said

__all__ = [
    "HALF",
    "Affordable",
    "Budget",
    "LivingCosts",
    "Offer",
    "Outcome",
    "affordable",
    "offers",
    "protected_minor",
]

#: Half of what is left: the share that HM Revenue and Customs goes by when it agrees time to pay.
HALF: Final = NANO // 2
# The offers beside the shortest plan take about these shares of the largest instalment.
_EASIER: Final = (Fraction(3, 4), Fraction(1, 2))


@dataclass(frozen=True, slots=True)
class LivingCosts:
    """A month's protected costs of a household by its size: `by_size[0]` for one person, more than
    the last plus `each_more_minor` for each. `valid_from` and the source are part of the figure."""

    id: str
    country: str
    currency: str
    valid_from: date
    by_size: tuple[int, ...]
    each_more_minor: int
    citation: str
    status: CapStatus
    names: tuple[tuple[str, str], ...] = ()
    note: str = ""


def protected_minor(costs: LivingCosts, dependants: int) -> int:
    """For the debtor and the dependants."""
    people = 1 + max(dependants, 0)
    known = costs.by_size[min(people, len(costs.by_size)) - 1]
    return known + max(people - len(costs.by_size), 0) * costs.each_more_minor


def costs_on(costs: Iterable[LivingCosts], id_: str, day: date) -> LivingCosts | None:
    """The figures of an id that hold on a day."""
    found = [each for each in costs if each.id == id_ and each.valid_from <= day]
    return max(found, key=lambda each: each.valid_from, default=None)


@dataclass(frozen=True, slots=True)
class Budget:
    """A month. `shown_costs_minor` is what the debtor shows; the higher of it and the protected
    costs counts. `other_payments_minor`: maintenance, rent above the standard, other plans."""

    income_minor: int
    dependants: int = 0
    shown_costs_minor: int = 0
    other_payments_minor: int = 0
    share_nano: int = HALF


@dataclass(frozen=True, slots=True)
class Affordable:
    """How the largest instalment came about, line by line."""

    income_minor: int
    costs_minor: int
    other_payments_minor: int
    left_minor: int
    share_nano: int
    largest_minor: int


def affordable(budget: Budget, costs: LivingCosts | None) -> Affordable:
    """The largest instalment a month, cut to whole minor units; 0 where nothing is left."""
    protected = protected_minor(costs, budget.dependants) if costs is not None else 0
    taken = max(protected, budget.shown_costs_minor)
    left = budget.income_minor - taken - budget.other_payments_minor
    share = min(max(budget.share_nano, 0), NANO)
    return Affordable(
        budget.income_minor,
        taken,
        budget.other_payments_minor,
        left,
        share,
        max(left, 0) * share // NANO,
    )


class Outcome(StrEnum):
    OFFERED = "offered"
    NOTHING_LEFT = "nothing_left"
    SHARE_TOO_SMALL = "share_too_small"
    INTEREST_NOT_CARRIED = "interest_not_carried"
    CANNOT_BE_CARRIED = "cannot_be_carried"


@dataclass(frozen=True, slots=True)
class Offer:
    """`plans` from the shortest to the easiest; without one, `reason` says why none can be."""

    outcome: Outcome
    plans: tuple[tuple[Instalment, ...], ...]
    reason: Said | None = None


def offers(owed_minor: int, found: Affordable, terms: ScheduleTerms) -> Offer:
    """Up to three annuities whose every instalment can be carried.

    `terms.months_most` bounds their length (120 where it is None). The first is the shortest that
    can be carried; the others take about three quarters and half of the largest instalment.
    """
    refused = _refusal(owed_minor, found, terms)
    if refused is not None:
        return refused
    most = terms.months_most or 120
    largest = found.largest_minor
    shortest = _shortest(owed_minor, largest, most, terms)
    if shortest is None:
        plan = annuity(owed_minor, most, replace(terms, months_most=None))
        reason = Said(
            LendingFault.CANNOT_BE_CARRIED,
            months=most,
            smallest=max(row.amount_minor for row in plan),
            largest=largest,
        )
        return Offer(Outcome.CANNOT_BE_CARRIED, (), reason)
    plans = [shortest]
    for share in _EASIER:
        easier = _shortest(owed_minor, int(largest * share), most, terms)
        if easier is not None and len(easier) > len(plans[-1]):
            plans.append(easier)
    return Offer(Outcome.OFFERED, tuple(plans))


def _refusal(owed_minor: int, found: Affordable, terms: ScheduleTerms) -> Offer | None:
    if found.left_minor <= 0:
        taken = found.costs_minor + found.other_payments_minor
        said = Said(LendingFault.NOTHING_LEFT, taken=taken, income=found.income_minor)
        return Offer(Outcome.NOTHING_LEFT, (), said)
    if found.largest_minor < terms.unit_minor:
        share = Rate(found.share_nano, RateUnit.YEARLY).text
        values = {"share": share, "found": found.largest_minor, "unit": terms.unit_minor}
        return Offer(Outcome.SHARE_TOO_SMALL, (), Said(LendingFault.SHARE_TOO_SMALL, **values))
    interest = _first_interest(owed_minor, terms)
    if interest >= found.largest_minor and owed_minor + interest > found.largest_minor:
        values = {"largest": found.largest_minor, "interest": interest}
        said = Said(LendingFault.INTEREST_NOT_CARRIED, **values)
        return Offer(Outcome.INTEREST_NOT_CARRIED, (), said)
    return None


def _first_interest(owed_minor: int, terms: ScheduleTerms) -> int:
    return annuity(owed_minor, 2, replace(terms, months_most=None))[0].interest_minor


def _shortest(
    owed_minor: int, largest_minor: int, most: int, terms: ScheduleTerms
) -> tuple[Instalment, ...] | None:
    """The fewest instalments none of which is above the largest; None where `most` are too few.

    The level instalment falls with their number, so the search halves; the last one, which takes
    what roundings leave, is looked at for the number found and those after it.
    """
    low, high = 1, most + 1
    free = replace(terms, months_most=None)
    while low < high:
        middle = (low + high) // 2
        if annuity(owed_minor, middle, free)[0].amount_minor <= largest_minor:
            high = middle
        else:
            low = middle + 1
    for number in range(low, most + 1):
        plan = annuity(owed_minor, number, free)
        if max(row.amount_minor for row in plan) <= largest_minor:
            return plan
    return None
