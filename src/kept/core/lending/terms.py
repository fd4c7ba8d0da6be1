"""Interest terms of a product: what is charged on which amounts, by which rate, until when.

Values only; `reading.py` makes them of a product's JSON, `accrual.py` applies them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kept.core.lending.caps import Cap
from kept.core.lending.day_counts import DayCount
from kept.core.lending.rates import DatedRate, Rate

__all__ = [
    "Compounding",
    "Held",
    "Interest",
    "InterestTerms",
    "Judgment",
    "LateFee",
    "Life",
    "Penalty",
    "Promotional",
    "TermsVersion",
]


class Compounding(StrEnum):
    """When accrued interest joins the amount that bears interest."""

    NONE = "none"
    DAILY = "daily"
    MONTHLY = "monthly"  # on the bill day


@dataclass(frozen=True, slots=True)
class Interest:
    rates: tuple[DatedRate, ...]
    base: tuple[str, ...]
    compounding: Compounding = Compounding.NONE


@dataclass(frozen=True, slots=True)
class Penalty:
    """Default interest: on what fell due more than `grace_days` ago and is unpaid."""

    rates: tuple[DatedRate, ...]
    base: tuple[str, ...]
    grace_days: int = 0
    instead_of_interest: bool = False


@dataclass(frozen=True, slots=True)
class LateFee:
    """Once a bill cycle, for a due date missed: an amount, or a share of what is overdue."""

    base: tuple[str, ...]
    amount_minor: int = 0
    share_nano: int = 0
    minimum_minor: int = 0
    maximum_minor: int | None = None
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class Promotional:
    """A rate in place of the contract's, up to a day (included) or for some days from the start."""

    rate: Rate
    until: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Judgment:
    """From the day of a judgment: in place of all else, or added to the contract's interest."""

    rate: Rate
    base: tuple[str, ...]
    adds: bool = False


@dataclass(frozen=True, slots=True)
class InterestTerms:
    """`minimum_minor` and the two maxima bound the whole interest of an account's life."""

    day_count: DayCount
    interest: Interest | None = None
    bill_day: int | None = None
    penalty: Penalty | None = None
    late_fee: LateFee | None = None
    promotional: Promotional | None = None
    judgment: Judgment | None = None
    minimum_minor: int = 0
    maximum_minor: int | None = None
    maximum_share_nano: int | None = None
    stopping_holds: frozenset[str] = frozenset()
    stops_on_charge_off: bool = True
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """`terms` None: nothing accrues in these days (both included), such as with `creditor`."""

    valid_from: date
    valid_to: date | None
    terms: InterestTerms | None


@dataclass(frozen=True, slots=True)
class Held:
    """Days of a hold, `end` excluded; `accrual` when the hold itself says that nothing accrues."""

    reason: str
    first: date
    end: date | None
    accrual: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of an account beside its postings."""

    agreed_on: date | None = None
    original_minor: int | None = None
    judged_on: date | None = None
    charged_off_on: date | None = None
    holds: tuple[Held, ...] = ()


def promotional_end(terms: InterestTerms, started_on: date) -> date | None:
    """The first day after the promotional rate."""
    offer = terms.promotional
    if offer is None:
        return None
    if offer.until is not None:
        return offer.until + timedelta(days=1)
    return started_on + timedelta(days=offer.days or 0)


def stops(terms: InterestTerms, hold: Held) -> bool:
    return hold.accrual or hold.reason in terms.stopping_holds
