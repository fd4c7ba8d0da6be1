"""Rules of law as values: where each comes from, whom it reaches, when it bars and what it asks.

A rule has parts, for one article may bar calls at night and also ask for a notice. A part has a
scope of closed lists, a condition over law facts, a kind with its numbers, and the exceptions that
lift it. What a kind does is `core.law.kinds`; here nothing is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from kept.core.conditions import Condition
from kept.core.law.numbers import LawNumber
from kept.core.law.times import Window

__all__ = [
    "FORCE_RANK",
    "STRICTNESS",
    "Clock",
    "Effect",
    "Exemption",
    "Force",
    "Kind",
    "LawPack",
    "Modality",
    "Part",
    "Period",
    "Rule",
    "Scope",
    "Status",
]


class Status(StrEnum):
    """How sure the text is: read, told by others, or still to be found."""

    VERIFIED = "verified"
    REPORTED = "reported"
    UNVERIFIED = "unverified"
    POLICY = "policy"  # the house's own rule


class Force(StrEnum):
    """The rank of the text, the highest first."""

    STATUTE = "statute"
    REGULATION = "regulation"
    INTERPRETATION = "interpretation"
    STANDARD = "standard"
    SELF_REGULATION = "self_regulation"
    GUIDANCE = "guidance"
    DRAFT = "draft"
    POLICY = "policy"


FORCE_RANK: Final = {force: rank for rank, force in enumerate(Force)}


class Modality(StrEnum):
    MUST = "must"
    SHOULD = "should"  # an operator may lower it to a warning


class Effect(StrEnum):
    DENY = "deny"
    REQUIRE = "require"
    HOLD = "hold"
    WARN = "warn"
    ALLOW = "allow"


STRICTNESS: Final = {effect: rank for rank, effect in enumerate(Effect)}
"""The strictest first; the least rank decides."""


class Kind(StrEnum):
    BAR = "bar"  # closed while its condition stands, between two moments where it names them
    OPENING = "opening"  # open only in windows of the local day, on no holiday if it says so
    PERSONAL_TIMES = "personal_times"  # closed in windows that a person named
    SPACING = "spacing"  # open once the n-th last counted contact has left its window
    KEEPING = "keeping"  # a record stays until years after a day are over


class Clock(StrEnum):
    """Whose clocks a rule reads, where it names no zone."""

    PLACE = "place"
    CANDIDATES = "candidates"


class Period(StrEnum):
    ROLLING_DAYS = "rolling_days"
    CALENDAR_DAY = "calendar_day"
    CALENDAR_WEEK = "calendar_week"  # Monday to Sunday
    CALENDAR_MONTH = "calendar_month"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom and what a part reaches; None leaves that open, and all that is named must match.

    `targets` are roles or groups of a pack, such as `consumer_group`.
    """

    actors: frozenset[str] | None = None
    targets: frozenset[str] | None = None
    not_targets: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    not_purposes: frozenset[str] | None = None
    debt_types: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """What lifts a part that names it: shown by a condition, and in its windows if it has any.

    `windows` names a fact with the windows of the local day in which it holds; `from_fact` and
    `until_fact` name facts with the minutes between which it holds; `days_fact` one with the local
    days on which alone it does.
    """

    id: str
    when: Condition | None = None
    windows: str | None = None
    from_fact: str | None = None
    until_fact: str | None = None
    days_fact: str | None = None
    clock: str = Clock.PLACE
    is_lasting: bool = field(init=False, compare=False, repr=False)
    """Whether it holds at every minute or at none."""

    def __post_init__(self) -> None:
        timed = (self.windows, self.from_fact, self.until_fact, self.days_fact)
        object.__setattr__(self, "is_lasting", not any(timed))


@dataclass(frozen=True, slots=True)
class Part:
    """One bar or duty of a rule.

    `requires` are the steps that must be done first, `warns` the factors against a lawful contact.
    `windows` are those of an opening; `windows_fact` names the fact with a person's own. A spacing
    counts contacts of `measure` that agree with the attempt in `keys`, at most `most` of them in
    `days` of its `period`, the attempt included. `fact` is the local day from which a record is
    kept for `years`.
    """

    key: str
    kind: Kind
    effect: Effect
    scope: Scope = field(default_factory=Scope)
    when: Condition | None = None
    unless: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()
    clock: str = Clock.PLACE
    windows: tuple[Window, ...] = ()
    windows_fact: str | None = None
    holidays_closed: bool = False
    measure: str = ""
    keys: frozenset[str] = frozenset()
    most: int = 0
    days: int = 0
    period: Period = Period.ROLLING_DAYS
    from_fact: str | None = None
    until_fact: str | None = None
    fact: str = ""
    years: int = 0
    is_lasting: bool = field(init=False, compare=False, repr=False)
    """Whether it is closed at every minute or at none."""

    def __post_init__(self) -> None:
        timed = self.kind is not Kind.BAR or self.from_fact or self.until_fact
        object.__setattr__(self, "is_lasting", not timed)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a pack. The dates are inclusive local dates; None is without an end."""

    id: str
    pack: str
    name_en: str
    name_zh: str
    citation: str
    status: Status
    force: Force
    modality: Modality
    parts: tuple[Part, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    source: tuple[str, ...] = ()

    @property
    def is_dated(self) -> bool:
        return self.valid_from is not None or self.valid_to is not None

    @property
    def awaits_counsel(self) -> bool:
        return self.status in (Status.REPORTED, Status.UNVERIFIED)

    def called(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class LawPack:
    """The rules of one jurisdiction, or of a house. `groups` says which roles a group holds.

    A role of a group may hang on a fact: `parent` belongs to the consumer's only of a minor.
    `gates` are conditions under which no rule whose id begins with the prefix fires. `numbers` are
    those with which the facts of its rules are made. `actors` are the kinds of company at home
    here; one of another kind counts as each of them.
    """

    name: str
    version: str
    jurisdiction: str
    title_en: str
    title_zh: str
    country: str | None
    rules: tuple[Rule, ...]
    exemptions: Mapping[str, Exemption]
    groups: Mapping[str, tuple[tuple[str, str | None], ...]]
    gates: tuple[tuple[str, str, Condition], ...] = ()
    numbers: tuple[LawNumber, ...] = ()
    actors: frozenset[str] = frozenset()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
