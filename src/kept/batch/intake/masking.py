"""The masks of `kept.core.identities` for columns; a test holds both to the same results."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from kept.core.countries import TWO_DIGIT_CODES
from kept.core.intake import ContactKind

__all__ = ["masked_contacts"]


def masked_contacts(kind: ContactKind, values: pl.Series) -> pl.Series:
    match kind:
        case ContactKind.PHONE:
            return _phones(values)
        case ContactKind.EMAIL:
            ascii_only = bool((values.str.len_bytes() == values.str.len_chars()).all())
            return _masked(values, _ascii_email if ascii_only else _email)
        case ContactKind.ADDRESS:
            return _masked(values, _address)
        case ContactKind.HANDLE:
            return _masked(values, _handle)


def _masked(values: pl.Series, mask: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    return values.alias("value").to_frame().select(mask(pl.col("value")).alias("m")).to_series()


def _phones(numbers: pl.Series) -> pl.Series:
    """Mobile numbers of China by their places; of others the calling code has to be found."""
    other = ~(numbers.str.starts_with("+861") & (numbers.str.len_bytes() == 14))
    if not other.any():
        return _masked(numbers, _chinese_mobile)
    masked = _masked(numbers.set(other, None), _chinese_mobile)
    return masked.scatter(other.arg_true(), _masked(numbers.filter(other), _other_phone))


def _chinese_mobile(number: pl.Expr) -> pl.Expr:
    return pl.concat_str(number.str.slice(3, 3), pl.lit("****"), number.str.tail(4))


def _other_phone(number: pl.Expr) -> pl.Expr:
    first = number.str.slice(1, 1)
    two = number.str.slice(1, 2)
    size = (
        pl.when(first.is_in(["1", "7"]))
        .then(1)
        .when(two.is_in(sorted(TWO_DIGIT_CODES)))
        .then(2)
        .otherwise(3)
    )
    national = number.str.len_bytes().cast(pl.Int64) - size - 1
    head = (national - 8).clip(0, 3)
    tail = (national - 4).clip(0, 4)
    shown = number.str.slice(1 + size, head) + pl.lit("****") + number.str.tail(tail)
    lead = pl.lit("+") + number.str.slice(1, size) + pl.lit(" ")
    return pl.when(two == "86").then(shown).otherwise(lead + shown)


def _ascii_email(address: pl.Expr) -> pl.Expr:
    at = address.str.find("@", literal=True)
    return pl.concat_str(address.str.head(1), pl.lit("***"), address.str.slice(at))


def _email(address: pl.Expr) -> pl.Expr:
    domain = address.str.splitn("@", 2).struct.field("field_1")
    return pl.concat_str(address.str.head(1), pl.lit("***@"), domain)


def _address(address: pl.Expr) -> pl.Expr:
    long = address.str.len_chars() > 9
    head = address.str.slice(0, pl.when(long).then(6).otherwise(2))
    return head.str.replace_all("[0-9]", "*") + pl.lit("****")


def _handle(handle: pl.Expr) -> pl.Expr:
    return handle.str.head(1) + pl.lit("***")
