"""Calls and messages that the synthetic lenders made before the house took over, in columns.

About as many attempts a quarter and as few talks as the one lender has that published them
(11.4 attempts an account and quarter, 7.4 % of calls with the right party), over the last thirty
days. One a day at most, on weekdays, between nine in the morning and eight in the evening of the
debtor. No case is known here: attempts outside of one are left out when the history is taken in.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from kept.batch.synthetic.book import DAYS, LenderBook
from kept.core.attempts import Channel, Outcome

__all__ = ["ATTEMPT_DAYS", "attempts_of"]

Integers = NDArray[np.int64]

ATTEMPT_DAYS: Final = 30
_ATTEMPTS_A_QUARTER = 11.4
_FIRST_HOUR, _LAST_HOUR = 9, 20
_DEAD_NUMBERS = 0.05
_CHANNELS: Final = (Channel.CALL, Channel.SMS, Channel.EMAIL)
_CHANNEL_SHARES: Final = (0.76, 0.19, 0.05)
_CALL_SHARES: Final = {
    Outcome.CONVERSATION: 0.078,  # 7.4 % of all calls, those to dead numbers too
    Outcome.WRONG_NUMBER_LEARNED: 0.011,
    Outcome.CONTACT_REFUSED: 0.005,
    Outcome.ANSWERED_DROPPED: 0.05,
    Outcome.DECLINED: 0.16,
    Outcome.MACHINE_NO_MESSAGE: 0.15,
    Outcome.BUSY_SIGNAL: 0.10,
    Outcome.NETWORK_FAILURE: 0.02,
    Outcome.RING_NO_ANSWER: 0.43,
}
_UNDELIVERABLE = 0.06


def attempts_of(book: LenderBook, draw: Generator) -> pl.DataFrame:
    """Columns as `kept.work.attempts` takes them, sorted by time.

    The last day is left to the house: the history ends the day before.
    """
    days = _weekdays(book.last_day - timedelta(days=ATTEMPT_DAYS), ATTEMPT_DAYS)
    expected = _ATTEMPTS_A_QUARTER * ATTEMPT_DAYS / DAYS
    counts = np.minimum(draw.poisson(expected, book.people.height), len(days) // 2)
    debtor = np.repeat(np.arange(book.people.height), counts)
    day = days[_distinct_days(draw, counts, len(days))]
    channel = np.searchsorted(np.cumsum(_CHANNEL_SHARES), draw.random(len(debtor)))
    dead = (draw.random(book.people.height) < _DEAD_NUMBERS)[debtor]
    minute = draw.integers(_FIRST_HOUR * 60, _LAST_HOUR * 60, len(debtor))
    zones = book.people["zone"][debtor]
    return pl.DataFrame(
        {
            "debtor_external_id": book.people["debtor_id"][debtor],
            "kind": pl.Series(["phone", "phone", "email"])[channel],
            "channel": pl.Series([str(each) for each in _CHANNELS])[channel],
            "outcome": _outcomes(draw, channel, dead),
            "started_at": _instants(day, minute, zones),
        }
    ).sort("started_at", "debtor_external_id")


def _weekdays(first: date, count: int) -> Integers:
    """Day numbers from 1970-01-01; Thursday then, so 2 and 3 after it are a weekend."""
    start = (first - date(1970, 1, 1)).days
    every = np.arange(start, start + count)
    return every[~np.isin((every + 3) % 7, [5, 6])]


def _distinct_days(draw: Generator, counts: Integers, days: int) -> Integers:
    """For each debtor as many different places in 0…days-1 as counted: a step round the circle."""
    debtor = np.repeat(np.arange(len(counts)), counts)
    nth = np.arange(len(debtor)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = draw.integers(0, days, len(counts))[debtor]
    spread = days / np.maximum(counts, 1)[debtor]
    within = draw.random(len(debtor)) * np.maximum(spread - 1, 0)
    return (start + (nth * spread + within).astype(np.int64)) % days


def _outcomes(draw: Generator, channel: Integers, dead: NDArray[np.bool_]) -> pl.Series:
    shares = np.cumsum(list(_CALL_SHARES.values()))
    place = np.searchsorted(shares / shares[-1], draw.random(len(channel)))
    calls = pl.Series([str(each) for each in _CALL_SHARES])[place]
    calls = (
        pl.Series([str(Outcome.NOT_IN_SERVICE)])
        .new_from_index(0, len(dead))
        .zip_with(pl.Series(dead), calls)
    )
    lost = dead | (draw.random(len(channel)) < _UNDELIVERABLE)
    sent = pl.Series([str(Outcome.DELIVERED), str(Outcome.UNDELIVERABLE)])[lost.astype(np.int64)]
    return calls.zip_with(pl.Series(channel == 0), sent)


def _instants(day: Integers, minute: Integers, zones: pl.Series) -> pl.Series:
    """Local minutes of each debtor's zone as instants in UTC, microseconds."""
    local = pl.Series((day * 1440 + minute) * 60_000_000).cast(pl.Datetime("us"))
    frame = pl.DataFrame({"local": local, "zone": zones})
    offsets = {zone: _offset_days(zone, day) for zone in zones.unique()}
    by_zone = pl.DataFrame(
        [(zone, each, offset) for zone, days in offsets.items() for each, offset in days.items()],
        schema={"zone": pl.String, "day": pl.Int64, "offset": pl.Int64},
        orient="row",
    )
    placed = frame.with_columns(day=pl.Series(day)).join(
        by_zone, on=["zone", "day"], how="left", maintain_order="left"
    )
    return placed.select(
        (pl.col("local") - pl.duration(minutes="offset")).dt.replace_time_zone("UTC")
    ).to_series()


def _offset_days(zone: str, day: Integers) -> dict[int, int]:
    """Minutes ahead of UTC at noon of each day."""
    place = ZoneInfo(zone)
    epoch = datetime(1970, 1, 1, tzinfo=UTC).date()
    found = {}
    for each in np.unique(day).tolist():
        noon = datetime.combine(epoch + timedelta(days=each), time(12), place)
        offset = noon.utcoffset()
        assert offset is not None
        found[each] = int(offset.total_seconds()) // 60
    return found
