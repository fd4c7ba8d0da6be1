"""Rates of interest as exact integers: parts of a thousand million, for a year or for a day.

`0.05 % a day` and `18.25 % a year` stay what they are: which part of a year a day is belongs to the
day count. Only where one must not exceed the other are they put on one scale.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kept.core.lending.day_counts import DayCount

__all__ = ["NANO", "DatedRate", "Rate", "RateUnit", "changes_of", "parse_share", "rate_on"]

#: One whole, in which rates and shares are counted: 1 % is ten million of them.
NANO: Final = 10**9

_SHARE: Final = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,7}))?\s?%", re.ASCII)


class RateUnit(StrEnum):
    YEARLY = "yearly"
    DAILY = "daily"


def parse_share(text: str) -> int | None:
    """The parts of `NANO` in "18.25%"; None where the text is no share with up to 7 decimals."""
    found = _SHARE.fullmatch(text)
    if found is None:
        return None
    return int(found[1] + (found[2] or "").ljust(7, "0"))


@dataclass(frozen=True, slots=True)
class Rate:
    nano: int
    unit: RateUnit

    @property
    def text(self) -> str:
        """As a share of the year or the day: `18.25%`."""
        whole, rest = divmod(self.nano, NANO // 100)
        decimals = str(rest).rjust(7, "0").rstrip("0")
        return f"{whole}.{decimals}%" if decimals else f"{whole}%"

    def as_unit(self, unit: RateUnit, count: DayCount, *, up: bool = False) -> Rate:
        """The same in another unit; what does not divide is dropped, or with `up` rounded up.

        A year of days is 360 where the day count divides by 360, else 365.
        """
        if unit == self.unit:
            return self
        year = 360 if "/360" in count.value else 365
        if unit is RateUnit.YEARLY:
            return Rate(self.nano * year, unit)
        return Rate(-(-self.nano // year) if up else self.nano // year, unit)


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A rate in force from a day on, until the next one begins."""

    valid_from: date
    rate: Rate


def rate_on(rates: Sequence[DatedRate], day: date) -> Rate | None:
    """The rate in force on a day; None before the first. `rates` rise in their days."""
    found = None
    for each in rates:
        if each.valid_from > day:
            break
        found = each.rate
    return found


def changes_of(rates: Sequence[DatedRate]) -> tuple[date, ...]:
    return tuple(each.valid_from for each in rates)
