"""What verdicts on many intended contacts rest on, and those verdicts; no table is read here.

`intended_verdicts` brings the grounds out of the book. They may be judged on another machine: they
hold numbers and codes, and books of law can be named and found again (`book_names`, `named_book`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import polars as pl

from kept.core.law.columns import fired_keys, word_count
from kept.core.law.lawbook import LawBook, Switch
from kept.core.law.rules import Effect
from kept.core.law.verdicts import MOVES, rank
from kept.packs.law_packs import load_law_packs
from kept.work.law_verdicts import verdicts_for
from kept.work.places import zone_table

__all__ = [
    "ERASED",
    "NO_ENGAGEMENT",
    "Grounded",
    "IntendedFrames",
    "book_names",
    "judge_grounded",
    "named_book",
    "no_verdicts",
]

#: In place of a rule: nobody holds the mandate of the creditor, or the debtor was erased.
NO_ENGAGEMENT: Final = "no_engagement"
ERASED: Final = "erased"

_VERDICT: Final[Mapping[str, Any]] = {
    "number": pl.Int64,
    "outcome": pl.String,
    "lawful_from": pl.Int64,
    "refused_as": pl.String,
    "rule_ids": pl.List(pl.String),
    "has_place": pl.Boolean,
    "has_residence": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class IntendedFrames:
    """As `law_verdicts.verdicts_for` takes them; `records` go by `contact`, the number.

    `contacts` has besides: `number`, `book`, `has_residence`. Contacts for which nobody holds the
    mandate, and those of an erased debtor, are in `barred` alone.
    """

    contacts: pl.DataFrame
    records: pl.DataFrame
    history: pl.DataFrame
    barred: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Grounded:
    """The frames, and by what their columns name the books of law and the holidays."""

    frames: IntendedFrames
    books: Sequence[LawBook]
    holidays: Mapping[str, frozenset[int]]
    minute: int


def no_verdicts() -> pl.DataFrame:
    return pl.DataFrame(schema=dict(_VERDICT))


def judge_grounded(grounds: Grounded) -> pl.DataFrame:
    """A verdict for each contact, in the order of their numbers.

    `number`, `outcome`; `lawful_from`, null for never; `refused_as` (`deny` or `hold`) and
    `rule_ids`, the deciding rule first, where something closes the asked minute; `has_place`,
    `has_residence`.
    """
    judged = [_told(*each) for each in _judged(grounds)]
    return pl.concat([*judged, _barred(grounds.frames.barred)]).sort("number")


# --- books of law by name -------------------------------------------------------------------------


def book_names(book: LawBook) -> dict[str, Any]:
    """What a book is made of, for JSON."""
    switches = [
        {"rule": each.rule_id, "effect": each.effect and str(each.effect), "reason": each.reason}
        for each in book.switches
    ]
    return {"packs": [pack.name for pack in book.packs], "switches": switches}


def named_book(names: Mapping[str, Any]) -> LawBook:
    """The book again; raises `ValueError` where this release does not ship one of its packs."""
    switches = tuple(
        Switch(each["rule"], each["effect"] and Effect(each["effect"]), each["reason"])
        for each in names["switches"]
    )
    return _named(tuple(names["packs"]), switches)


@lru_cache(maxsize=256)
def _named(names: tuple[str, ...], switches: tuple[Switch, ...]) -> LawBook:
    known = {pack.name: pack for pack in load_law_packs()}
    missing = sorted(set(names) - set(known))
    if missing:
        raise ValueError(f"this release has no law pack {missing[0]!r}: use the one that wrote it")
    return LawBook(tuple(known[name] for name in names), switches)


# --- the verdicts ---------------------------------------------------------------------------------


def _judged(grounds: Grounded) -> Iterator[tuple[LawBook, pl.DataFrame, pl.DataFrame]]:
    """By the law that binds, the contacts and their verdicts."""
    frames = grounds.frames
    for number in frames.contacts["book"].unique().sort():
        book, mine = grounds.books[number], frames.contacts.filter(pl.col("book") == number)
        groups = mine["debtor"].unique()
        verdicts = verdicts_for(
            book,
            mine,
            frames.records.filter(pl.col("contact").is_in(mine["contact"].implode())),
            frames.history.filter(pl.col("debtor").is_in(groups.implode())),
            lambda zone: zone_table(zone, grounds.minute),
            grounds.holidays,
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
