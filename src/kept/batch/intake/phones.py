"""Columns of telephone numbers to E.164: plain forms by columns, the rest by the phone library.

A number in the usual national form of its country, or in the same with the calling code, takes
patterns only; spaces, hyphens and brackets do not matter. Every other distinct number is asked of
the library, and taken only if that knows it as a number in use. A number with letters or with an
extension is not taken: what would be dialled is not what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import phonenumbers
import polars as pl

from kept.batch.intake.columns import distinct, nothing
from kept.core.intake import RejectCode

__all__ = ["PLANS", "Phones", "Plan", "parse_phones"]


_NEVER: Final = r"[^\s\S]"


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A shape, how many characters stand before the number's own digits, and what is put there."""

    shape: str
    dropped: int
    lead: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is plain in a country: numbers without the trunk prefix, and with it.

    `direct` are dialled as they stand, `trunked` after a digit that the international form drops.
    """

    code: str
    direct: str = _NEVER
    trunked: str = _NEVER
    trunk: str = "0"

    @property
    def patterns(self) -> tuple[_Pattern, ...]:
        significant, lead = f"{self.direct}|{self.trunked}", f"+{self.code}"
        size = len(self.code)
        return (
            _Pattern(f"^(?:{self.direct})$", 0, lead),
            _Pattern(rf"^\+{self.code}(?:{significant})$", 1 + size, lead),
            _Pattern(f"^{self.trunk}(?:{self.trunked})$", len(self.trunk), lead),
            # Where a trunk digit is dialled, a number that begins like the code may be local.
            _Pattern(f"^{self.code}(?:{self.direct})$", size, lead),
        )


_NANP: Final = r"[2-9][0-9]{2}[2-9][0-9]{6}"

PLANS: Final[Mapping[str, Plan]] = {
    "CN": Plan(
        "86", r"1[3-9][0-9]{9}", r"10[2-8][0-9]{7}|2[0-9][2-8][0-9]{7}|[3-9][0-9]{2}[2-8][0-9]{6,7}"
    ),
    "US": Plan("1", _NANP, _NANP, trunk="1"),
    "CA": Plan("1", _NANP, _NANP, trunk="1"),
    "GB": Plan("44", trunked=r"7[1-9][0-9]{8}|20[0-9]{8}|1[0-9]1[0-9]{7}"),
    "IN": Plan("91", r"[6-9][0-9]{9}"),
    "AU": Plan("61", trunked=r"4[0-9]{8}|[2378][0-9]{8}"),
    "ID": Plan("62", trunked=r"8[1-9][0-9]{7,9}"),
    "PH": Plan("63", trunked=r"9[0-9]{9}"),
    "TW": Plan("886", trunked=r"9[0-9]{8}"),
    "HK": Plan("852", r"[2-9][0-9]{7}"),
    "SG": Plan("65", r"[3689][0-9]{7}"),
    "MY": Plan("60", trunked=r"1[02-46-9][0-9]{7}|11[0-9]{8}"),
    "TH": Plan("66", trunked=r"[689][0-9]{8}"),
    "VN": Plan("84", trunked=r"[35789][0-9]{8}"),
    "JP": Plan("81", trunked=r"[789]0[0-9]{8}"),
    "KR": Plan("82", trunked=r"10[0-9]{8}"),
    "DE": Plan("49", trunked=r"1[5-7][0-9]{8,9}"),
}

_DIGITS: Final = r"^\+?[0-9]+$"
_BETWEEN: Final = r"[\s().\-/‐‑‒–—]"
_EXTENSION: Final = re.compile(
    r"(?:[,;]?\s*(?:ext|extn|x|转|分机)[.:\s]*[0-9]+|#[0-9]+)$", re.IGNORECASE
)
# A number that was a float once: 13800000000.0, and its digits alone would be another number.
_FLOAT: Final = r"\.0+$"


@dataclass(frozen=True, slots=True)
class Phones:
    """Numbers in E.164 and the country of each; `code` says why there is none, if one is wrong."""

    values: pl.Series
    countries: pl.Series
    code: pl.Series | None


def parse_phones(texts: pl.Series, countries: pl.Series) -> Phones:
    """`countries` hold the country whose national form is read; null texts stay null."""
    values = nothing(len(texts), pl.String())
    found = distinct(countries)
    alone = len(found) == 1 and not countries.has_nulls()
    for country in found:
        if country in PLANS:
            mine = texts if alone else texts.set(countries.ne_missing(country), None)
            values = _plain_forms(values, mine, PLANS[country])
    if values.null_count() == texts.null_count():
        return Phones(values, countries, None)
    left = texts.is_not_null() & values.is_null()
    return _with_library(texts, countries, values, left)


def _compact(texts: pl.Series) -> pl.Series:
    """Digits with a plus at most; anything else in it leaves the number to the library."""
    if texts.str.contains(_DIGITS).all():
        compact = texts
    else:
        compact = texts.set(texts.str.contains(_FLOAT), None).str.replace_all(_BETWEEN, "")
        compact = compact.set(~compact.str.contains(_DIGITS), None)
    if compact.str.starts_with("00").any():
        compact = compact.str.replace("^00", "+")
    return compact


def _plain_forms(values: pl.Series, texts: pl.Series, plan: Plan) -> pl.Series:
    """Values with those of one plan filled in; most numbers fit the first pattern as they stand."""
    values, left = _fill(values, texts, texts, plan.patterns[0])
    if left.null_count() == len(left):
        return values
    compact = _compact(left)
    for pattern in plan.patterns:
        values, left = _fill(values, left, compact, pattern)
    return values


def _fill(
    values: pl.Series, left: pl.Series, compact: pl.Series, pattern: _Pattern
) -> tuple[pl.Series, pl.Series]:
    """Values with the numbers that fit one pattern, and the texts that are left."""
    fits = left.is_not_null() & compact.str.contains(pattern.shape)
    if not fits.any():
        return values, left
    number = compact.str.slice(pattern.dropped) if pattern.dropped else compact
    filled = pl.DataFrame({"value": values, "number": number, "fits": fits, "left": left})
    taken = filled.select(
        pl.when("fits").then(pl.concat_str(pl.lit(pattern.lead), "number")).otherwise("value"),
        pl.when(~pl.col("fits")).then("left").alias("left"),
    )
    return taken.to_series(0).alias("value"), taken.to_series(1)


def _with_library(
    texts: pl.Series,
    countries: pl.Series,
    values: pl.Series,
    left: pl.Series,
) -> Phones:
    odd = pl.DataFrame({"text": texts, "country": countries}).filter(left)
    distinct = odd.unique()
    asked = [_ask_library(text, country) for text, country in distinct.iter_rows()]
    known = distinct.with_columns(
        pl.Series("value", [each[0] for each in asked], dtype=pl.String),
        pl.Series("found", [each[1] for each in asked], dtype=pl.String),
        pl.Series("code", [each[2] for each in asked], dtype=pl.String),
    )
    answers = odd.join(
        known, on=["text", "country"], how="left", nulls_equal=True, maintain_order="left"
    )
    places = left.arg_true()
    values = values.scatter(places, answers["value"])
    # `scatter` changes the series itself, and this one is the caller's.
    found = countries.clone().scatter(places, answers["found"])
    code = nothing(len(texts), pl.String()).scatter(places, answers["code"])
    return Phones(values, found, code)


def _ask_library(text: str, country: str | None) -> tuple[str | None, str | None, str | None]:
    """E.164 and country, or the code of what is wrong."""
    bad = None, None, RejectCode.BAD_PHONE.value
    if _EXTENSION.search(text):
        return None, None, RejectCode.PHONE_EXTENSION.value
    if any(character.isalpha() for character in text) or re.search(_FLOAT, text):
        return bad
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return bad
    if number.extension:
        return None, None, RejectCode.PHONE_EXTENSION.value
    if not phonenumbers.is_valid_number(number):
        return bad
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return value, phonenumbers.region_code_for_number(number) or country, None
