"""What a fact is and what a catalogue of facts is. Which facts there are stands in `facts.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

__all__ = [
    "CURRENCY_COLUMN",
    "Catalogue",
    "Fact",
    "FactDeclarationError",
    "FactType",
    "Silence",
    "Use",
]

CURRENCY_COLUMN: Final = "currency"
"""The column of a case's currency code. It is no fact: it travels with the money facts."""


class FactDeclarationError(ValueError):
    """A fact is declared wrongly; the message names it and says what to change."""


class FactType(StrEnum):
    INTEGER = "integer"
    MONEY = "money"  # integer minor units of the case's currency
    BOOLEAN = "boolean"
    CATEGORY = "category"
    DATE = "date"


class Use(StrEnum):
    """Who may read the fact."""

    STRATEGY = "strategy"
    LAW = "law"
    FAIRNESS = "fairness"


class Silence(StrEnum):
    """How the absence of a record is read; a law fact must say so."""

    RECORDED_FACT = "recorded_fact"  # false while no record exists
    ATTRIBUTE = "attribute"  # unknown when absent, and unknown fails closed
    EXCEPTION_OR_DUTY = "exception_or_duty"  # unavailable or unmet unless shown
    NONE = "none"  # computed from what is always there


# Ranges are those within which arithmetic is promised; a value beyond is unknown to arithmetic.
# 2**55 minor units are 360 trillion yuan, and a hundred times that still fits into 62 bits.
_MONEY_REACH: Final = 2**55
_INTEGER_REACH: Final = 2**31


@dataclass(frozen=True, slots=True)
class Fact:
    """One declared fact.

    `name_en` and `name_zh` are what it is called in a sentence about its value; the meaning of a
    boolean is such a sentence already.

    `unit` is what is counted ("days", "minor units"), "" for booleans and categories. `values` is
    the closed set of a category, or None for an open one. `least` and `most` bound the values with
    which conditions calculate. `protected` marks an attribute that no strategy may name.
    """

    name: str
    type: FactType
    meaning_en: str
    meaning_zh: str
    unit: str = ""
    use: frozenset[Use] = frozenset({Use.STRATEGY})
    silence: Silence = Silence.NONE
    can_be_unknown: bool = False
    protected: bool = False
    values: tuple[str, ...] | None = None
    least: int | None = None
    most: int | None = None
    name_en: str = ""
    name_zh: str = ""

    def __post_init__(self) -> None:
        for wrong, problem in (
            (not self.name.isidentifier() or not self.name.islower(), "is not a lower-case name"),
            (self.name == CURRENCY_COLUMN, "is the name of the currency's column"),
            (not self.use, "is declared for no use"),
            (not self.meaning_en or not self.meaning_zh, "lacks its meaning in English or Chinese"),
            (self.protected and self.use != {Use.FAIRNESS}, "is protected: fairness only"),
            (self.values is not None and self.type is not FactType.CATEGORY, "is no category"),
            (
                self.silence is Silence.RECORDED_FACT and self.can_be_unknown,
                "is a recorded fact: without a record it is false, never unknown",
            ),
            (
                self.silence is Silence.RECORDED_FACT and self.type is not FactType.BOOLEAN,
                "is a recorded fact and must be a boolean",
            ),
            (
                Use.LAW in self.use and self.silence is Silence.NONE,
                "is read by law and must declare how silence is read",
            ),
            (self.low > self.high, "has bounds that leave no value"),
        ):
            if wrong:
                raise FactDeclarationError(f"fact {self.name!r} {problem}")

    def called(self, language: str) -> str:
        """Its name in a sentence; `language` is "en" or "zh"."""
        chinese = language == "zh"
        named = self.name_zh if chinese else self.name_en
        if named:
            return named
        is_sentence = self.type is FactType.BOOLEAN or chinese
        return (
            (self.meaning_zh if chinese else self.meaning_en)
            if is_sentence
            else (self.name.replace("_", " "))
        )

    @property
    def low(self) -> int:
        if self.least is not None:
            return self.least
        return -_MONEY_REACH if self.type is FactType.MONEY else -_INTEGER_REACH

    @property
    def high(self) -> int:
        if self.most is not None:
            return self.most
        return _MONEY_REACH if self.type is FactType.MONEY else _INTEGER_REACH


class Catalogue(Mapping[str, Fact]):
    """Facts by name, in the order of their declaration. Immutable."""

    __slots__ = ("_facts",)

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts: dict[str, Fact] = {}
        for fact in facts:
            if fact.name in self._facts:
                raise FactDeclarationError(f"fact {fact.name!r} is declared twice")
            self._facts[fact.name] = fact

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def extended(self, facts: Iterable[Fact]) -> Catalogue:
        """This catalogue and more, such as a strategy's `days_since_<treatment>`."""
        return Catalogue((*self._facts.values(), *facts))

    def for_use(self, use: Use) -> Catalogue:
        return Catalogue(fact for fact in self._facts.values() if use in fact.use)

    def nearest(self, name: str) -> list[str]:
        """At most three names that the writer may have meant, the likeliest first."""
        parts = [known for known in self._facts if name in known.split("_")]
        near = get_close_matches(name, self._facts, n=3, cutoff=0.6)
        return list(dict.fromkeys(near + parts))[:3]
