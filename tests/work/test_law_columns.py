"""Verdicts in columns are those of single attempts: outcome, time and every part that fired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import pytest

from kept.core.law.columns import fired_keys, word_count
from kept.core.law.deriving import facts_of
from kept.core.law.grounds import grounds_of
from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook, ScopeKey
from kept.core.law.situations import Situation
from kept.core.law.verdicts import Verdict, judge
from kept.work.law_columns import WINDOW, judge_facts
from kept.work.law_facts import Facts
from kept.work.law_frames import STRAIGHT
from kept.work.law_history_facts import HISTORY_FACTS
from kept.work.law_verdicts import verdicts_for
from tests.core.law.many_worlds import many_situations
from tests.core.law.worlds import PACKS, zone
from tests.work.law_frames_of import frames_of

NAMES = sorted(PACKS)
WINDOWS = ("inconvenient_times", "consent_times", "agreed_times", "reasonable_times")
NO_DAY = -10_000_000


def facts_frame(grounds: Sequence[Grounds], situations: Sequence[Situation]) -> pl.DataFrame:
    """Facts and counts of single situations, as the frame that columns are judged from."""
    rows = [row_of(one, of) for one, of in zip(grounds, situations, strict=True)]
    keys = {key for one in grounds for key in one.nth_days}
    for row in rows:
        row |= {f"nth:{key}": row.get(f"nth:{key}", NO_DAY) for key in keys}
    types: dict[str, Any] = dict.fromkeys(WINDOWS, pl.List(WINDOW))
    types |= {"consent_calls_days": pl.List(pl.Int64), "recorded_day": pl.Int64}
    types |= {"last_activity_day": pl.Int64, "place": pl.String, "holidays": pl.String}
    types |= {"actor_type": pl.String, "attorney_reachable": pl.Boolean, "candidates": pl.String}
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


def row_of(one: Grounds, of: Situation) -> dict[str, Any]:
    facts = dict(one.facts)
    for name in WINDOWS:
        facts[name] = [window._asdict() for window in facts[name]]
    facts["consent_calls_days"] = sorted(facts["consent_calls_days"])
    counts = {f"nth:{key}": day for key, day in one.nth_days.items()}
    return (
        facts
        | counts
        | {
            "asked": of.attempt.minute,
            "place": one.place.zone if one.place else None,
            "candidates": ",".join(table.zone for table in one.candidates),
            "holidays": ",".join(map(str, sorted(one.holidays))) or None,
            "complete_from": one.complete_from,
        }
    )


def assert_same(book: LawBook, singles: Iterable[Verdict], found: pl.DataFrame) -> None:
    words = [f"fired_{number}" for number in range(word_count(book))]
    for single, row in zip(singles, found.iter_rows(named=True), strict=True):
        keys = frozenset(each.part.key for each in single.fired)
        deciding = single.deciding
        told = None if row["decided"] is None else book.parts[row["decided"]][1].key
        assert (row["outcome"], row["lawful_from"]) == (str(single.outcome), single.lawful_from)
        found_keys = fired_keys(book, (row[word] for word in words))
        assert found_keys == keys
        assert told == (deciding.part.key if deciding else None)


def check(book: LawBook, situations: Sequence[Situation]) -> None:
    grounds = [grounds_of(book, each)[0] for each in situations]
    singles = [
        judge(book, one, of.attempt.minute) for one, of in zip(grounds, situations, strict=True)
    ]
    frame = facts_frame(grounds, situations)
    holidays = {
        name: frozenset(map(int, name.split(",")))
        for name in frame["holidays"].drop_nulls().unique()
    }
    assert_same(book, singles, judge_facts(book, frame, zone, holidays))
    assert_same(book, singles, verdicts_for(book, *frames_of(situations), zone, holidays))


def test_every_fact_of_one_attempt_is_one_of_columns() -> None:
    numbers = LawBook((PACKS[NAMES[0]],)).numbers_at(0)
    single = facts_of(many_situations(NAMES[0], 1, zones=1)[0], numbers)
    columns = {*STRAIGHT, *HISTORY_FACTS, *ScopeKey._fields, "consent_calls_days"}
    absent = [each for each in single if each not in columns and not hasattr(Facts, each)]
    assert [each for each in absent if not each.startswith("content_")] == []


@pytest.mark.parametrize("name", NAMES)
def test_columns_judge_as_single_attempts_are(name: str) -> None:
    book = LawBook((PACKS[name],), drafts=True)
    check(book, many_situations(name, 222, zones=2))


@pytest.mark.study
@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_thousand_verdicts_are_the_same_in_columns(name: str) -> None:
    book = LawBook((PACKS[name],), drafts=True)
    check(book, many_situations(name, 100_000 // len(NAMES) + 1, seed=4))


@pytest.mark.study
def test_all_packs_together_are_the_same_in_columns() -> None:
    book = LawBook(tuple(PACKS.values()))
    for name in NAMES:
        check(book, many_situations(name, 1_000, seed=5))
