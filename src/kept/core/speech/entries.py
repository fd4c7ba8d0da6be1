"""What a pack of forbidden speech consists of: groups of words, entries, excuses; as values.

A pack is written by a lawyer (docs/speech.md). Nothing here looks at a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kept.core.law.rules import Status
from kept.core.speech.labels import SpeechLabel

__all__ = [
    "Circumstance",
    "Entry",
    "Excuse",
    "Genre",
    "Occasion",
    "Pattern",
    "Reach",
    "SpeechPack",
    "WordGroup",
]


class Genre(StrEnum):
    """What kind of text is looked at; a template does not report what a debtor said."""

    TEMPLATE = "template"
    NOTE = "note"
    TRANSCRIPT = "transcript"


class Circumstance(StrEnum):
    """What is known of the debt and the hearer; some words are wrong only then."""

    TIME_BARRED = "time_barred"
    TO_THIRD_PARTY = "to_third_party"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where a text is said: its genre, and the circumstances that are known to hold."""

    genre: Genre = Genre.NOTE
    circumstances: frozenset[Circumstance] = frozenset()


class Reach(StrEnum):
    """Where the words of an excuse must stand, seen from what was found."""

    BEFORE = "before"  # at most `within` units before, in the same clause; or between its words
    AFTER = "after"  # at most `within` units after, in the same sentence
    EARLIER = "earlier"  # anywhere before, in the same sentence
    SENTENCE = "sentence"  # anywhere in the same sentence


@dataclass(frozen=True, slots=True)
class WordGroup:
    """Words and phrases that count as one another, as the pack spells them."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excuse:
    """Words that make innocent what is found near them; `genres` empty means every genre.

    Words of the group `ended_by` that follow it, up to the end of what was found, take its force
    away: in `She asked us to stop, told her we never do` the refusal is not hers.
    """

    id: str
    group: str
    reach: Reach
    within: int
    genres: frozenset[Genre] = frozenset()
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """Groups in their order, with at most `within` units (Chinese characters, words) between.

    They stand in one sentence unless `across`.
    """

    groups: tuple[str, ...]
    within: int
    across: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    label: SpeechLabel
    name_en: str
    name_zh: str
    citation: str
    status: Status
    patterns: tuple[Pattern, ...]
    excuses: tuple[Excuse, ...] = ()
    only_if: Circumstance | None = None
    finds: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechPack:
    """`innocent` words are never part of a finding; `masked` words are found with stars too."""

    name: str
    version: str
    language: str
    title_en: str
    title_zh: str
    groups: tuple[WordGroup, ...]
    entries: tuple[Entry, ...]
    innocent: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
