"""Columns of amounts: text in a declared form to exact minor units, without a float on the way.

A value that does not fit the declared form is refused with the reason that fits best; whether it
would make sense in another form is never acted upon. Whole columns at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from kept.core.intake import NegativeForm, NumberForm, NumberRule, RejectCode

__all__ = ["AMOUNT_TEXT_MAX", "Amounts", "form_shown", "parse_amounts", "parse_minor"]

AMOUNT_TEXT_MAX: Final = 60

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
_LONGEST_WHOLE: Final = 19  # digits of 2^63


@dataclass(frozen=True, slots=True)
class Amounts:
    """Minor units, and what is wrong where there are none: `code` is null where nothing is."""

    minor: pl.Series
    code: pl.Series


def form_shown(rule: NumberRule) -> str:
    return rule.form.value


def parse_amounts(text: pl.Series, exponent: pl.Series, rule: NumberRule) -> Amounts:
    """Amounts in major units; `exponent` holds the decimals of each row's currency.

    A null text gives a null amount and no code.
    """
    plain = _plain_text(text, rule)
    frame = pl.DataFrame({"text": text, "plain": plain, "exponent": exponent.cast(pl.Int64)})
    point = pl.col("plain").str.find(".", literal=True).cast(pl.Int64)
    decimals = (pl.col("plain").str.len_bytes().cast(pl.Int64) - point - 1).fill_null(0)
    digits = pl.col("plain").str.replace(".", "", literal=True).cast(pl.Int64, strict=False)
    frame = frame.with_columns(digits=digits, missing=pl.col("exponent") - decimals)
    factor = pl.lit(10, dtype=pl.Int64).pow(pl.col("missing").clip(0, 18))
    fits = (pl.col("missing") >= 0) & (
        pl.col("digits").abs() <= pl.lit(2**63 - 1, dtype=pl.Int64) // factor
    )
    minor = pl.when(fits).then(pl.col("digits") * factor)
    done = frame.with_columns(minor=minor.cast(pl.Int64))
    return Amounts(done["minor"], _codes(done))


def parse_minor(text: pl.Series) -> Amounts:
    """Amounts that are minor units already: whole numbers, nothing else."""
    whole = text.str.contains(r"^[+-]?[0-9]+$")
    minor = text.set(~whole, None).cast(pl.Int64, strict=False)
    frame = pl.DataFrame({"whole": whole, "minor": minor})
    code = frame.select(
        pl.when(pl.col("whole") & pl.col("minor").is_null())
        .then(pl.lit(RejectCode.AMOUNT_TOO_LARGE.value))
        .when(~pl.col("whole"))
        .then(pl.lit(RejectCode.BAD_AMOUNT.value))
    ).to_series()
    return Amounts(minor, code)


def _codes(done: pl.DataFrame) -> pl.Series:
    """Why there is no amount. Nearly always nothing is wrong, and that is seen at once."""
    if done["minor"].null_count() == done["text"].null_count():
        return pl.repeat(None, done.height, dtype=pl.String, eager=True)
    text, plain = pl.col("text"), pl.col("plain")
    other_form = (
        text.str.contains(_HAS_DIGIT)
        & text.str.contains(_OTHER_FORM)
        & ~text.str.contains(_TOO_MANY_LETTERS)
    )
    code = (
        pl.when(text.is_null() | pl.col("minor").is_not_null())
        .then(None)
        .when(plain.is_not_null() & (pl.col("missing") < 0))
        .then(pl.lit(RejectCode.AMOUNT_DECIMALS.value))
        .when(plain.is_not_null())
        .then(pl.lit(RejectCode.AMOUNT_TOO_LARGE.value))
        .when(text.str.contains(_NOT_FINITE))
        .then(pl.lit(RejectCode.AMOUNT_NOT_FINITE.value))
        .when(text.str.contains(_EXPONENT))
        .then(pl.lit(RejectCode.AMOUNT_WITH_EXPONENT.value))
        .when(other_form)
        .then(pl.lit(RejectCode.OTHER_AMOUNT_FORM.value))
        .otherwise(pl.lit(RejectCode.BAD_AMOUNT.value))
    )
    return done.select(code.alias("code")).to_series()


def _plain_text(text: pl.Series, rule: NumberRule) -> pl.Series:
    """The amount as `-1234.50`; null where the text is not of the declared form."""
    if rule == NumberRule():
        return text.set(~text.str.contains(_PLAIN), None)
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
