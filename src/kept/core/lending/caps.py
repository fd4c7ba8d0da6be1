"""Statutory bounds on what may be charged: dated data with a source, and which hold on an account.

The data are `packs/money/caps.yaml`. A lender's terms name the bounds that apply to a product; the
law of a country is not guessed from it, since most bounds depend on who lends and to whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kept.core.lending.rates import DatedRate, Rate, rate_on

__all__ = ["Cap", "CapKind", "CapStatus", "Charged", "FixedAt", "cap_rate", "in_force"]


class Charged(StrEnum):
    """What accrues, by the component it is charged to; a bound cuts the last of these first."""

    INTEREST = "interest"
    PENALTY = "penalty"
    FEE = "fee"


class CapKind(StrEnum):
    RATE = "rate"  # no day may cost more than this; fees share what is left of it over time
    TOTAL_SHARE = "total_share"  # all together never more than this share of the amount lent
    FEE_TOTAL = "fee_total"  # all late fees together never more than this amount
    NOT_IN_BASE = "not_in_base"  # these components bear no interest


class FixedAt(StrEnum):
    """Which day's value of a changing rate holds."""

    AGREEMENT = "agreement"
    DAY = "day"


class CapStatus(StrEnum):
    VERIFIED = "verified"  # the text of the instrument was read
    REPORTED = "reported"  # a secondary report was read
    UNVERIFIED = "unverified"  # must be confirmed before anyone relies on it


@dataclass(frozen=True, slots=True)
class Cap:
    """`share_nano` belongs to TOTAL_SHARE, `amount_minor` (of `currency`) to FEE_TOTAL,
    `components` to NOT_IN_BASE. `valid_to` is the last day. `names` by language, "en" and "zh"."""

    id: str
    names: tuple[tuple[str, str], ...]
    jurisdiction: str
    citation: str
    status: CapStatus
    kind: CapKind
    valid_from: date
    valid_to: date | None = None
    covers: tuple[Charged, ...] = ()
    rates: tuple[DatedRate, ...] = ()
    fixed_at: FixedAt = FixedAt.DAY
    share_nano: int = 0
    amount_minor: int = 0
    currency: str = ""
    components: tuple[str, ...] = ()
    note: str = ""


def in_force(caps: Iterable[Cap], day: date) -> list[Cap]:
    return [
        cap
        for cap in caps
        if cap.valid_from <= day and (cap.valid_to is None or day <= cap.valid_to)
    ]


def cap_rate(cap: Cap, day: date, agreed_on: date | None) -> Rate | None:
    """The highest rate of a day. A rate fixed at the agreement holds at its value of that day; of
    an older agreement, at its first; where the day is unknown, at its lowest ever."""
    if cap.fixed_at is FixedAt.DAY:
        return rate_on(cap.rates, day)
    if agreed_on is None:
        return min((each.rate for each in cap.rates), key=lambda rate: rate.nano, default=None)
    return rate_on(cap.rates, max(agreed_on, cap.valid_from))
