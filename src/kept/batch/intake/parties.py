"""Who stands in a row: the debtor's and related persons' names and identity numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.columns import constant, nothing
from kept.batch.intake.identity_numbers import check_numbers
from kept.batch.intake.names import fold_names, single_spaced
from kept.batch.intake.prepared import RELATED_SCHEMA
from kept.core.countries import COUNTRIES
from kept.core.identities import NumberCheck
from kept.core.intake import (
    CellRule,
    IdentityMap,
    RejectCode,
    RelatedMap,
    Severity,
    WhenWrong,
)

__all__ = [
    "NAME_MAX",
    "Identity",
    "Related",
    "check_text",
    "read_country",
    "read_identity",
    "read_language",
    "read_name",
    "read_related",
]

NAME_MAX = 200
_HASHED = ("relation", "name", "language", "identity_kind", "identity_country", "identity_number")
_LANGUAGE = r"^[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-[A-Za-z]{2})?$"


@dataclass(frozen=True, slots=True)
class Identity:
    """Kind, country and number of each row; all three null where there is no good number."""

    kinds: pl.Series
    countries: pl.Series
    numbers: pl.Series

    @classmethod
    def none(cls, height: int) -> Identity:
        empty = nothing(height, pl.String())
        return cls(empty, empty, empty)


def check_text(chunk: Chunk, rule: CellRule, text: pl.Series, most: int) -> None:
    """Text that is kept as it is: short enough, and nothing in it that cannot be shown."""
    lengths = text.str.len_chars()
    chunk.refuse(lengths > most, rule, RejectCode.TOO_LONG, found=lengths, most=most)
    chunk.refuse(text.str.contains(r"\pC|[\t\r\n]"), rule, RejectCode.CONTROL_CHARACTER)


def read_name(chunk: Chunk, rule: CellRule, *, needed: bool) -> tuple[pl.Series, pl.Series]:
    """Names single-spaced, and their keys for search."""
    text = chunk.needed(rule) if needed else chunk.text(rule)
    names, control = single_spaced(text)
    keys = fold_names(names)
    # Folding may lengthen: one Arabic ligature becomes eighteen letters.
    lengths = keys.str.len_chars()
    chunk.refuse(lengths > NAME_MAX, rule, RejectCode.TOO_LONG, found=lengths, most=NAME_MAX)
    chunk.refuse(control, rule, RejectCode.CONTROL_CHARACTER)
    return names, keys


def read_language(chunk: Chunk, rule: CellRule | None, fallback: str) -> pl.Series:
    if rule is None:
        return constant(fallback, chunk.height, pl.String())
    text = chunk.text(rule)
    chunk.refuse(~text.str.contains(_LANGUAGE), rule, RejectCode.UNKNOWN_LANGUAGE)
    return text.fill_null(fallback)


def read_country(chunk: Chunk, rule: CellRule | None, fallback: pl.Series) -> pl.Series:
    if rule is None:
        return fallback
    text = chunk.text(rule).str.to_uppercase()
    unknown = text.is_not_null() & ~text.is_in(list(COUNTRIES))
    chunk.refuse(unknown, rule, RejectCode.UNKNOWN_COUNTRY)
    frame = pl.DataFrame({"text": text, "fallback": fallback})
    return frame.select(pl.coalesce("text", "fallback")).to_series()


def read_identity(chunk: Chunk, identity: IdentityMap | None, countries: pl.Series) -> Identity:
    """Good numbers only; a wrong one costs the row or only itself, as the map says."""
    if identity is None:
        return Identity.none(chunk.height)
    kinds = chunk.text(identity.kind)
    countries = read_country(chunk, identity.country, countries)
    texts = chunk.text(identity.number)
    chunk.refuse(
        texts.is_not_null() & kinds.is_null() & chunk.cell(identity.kind).is_null(),
        identity.kind,
        RejectCode.MISSING_VALUE,
    )
    checked = check_numbers(kinds, countries, texts)
    severity = Severity.REJECT if identity.when_wrong is WhenWrong.REJECT else Severity.WARNING
    for outcome, code in (
        (NumberCheck.BAD_FORM, RejectCode.BAD_IDENTITY),
        (NumberCheck.WRONG_DIGIT, RejectCode.IDENTITY_CHECK_DIGIT),
    ):
        wrong = checked.found == int(outcome)
        chunk.refuse(wrong, identity.number, code, severity, kind=kinds)
    absent = checked.numbers.is_null() | kinds.is_null()
    if not absent.any():
        return Identity(kinds, countries, checked.numbers)
    return Identity(*(each.set(absent, None) for each in (kinds, countries, checked.numbers)))


@dataclass(frozen=True, slots=True)
class Related:
    """`present` says by place in the map which rows have the person; `content` is for hashing."""

    frame: pl.DataFrame
    present: dict[int, pl.Series]
    content: dict[str, pl.Series]


def read_related(chunk: Chunk, maps: Sequence[RelatedMap], countries: pl.Series) -> Related:
    frames: list[pl.DataFrame] = []
    present: dict[int, pl.Series] = {}
    content: dict[str, pl.Series] = {}
    for index, each in enumerate(maps, 1):
        frame = _related_person(chunk, each, countries).with_columns(
            pl.lit(index, dtype=pl.Int16).alias("index")
        )
        present[index] = frame["name"].is_not_null()
        frames.append(frame.select(list(RELATED_SCHEMA)))
        content |= {f"related.{index}.{name}": frame[name] for name in _HASHED}
    if not frames:
        return Related(pl.DataFrame(schema=dict(RELATED_SCHEMA)), {}, {})
    joined = pl.concat(frames)
    return Related(joined.filter(pl.col("name").is_not_null()), present, content)


def _related_person(chunk: Chunk, each: RelatedMap, countries: pl.Series) -> pl.DataFrame:
    """One row a row of the chunk; name null where there is no such person."""
    names, keys = read_name(chunk, each.name, needed=False)
    relations = chunk.text(each.relation)
    chunk.refuse(
        names.is_not_null() & relations.is_null() & chunk.cell(each.relation).is_null(),
        each.relation,
        RejectCode.MISSING_VALUE,
    )
    # A code that stands for nothing says that there is no such person.
    names = names.set(relations.is_null(), None)
    identity = read_identity(chunk, each.identity, countries)
    return pl.DataFrame(
        {
            "line_no": chunk.lines,
            "relation": relations,
            "name": names,
            "name_key": keys,
            "language": chunk.text(each.language)
            if each.language is not None
            else nothing(chunk.height, pl.String()),
            "identity_kind": identity.kinds,
            "identity_country": identity.countries,
            "identity_number": identity.numbers,
        }
    )
