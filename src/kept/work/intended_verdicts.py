"""The verdicts on many intended contacts of one creditor, from the book: what the night asks.

Each is what `situations.consider` judges for it alone. Nothing is reserved: at the moment of a
contact its permit is judged anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl
from django.db import transaction

from kept.core.law.columns import fired_keys, word_count
from kept.core.law.lawbook import LawBook
from kept.core.law.rules import Effect
from kept.core.law.verdicts import MOVES, rank
from kept.work.intended_frames import IntendedFrames, intended_frames
from kept.work.intended_people import Bound
from kept.work.intended_rows import read_intended
from kept.work.law_verdicts import verdicts_for
from kept.work.places import zone_table

__all__ = ["COLLECT", "ERASED", "NO_ENGAGEMENT", "intended_verdicts"]

COLLECT: Final = "collect"
#: In place of a rule: nobody holds the mandate of the creditor, or the debtor was erased.
NO_ENGAGEMENT: Final = "no_engagement"
ERASED: Final = "erased"

_CHUNK: Final = 100_000
_VERDICT: Final[Mapping[str, Any]] = {
    "number": pl.Int64,
    "outcome": pl.String,
    "lawful_from": pl.Int64,
    "refused_as": pl.String,
    "rule_ids": pl.List(pl.String),
    "has_place": pl.Boolean,
    "has_residence": pl.Boolean,
}


def intended_verdicts(contacts: pl.DataFrame, *, creditor_id: int, minute: int) -> pl.DataFrame:
    """A verdict for each contact at the asked UTC minute, in the order of their numbers.

    In: `number` (each once), `case_id`, `channel`; `contact_point_id`, `related_person_id` and
    `purpose` where they are not null, null and `collect`. Out: `number`, `outcome`; `lawful_from`,
    null for never; `refused_as` (`deny` or `hold`) and `rule_ids`, the deciding rule first, where
    something closes the asked minute; `has_place`, `has_residence`. A case of another creditor has
    none. Holds one chunk in memory at a time.
    """
    whole = _whole(contacts)
    found = [
        _chunk(whole.slice(start, _CHUNK), creditor_id, minute)
        for start in range(0, len(whole), _CHUNK)
    ]
    return pl.concat(found) if found else pl.DataFrame(schema=dict(_VERDICT))


def _whole(contacts: pl.DataFrame) -> pl.DataFrame:
    silent = {
        "contact_point_id": pl.lit(None, dtype=pl.Int64),
        "related_person_id": pl.lit(None, dtype=pl.Int64),
        "purpose": pl.lit(COLLECT),
    }
    absent = {name: value for name, value in silent.items() if name not in contacts.columns}
    return contacts.with_columns(**absent).sort("case_id", "number")


def _chunk(contacts: pl.DataFrame, creditor_id: int, minute: int) -> pl.DataFrame:
    with transaction.atomic():
        rows = read_intended(contacts, creditor_id=creditor_id, minute=minute)
    bound = Bound(rows)
    frames = intended_frames(bound, contacts.select("number", "channel", "purpose"))
    judged = [
        _told(book, contacts_of_book, verdicts)
        for book, contacts_of_book, verdicts in _judged(frames, bound, minute)
    ]
    return pl.concat([*judged, _barred(frames.barred)]).sort("number")


def _judged(
    frames: IntendedFrames, bound: Bound, minute: int
) -> Iterator[tuple[LawBook, pl.DataFrame, pl.DataFrame]]:
    """By the law that binds, the contacts and their verdicts."""
    for number in frames.contacts["book"].unique().sort():
        book, mine = bound.books[number], frames.contacts.filter(pl.col("book") == number)
        groups = mine["debtor"].unique()
        verdicts = verdicts_for(
            book,
            mine,
            frames.records.filter(pl.col("contact").is_in(mine["contact"].implode())),
            frames.history.filter(pl.col("debtor").is_in(groups.implode())),
            lambda zone: zone_table(zone, minute),
            bound.holidays,
        )
        yield book, mine, verdicts


def _told(book: LawBook, contacts: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    words = [f"fired_{number}" for number in range(word_count(book))]
    different = verdicts.select(words).unique(maintain_order=True)
    rows = [_refusal(book, row) for row in different.iter_rows()]
    types: dict[str, Any] = {"refused_as": pl.String, "rule_ids": pl.List(pl.String)}
    named = different.hstack(pl.DataFrame(rows, schema=types, orient="row"))
    told = verdicts.join(named, on=words, how="left", maintain_order="left")
    return (
        contacts.select("number", "has_residence", has_place=pl.col("zone").is_not_null())
        .hstack(
            told.select(pl.col("outcome").cast(pl.String), "lawful_from", "refused_as", "rule_ids")
        )
        .select(*_VERDICT)
    )


def _refusal(book: LawBook, words: tuple[int, ...]) -> tuple[str | None, list[str]]:
    """What closes the minute: the rules that prohibit it, then those that presume a violation."""
    keys = fired_keys(book, words)
    fired = [(rule, part) for rule, part in book.parts if part.key in keys]
    closing = sorted(
        ((rule, part) for rule, part in fired if part.effect in MOVES),
        key=lambda each: rank(*each),
    )
    closing.sort(key=lambda each: each[1].effect is not Effect.DENY)
    if not closing:
        return None, []
    return str(closing[0][1].effect), list(dict.fromkeys(rule.id for rule, _ in closing))


def _barred(barred: pl.DataFrame) -> pl.DataFrame:
    reason = pl.when("is_erased").then(pl.lit(ERASED)).otherwise(pl.lit(NO_ENGAGEMENT))
    return barred.select(
        "number",
        outcome=pl.lit(str(Effect.DENY)),
        lawful_from=pl.lit(None, dtype=pl.Int64),
        refused_as=pl.lit(str(Effect.DENY)),
        rule_ids=reason.reshape((-1, 1)).arr.to_list(),
        has_place=pl.lit(True),
        has_residence=pl.lit(True),
    )
