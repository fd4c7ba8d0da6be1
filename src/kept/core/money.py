"""Money: integer minor units of one currency, and the only ways to split and round it.

Nothing here is a float and nothing rounds by itself: a split names where the remainder goes, a
rounding names its mode and who bears the difference. Rates of exchange and the writing of amounts
for a reader's language live elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final, assert_never

from kept.core.currencies import Currency, currency
from kept.core.money_faults import MoneyFault
from kept.core.said import Said

__all__ = [
    "AMOUNT_MAX",
    "AMOUNT_MIN",
    "Bearer",
    "Money",
    "MoneyError",
    "Remainder",
    "Rounded",
    "Rounding",
    "parse_money",
    "share_of",
    "split",
    "total",
]

# The database and the frames hold amounts in 64 bits.
AMOUNT_MAX: Final = 2**63 - 1
AMOUNT_MIN: Final = -(2**63)


class MoneyError(ValueError):
    """An amount or an operation on amounts that has no meaning; the message says what to do."""

    def __init__(self, what: str | Said) -> None:
        self.said = Said("{what}", what=what) if isinstance(what, str) else what
        super().__init__(str(what))


class Rounding(StrEnum):
    """How a fraction of a minor unit becomes a whole one."""

    DOWN = "down"  # toward zero
    UP = "up"  # away from zero
    FLOOR = "floor"  # toward minus infinity
    CEILING = "ceiling"  # toward plus infinity
    HALF_UP = "half_up"  # to the nearest, a half away from zero
    HALF_EVEN = "half_even"  # to the nearest, a half to the even neighbour


class Bearer(StrEnum):
    """Who gains or loses the fraction that a rounding drops."""

    DEBTOR = "debtor"
    CREDITOR = "creditor"
    AGENCY = "agency"
    COLLECTOR = "collector"
    HOUSE = "house"


class Remainder(StrEnum):
    """Which shares of a split take the minor units that do not divide, one each."""

    FIRST = "first"
    LAST = "last"
    LARGEST = "largest"  # the shares cut most; among equals the earlier


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in integer minor units; `Money(50_050, currency("CNY"))` is 500.50 yuan."""

    amount_minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.amount_minor) is not int:
            raise MoneyError(
                f"an amount is an integer of minor units, not {self.amount_minor!r};"
                " read decimal text with parse_money"
            )
        if not isinstance(self.currency, Currency):
            raise MoneyError(f'{self.currency!r} is not a currency; use currency("CNY")')
        if not AMOUNT_MIN <= self.amount_minor <= AMOUNT_MAX:
            raise MoneyError(f"{self.amount_minor} minor units do not fit into 64 bits")

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.amount_minor + self._same(other).amount_minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.amount_minor - self._same(other).amount_minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount_minor), self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            raise MoneyError(f"money is multiplied by an integer, not {times!r}; see share_of")
        return Money(self.amount_minor * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.amount_minor < self._same(other).amount_minor

    def __le__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.amount_minor <= self._same(other).amount_minor

    def __gt__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.amount_minor > self._same(other).amount_minor

    def __ge__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.amount_minor >= self._same(other).amount_minor

    def __bool__(self) -> bool:
        raise MoneyError("money has no truth of its own; compare amount_minor with 0")

    def __str__(self) -> str:
        return f"{self.text} {self.currency.code}"

    @property
    def text(self) -> str:
        """The amount in major units with a dot and all decimals of the currency: `-500.50`."""
        sign = "-" if self.amount_minor < 0 else ""
        exponent = self.currency.exponent
        digits = str(abs(self.amount_minor)).rjust(exponent + 1, "0")
        if not exponent:
            return sign + digits
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"

    def _same(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise MoneyError(
                f"{self} and {other} are of two currencies; convert one at a stated rate first"
            )
        return other


# ASCII digits only: other scripts' digits and separators are the intake map's business.
_DECIMAL = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)


def parse_money(text: str, code: str | Currency) -> Money:
    """Money of plain decimal text in major units: `parse_money("500.50", "CNY")`.

    More decimals than the currency has is an error, never a rounding, zeros included: a file with
    three decimals of yuan was not meant as yuan.
    """
    kind = code if isinstance(code, Currency) else currency(code)
    found = _DECIMAL.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise MoneyError(Said(MoneyFault.NO_AMOUNT, found=repr(text)))
    sign, whole, decimals = found[1], found[2], found[3] or ""
    if len(whole) + len(decimals) > 40:
        raise MoneyError(Said(MoneyFault.TOO_BIG, found=f"{text[:20]}…"))
    if len(decimals) > kind.exponent:
        places = {"decimals": kind.exponent, "given": len(decimals)}
        raise MoneyError(Said(MoneyFault.DECIMALS, found=repr(text), currency=kind.code, **places))
    minor = int(whole + decimals.ljust(kind.exponent, "0"))
    signed = -minor if sign == "-" else minor
    if not AMOUNT_MIN <= signed <= AMOUNT_MAX:
        raise MoneyError(Said(MoneyFault.TOO_BIG, found=f"{text[:20]}…"))
    return Money(signed, kind)


def total(amounts: Sequence[Money], kind: Currency) -> Money:
    """The sum, in `kind` even when there is nothing to add."""
    result = Money(0, kind)
    for amount in amounts:
        result = result + amount
    return result


def split(
    amount: Money, weights: int | Sequence[int], *, remainder_to: Remainder | int
) -> tuple[Money, ...]:
    """Shares in proportion to integer weights (or n equal ones) that sum to the amount exactly.

    `remainder_to` says who takes the minor units left after flooring: a share's index takes them
    all, a `Remainder` deals them one each. A share of weight 0 gets nothing. A negative amount is
    the mirror of the positive one.
    """
    parts = _weights(weights)
    size, whole = abs(amount.amount_minor), sum(parts)
    shares = [size * part // whole for part in parts]
    for index in _takers(parts, size, size - sum(shares), remainder_to):
        shares[index] += 1
    sign = -1 if amount.amount_minor < 0 else 1
    return tuple(Money(sign * share, amount.currency) for share in shares)


def _weights(weights: int | Sequence[int]) -> list[int]:
    if type(weights) is int:
        parts = [1] * weights
    elif isinstance(weights, Sequence) and not isinstance(weights, str):
        parts = list(weights)
    else:
        raise MoneyError(f"split by a number of shares or by integer weights, not {weights!r}")
    if not parts or any(type(part) is not int or part < 0 for part in parts) or not any(parts):
        raise MoneyError("a split needs at least one share, and weights of 0 or more, one above 0")
    return parts


def _takers(parts: list[int], size: int, left: int, to: Remainder | int) -> list[int]:
    """Indices that take one minor unit each; an index repeats when it takes several."""
    paying = [index for index, part in enumerate(parts) if part]
    if not isinstance(to, Remainder):
        if type(to) is not int or to not in paying:
            raise MoneyError(f"remainder_to={to!r} names no share with a weight above 0")
        return [to] * left
    match to:
        case Remainder.FIRST:
            return paying[:left]
        case Remainder.LAST:
            return paying[len(paying) - left :]
        case Remainder.LARGEST:
            whole = sum(parts)
            return sorted(paying, key=lambda index: -(size * parts[index] % whole))[:left]
        case _:
            assert_never(to)


@dataclass(frozen=True, slots=True)
class Rounded:
    """A rounded amount. `remainder` is exact minus rounded, in minor units; `borne_by` bears it."""

    money: Money
    remainder: Fraction
    borne_by: Bearer


def share_of(
    amount: Money, numerator: int, denominator: int, *, rounding: Rounding, borne_by: Bearer
) -> Rounded:
    """`amount * numerator / denominator`, rounded once: a rate, a fee, a percentage."""
    if type(numerator) is not int or type(denominator) is not int or denominator == 0:
        raise MoneyError(f"{numerator!r}/{denominator!r} is no ratio of integers")
    if not isinstance(borne_by, Bearer):
        raise MoneyError(f"borne_by={borne_by!r}: name who bears the remainder by a Bearer")
    exact = Fraction(amount.amount_minor * numerator, denominator)
    minor = _rounded(exact, rounding)
    return Rounded(Money(minor, amount.currency), exact - minor, borne_by)


def _rounded(exact: Fraction, rounding: Rounding) -> int:
    floor = exact.numerator // exact.denominator
    rest = exact - floor
    if not rest:
        return floor
    match rounding:
        case Rounding.FLOOR:
            return floor
        case Rounding.CEILING:
            return floor + 1
        case Rounding.DOWN:
            return floor if exact > 0 else floor + 1
        case Rounding.UP:
            return floor + 1 if exact > 0 else floor
        case Rounding.HALF_UP:
            up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and exact > 0)
            return floor + up
        case Rounding.HALF_EVEN:
            return round(exact)
        case _:
            assert_never(rounding)
