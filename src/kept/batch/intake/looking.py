"""What the values of a column look like: shares in per mille, never the values themselves.

Only columns of few short distinct values have these listed, since they are codes. A column may look
like several things; whoever asks knows the heading.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from kept.batch.intake.amounts import parse_amounts
from kept.batch.intake.columns import constant
from kept.batch.intake.dates import parse_dates
from kept.batch.intake.identity_numbers import check_numbers
from kept.batch.intake.phones import parse_phones
from kept.core.countries import COUNTRIES
from kept.core.currencies import CURRENCIES
from kept.core.intake import IdentityKind, NegativeForm, NumberForm, NumberRule

__all__ = ["ALL_SIGNS", "Look", "look_at"]

ALL_SIGNS: Final = ("¥", "￥", "$", "€", "£", "元", "CNY", "RMB", "USD", "EUR")
_DATE_FORMS: Final = (
    "YYYY-MM-DD",
    "YYYY/MM/DD",
    "YYYYMMDD",
    "YYYY.MM.DD",
    "YYYY年MM月DD日",
    "YYYY年M月D日",
    "YYYY/M/D",
    "YYYY-M-D",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD.MM.YYYY",
    "DD-MM-YYYY",
    "MM-DD-YYYY",
    "D/M/YYYY",
    "M/D/YYYY",
    "YYYY-MM-DD 00:00:00",
    "YYYY/MM/DD 00:00:00",
    "YYYY-MM-DDT00:00:00",
)
_NUMBER_FORMS: Final = (
    NumberForm.PLAIN,
    NumberForm.COMMA_GROUPS,
    NumberForm.DOT_GROUPS,
    NumberForm.PLAIN_COMMA,
    NumberForm.SPACE_GROUPS,
    NumberForm.APOSTROPHE_GROUPS,
    NumberForm.INDIAN_GROUPS,
)
_FAR = date(2150, 12, 31)
_CODES_MAX, _CODE_LENGTH_MAX = 30, 20
_PARSED_MAX, _PHONES_ASKED, _MISFITS_SHOWN = 2_000, 300, 3
_EMAIL = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"
_PERSON_NAME = r"^(?:[\x{4e00}-\x{9fff}·]{2,12}|[\p{L}][\p{L}.'’-]*(?: [\p{L}][\p{L}.'’-]*){1,4})$"
_ADDRESS = (
    r"[省市区县镇乡村路街道].*[路街道号室村]"
    r"|(?i)[0-9].*\b(?:street|st|road|rd|avenue|ave|lane|drive)\b"
)


@dataclass(frozen=True, slots=True)
class Look:
    """Shares are of the filled cells. `date_forms` and `number_forms` fit nearly all of them."""

    column: str
    rows: int
    filled: int  # cells
    distinct: int
    shares: dict[str, int] = field(default_factory=dict)
    date_forms: tuple[str, ...] = ()
    number_forms: tuple[NumberForm, ...] = ()
    negatives: tuple[NegativeForm, ...] = ()
    signs: tuple[str, ...] = ()
    whole_range: tuple[int, int] | None = None
    codes: tuple[str, ...] = ()
    negative: bool = False
    misfits: tuple[str, ...] = ()  # a few values that are no amounts where the others are

    def share(self, kind: str) -> int:
        return self.shares.get(kind, 0)

    @property
    def filled_share(self) -> int:
        return self.filled * 1000 // max(1, self.rows)

    @property
    def distinct_share(self) -> int:
        return self.distinct * 1000 // max(1, self.filled)


def look_at(column: str, values: pl.Series, country: str) -> Look:
    """`country` is whose national telephone numbers are tried."""
    stripped = values.str.strip_chars()
    texts = stripped.filter(stripped != "").drop_nulls()
    distinct = texts.unique(maintain_order=True)
    if not len(texts):
        return Look(column, len(values), 0, 0)
    sample = distinct.head(_PARSED_MAX)
    numbers = _number_looks(sample)
    return Look(
        column=column,
        rows=len(values),
        filled=len(texts),
        distinct=len(distinct),
        shares=_shares(sample, country),
        date_forms=_fitting_dates(sample),
        number_forms=numbers[0],
        negatives=numbers[1],
        signs=numbers[2],
        whole_range=_whole_range(distinct),
        misfits=_misfits(distinct, numbers),
        negative=_has(distinct, r"^[-(].*[0-9]|[0-9]-$"),
        codes=_codes(texts, distinct),
    )


def _share(truth: pl.Series) -> int:
    return int(truth.fill_null(False).sum()) * 1000 // max(1, len(truth))


def _shares(sample: pl.Series, country: str) -> dict[str, int]:
    size = len(sample)
    upper = sample.str.to_uppercase()
    resident = check_numbers(
        constant(IdentityKind.NATIONAL_ID, size, pl.String()),
        constant("CN", size, pl.String()),
        sample,
    )
    company = check_numbers(
        constant(IdentityKind.COMPANY_NUMBER, size, pl.String()),
        constant("CN", size, pl.String()),
        sample,
    )
    return {
        "phone": _phone_share(sample, country),
        "email": _share(sample.str.contains(_EMAIL)),
        "resident_id": _share(resident.numbers.is_not_null()),
        "company_number": _share(company.numbers.is_not_null()),
        "currency": _share(upper.is_in(list(CURRENCIES))),
        "country": _share(upper.is_in(list(COUNTRIES))),
        "whole": _share(sample.str.contains(r"^-?[0-9]{1,18}$")),
        "name": _share(sample.str.contains(_PERSON_NAME)),
        "address": _share(sample.str.contains(_ADDRESS)),
        "alphanumeric": _share(sample.str.contains(r"^[\p{L}0-9_./-]{3,40}$")),
        "chinese": _share(sample.str.contains(r"[\x{4e00}-\x{9fff}]")),
    }


def _phone_share(sample: pl.Series, country: str) -> int:
    """The library is slow, so it is asked about few values, and only where they may be numbers."""
    few = sample.head(_PHONES_ASKED)
    digits = few.str.count_matches("[0-9]")
    if _share(digits.is_between(7, 15) & ~few.str.contains(r"[\p{L}:]")) < 500:
        return 0
    found = parse_phones(few, constant(country, len(few), pl.String()))
    return _share(found.values.is_not_null())


def _fitting_dates(sample: pl.Series) -> tuple[str, ...]:
    """Forms that fit all but one in two hundred; a form with one digit only where it is needed."""
    fitting = []
    for form in _DATE_FORMS:
        if _share(parse_dates(sample, (form,), _FAR).days.is_not_null()) >= 995:
            fitting.append(form)
    strict = {form.replace("MM", "M").replace("DD", "D") for form in fitting if "MM" in form}
    return tuple(form for form in fitting if "MM" in form or form not in strict)


def _number_looks(
    sample: pl.Series,
) -> tuple[tuple[NumberForm, ...], tuple[NegativeForm, ...], tuple[str, ...]]:
    """Forms that read nearly all values as amounts of two decimals, the plain ones first."""
    signs = tuple(
        each
        for each in ALL_SIGNS
        if _has(sample, f"(?:^[+-]?|\\(){_quoted(each)}|{_quoted(each)}\\)?$")
    )
    negatives = [NegativeForm.LEADING]
    if _has(sample, r"[0-9]-$"):
        negatives.append(NegativeForm.TRAILING)
    if _has(sample, r"^\(.*[0-9].*\)$"):
        negatives.append(NegativeForm.PARENTHESES)
    exponent = constant(2, len(sample), pl.Int64())
    fitting = [
        form
        for form in _NUMBER_FORMS
        if _share(
            parse_amounts(
                sample, exponent, NumberRule(form, tuple(negatives), signs)
            ).minor.is_not_null()
        )
        >= 995
    ]
    return tuple(_distinguished(fitting, sample)), tuple(negatives), signs


def _misfits(
    distinct: pl.Series,
    numbers: tuple[tuple[NumberForm, ...], tuple[NegativeForm, ...], tuple[str, ...]],
) -> tuple[str, ...]:
    forms, negatives, signs = numbers
    if not forms:
        return ()
    rule = NumberRule(forms[0], negatives, signs)
    found = parse_amounts(distinct, constant(2, len(distinct), pl.Int64()), rule)
    return tuple(distinct.filter(found.minor.is_null()).head(_MISFITS_SHOWN).to_list())


def _distinguished(forms: Iterable[NumberForm], sample: pl.Series) -> list[NumberForm]:
    """A form is kept only while no simpler one reads the values: groups need a group to be seen."""
    found = list(forms)
    if NumberForm.PLAIN in found:
        return [NumberForm.PLAIN, *([NumberForm.DOT_GROUPS] if _only_dot_groups(sample) else [])]
    if NumberForm.COMMA_GROUPS in found and NumberForm.INDIAN_GROUPS in found:
        found.remove(NumberForm.INDIAN_GROUPS)
    if NumberForm.PLAIN_COMMA in found:
        return [NumberForm.PLAIN_COMMA]
    return found


def _only_dot_groups(sample: pl.Series) -> bool:
    return bool(sample.str.contains(r"^-?[0-9]{1,3}(?:\.[0-9]{3})+$").all())


def _has(sample: pl.Series, pattern: str) -> bool:
    return bool(sample.str.contains(pattern).any())


def _quoted(sign: str) -> str:
    return f"\\{sign}" if sign in "$" else sign


def _whole_range(sample: pl.Series) -> tuple[int, int] | None:
    whole = sample.cast(pl.Int64, strict=False)
    least, most = whole.min(), whole.max()
    if whole.null_count() or not isinstance(least, int) or not isinstance(most, int):
        return None
    return least, most


def _codes(texts: pl.Series, distinct: pl.Series) -> tuple[str, ...]:
    """Distinct values, the most frequent first, of a column that repeats few short ones."""
    longest = max(distinct.str.len_chars().to_list(), default=0)
    few = len(distinct) <= _CODES_MAX and longest <= _CODE_LENGTH_MAX
    if not few or (len(distinct) > 2 and len(distinct) * 2 > len(texts)):
        return ()
    counts = texts.alias("value").value_counts(sort=True)
    return tuple(counts.sort(["count", "value"], descending=[True, False])["value"].to_list())
