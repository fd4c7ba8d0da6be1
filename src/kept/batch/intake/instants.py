"""Columns of instants: a day, a time and an offset to UTC, or the reason why there is none.

A time without an offset is read only in a zone that the map says. Where the clocks of that zone
were put back or forward, a time that was twice or never is refused and not guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import polars as pl

from kept.batch.intake.dates import FAR_YEARS, parse_dates, years_after
from kept.core.intake import RejectCode

__all__ = ["Instants", "parse_instants"]

_TIME: Final = (
    r"(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*([AaPp][Mm])?"
    r"\s*(Z|z|UTC|[+-]\d{2}:?\d{2})?$"
)
#: To the end of a day from its beginning.
_DAY_SECONDS: Final = 86_399
_PARTS: Final = ("hour", "minute", "second", "half", "offset")


@dataclass(frozen=True, slots=True)
class Instants:
    """Instants in UTC, whole seconds; `code` is null where nothing is wrong."""

    at: pl.Series
    code: pl.Series


def parse_instants(
    text: pl.Series, forms: Sequence[str], zone: str | None, *, later: bool | None, now: datetime
) -> Instants:
    """`later` says how a day alone is meant, at its end or its beginning; None: it is refused.

    The end of today is now: what is told of a day that is not over was said before.
    """
    frame = (
        text.alias("text")
        .to_frame()
        .with_columns(
            pl.col("text").str.extract(_TIME, place).alias(name)
            for place, name in enumerate(_PARTS, 1)
        )
    )
    bare = frame.select(pl.col("text").str.replace(_TIME, "").str.strip_chars()).to_series()
    days = parse_dates(bare, forms, years_after(now.date(), FAR_YEARS))
    frame = frame.with_columns(
        day=days.days,
        day_code=pl.lit(None, pl.String) if days.code is None else days.code,
        is_timed=pl.col("minute").is_not_null(),
        seconds=_seconds(),
    )
    frame = frame.with_columns(local=_local(later)).with_columns(minutes_ahead=_minutes_ahead())
    frame = frame.with_columns(_in_zone(zone))
    found = frame.with_columns(
        at=pl.when(pl.col("offset").is_null())
        .then(pl.when(pl.col("first") == pl.col("last")).then("first"))
        .otherwise(pl.col("local") - pl.duration(minutes=pl.col("minutes_ahead")))
    ).with_columns(code=_code(zone, later))
    present = pl.lit(now.astimezone(UTC).replace(tzinfo=None), pl.Datetime("us"))
    begins = pl.col("at") - pl.duration(seconds=_DAY_SECONDS if later else 0)
    begun = ~pl.col("is_timed") & (begins <= present)
    told = pl.when(begun).then(pl.min_horizontal("at", present)).otherwise("at")
    at = found.select(pl.when(pl.col("code").is_null()).then(told).dt.replace_time_zone("UTC"))
    return Instants(at.to_series().alias("at"), found["code"])


def _seconds() -> pl.Expr:
    """Seconds since midnight; null where there is no such time."""
    hour, minute = pl.col("hour").cast(pl.Int64), pl.col("minute").cast(pl.Int64)
    second = pl.col("second").cast(pl.Int64).fill_null(0)
    half = pl.col("half").str.to_lowercase()
    twelve = pl.when(half == "pm").then(hour % 12 + 12).otherwise(hour % 12)
    clock = pl.when(half.is_null()).then(hour).otherwise(twelve)
    good = (minute < 60) & (second < 60) & (clock < 24) & (half.is_null() | hour.is_between(1, 12))
    return pl.when(good).then(clock * 3600 + minute * 60 + second)


def _local(later: bool | None) -> pl.Expr:
    alone = pl.lit(_DAY_SECONDS if later else 0)
    seconds = pl.when("is_timed").then(pl.col("seconds")).otherwise(alone)
    return pl.col("day").cast(pl.Datetime("us")) + pl.duration(seconds=seconds)


def _minutes_ahead() -> pl.Expr:
    """Of UTC, by the offset that is written."""
    digits = pl.col("offset").str.replace(":", "")
    size = digits.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(3, 2).cast(
        pl.Int64, strict=False
    )
    sign = pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
    return pl.when(digits.str.to_uppercase().is_in(["Z", "UTC"])).then(0).otherwise(sign * size)


def _in_zone(zone: str | None) -> list[pl.Expr]:
    """The first and the last instant at which the clocks of the zone showed the time."""
    if zone is None:
        return [pl.lit(None, pl.Datetime("us")).alias(name) for name in ("first", "last")]
    return [
        pl.col("local")
        .dt.replace_time_zone(zone, ambiguous=side, non_existent="null")  # type: ignore[arg-type]
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None)
        .alias(name)
        for name, side in (("first", "earliest"), ("last", "latest"))
    ]


def _code(zone: str | None, later: bool | None) -> pl.Expr:
    """The first that is wrong."""
    timed, offset = pl.col("is_timed"), pl.col("offset")
    far = pl.col("minutes_ahead").abs() > 14 * 60
    reasons = (
        (pl.col("day_code").is_not_null(), pl.col("day_code")),
        (timed & pl.col("seconds").is_null(), pl.lit(RejectCode.BAD_TIME.value)),
        (offset.is_not_null() & far, pl.lit(RejectCode.BAD_TIME.value)),
        (~timed if later is None else pl.lit(False), pl.lit(RejectCode.NO_TIME_OF_DAY.value)),
        (offset.is_null() & pl.lit(zone is None), pl.lit(RejectCode.NO_TIME_ZONE.value)),
        (offset.is_null() & pl.col("first").is_null(), pl.lit(RejectCode.SKIPPED_TIME.value)),
        (
            offset.is_null() & (pl.col("first") != pl.col("last")),
            pl.lit(RejectCode.TIME_TWICE.value),
        ),
    )
    chosen = pl.when(pl.col("text").is_null()).then(pl.lit(None, pl.String))
    for condition, code in reasons:
        chosen = chosen.when(condition).then(code)  # type: ignore[assignment]
    return chosen.otherwise(None)
