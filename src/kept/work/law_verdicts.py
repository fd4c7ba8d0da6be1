"""Verdicts for many intended contacts, from frames of them, of people's records and of histories.

One statement each brings the three frames out of the book; nothing is read here. What a single
attempt gets from `core.law.grounds.judge_situation` is what its row gets here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl

from kept.core.calendar import DAY_MINUTES
from kept.core.law.columns import Column, Verdicts, facts_read, judge_columns
from kept.core.law.counting import NO_DAY
from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook, Plan, ScopeKey, scope_key
from kept.core.law.rules import Clock, Kind, Part
from kept.core.law.times import BEFORE_ALL
from kept.work.law_columns import Holidays, Partition, Zones, judged, partitions_of, verdict_frame
from kept.work.law_facts import Facts
from kept.work.law_frames import SILENCE
from kept.work.law_histories import (
    Attempts,
    Codes,
    Histories,
    Ints,
    Joined,
    Lists,
    local_day_of,
    nth_days,
)

__all__ = ["verdicts_for"]


def verdicts_for(
    book: LawBook,
    contacts: pl.DataFrame,
    circumstances: pl.DataFrame,
    history: pl.DataFrame,
    zones: Zones,
    holidays: Holidays | None = None,
) -> pl.DataFrame:
    """The verdict on each intended contact, in their order.

    `contacts`: `debtor` (a whole number), `minute` (asked), `channel`, `person`, `target_role`,
    `actor`, `actor_type`, `debts` (lists), `debt_types` (lists), `zone` (null: not known) and
    `candidates` (zones with commas between); `groups`, where it differs from `debts`, and what
    `law_frames` names. `circumstances`: a row for a `debtor` and `person`, or for a `contact` where
    both frames have that column, or none. `history`:
    `debtor`, `minute`, `channel`, `inbound`, `person`, `role`, `outcome`, `actor`, `address`,
    `place`, `debts` and `talked` (particular debts, one or a list; `debt_ids` and `talked_ids`
    where debts have other ids), `misdirected_from`; a debtor's rows in order of time. Columns out:
    those of `law_columns.verdict_frame`.
    """
    rows = _with_records(_prepared(contacts), circumstances)
    codes = Codes()
    attempts, histories = _attempts(rows, codes), Histories(history, codes)

    def judge(each: Partition) -> Verdicts:
        one = _One(book, rows, attempts, histories, each, zones)
        return judge_columns(book, one.grounds(holidays or {}), one.facts.minute)

    partitions = _by_numbers(book, partitions_of(_keys(rows)), attempts.minute, zones)
    return verdict_frame(book, judged(partitions, judge), len(rows))


def _by_numbers(
    book: LawBook, partitions: Iterable[Partition], minute: Ints, zones: Zones
) -> Iterator[Partition]:
    """Partitions on whose local days the same numbers of the law hold."""
    for each in partitions:
        zone, asked = each.shared["zone"], minute[each.rows]
        days = local_day_of(asked, zones(zone)) if zone else asked // DAY_MINUTES
        version = np.searchsorted(book.number_days, days, side="right")
        for number in np.unique(version):
            shared = {**each.shared, "numbers_day": int(days[version == number][0])}
            yield Partition(each.rows[version == number], shared)


def _prepared(contacts: pl.DataFrame) -> pl.DataFrame:
    """With the words that scopes read, and None for what the frame leaves out."""
    names = ("purpose", "own_name", "holidays", "complete_from", "address_place", "address")
    missing = {name: pl.lit(SILENCE.get(name)) for name in names if name not in contacts.columns}
    types = pl.col("debt_types")
    unsaid = types.is_null() | (types.list.len() == 0)
    missing["business_debt"] = (
        types.list.eval(pl.element() == "business").list.all() & ~unsaid
    ).fill_null(False)
    missing["credit_card_debt"] = (
        unsaid | types.list.contains("credit_card") | types.list.contains(None)
    ).fill_null(True)
    return contacts.with_columns(**missing)


def _with_records(contacts: pl.DataFrame, circumstances: pl.DataFrame) -> pl.DataFrame:
    """The contacts with what is recorded about their people; no record is silence, not unknown."""
    on = ["contact"] if "contact" in circumstances.columns else ["debtor", "person"]
    marked = circumstances.with_columns(_recorded=True)
    joined = contacts.join(marked, on=on, how="left", maintain_order="left")
    absent = pl.col("_recorded").is_null()
    silent = {
        name: pl.when(absent).then(pl.lit(SILENCE[name])).otherwise(pl.col(name))
        for name in circumstances.columns
        if SILENCE.get(name, ()) not in ((), None)
    }
    return joined.with_columns(**silent).drop("_recorded")


def _keys(rows: pl.DataFrame) -> pl.DataFrame:
    """What a partition's rows must share."""
    named = {"consumer_is_minor": "is_minor", "consumer_deceased": "deceased"}
    keys = {name: _column(rows, named.get(name, name)) for name in ScopeKey._fields}
    for name in ("reasonable_times", "inconvenient"):
        keys[f"{name}:any"] = _any(rows, name)
    zoneless = rows["zone"].is_null() | (rows["candidates"].fill_null("") == "")
    keys["inconvenient:any"] = keys["inconvenient:any"] | ~zoneless
    keys |= {name: rows[name] for name in ("zone", "candidates", "holidays")}
    keys["calls_days"] = _column(rows, "calls_days")
    if rows.schema.get("calls_days") == pl.List(pl.Int64):
        keys["calls_days"] = rows["calls_days"].cast(pl.List(pl.String)).list.join(",")
    return pl.DataFrame(keys)


