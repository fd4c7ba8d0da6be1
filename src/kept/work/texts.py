"""Which text is said or sent: the creditor's own, else the house's, else the one that ships.

A version holds in its language on the days for which it was put in force. Strategies name a text by
its code alone and pin no version, so a better wording serves the next contact; what was used is
recorded with it. The life of versions is `work/text_versions.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import F, Q, QuerySet

from kept.core.intake.nodes import Problem
from kept.core.strategies import Strategy
from kept.core.texts import (
    ShippedText,
    TextChannel,
    TextKind,
    primary_language,
    text_label,
    text_problems,
)
from kept.packs.scripts import load_texts
from kept.store.models import TextVersion
from kept.work.book_languages import languages_by_creditor

__all__ = [
    "FoundText",
    "HouseTexts",
    "held_text",
    "lacking_texts",
    "row_of_text",
    "shipped_text_of",
    "text_for",
]


@dataclass(frozen=True, slots=True)
class FoundText:
    """One version as it is said or sent; `creditor_id` None is the whole house's, or shipped."""

    code: str
    language: str
    version: int
    kind: TextKind
    channel: TextChannel
    body: str
    creditor_id: int | None = None
    is_shipped: bool = False

    @property
    def label(self) -> str:
        return text_label(self.code, self.language, self.version)


def text_for(code: str, language: str, creditor_id: int | None, on: date) -> FoundText | None:
    """What holds on a day for a debtor of a creditor who speaks a language (a BCP 47 tag).

    Another language never stands in: None is for whoever asks to say.
    """
    spoken = primary_language(language)
    rows = _holding(TextVersion.objects.filter(code=code, language=spoken), on)
    own = rows.filter(Q(creditor__isnull=True) | Q(creditor_id=creditor_id))
    row = own.order_by(F("creditor_id").asc(nulls_last=True)).first()
    if row is not None:
        return held_text(row)
    shipped = next((each for each in load_texts() if each.code == code), None)
    if shipped is None or shipped.valid_from > on or spoken not in shipped.bodies:
        return None
    return shipped_text_of(shipped, spoken)


def held_text(row: TextVersion) -> FoundText:
    return FoundText(
        row.code,
        row.language,
        row.version,
        TextKind(row.kind),
        TextChannel(row.channel),
        row.body,
        row.creditor_id,
    )


def shipped_text_of(text: ShippedText, language: str) -> FoundText:
    body = text.bodies[language]
    return FoundText(
        text.code, language, text.version, text.kind, text.channel, body, is_shipped=True
    )


def _holding(rows: QuerySet[TextVersion], on: date) -> QuerySet[TextVersion]:
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), valid_from__lte=on)


def row_of_text(label: str) -> TextVersion | None:
    """The version of the house that has a label such as `early_call:en:3`."""
    code, _colon, rest = label.partition(":")
    language, _colon, version = rest.partition(":")
    if not (version.isascii() and version.isdigit() and len(version) < 8):
        return None
    rows = TextVersion.objects.filter(code=code, language=language, version=int(version))
    return rows.select_related("creditor").first()


# --- what strategies find -------------------------------------------------------------------------


class HouseTexts:
    """Every text of a day with the languages in which it holds, by creditor; read once.

    One that only comes later is there from its day on, so that who names it too soon is told so.
    """

    def __init__(self, on: date) -> None:
        self.on = on
        rows = TextVersion.objects.filter(valid_from__isnull=False).order_by("valid_from")
        self._rows = list(rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on)))

    def of(self, creditor_id: int | None = None) -> tuple[ShippedText, ...]:
        """What the strategies of a creditor find; of none, what the whole house has."""
        found = {each.code: each for each in load_texts()}
        for row in self._rows:
            if row.creditor_id in (None, creditor_id):
                found[row.code] = self._with(found.get(row.code), row)
        return tuple(found.values())

    def _with(self, known: ShippedText | None, row: TextVersion) -> ShippedText:
        first = row.valid_from or self.on
        bodies = {row.language: row.body} if first <= self.on else {}
        if known is None:
            kind, channel = TextKind(row.kind), TextChannel(row.channel)
            return ShippedText(row.code, kind, first, bodies, channel, row.version)
        holds = {**known.bodies, **bodies}
        return replace(known, bodies=holds, valid_from=min(known.valid_from, first))


def lacking_texts(
    strategy: Strategy, creditor_ids: Collection[int], on: date
) -> tuple[Problem, ...]:
    """What treatments of a strategy name and some of these books lack, from a day on.

    Without a creditor only that the house has the texts at all. A strategy that begins later is
    asked about its first day.
    """
    begins = max(on, strategy.valid_from)
    texts = HouseTexts(begins)
    asked = replace(strategy, valid_from=begins)
    if not creditor_ids:
        return tuple(text_problems(asked, texts.of()))
    every = languages_by_creditor(creditor_ids).items()
    return _once(
        problem
        for creditor_id, languages in every
        for problem in text_problems(asked, texts.of(creditor_id), languages)
    )


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Several books may lack the same."""
    found: Mapping[tuple[str, str], Problem] = {
        (each.path, each.sentence): each for each in problems
    }
    return tuple(found.values())
