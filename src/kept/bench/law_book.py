"""A made-up American book for the benchmark of the law: facts of calls, contacts and histories.

Shapes like a real one, a seed that never changes. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl

from kept.core.calendar import OffsetTable, instant_of
from kept.core.law.deriving import facts_of
from kept.core.law.grounds import numbers_for
from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook
from kept.core.law.situations import Account, Actor, Attempt, Circumstances, Contact, Situation
from kept.core.law.times import BEFORE_ALL, NEVER, Window
from kept.packs.law_packs import load_law_packs
from kept.store.zones import offset_table
from kept.work.law_columns import WINDOW

__all__ = ["COUNTS", "book", "facts_frame", "frames", "grounds_of_row", "one_situation", "zone"]

SEED: Final = 20_261_122
NOON: Final = instant_of(datetime(2026, 11, 18, 17, tzinfo=UTC))
ZONES: Final = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Phoenix", "America/Anchorage"),
)
COUNTS: Final = ("US.F.14b.count", "US.F.14b.cooldown")
OUTCOMES: Final = ("ring_no_answer", "voicemail_left", "conversation", "busy_signal", "declined")
_NO_DAY: Final = -10_000_000
_SHARES: Final = {
    "attorney_known": 0.02,
    "attorney_reachable": 0.9,
    "medium_stopped": 0.04,
    "place_inconvenient": 0.01,
    "single_response": 0.01,
    "time_barred": 0.05,
    "bankruptcy_pending": 0.01,
    "prior_refusal": 0.05,
    "seven_in_one_day": 0.01,
    "cumulative_contact": 0.01,
    "artificial_voice": 0.3,
    "prior_express_consent": 0.8,
}


@cache
def zone(name: str) -> OffsetTable:
    first, last = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    return offset_table(name, instant_of(first), instant_of(last))


@cache
def book() -> LawBook:
    """The federal rules of the United States."""
    return LawBook(tuple(pack for pack in load_law_packs() if pack.name == "US-RegF"))


def one_situation() -> Situation:
    """A call to a debtor who was called every second day of the last thirty."""
    history = tuple(
        Contact(
            minute=NOON - 1440 * back,
            channel="call",
            inbound=False,
            person="consumer:1",
            role="consumer",
            outcome="ring_no_answer",
            debts=frozenset({"1"}),
            talked=frozenset(),
            actor="1",
            address="mobile",
        )
        for back in range(30, 0, -2)
    )
    place = zone("America/New_York")
    return Situation(
        actor=Actor("1", "debt_collector", True),
        debts=(Account("1", "consumer", "1"),),
        attempt=Attempt(NOON, "call", "consumer:1", "consumer", frozenset({"1"}), address="mobile"),
        history=history,
        known=Circumstances(),
        place=place,
        candidates=(place,),
    )


def facts_frame(rows: int) -> pl.DataFrame:
    """Facts of calls, with what the law asks about in the shares of a real book."""
    random = np.random.default_rng(SEED)
    silent = facts_of(one_situation(), numbers_for(book(), one_situation()))
    where = random.choice(ZONES, rows)
    today = NOON // 1440
    counts = {
        f"nth:{key}": np.where(
            random.random(rows) < 0.2, today - random.integers(0, 8, rows), _NO_DAY
        )
        for key in COUNTS
    }
    flags = {name: random.random(rows) < share for name, share in _SHARES.items()}
    ceased = np.where(random.random(rows) < 0.01, NOON - 5_000, NEVER)
    frame = pl.DataFrame(
        {
            "asked": NOON + random.integers(-720, 720, rows),
            "place": where,
            "candidates": where,
        }
    )
    return frame.with_columns(
        **{name: _silent(value) for name, value in silent.items()},
        holidays=pl.lit(None, dtype=pl.String),
        complete_from=pl.lit(BEFORE_ALL),
    ).with_columns(
        cease_from=pl.Series(ceased),
        **{name: pl.Series(values) for name, values in (flags | counts).items()},
    )


def _silent(value: Any) -> pl.Expr:
    if isinstance(value, tuple):
        return pl.lit([], dtype=pl.List(WINDOW))
    if isinstance(value, frozenset):
        return pl.lit([], dtype=pl.List(pl.Int64))
    return pl.lit(value, dtype=pl.Int64 if value is None or type(value) is int else None)


def grounds_of_row(row: Mapping[str, Any]) -> Grounds:
    """One row of `facts_frame` as a single attempt has it."""
    facts = dict(row) | {"consent_calls_days": frozenset()}
    for name, value in row.items():
        if isinstance(value, list) and name != "consent_calls_days":
            facts[name] = tuple(Window(**window) for window in value)
    place = zone(row["place"])
    return Grounds(
        facts=facts,
        place=place,
        candidates=(place,),
        clocks={name: zone(name) for name in book().clocks},
        nth_days={key: row[f"nth:{key}"] for key in COUNTS},
        complete_from=row["complete_from"],
    )


def frames(debtors: int, past: int = 10) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """An intended call to each debtor, what is recorded, and so many past contacts of each."""
    random = np.random.default_rng(SEED)
    where, number = random.choice(ZONES, debtors), np.arange(debtors)
    contacts = pl.DataFrame(
        {"debtor": number, "person": number, "debts": number, "zone": where, "candidates": where}
    ).with_columns(
        pl.col("debts").reshape((debtors, 1)).arr.to_list(),
        minute=pl.Series(NOON + random.integers(-720, 720, debtors)),
        channel=pl.lit("call"),
        target_role=pl.lit("consumer"),
        actor=pl.lit("1"),
        actor_type=pl.lit("debt_collector"),
        address=pl.lit("mobile"),
        debt_types=pl.lit(["consumer"]),
    )
    few = random.choice(debtors, debtors // 20, replace=False)
    records = pl.DataFrame({"debtor": few, "person": few}).with_columns(
        time_barred=pl.Series(random.random(len(few)) < 0.5),
        prior_refusal=pl.Series(random.random(len(few)) < 0.5),
        cease_from=pl.Series(np.where(random.random(len(few)) < 0.2, NOON - 5_000, NEVER)),
    )
    return contacts, records, _past(debtors, past, random)


def _past(debtors: int, past: int, random: np.random.Generator) -> pl.DataFrame:
    rows = debtors * past
    owner = np.repeat(np.arange(debtors), past)
    back = np.sort(random.integers(1, 30 * 1440, (debtors, past)), axis=1)[:, ::-1].reshape(-1)
    outcome = pl.Series(random.integers(0, len(OUTCOMES), rows).astype(np.uint8))
    return pl.DataFrame(
        {"debtor": owner, "person": owner, "debts": owner, "minute": NOON - 720 - back}
    ).with_columns(
        outcome=outcome.cat.to(pl.Enum(OUTCOMES)),
        inbound=pl.Series(random.random(rows) < 0.05),
        talked=pl.col("debts"),
        channel=pl.lit("call"),
        role=pl.lit("consumer"),
        actor=pl.lit("1"),
        address=pl.lit("mobile"),
        place=pl.lit("none"),
    )