def _column(rows: pl.DataFrame, name: str) -> pl.Series:
    if name in rows.columns:
        return rows[name]
    return pl.repeat(SILENCE.get(name), len(rows), eager=True)


def _any(rows: pl.DataFrame, name: str) -> pl.Series:
    if name not in rows.columns:
        return pl.repeat(False, len(rows), eager=True)
    return (rows[name].list.len() > 0).fill_null(False)


def _attempts(rows: pl.DataFrame, codes: Codes) -> Attempts:
    groups = rows["groups"] if "groups" in rows.columns else rows["debts"]
    at_work = rows["address_place"].cast(pl.String) == "work"
    ids = rows["debts"]
    return Attempts(
        debtor=rows["debtor"].cast(pl.Int64).to_numpy(),
        minute=rows["minute"].to_numpy(),
        person=codes.of("person", rows["person"]),
        actor=codes.of("actor", rows["actor"]),
        address=codes.of("address", rows["address"]),
        place=at_work.cast(pl.Int64).fill_null(-1).to_numpy(),
        groups=Lists.of(codes, "debt", groups),
        ids=Lists.of(codes, "debt", ids),
    )


class _One:
    """One partition: its rows, and its history when a fact or a count first asks for it."""

    def __init__(
        self,
        book: LawBook,
        rows: pl.DataFrame,
        attempts: Attempts,
        histories: Histories,
        partition: Partition,
        zones: Zones,
    ) -> None:
        shared = partition.shared
        self.shared = shared
        self.place = zones(shared["zone"]) if shared["zone"] else None
        self.candidates = tuple(zones(name) for name in _names(shared["candidates"]))
        self.clocks = {name: zones(name) for name in book.clocks}
        self.plan: Plan = book.plan(scope_key(shared))
        self.attempts, self.histories, self.partition = attempts, histories, partition
        taken = rows if len(partition.rows) == len(rows) else rows[partition.rows]
        actor = attempts.actor[partition.rows]
        numbers = book.numbers_at(shared["numbers_day"])
        self.facts = Facts(taken, actor, self.place, self.joined, numbers)
        self._joined: Joined | None = None

    def joined(self) -> Joined:
        if self._joined is None:
            mine, rows = self.attempts, self.partition.rows
            taken = Attempts(
                groups=mine.groups.at(rows),
                ids=mine.ids.at(rows),
                **{name: getattr(mine, name)[rows] for name in _PLAIN},
            )
            self._joined = Joined(taken, self.histories, self.place)
        return self._joined

    def grounds(self, holidays: Holidays) -> Grounds:
        facts = {name: self.fact(name) for name in facts_read(self.plan)}
        counted = [each.part for each in self.plan if each.part.kind is Kind.SPACING]
        return Grounds(
            facts=facts | {name: self.shared[name] for name in ScopeKey._fields},
            place=self.place,
            candidates=self.candidates,
            clocks=self.clocks,
            holidays=holidays.get(self.shared["holidays"] or "", frozenset()),
            nth_days={part.key: self.nth_day(part) for part in counted},
            complete_from=self.complete_from(),
        )

    def fact(self, name: str) -> Any:
        if name in ScopeKey._fields:
            return self.shared[name]
        if name == "consent_calls_days":
            return frozenset(map(int, _names(self.shared["calls_days"])))
        if name == "reasonable_times" and not self.shared["reasonable_times:any"]:
            return ()
        if name == "inconvenient_times" and not self.shared["inconvenient:any"]:
            return ()
        return self.facts.fact(name)

    def nth_day(self, part: Part) -> Any:
        clock = self.clocks[part.clock] if part.clock not in tuple(Clock) else self.place
        if clock is None:
            return NO_DAY
        found = nth_days(part, self.joined(), clock, self.facts.under_consent())
        return Column(found).settled() if isinstance(found, np.ndarray) else found

    def complete_from(self) -> Any:
        found = self.facts.kept("complete_from")
        return BEFORE_ALL if found is None else found


_PLAIN = ("debtor", "minute", "person", "actor", "address", "place")


def _names(joined: str | None) -> list[str]:
    return joined.split(",") if joined else []
