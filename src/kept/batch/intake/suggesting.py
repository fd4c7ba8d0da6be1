"""A first map for a file nobody has described: by headings, by values, and with its reasons.

The suggestion is a start for a person. What the names and values do not say is left open and said
so; nothing is mapped whose values contradict its heading, and columns of protected attributes are
dropped by name. Values are looked at in a sample and shown only where they are codes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _later

from kept.batch.intake.fitting import described, fit
from kept.batch.intake.headings import (
    LIMIT,
    PAYMENTS,
    TOTAL,
    family_of,
    protected_as,
    read_heading,
    related_heading,
)
from kept.batch.intake.loading import read_map
from kept.batch.intake.looking import Look, look_at
from kept.batch.intake.map_text import MapText
from kept.batch.intake.reading import open_table
from kept.batch.intake.tables import LINE_ERROR, cell_column
from kept.core.intake import Coverage, FileMap, Relation

__all__ = ["Certainty", "Guess", "Suggestion", "suggest_map"]

SAMPLE_ROWS: Final = 20_000
_FAMILY_LEAST: Final = 3
_LEFT_OUT: Final[Mapping[str, Promise]] = {
    LIMIT: _later("a credit limit is not a debt"),
    PAYMENTS: _later("payments are not read from a file of accounts"),
}
_PROTECTED: Final[Mapping[str, Promise]] = {
    "sex": _later("sex"),
    "education": _later("education"),
    "marriage": _later("marriage"),
    "age": _later("age"),
    "origin": _later("origin"),
    "belief": _later("belief"),
}
_SEVERAL: Final = (
    "contacts.phone",
    "contacts.email",
    "contacts.address",
    "contacts.handle",
    "holds",
)
# What values alone may say, and only where no heading said anything.
_BY_VALUES: Final = (
    ("contacts.email", "email", 900),
    ("debtor.identity.number", "resident_id", 900),
    ("debtor.identity.number", "company_number", 900),
    ("contacts.phone", "phone", 950),
    ("account.currency", "currency", 1000),
)


class Certainty(StrEnum):
    SURE = "sure"  # a usual heading, and the values agree
    LIKELY = "likely"
    GUESS = "guess"
    OPEN = "open"  # not decided

    @property
    def word(self) -> str:
        """In the language that is active."""
        return str(_CERTAINTIES[self])


_CERTAINTIES: Final[Mapping[Certainty, Promise]] = {
    Certainty.SURE: _later("sure"),
    Certainty.LIKELY: _later("likely"),
    Certainty.GUESS: _later("a guess"),
    Certainty.OPEN: _later("not decided"),
}


@dataclass(frozen=True, slots=True)
class Guess:
    """What was made of one column: its place in the map ("" where none), and why."""

    column: str
    target: str
    certainty: Certainty
    why: str


@dataclass(frozen=True, slots=True)
class RelatedGuess:
    """A related person whose columns belong together; `parts` are column names by part."""

    relation: Relation
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    guesses: tuple[Guess, ...]
    questions: tuple[str, ...]
    map_text: str
    rows_seen: int
    found: Mapping[str, str] = field(default_factory=dict)


def suggest_map(
    source: Path | str | BinaryIO,
    *,
    name: str = "",
    country: str = "CN",
    file: FileMap | None = None,
) -> Suggestion:
    """`country` is whose telephone numbers are tried; `file` says what is known of the format.

    The map's text is read back before it is given out. Raises `FileRefused`.
    """
    table = open_table(source, file or FileMap(coverage=Coverage.FULL))
    columns = tuple(dict.fromkeys(table.columns))
    sample = _sample(columns, table.frames(columns))
    looks = {column: look_at(column, sample[cell_column(column)], country) for column in columns}
    decided = _Decider(looks).decide()
    text = MapText(
        name=name,
        format=table.format,
        found=table.found,
        rows_seen=sample.height,
        looks=looks,
        places=decided.places,
        related=decided.related,
        reasons={guess.column: f"{guess.certainty.word}: {guess.why}" for guess in decided.guesses},
        ignored=decided.ignored,
    )
    written = text.write()
    read_map(written)
    guesses = tuple(sorted(decided.guesses, key=lambda each: list(looks).index(each.column)))
    return Suggestion(guesses, tuple(text.questions), written, sample.height, table.found)


def _sample(columns: tuple[str, ...], frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The first whole rows of the file."""
    names = [cell_column(column) for column in columns]
    taken = [pl.DataFrame(schema=dict.fromkeys(names, pl.String()))]
    for frame in frames:
        taken.append(frame.filter(pl.col(LINE_ERROR).is_null()).select(names))
        if sum(each.height for each in taken) >= SAMPLE_ROWS:
            break
    return pl.concat(taken).head(SAMPLE_ROWS)


