"""Identity numbers checked and normalised, personal values masked, names folded for search.

Check digits run over matrices of ASCII codes, one row a number, so that one number and a column of
a million take the same way. Nothing here keeps, hashes or encrypts a value.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kept.core.countries import calling_code

__all__ = [
    "COMPANY_NUMBER_LENGTH",
    "PLAIN_IDENTITY_PATTERN",
    "RESIDENT_ID_LENGTH",
    "NumberCheck",
    "ascii_matrix",
    "check_company_numbers",
    "check_identity",
    "check_resident_ids",
    "fold_name",
    "mask_address",
    "mask_email",
    "mask_handle",
    "mask_identity",
    "mask_phone",
    "resident_id_check_characters",
    "single_spaced",
]

RESIDENT_ID_LENGTH: Final = 18
COMPANY_NUMBER_LENGTH: Final = 18
# What an identity number of any other kind or country looks like once spaces and signs are out.
PLAIN_IDENTITY_PATTERN: Final = r"^[A-Z0-9]{5,20}$"

Codes = NDArray[np.uint8]


class NumberCheck(IntEnum):
    GOOD = 0
    BAD_FORM = 1
    WRONG_DIGIT = 2


# --- identity numbers -----------------------------------------------------------------------------

# GB 11643-1999: weights 2^(17-i) mod 11 and the check characters by remainder (ISO 7064 MOD 11-2).
_RESIDENT_WEIGHTS = np.array([pow(2, 17 - place, 11) for place in range(17)], dtype=np.int64)
_RESIDENT_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)

# GB 32100-2015: 31 characters without I, O, S, V, Z; weights 3^i mod 31.
_COMPANY_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_COMPANY_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)], dtype=np.int64)
_COMPANY_VALUES = np.full(256, -1, dtype=np.int64)
_COMPANY_VALUES[np.frombuffer(_COMPANY_ALPHABET, dtype=np.uint8)] = np.arange(31)


def ascii_matrix(values: list[str], width: int) -> Codes:
    """Values of exactly `width` ASCII characters as a matrix of their codes."""
    flat = "".join(values).encode("ascii")
    return np.frombuffer(flat, dtype=np.uint8).reshape(len(values), width)


def resident_id_check_characters(codes: Codes) -> Codes:
    """The check character of the first 17 digits of each row."""
    digits = codes[:, :17].astype(np.int64) - 48
    return np.asarray(_RESIDENT_CHECKS[digits @ _RESIDENT_WEIGHTS % 11])


def check_resident_ids(codes: Codes) -> NDArray[np.int8]:
    """A `NumberCheck` for each row of 18 upper-case characters (居民身份证)."""
    digits = codes[:, :17].astype(np.int64) - 48
    formed = ((digits >= 0) & (digits <= 9)).all(axis=1) & (digits[:, 0] > 0)
    formed &= _birth_date_exists(digits)
    last = codes[:, 17]
    formed &= ((last >= 48) & (last <= 57)) | (last == ord("X"))
    right = _RESIDENT_CHECKS[digits @ _RESIDENT_WEIGHTS % 11] == last
    return _outcomes(formed, right)


def _birth_date_exists(digits: NDArray[np.int64]) -> NDArray[np.bool_]:
    year = digits[:, 6:10] @ np.array([1000, 100, 10, 1])
    month = digits[:, 10] * 10 + digits[:, 11]
    day = digits[:, 12] * 10 + digits[:, 13]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days = _MONTH_DAYS[np.clip(month, 0, 12)] + (leap & (month == 2))
    exists = (year >= 1850) & (year < 2100) & (month >= 1) & (month <= 12)
    return np.asarray(exists & (day >= 1) & (day <= days))


def check_company_numbers(codes: Codes) -> NDArray[np.int8]:
    """A `NumberCheck` for each row of 18 upper-case characters (统一社会信用代码)."""
    values = _COMPANY_VALUES[codes]
    formed = (values >= 0).all(axis=1) & (values[:, 2:8] <= 9).all(axis=1)
    expected = (31 - values[:, :17] @ _COMPANY_WEIGHTS % 31) % 31
    return _outcomes(formed, expected == values[:, 17])


def _outcomes(formed: Any, right: Any) -> NDArray[np.int8]:
    digit = np.where(right, NumberCheck.GOOD, NumberCheck.WRONG_DIGIT)
    return np.where(formed, digit, NumberCheck.BAD_FORM).astype(np.int8)


def check_identity(kind: str, country: str, text: str) -> tuple[str | None, NumberCheck]:
    """The number as it is kept, and what is wrong with it; only a good one is kept.

    Chinese resident ids of 15 digits, given out until 1999, become the 18 of the same person.
    """
    number = re.sub(r"[\s.\-/]", "", unicodedata.normalize("NFKC", text)).upper()
    if country == "CN" and kind in ("national_id", "company_number"):
        if kind == "national_id" and re.fullmatch(r"[0-9]{15}", number):
            long = number[:6] + "19" + number[6:]
            number = long + chr(resident_id_check_characters(ascii_matrix([long], 17))[0])
        if not number.isascii() or len(number) != RESIDENT_ID_LENGTH:
            return None, NumberCheck.BAD_FORM
        check = check_resident_ids if kind == "national_id" else check_company_numbers
        found = NumberCheck(int(check(ascii_matrix([number], RESIDENT_ID_LENGTH))[0]))
        return (number if found is NumberCheck.GOOD else None), found
    if not re.fullmatch(PLAIN_IDENTITY_PATTERN, number) or len(set(number)) < 3:
        return None, NumberCheck.BAD_FORM
    return number, NumberCheck.GOOD


# --- masks ----------------------------------------------------------------------------------------


def mask_phone(e164: str) -> str:
    """At least four digits hidden, the last four shown: 138****1234, +44 79****1234.

    The calling code of China is left out, as Chinese desks write it.
    """
    code = calling_code(e164)
    national = e164[1 + len(code) :]
    head = min(3, max(0, len(national) - 8))
    tail = min(4, max(0, len(national) - 4))
    shown = f"{national[:head]}****{national[len(national) - tail :]}"
    return shown if code == "86" else f"+{code} {shown}"


def mask_email(address: str) -> str:
    """The first character and the domain: z***@example.com."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def mask_address(address: str) -> str:
    """The first six characters at most, without their digits."""
    head = address[:6] if len(address) > 9 else address[:2]
    return re.sub(r"[0-9]", "*", head) + "****"


def mask_handle(handle: str) -> str:
    return handle[:1] + "***"


def mask_identity(number: str) -> str:
    """Three characters before and four after the stars; fewer of a short number."""
    head, tail = (3, 4) if len(number) >= 10 else (1, 2)
    return number[:head] + "*" * (len(number) - head - tail) + number[len(number) - tail :]


# --- names ----------------------------------------------------------------------------------------


def single_spaced(text: str) -> str:
    return " ".join(text.split())


def fold_name(text: str) -> str:
    """The name as search compares it: compatibility forms, case and spacing made one."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return single_spaced(folded)
