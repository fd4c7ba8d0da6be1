"""A made-up night's input, written as a snapshot without a database: cases of Chinese consumers.

Each case has its facts, three past calls or none, and a contact for each channel that the shipped
strategy proposes. Some debtors have two cases. Every figure follows from the case's number, so a
book of one size is always the same. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from kept.batch.deciding.offering import facts_wanted
from kept.batch.deciding.permitting import ways_of
from kept.batch.deciding.snapshots import Chunk, Contents, write_chunk, write_contents
from kept.core.calendar import instant_of
from kept.core.facts import CATALOGUE, FactType
from kept.core.law.lawbook import LawBook
from kept.core.law.times import BEFORE_ALL
from kept.core.strategies import Strategy, history_fact, with_proposals
from kept.packs.law_packs import load_law_packs
from kept.packs.strategies import strategy_labelled
from kept.packs.strategy_texts import shipped_text
from kept.work.intended_law import Grounded, IntendedFrames

__all__ = ["CHUNK", "facts_of_cases", "strategy", "write_snapshot"]

CHUNK: Final = 50_000
LABEL: Final = "consumer_cn:1"
ON: Final = date(2026, 11, 23)
#: Four in the morning in Shanghai.
ASKED: Final = instant_of(datetime(2026, 11, 22, 20, tzinfo=UTC))
PAST: Final = 3
#: One seat works so many cases: about a third of them can be worked in a night.
_CASES_A_SEAT: Final = 250
_KINDS: Final = (
    ["call", "firm_call", "reminder"],
    ["call", "letter", "reminder"],
    ["visit"],
    ["legal_review", "review", "hardship"],
)
_FLAGS_PER_MILLE: Final = {"has_open_promise": 40, "has_plan": 30, "treatment_hold": 10}
_LISTS: Final = pl.List(pl.Int64)


@cache
def strategy() -> Strategy:
    return strategy_labelled(LABEL)


@cache
def _law() -> LawBook:
    """What binds a Chinese debtor's case: the country's pack, and the house's own."""
    bound = tuple(pack for pack in load_law_packs() if pack.country in (None, "CN"))
    return LawBook(bound)


