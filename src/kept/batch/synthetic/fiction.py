"""Numbers that look right and belong to nobody, made in columns from serial numbers.

Where a regulator sets numbers aside for fiction, those are taken:
* telephone, United States: 555-0100 to 555-0199 in each area code, which NANPA keeps for fiction.
  They are few, so in a large book many debtors share one.
* e-mail: the domains that RFC 2606 sets aside.
* Social Security numbers: area 666, which the Social Security Administration has said it never
  issues. Employer numbers: prefix 00, never issued either.

China sets none aside, so well-formed numbers are taken that no rule could have issued:
* mobile: eleven digits beginning with 154, which has the form of a mobile number and is not among
  the prefixes given to operators (150-153 and 155-159 are); the phone library knows no such range.
* identity card: birth date, sequence and check digit (GB 11643) are right, but the region begins
  with 99, and no province has that code.
* unified social credit code: check character (GB 32100) is right, the region begins with 99.

A serial number gives one number for ever; serials below the named limit give distinct numbers.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = [
    "CHINESE_IDENTITIES",
    "SOCIAL_SECURITY_NUMBERS",
    "chinese_company_codes",
    "chinese_identities",
    "chinese_mobiles",
    "employer_numbers",
    "social_security_numbers",
    "us_phones",
]

Integers = NDArray[np.int64]

CHINESE_MOBILES: Final = 10**8
CHINESE_IDENTITIES: Final = 15_000 * 999
SOCIAL_SECURITY_NUMBERS: Final = 9 * 9 * 8 * 1_000

_FIRST_BIRTHDAY: Final = date(1962, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
_BIRTHDAYS: Final = 15_000  # until January 2003: nobody in the book is a minor
_IDENTITY_REGION: Final = "990101"
_IDENTITY_WEIGHTS: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_IDENTITY_CHECKS: Final = np.array(list("10X98765432"))

_COMPANY_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_COMPANY_WEIGHTS: Final = np.array(
    [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28], dtype=np.int64
)
_COMPANY_PREFIX: Final = "91990101"

_NOT_SIX: Final = np.array([0, 1, 2, 3, 4, 5, 7, 8, 9])

# Prime to every number of serials, so that neighbours in a book get distant numbers.
_STRIDE: Final = 7_368_787


def chinese_mobiles(serials: Integers) -> pl.Series:
    """`154` and eight digits; distinct for serials below 100,000,000."""
    return _padded("154", (serials * _STRIDE) % CHINESE_MOBILES, 8)


def chinese_identities(serials: Integers) -> pl.Series:
    """Eighteen characters with a right check digit, distinct for serials below 14,985,000."""
    scattered = (serials * _STRIDE) % CHINESE_IDENTITIES
    born = (_FIRST_BIRTHDAY + scattered % _BIRTHDAYS).astype("datetime64[D]")
    first = pl.select(
        pl.concat_str(
            pl.lit(_IDENTITY_REGION),
            pl.lit(pl.Series(born)).dt.strftime("%Y%m%d"),
            _zero_filled(pl.lit(pl.Series(scattered // _BIRTHDAYS + 1)), 3),
        )
    ).to_series()
    return first + _identity_checks(first)


def _identity_checks(first_17: pl.Series) -> pl.Series:
    sums = _signs(first_17, "0123456789") @ _IDENTITY_WEIGHTS
    return pl.Series(_IDENTITY_CHECKS[sums % 11])


def chinese_company_codes(serials: Integers) -> pl.Series:
    """Unified social credit codes with a right check character, distinct below 10^9 serials."""
    first = _padded(_COMPANY_PREFIX, serials % 10**9, 9)
    sums = _signs(first, _COMPANY_SIGNS) @ _COMPANY_WEIGHTS
    checks = np.array(list(_COMPANY_SIGNS))[(31 - sums % 31) % 31]
    return first + pl.Series(checks)


def us_phones(area_codes: pl.Series, serials: Integers) -> pl.Series:
    """`AAA-555-01NN` for each area code."""
    return area_codes.cast(pl.String) + _padded("-555-01", serials % 100, 2)


def social_security_numbers(serials: Integers) -> pl.Series:
    """`666-GG-SSSS`, distinct for serials below 648,000.

    Group and serial begin with two different digits, neither of them 6, since a number of one or
    two digits looks like a placeholder and is refused as one.
    """
    rest, units = np.divmod((serials * _STRIDE) % SOCIAL_SECURITY_NUMBERS, 1_000)
    rest, unit = np.divmod(rest, 9)
    lead, tens = np.divmod(rest, 9)
    group = _NOT_SIX[tens] * 10 + unit + 1
    serial = _NOT_SIX[(tens + 1 + lead) % 9] * 1_000 + units
    return _padded("666-", group, 2) + _padded("-", serial, 4)


def employer_numbers(serials: Integers) -> pl.Series:
    """`00-12NNNNN`, distinct for serials below 100,000."""
    return _padded("00-12", serials % 10**5, 5)


def _padded(prefix: str, values: Integers, digits: int) -> pl.Series:
    column = pl.lit(pl.Series(values))
    return pl.select(pl.concat_str(pl.lit(prefix), _zero_filled(column, digits))).to_series()


def _zero_filled(column: pl.Expr, digits: int) -> pl.Expr:
    return column.cast(pl.String).str.zfill(digits)


def _signs(texts: pl.Series, alphabet: str) -> NDArray[Any]:
    """Each text of 17 ASCII characters as a row of places in the alphabet."""
    places = np.zeros(128, dtype=np.int64)
    places[[ord(sign) for sign in alphabet]] = np.arange(len(alphabet))
    width = len(texts[0]) if len(texts) else 17
    raw = np.frombuffer("".join(texts.to_list()).encode("ascii"), dtype=np.uint8)
    return places[raw.reshape(-1, width)]
