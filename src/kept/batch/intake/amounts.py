"""Columns of amounts: text in a declared form to exact minor units, without a float on the way.

A value that does not fit the declared form is refused with the reason that fits best; whether it
would make sense in another form is never acted upon. Whole columns at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from kept.batch.intake.columns import distinct, nothing
from kept.core.intake import NegativeForm, NumberForm, NumberRule, RejectCode

__all__ = ["Amounts", "form_shown", "parse_amounts", "parse_minor"]

# Whole number with its groups, by form; group signs and decimal sign.
_WHOLES: Final[dict[NumberForm, tuple[str, str, str]]] = {
    NumberForm.PLAIN: (r"[0-9]+", "", r"\."),
    NumberForm.PLAIN_COMMA: (r"[0-9]+", "", ","),
    NumberForm.COMMA_GROUPS: (r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)", ",", r"\."),
    NumberForm.DOT_GROUPS: (r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)", r"\.", ","),
    NumberForm.SPACE_GROUPS: (
        r"(?:[0-9]{1,3}(?:[ \x{a0}\x{202f}][0-9]{3})+|[0-9]+)",
        r"[ \x{a0}\x{202f}]",
        ",",
    ),
    NumberForm.APOSTROPHE_GROUPS: (r"(?:[0-9]{1,3}(?:['’][0-9]{3})+|[0-9]+)", "['’]", r"\."),
    NumberForm.INDIAN_GROUPS: (r"(?:[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}|[0-9]+)", ",", r"\."),
}
_PLAIN: Final = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
_NOT_FINITE: Final = r"(?i)^[+-]?(?:nan|inf|infinity|∞|#n/?a|n/a)$"
_EXPONENT: Final = r"^[+-]?[0-9.,]+[eE][+-]?[0-9]+$"
# What may stand in an amount of some form: digits, separators, signs, brackets, currency signs.
_OTHER_FORM: Final = r"^[\p{Sc}A-Z\s\x{a0}\x{202f}()+\-−–.,'’0-9]*$"
_HAS_DIGIT: Final = r"[0-9]"
# More letters than a currency code are no amount of any form.
_TOO_MANY_LETTERS: Final = r"[A-Z]{4}"
# More digits than 2^63 has, fewer than an exact decimal holds.
_WHOLE_DIGITS_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Amounts:
    """Minor units, and what is wrong where there are none; no `code` where nothing is."""

    minor: pl.Series
    code: pl.Series | None


def form_shown(rule: NumberRule) -> str:
    return rule.form.value


def parse_amounts(text: pl.Series, exponent: pl.Series, rule: NumberRule) -> Amounts:
    """Amounts in major units; `exponent` holds the decimals of each row's currency.

    A null text gives a null amount and no code.
    """
    plain = text if rule == NumberRule() else _plain_text(text, rule)
    minor = nothing(len(text), pl.Int64())
    exponents = distinct(exponent)
    for each in exponents:
        mine = plain if len(exponents) == 1 else plain.set(exponent != each, None)
        found = _scaled(mine, each)
        minor = found if len(exponents) == 1 else minor.zip_with(found.is_null(), found)
    if minor.null_count() == text.null_count():
        return Amounts(minor, None)
    return Amounts(minor, _codes(text, plain, exponent, minor))


def _scaled(plain: pl.Series, exponent: int) -> pl.Series:
    """Minor units of plain decimal texts with at most `exponent` decimals; null for all others."""
    decimals = rf"(?:\.[0-9]{{1,{exponent}}})?" if exponent else ""
    fits = plain.str.contains(rf"^[+-]?[0-9]{{1,{_WHOLE_DIGITS_MAX}}}{decimals}$")
    # An exact decimal of 38 digits is an integer of 128 bits and a scale.
    exact = plain.set(~fits, None).cast(pl.Decimal(38, exponent), strict=False)
    return exact.to_physical().cast(pl.Int64, strict=False)


def parse_minor(text: pl.Series) -> Amounts:
    """Amounts that are minor units already: whole numbers, nothing else."""
    whole = text.str.contains(r"^[+-]?[0-9]+$")
    minor = text.set(~whole, None).cast(pl.Int64, strict=False)
    if minor.null_count() == text.null_count():
        return Amounts(minor, None)
    code = nothing(len(text), pl.String()).set(~whole, RejectCode.BAD_AMOUNT.value)
    return Amounts(minor, code.set(whole & minor.is_null(), RejectCode.AMOUNT_TOO_LARGE.value))


def _codes(text: pl.Series, plain: pl.Series, exponent: pl.Series, minor: pl.Series) -> pl.Series:
    """Why there is no amount; looked at only where something is wrong."""
    frame = pl.DataFrame({"text": text, "plain": plain, "exponent": exponent, "minor": minor})
    written, number = pl.col("text"), pl.col("plain")
    other_form = (
        written.str.contains(_HAS_DIGIT)
        & written.str.contains(_OTHER_FORM)
        & ~written.str.contains(_TOO_MANY_LETTERS)
    )
    well_formed = number.is_not_null() & number.str.contains(_PLAIN)
    decimals = number.str.len_bytes().cast(pl.Int64) - number.str.find(".", literal=True) - 1
    reasons = (
        (well_formed & (decimals > pl.col("exponent")), RejectCode.AMOUNT_DECIMALS),
        (well_formed, RejectCode.AMOUNT_TOO_LARGE),
        (written.str.contains(_NOT_FINITE), RejectCode.AMOUNT_NOT_FINITE),
        (written.str.contains(_EXPONENT), RejectCode.AMOUNT_WITH_EXPONENT),
        (other_form, RejectCode.OTHER_AMOUNT_FORM),
    )
    code = pl.when(written.is_null() | pl.col("minor").is_not_null()).then(None)
    chosen = code
    for condition, reason in reasons:
        chosen = chosen.when(condition).then(pl.lit(reason.value))  # type: ignore[assignment]
    last = chosen.otherwise(pl.lit(RejectCode.BAD_AMOUNT.value))
    return frame.select(last.alias("code")).to_series()


def _plain_text(text: pl.Series, rule: NumberRule) -> pl.Series:
    """The amount as `-1234.50`; null where the text is not of the declared form."""
    bare = _without_signs(text, rule)
    negative, bare = _without_minus(bare, rule)
    whole, group, point = _WHOLES[rule.form]
    frame = pl.DataFrame({"bare": bare, "negative": negative})
    fits = pl.col("bare").str.contains(f"^{whole}(?:{point}[0-9]+)?$")
    number = pl.col("bare")
    if group:
        number = number.str.replace_all(group, "")
    number = number.str.replace(point, ".")
    sign = pl.when(pl.col("negative")).then(pl.lit("-")).otherwise(pl.lit(""))
    return frame.select(pl.when(fits).then(sign + number).alias("plain")).to_series()


def _without_signs(text: pl.Series, rule: NumberRule) -> pl.Series:
    """Without a declared currency sign before or after; one in the middle stays and is refused."""
    if not rule.currency_signs:
        return text
    signs = "|".join(_escaped(sign) for sign in rule.currency_signs)
    before = text.str.replace(rf"^([+\-(]?)\s*(?:{signs})\s*", "${1}")
    # A sign is taken off one side only: ¥12¥ is no amount.
    after = text.str.replace(rf"\s*(?:{signs})\s*([\-)]?)$", "${1}")
    frame = pl.DataFrame({"text": text, "before": before, "after": after})
    changed = pl.col("before") != pl.col("text")
    return frame.select(
        pl.when(changed).then(pl.col("before")).otherwise(pl.col("after"))
    ).to_series()


def _without_minus(text: pl.Series, rule: NumberRule) -> tuple[pl.Series, pl.Series]:
    """Which amounts are negative in a declared way, and the texts without that."""
    frame = pl.DataFrame({"text": text, "bare": text}).with_columns(negative=pl.lit(False))
    patterns = {
        NegativeForm.LEADING: r"^-(.*)$",
        NegativeForm.TRAILING: r"^(.*)-$",
        NegativeForm.PARENTHESES: r"^\((.*)\)$",
    }
    for form in rule.negatives:
        found = pl.col("text").str.contains(patterns[form])
        inner = pl.col("text").str.replace(patterns[form], "${1}")
        frame = frame.with_columns(
            negative=pl.col("negative") | found,
            bare=pl.when(found & ~pl.col("negative")).then(inner).otherwise(pl.col("bare")),
        )
    unsigned = frame["bare"].str.replace(r"^\+", "")
    return frame["negative"], unsigned


def _escaped(sign: str) -> str:
    return re.escape(sign)
