"""What may be wrong with an amount that somebody wrote: English source texts with named places."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["MoneyFault"]


class MoneyFault(StrEnum):
    NO_AMOUNT = "{found} is not a plain decimal amount; write it as 1234.50"
    TOO_BIG = "{found} does not fit into 64 bits"
    DECIMALS = "{found}: {currency} has {decimals} decimals, not {given}"
    NO_CURRENCY = "unknown currency {found}: use a code of ISO 4217, such as CNY"
    NO_CURRENCY_NEAR = "unknown currency {found}: did you mean {near}?"
