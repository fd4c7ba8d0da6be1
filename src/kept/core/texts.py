"""Scripts, templates and guides by code, dated, with a body in each language. Pure.

A treatment names one by its code. The figures that may stand in a body, and filling them in, are
`core/text_figures.py`; what is wrong with its words, `core/text_checks.py`. `text_problems` says
what a strategy names and the texts lack.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from kept.core.attempts import Channel
from kept.core.intake.nodes import Node, Problem, nearest
from kept.core.law.vocabulary import VOICE
from kept.core.strategies import DESK, Strategy, Treatment
from kept.core.strategy_faults import StrategyText
from kept.core.strategy_parts import code_of
from kept.core.text_figures import FIGURES, figures_in

__all__ = [
    "CHANNELS",
    "ShippedText",
    "TextChannel",
    "TextDraft",
    "TextKind",
    "primary_language",
    "read_drafts",
    "read_texts",
    "text_label",
    "text_problems",
]

_REQUIRED: Final = ("code", "kind", "channel", "valid_from", "en", "zh")
_KEYS: Final = (*_REQUIRED, "version")
_SHAPE: Final = ("code", "kind", "channel")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_VERSION_MOST: Final = 1_000_000


class TextKind(StrEnum):
    TEMPLATE = "template"  # leaves the house as it is
    SCRIPT = "script"  # is spoken
    GUIDE = "guide"  # is read at the desk and told to nobody


class TextChannel(StrEnum):
    """For which way a text is written; a call is any call."""

    CALL = Channel.CALL.value
    FIELD_VISIT = Channel.FIELD_VISIT.value
    SMS = Channel.SMS.value
    EMAIL = Channel.EMAIL.value
    LETTER = Channel.LETTER.value
    DESK = DESK


#: The channels of each kind of text.
CHANNELS: Final[Mapping[TextKind, tuple[TextChannel, ...]]] = {
    TextKind.SCRIPT: (TextChannel.CALL, TextChannel.FIELD_VISIT),
    TextKind.TEMPLATE: (TextChannel.SMS, TextChannel.EMAIL, TextChannel.LETTER),
    TextKind.GUIDE: (TextChannel.DESK,),
}
# Ways that take a text of another one.
_LIKE: Final[Mapping[str, str]] = {
    **dict.fromkeys(VOICE, TextChannel.CALL),
    Channel.POSTCARD: TextChannel.LETTER,
    Channel.PUSH: TextChannel.SMS,
    Channel.SOCIAL_DM: TextChannel.SMS,
}


@dataclass(frozen=True, slots=True)
class ShippedText:
    """`bodies` by language, "en" and "zh"."""

    code: str
    kind: TextKind
    valid_from: date
    bodies: Mapping[str, str] = field(hash=False)
    channel: TextChannel = TextChannel.DESK
    version: int = 1

    def label(self, language: str) -> str:
        return text_label(self.code, language, self.version)


def text_label(code: str, language: str, version: int) -> str:
    """What names one version of a text in one language, such as `early_call:en:3`."""
    return f"{code}:{language}:{version}"


def primary_language(tag: str) -> str:
    """The language of a BCP 47 tag without script and place; empty where it names none."""
    primary = tag.partition("-")[0].lower()
    return primary if _LANGUAGE.fullmatch(primary) else ""


def read_texts(data: object, problems: list[Problem]) -> tuple[ShippedText, ...]:
    """The texts of a list; what is wrong is added to `problems`."""
    return tuple(
        _text(row.fields(_KEYS, _REQUIRED), row) for row in Node(data, "", problems).children()
    )


def _text(keys: Mapping[str, Node], row: Node) -> ShippedText:
    found = {key: keys.get(key, row.at(key, "")) for key in _REQUIRED}
    bodies = {language: found[language].filled() for language in ("en", "zh")}
    for language, body in bodies.items():
        unknown = sorted({name for name, _start, _end in figures_in(body)} - set(FIGURES))
        if unknown:
            known = ", ".join(FIGURES)
            found[language].wrong(StrategyText.NO_FIGURE, found=unknown[0], known=known)
    kind = found["kind"].choice(TextKind, TextKind.GUIDE)
    channel = found["channel"].choice(TextChannel, CHANNELS[kind][0])
    if channel not in CHANNELS[kind]:
        known = ", ".join(CHANNELS[kind])
        found["channel"].wrong(StrategyText.KIND_CHANNEL, found=channel, kind=kind, known=known)
    return ShippedText(
        code_of(found["code"]),
        kind,
        _day(found["valid_from"]),
        bodies,
        channel,
        keys["version"].whole(1, _VERSION_MOST) if "version" in keys else 1,
    )


def _day(node: Node) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.wrong(StrategyText.NO_DAY, found=repr(node.value))
        return date.min


# --- what a strategy names ------------------------------------------------------------------------


def text_problems(
    strategy: Strategy, texts: Iterable[ShippedText], languages: Collection[str] = ()
) -> list[Problem]:
    """Treatments whose text is unknown, comes later, is for another way, or lacks a language.

    Languages are BCP 47 tags; a guide is read by the house and is no matter of the book's.
    """
    known = {each.code: each for each in texts}
    wanted = sorted({primary_language(tag) for tag in languages} - {""})
    found: list[Problem] = []
    for place, treatment in enumerate(strategy.treatments, 1):
        if treatment.text:
            node = Node(treatment.text, f"treatments[{place}].text", found)
            text = known.get(treatment.text)
            if text is None:
                _unknown(node, treatment.text, known)
            else:
                _misfit(node, text, treatment, strategy.valid_from, wanted)
    return found


def _misfit(
    node: Node, text: ShippedText, treatment: Treatment, begins: date, wanted: Iterable[str]
) -> None:
    if text.valid_from > begins:
        node.wrong(StrategyText.TEXT_LATER, found=repr(text.code), first=text.valid_from)
        return
    if text.kind is TextKind.GUIDE:
        return
    by = treatment.channel_code
    if _LIKE.get(by, by) != text.channel:
        node.wrong(StrategyText.TEXT_CHANNEL, found=repr(text.code), channel=text.channel, by=by)
    for language in wanted:
        if not text.bodies.get(language):
            node.wrong(StrategyText.TEXT_LACKS, found=repr(text.code), language=language)


def _unknown(node: Node, code: str, known: Collection[str]) -> None:
    near = nearest(code, known)
    if near:
        node.wrong(StrategyText.NO_TEXT_NEAR, found=repr(code), near=near[0])
    else:
        node.wrong(StrategyText.NO_TEXT, found=repr(code))


# --- files of a house -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextDraft:
    """One text of a house's file: its words by language, unchecked."""

    code: str
    kind: TextKind
    channel: TextChannel
    bodies: Mapping[str, str] = field(hash=False)


def read_drafts(data: object, problems: list[Problem]) -> tuple[TextDraft, ...]:
    """The texts of a list of `code`, `kind`, `channel` and a body under each language's letters.

    What is wrong is added to `problems`; whether the words will do is not looked at.
    """
    return tuple(_draft(row) for row in Node(data, "", problems).children())


def _draft(row: Node) -> TextDraft:
    keys = row.entries()
    languages = {key: keys[key] for key in keys if _LANGUAGE.fullmatch(key)}
    rest = {key: node.value for key, node in keys.items() if key not in languages}
    shape = Node(rest, row.path, row.problems)
    found = shape.fields(_KEYS, _SHAPE)
    for key in _SHAPE:
        found.setdefault(key, row.at(key, ""))
    if not languages:
        row.wrong(StrategyText.NO_BODY)
    return TextDraft(
        code_of(found["code"]),
        found["kind"].choice(TextKind, TextKind.GUIDE),
        found["channel"].choice(TextChannel, TextChannel.DESK),
        {language: node.filled() for language, node in languages.items()},
    )