def write_snapshot(folder: Path, cases: int, chunk: int = CHUNK) -> None:
    """A complete snapshot of so many cases; a chunk holds `chunk` of them."""
    starts = range(0, cases, chunk)
    for number, first in enumerate(starts):
        write_chunk(folder, number, _chunk(first, min(first + chunk, cases)))
    text = shipped_text(LABEL)
    assert text is not None, "the strategy is shipped"
    seats = [
        {"code": f"S{n:06d}", "skills": _KINDS[n % len(_KINDS)], "minutes": 420 + n % 3 * 30}
        for n in range(max(len(_KINDS), cases // _CASES_A_SEAT))
    ]
    write_contents(
        folder,
        Contents(
            creditor="BENCH",
            business_date=ON,
            strategy=LABEL,
            text=text,
            house="CNY",
            seats=seats,
            capacities={"letters": cases // 20},
            chunks=list(range(len(starts))),
        ),
    )


def _chunk(first: int, end: int) -> Chunk:
    facts = facts_of_cases(first, end)
    asked = _asked(facts)
    grounds = Grounded(
        IntendedFrames(_contacts(asked), _NO_RECORDS, _history(facts), _NONE_BARRED),
        [_law()],
        {},
        ASKED,
    )
    # Every twentieth case is its debtor's second one.
    person = pl.when(pl.col("case_id") % 20 == 0).then(pl.col("case_id") * 7 // 10)
    people = facts.select("case_id", person_id=person.otherwise("case_id"))
    return Chunk(facts, people, asked.select("number", "case_id", "channel"), grounds)


# --- facts ----------------------------------------------------------------------------------------


def facts_of_cases(first: int, end: int) -> pl.DataFrame:
    """Facts of the cases by number; those that no line here makes are what most cases have."""
    ids = pl.DataFrame({"case_id": range(first + 1, end + 1)})
    wanted = sorted(facts_wanted(strategy()) & CATALOGUE.keys())
    made = {name: _fact(name) for name in wanted}
    beside = {name: pl.lit(0, dtype=pl.Int64) for name in ("creditor_id", "seat_id")}
    beside |= {"debtor_id": pl.col("case_id"), "currency": pl.lit("CNY")}
    done = {
        history_fact(each.code): _sometimes(place, 90, 1, 30)
        for place, each in enumerate(strategy().treatments)
    }
    return ids.with_columns(**beside, **made, **done)


def _mixed(salt: int) -> pl.Expr:
    """A well mixed whole number of each case, never negative."""
    return ((pl.col("case_id") * (2 * salt + 7_919) + salt * 104_729) * 48_271) % 2_147_483_647


def _within(salt: int, least: int, most: int) -> pl.Expr:
    return least + _mixed(salt) % (most - least + 1)


def _sometimes(salt: int, per_cent: int, least: int, most: int) -> pl.Expr:
    """A number for so many of a hundred, unknown for the rest."""
    known = _mixed(salt + 500) % 100 >= per_cent
    return pl.when(known).then(_within(salt, least, most))


def _one_of(salt: int, words: Sequence[str]) -> pl.Expr:
    """One of the words for a tenth of the cases, unknown for the rest."""
    number = _sometimes(salt, 90, 0, len(words) - 1)
    return number.replace_strict(list(range(len(words))), list(words), return_dtype=pl.String)


def _fact(name: str) -> pl.Expr:
    dpd = pl.col("case_id") % 181
    overdue = 50_000 + pl.col("case_id") % 997 * 3_000
    of_book: dict[str, pl.Expr] = {
        "dpd": dpd,
        "bucket": (dpd + 29) // 30,
        "highest_bucket": (dpd + 29) // 30 + _within(1, 0, 1),
        "overdue_balance": overdue,
        "balance": overdue + 1_000_000 + _within(2, 0, 6_000_000),
        "arm_draw": _within(3, 0, 9_999),
        "days_until_due": pl.when(dpd == 0).then(_within(4, 0, 20)),
        "days_since_plan_breach": _sometimes(5, 98, 0, 60),
        "days_since_promise_broken": _sometimes(6, 93, 0, 60),
        "last_payment_days_late": _sometimes(7, 30, -20, 60),
        "language": pl.lit("zh-hans"),
        "reachable_by_phone": _mixed(8) % 50 != 0,
        "reachable_by_letter": pl.lit(True),
    }
    if name in of_book:
        return of_book[name]
    salt = 20 + sum(map(ord, name))
    if CATALOGUE[name].type is FactType.BOOLEAN:
        return _mixed(salt) % 1_000 < _FLAGS_PER_MILLE.get(name, 4)
    if CATALOGUE[name].values:
        return _one_of(salt, CATALOGUE[name].values)
    return _within(salt, 0, 3)


# --- what the law rests on ------------------------------------------------------------------------

_NO_RECORDS: Final = pl.DataFrame(schema={"contact": pl.Int64})
_NONE_BARRED: Final = pl.DataFrame(schema={"number": pl.Int64, "is_erased": pl.Boolean})


def _asked(facts: pl.DataFrame) -> pl.DataFrame:
    ways = ways_of(strategy(), with_proposals(strategy(), facts))
    number = pl.col("number").cast(pl.Int64)
    return ways.sort("case_id", "channel").with_row_index("number").with_columns(number)


def _contacts(asked: pl.DataFrame) -> pl.DataFrame:
    """As `work/intended_frames.py` makes them out of the book."""
    return asked.select(
        "number",
        "channel",
        book=pl.lit(0, dtype=pl.Int64),
        has_residence=pl.lit(True),
        purpose=pl.lit("collect"),
        target_role=pl.lit("consumer"),
        actor_type=pl.lit("third_party_agency"),
        own_name=pl.lit(False),
        zone=pl.lit("Asia/Shanghai"),
        candidates=pl.lit("Asia/Shanghai"),
        holidays=pl.lit(None, dtype=pl.String),
        complete_from=pl.lit(BEFORE_ALL, dtype=pl.Int64),
        contact="number",
        debtor="case_id",
        minute=pl.lit(ASKED, dtype=pl.Int64),
        person="case_id",
        actor=pl.lit(1, dtype=pl.Int64),
        address=pl.col("case_id") * 2,
        address_place=pl.lit("none"),
        employer_email=pl.lit(False),
        debts=pl.col("case_id").reshape((-1, 1)).arr.to_list(),
        debt_types=pl.lit(["credit_card"]),
        artificial_voice=pl.lit(False),
        autodialled=pl.col("channel") == "sms",
        days_past_due=pl.lit(None, dtype=pl.Int64),
        used_address=pl.lit(False),
    )


def _history(facts: pl.DataFrame) -> pl.DataFrame:
    """The calls of two in three debtors, oldest first."""
    called = facts.filter(pl.col("case_id") % 3 != 0).select("case_id")
    calls = called.join(pl.DataFrame({"n": range(PAST)}), how="cross")
    back = 60 + (pl.col("case_id") * 7_919 + pl.col("n") * 4_219) % 40_000
    talked = (pl.col("case_id") + pl.col("n")) % 6 == 0
    debts = pl.col("case_id").reshape((-1, 1)).arr.to_list()
    return calls.select(
        debtor="case_id",
        minute=(ASKED - back).cast(pl.Int64),
        channel=pl.lit("call"),
        inbound=pl.lit(False),
        outcome=pl.when(talked).then(pl.lit("conversation")).otherwise(pl.lit("ring_no_answer")),
        role=pl.lit("consumer"),
        person="case_id",
        actor=pl.lit(1, dtype=pl.Int64),
        address=pl.col("case_id") * 2,
        place=pl.lit("none"),
        debts=debts,
        talked=debts,
    ).sort("debtor", "minute")