class _Decider:
    """Gives every column a place or a reason for none. Surer signs go first."""

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self.looks = looks
        self.guesses: list[Guess] = []
        self.places: dict[str, list[str]] = defaultdict(list)
        self.related: list[RelatedGuess] = []
        self.ignored: dict[str, str] = {}
        self._left = dict(looks)

    def decide(self) -> _Decider:
        self._drop_protected()
        self._find_related()
        self._read_headings()
        self._read_values()
        self._settle_total()
        self._stand_in()
        families = self._families()
        for look in list(self._left.values()):
            why = _("the heading says nothing known") + f"; {described(look)}"
            if look.column in families and look.whole_range is not None and look.codes:
                why += "; " + _(
                    "if these are months late, map the latest to account.dpd with a code table"
                )
            self._leave_open(look, why)
        return self

    def _guess(self, column: str, target: str, certainty: Certainty, why: str) -> None:
        self.guesses.append(Guess(column, target, certainty, why))
        self._left.pop(column, None)

    def _place(self, column: str, target: str, score: int, why: str) -> None:
        certainty = (
            Certainty.SURE
            if score >= 900
            else Certainty.LIKELY
            if score >= 600
            else Certainty.GUESS
        )
        self.places[target].append(column)
        self._guess(column, target, certainty, f"{why}; {described(self.looks[column])}")

    def _leave_open(self, look: Look, why: str) -> None:
        self._guess(look.column, "", Certainty.OPEN, why)

    def _ignore(self, column: str, certainty: Certainty, why: str) -> None:
        self.ignored[column] = why
        self._guess(column, "ignore", certainty, why)

    def _drop_protected(self) -> None:
        for column in list(self._left):
            if name := protected_as(column):
                why = _("protected attribute (%(name)s): no strategy may read it") % {
                    "name": _PROTECTED[name]
                }
                self._ignore(column, Certainty.SURE, why)

    # --- related persons --------------------------------------------------------------------------

    def _find_related(self) -> None:
        """Columns that begin alike are one person's, if one of them holds the name."""
        groups: dict[tuple[Relation, str], dict[str, str]] = defaultdict(dict)
        for column in self._left:
            if found := related_heading(column):
                groups[found.relation, found.group].setdefault(found.part, column)
        for (relation, _group), parts in groups.items():
            usable = {
                part: column for part, column in parts.items() if self._part_fits(part, column)
            }
            if "name" not in usable:
                continue
            self.related.append(RelatedGuess(relation, usable))
            for part, column in usable.items():
                told = _("the heading begins like those of a related person (%(relation)s)")
                why = f"{told % {'relation': relation}}; {described(self.looks[column])}"
                self._guess(column, f"related[{len(self.related)}].{part}", Certainty.LIKELY, why)

    def _part_fits(self, part: str, column: str) -> bool:
        target = {
            "name": "debtor.name",
            "phone": "contacts.phone",
            "email": "contacts.email",
            "address": "contacts.address",
            "identity": "debtor.identity.number",
            "relation": "related.relation",
        }[part]
        return fit(target, self.looks[column]) > 0

    # --- headings ---------------------------------------------------------------------------------

    def _read_headings(self) -> None:
        read = {column: found for column in self._left if (found := read_heading(column))}
        order = sorted(read, key=lambda column: -read[column].score)
        families = self._families()
        for column in order:
            first = families.get(column)
            if first is not None and first != column:
                why = _("the same figure as %(first)s at another time, by its heading") % {
                    "first": first
                }
                self._ignore(column, Certainty.LIKELY, why)
                continue
            heading = read[column]
            why = _("%(heading)s is usual for it") % {"heading": repr(heading.usual)}
            self._take(column, heading.target, heading.score, why)

    def _take(self, column: str, target: str, score: int, why: str) -> None:
        look = self.looks[column]
        if target in _LEFT_OUT:
            self._ignore(column, Certainty.LIKELY, str(_LEFT_OUT[target]))
        elif not fit(target, look):
            told = _("the heading says %(target)s, the values do not: %(look)s")
            self._leave_open(look, told % {"target": target, "look": described(look)})
        elif self.places.get(target) and target not in _SEVERAL:
            taken = self.places[target][0]
            told = _("the heading says %(target)s, which is %(taken)s already; %(look)s")
            values = {"target": target, "taken": taken, "look": described(look)}
            self._leave_open(look, told % values)
        else:
            self._place(column, target, score * fit(target, look) // 1000, why)

    def _families(self) -> dict[str, str]:
        """Columns that differ by a last number only, each with the first of them."""
        members: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for column in self._left:
            if found := family_of(column):
                members[found[0]].append((found[1], column))
        firsts: dict[str, str] = {}
        for numbered in members.values():
            if len(numbered) >= _FAMILY_LEAST:
                firsts |= {column: min(numbered)[1] for _, column in numbered}
        return firsts

    # --- values -----------------------------------------------------------------------------------

    def _read_values(self) -> None:
        for target, kind, least in _BY_VALUES:
            for column in list(self._left):
                look = self.looks[column]
                if look.share(kind) < least or look.filled * 10 < look.rows:
                    continue
                if not self.places.get(target) or target in _SEVERAL:
                    self._place(column, target, 700, _("by its values alone"))

    def _settle_total(self) -> None:
        """A total stands for the principal where there is none, else it is told and dropped."""
        for column in self.places.pop(TOTAL, []):
            self.guesses = [each for each in self.guesses if each.column != column]
            if any(target.startswith("balances.") for target in self.places):
                why = _("by its heading a total, and its components are mapped")
                self._ignore(column, Certainty.LIKELY, why)
            else:
                self._place(column, "balances.principal", 500, _("a balance of no named component"))

    def _stand_in(self) -> None:
        """What every map must say: a number, a name and a balance, even where none is clear."""
        if not self.places.get("account.external_id"):
            for look in self._unique_columns():
                self._place(look.column, "account.external_id", 400, _("every value differs"))
                break
        if not any(target.startswith("balances.") for target in self.places):
            for look in list(self._left.values()):
                if look.number_forms and not look.codes:
                    self._place(
                        look.column, "balances.principal", 300, _("the first amounts found")
                    )
                    break

    def _unique_columns(self) -> list[Look]:
        found = [look for look in self._left.values() if fit("account.external_id", look) == 1000]
        decimals = [look for look in found if look.number_forms and look.whole_range is None]
        return [look for look in found if not look.date_forms and look not in decimals]
