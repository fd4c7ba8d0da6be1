"""The currencies of ISO 4217 in use, with the number of decimals of each.

It knows codes and exponents, nothing of rates, names or symbols. Codes for metals, funds and tests
(XAU, CLF, XTS…) are left out: no debt is kept in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from kept.core.money_faults import MoneyFault
from kept.core.said import Said

__all__ = ["CURRENCIES", "Currency", "UnknownCurrency", "currency"]


class UnknownCurrency(ValueError):
    """The code is not one of ISO 4217's currencies in use."""

    def __init__(self, code: object) -> None:
        self.code = code
        near = near_codes(code) if isinstance(code, str) else []
        fault = MoneyFault.NO_CURRENCY_NEAR if near else MoneyFault.NO_CURRENCY
        self.said = Said(fault, found=repr(code), near=", ".join(near))
        super().__init__(str(self.said))


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency; `exponent` is the number of decimals of its major unit (CNY 2, JPY 0, KWD 3).

    Made by `currency(code)`, which knows the exponents; the constructor only refuses a pair that
    the table does not hold.
    """

    code: str
    exponent: int

    def __post_init__(self) -> None:
        if _EXPONENTS.get(self.code) != self.exponent or isinstance(self.exponent, bool):
            if self.code not in _EXPONENTS:
                raise UnknownCurrency(self.code)
            raise ValueError(
                f"{self.code} has {_EXPONENTS[self.code]} decimals, not {self.exponent!r}"
            )

    @property
    def minor_per_major(self) -> int:
        return int(10**self.exponent)

    def __str__(self) -> str:
        return self.code


def currency(code: str) -> Currency:
    """The currency of an exact upper-case code; `UnknownCurrency` names the near ones."""
    try:
        return CURRENCIES[code]
    except (KeyError, TypeError):
        raise UnknownCurrency(code) from None


def near_codes(code: str) -> list[str]:
    upper = code.strip().upper()
    upper = _COLLOQUIAL.get(upper, upper)
    if upper in _EXPONENTS:
        return [upper]
    return get_close_matches(upper, _EXPONENTS, n=3, cutoff=0.5)


# ISO 4217, list one. Two decimals is the rule; the exceptions stand apart.
_TWO_DECIMALS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES
WST XCD XCG YER ZAR ZMW ZWG
"""
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"

# What people write, for the advice in a refusal only: a file's code is never changed by itself.
_COLLOQUIAL = {
    "RMB": "CNY",
    "CNH": "CNY",
    "YUAN": "CNY",
    "人民币": "CNY",
    "元": "CNY",
    "¥": "CNY",
    "NTD": "TWD",
    "NT$": "TWD",
    "HK$": "HKD",
    "US$": "USD",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "STG": "GBP",
    "YEN": "JPY",
    "RS": "INR",
    "₹": "INR",
}

_EXPONENTS: dict[str, int] = {
    code: exponent
    for exponent, codes in ((0, _NO_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS))
    for code in codes.split()
}

CURRENCIES: dict[str, Currency] = {
    code: Currency(code, exponent) for code, exponent in sorted(_EXPONENTS.items())
}
