"""What a treatment is expected to bring beyond doing nothing, in whole millionths of money.

A source of values answers by channel and days past due which share of the overdue amount a
treatment adds; shipped priors do so by table, a model may do so later. One definition serves one
case and columns of cases. What the treatment costs is taken off here; what resources cost is the
price's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from kept.core.algebra import div, greatest, is_in, least, mod, stair, where
from kept.core.currencies import CURRENCIES
from kept.core.money import Money

__all__ = [
    "AMOUNT_MOST",
    "PARTS",
    "RATE_MOST",
    "VALUE_MOST",
    "Prior",
    "Priors",
    "RateTable",
    "Rates",
    "ValueSource",
    "house_value",
    "value_of",
]

#: Shares and rates are counted in millionths.
PARTS: Final = 1_000_000
#: Minor units beyond which an amount adds no value; it keeps products within 62 bits.
AMOUNT_MOST: Final = 10**11
#: Millionths beyond which nothing is worth more; it keeps sums within 62 bits.
VALUE_MOST: Final = 10**13
#: What one major unit of a currency is worth in the house's, in millionths.
Rates = Mapping[str, int]
#: A rate is at most a million.
RATE_MOST: Final = 10**12


@dataclass(frozen=True, slots=True)
class RateTable:
    """What one major unit of each currency is worth in one and the same measure, in millionths.

    It serves to compare what is expected of a treatment, never to book money.
    """

    code: str
    version: int
    as_of: date
    worth: Mapping[str, int]

    @property
    def label(self) -> str:
        return f"{self.code}:{self.version}"

    def rates_in(self, house: str) -> Rates:
        """The rates in the house's currency, which has one in any case."""
        base = self.worth.get(house)
        if base is None:
            return {house: PARTS}
        found = {code: each * PARTS // base for code, each in sorted(self.worth.items())}
        return {code: min(rate, RATE_MOST) for code, rate in found.items()} | {house: PARTS}


class ValueSource(Protocol):
    """Where values come from; `label` is kept with every decision."""

    @property
    def label(self) -> str: ...

    def added(self, channel: str, dpd: Any) -> Any:
        """The share of the overdue amount that is paid because of it, in millionths."""


@dataclass(frozen=True, slots=True)
class Prior:
    """One row of a table: from which days past due how much is added, in millionths."""

    from_dpd: tuple[int, ...]
    added: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Priors:
    """A dated table of assumptions by channel. A channel that it lacks adds nothing."""

    code: str
    version: int
    by_channel: Mapping[str, Prior]

    @property
    def label(self) -> str:
        return f"{self.code}:{self.version}"

    def added(self, channel: str, dpd: Any) -> Any:
        row = self.by_channel.get(channel)
        if row is None:
            return dpd * 0
        return stair(dpd, row.from_dpd, (0, *row.added))


def value_of(
    source: ValueSource,
    channel: str,
    unit_cost: Money | None,
    *,
    dpd: Any,
    overdue_minor: Any,
    currency_code: Any,
    rates: Rates,
) -> Any:
    """The value of one treatment in millionths of the house's money, its own cost taken off.

    Numbers or columns. Money of a currency without a rate is worth nothing here: it cannot be
    compared, and `rates` must say so before the night.
    """
    amount = least(greatest(overdue_minor, 0), AMOUNT_MOST)
    gained = _in_house_money(amount * source.added(channel, dpd), currency_code, rates)
    return gained - house_value(unit_cost, rates)


def house_value(amount: Money | None, rates: Rates) -> int:
    """A sum of money in millionths of the house's; nothing where its currency has no rate."""
    if amount is None:
        return 0
    rate = rates.get(amount.currency.code, 0)
    worth = amount.amount_minor * rate // amount.currency.minor_per_major
    return min(max(worth, -VALUE_MOST), VALUE_MOST)


def _in_house_money(product: Any, code: Any, rates: Rates) -> Any:
    """Minor units times millionths into millionths of the house's money, rounded down.

    Whole units and the rest are exchanged apart, so that no product is beyond 62 bits.
    """
    found = product * 0
    for each, rate in rates.items():
        if rate <= 0:
            continue
        most = min(VALUE_MOST * PARTS // rate, 10**17)
        foreign = least(div(product, CURRENCIES[each].minor_per_major), most)
        worth = div(foreign, PARTS) * rate + div(mod(foreign, PARTS) * rate, PARTS)
        found = where(is_in(code, [each]), worth, found)
    return found
