"""Columns of dates and of small whole numbers: text in a declared form to values, or the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from kept.core.intake import RejectCode
from kept.core.intake.dates import ambiguous_forms, date_form

__all__ = [
    "DATE_LEAST",
    "FAR_YEARS",
    "Dates",
    "parse_dates",
    "parse_whole",
    "with_iso",
    "years_after",
]

DATE_LEAST: Final = date(1950, 1, 1)
# Due dates lie ahead, but a debt due in fifty years is a slip of the pen or a stand-in for "never".
FAR_YEARS: Final = 50
_ISO: Final = "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates, and what is wrong where there are none; `code` is null where nothing is."""

    days: pl.Series
    code: pl.Series | None


def years_after(day: date, years: int) -> date:
    """The same day some years on; the last of February stands for one that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def with_iso(forms: Sequence[str]) -> tuple[str, ...]:
    """The forms and ISO, which typed cells and constants have, unless a form could mean the same.

    ISO never needs declaring: only YYYY-DD-MM reads its texts in another way.
    """
    known = [date_form(form) for form in (*forms, _ISO)]
    return tuple(forms) if _ISO in forms or ambiguous_forms(known) else (*forms, _ISO)


def parse_dates(text: pl.Series, forms: Sequence[str], most: date) -> Dates:
    """Dates from `DATE_LEAST` to `most`; forms that share a text were refused with the map."""
    frame = text.alias("text").to_frame()
    shapes = [pl.col("text").str.contains(date_form(form).pattern) for form in forms]
    days = [
        pl.when(shape).then(pl.col("text").str.to_date(_strptime(form), strict=False))
        for form, shape in zip(forms, shapes, strict=True)
    ]
    day = pl.coalesce(days) if len(days) > 1 else days[0]
    frame = frame.with_columns(day.alias("day"))
    within = pl.col("day").is_between(DATE_LEAST, most)
    kept = frame.select(pl.when(within).then(pl.col("day")).alias("day")).to_series()
    if kept.null_count() == text.null_count():
        return Dates(kept, None)
    code = (
        pl.when(pl.col("text").is_null() | within)
        .then(None)
        .when(pl.col("day") < DATE_LEAST)
        .then(pl.lit(RejectCode.DATE_TOO_EARLY.value))
        .when(pl.col("day") > most)
        .then(pl.lit(RejectCode.DATE_IN_FUTURE.value))
        .when(pl.any_horizontal(shapes))
        .then(pl.lit(RejectCode.IMPOSSIBLE_DATE.value))
        .otherwise(pl.lit(RejectCode.BAD_DATE.value))
    )
    return Dates(kept, frame.select(code.alias("code")).to_series())


def parse_whole(text: pl.Series, least: int, most: int) -> tuple[pl.Series, pl.Series]:
    """Whole numbers within bounds, and where a text is none."""
    shaped = text.str.contains(r"^-?[0-9]{1,18}$")
    number = text.set(~shaped, None).cast(pl.Int64, strict=False)
    number = number.set(~number.is_between(least, most), None)
    return number, text.is_not_null() & number.is_null()


def _strptime(form: str) -> str:
    escaped = form.replace("%", "%%").replace("YYYY", "%Y")
    for part, sign in (("MM", "%m"), ("M", "%m"), ("DD", "%d"), ("D", "%d")):
        if sign not in escaped:
            escaped = escaped.replace(part, sign)
    return escaped
