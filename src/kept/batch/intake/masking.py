"""The masks of `kept.core.identities` for columns; a test holds both to the same results."""

from __future__ import annotations

import polars as pl

from kept.core.countries import CALLING_CODE_PATTERN
from kept.core.intake import ContactKind

__all__ = ["masked_contacts"]


def masked_contacts(kind: ContactKind, values: pl.Series) -> pl.Series:
    frame = values.alias("value").to_frame()
    masks = {
        ContactKind.PHONE: _phone,
        ContactKind.EMAIL: _email,
        ContactKind.ADDRESS: _address,
        ContactKind.HANDLE: _handle,
    }
    return frame.select(masks[kind](pl.col("value")).alias("masked")).to_series()


def _phone(number: pl.Expr) -> pl.Expr:
    code = number.str.extract(CALLING_CODE_PATTERN, 1)
    length = number.str.len_bytes().cast(pl.Int64)
    national = length - code.str.len_bytes().cast(pl.Int64) - 1
    head = (national - 8).clip(0, 3)
    tail = (national - 4).clip(0, 4)
    shown = (
        number.str.slice(length - national, head)
        + pl.lit("****")
        + number.str.slice(length - tail, tail)
    )
    return pl.when(code == "86").then(shown).otherwise(pl.lit("+") + code + pl.lit(" ") + shown)


def _email(address: pl.Expr) -> pl.Expr:
    return address.str.slice(0, 1) + pl.lit("***") + address.str.extract(r"(@[^@]*)$", 1)


def _address(address: pl.Expr) -> pl.Expr:
    long = address.str.len_chars() > 9
    head = address.str.slice(0, pl.when(long).then(6).otherwise(2))
    return head.str.replace_all("[0-9]", "*") + pl.lit("****")


def _handle(handle: pl.Expr) -> pl.Expr:
    return handle.str.slice(0, 1) + pl.lit("***")
