"""Everything that is wrong with the words of a text, each with its place. Pure.

A finding that bars keeps a text from being submitted and approved; another one is told. Packs of
speech and of law are given: which ones bind is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kept.core.documents.contents import Requirement
from kept.core.intake.nodes import nearest
from kept.core.law.tongues import label
from kept.core.said import Said
from kept.core.speech import Genre, Occasion, SpeechBook
from kept.core.text_content import LackingContent
from kept.core.text_faults import TextFault
from kept.core.text_figures import FIGURES, figures_in
from kept.core.texts import TextKind

__all__ = ["BODY_MOST", "TextFinding", "check_body"]

#: Characters of one text in one language.
BODY_MOST: Final = 20_000
_TEMPLATE: Final = Occasion(Genre.TEMPLATE)


@dataclass(frozen=True, slots=True)
class TextFinding:
    """What is wrong from one character to another; both 0 where the whole text is meant.

    `values` fill the sentence, `by_language` those of it that are written in English and Chinese.
    """

    fault: TextFault
    start: int = 0
    end: int = 0
    bars: bool = True
    values: Mapping[str, object] = field(default_factory=dict)
    by_language: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def told(self, language: str, translate: Callable[[str], str] = str) -> str:
        place = 1 if language.startswith("zh") else 0
        words = {name: both[place] for name, both in self.by_language.items()}
        # Only a sentence with places is formatted, and then its doubled brackets become single.
        return Said(str(self.fault), **{"_": "", **self.values, **words}).told(translate)

    def line_and_column(self, body: str) -> tuple[int, int]:
        """Of its first character, both from 1."""
        before = body[: self.start]
        return before.count("\n") + 1, self.start - before.rfind("\n")


def check_body(
    body: str,
    kind: TextKind,
    book: SpeechBook,
    lacking: Iterable[LackingContent] = (),
    of_document: Iterable[tuple[Requirement, bool]] = (),
) -> tuple[TextFinding, ...]:
    """Findings by their place; those of the whole text first.

    `of_document`: what a document that says this text must contain and it does not, and whether
    that is so for every paper printed from it.

    A guide is read at the desk and told to nobody: no speech is forbidden in it.
    """
    if not body.strip():
        return (TextFinding(TextFault.EMPTY),)
    found = [*_of_whole(body), *_of_figures(body), *_of_brackets(body), *map(_of_law, lacking)]
    found += [_of_document(each, surely) for each, surely in of_document]
    if kind is not TextKind.GUIDE:
        found += _of_speech(body, book)
    return tuple(sorted(found, key=lambda each: (each.start, each.end)))


def _of_whole(body: str) -> Iterator[TextFinding]:
    if len(body) > BODY_MOST:
        yield TextFinding(TextFault.TOO_LONG, values={"most": BODY_MOST, "found": len(body)})
    for place, sign in enumerate(body):
        if sign != "\n" and sign != "\t" and (ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000):
            yield TextFinding(TextFault.NO_SIGN, place, place + 1)


def _of_figures(body: str) -> Iterator[TextFinding]:
    known = ", ".join(FIGURES)
    for name, start, end in figures_in(body):
        if name in FIGURES:
            continue
        near = nearest(name, FIGURES)
        values = {"found": f"{{{name}}}", "known": known}
        if near:
            near_one = {**values, "near": f"{{{near[0]}}}"}
            yield TextFinding(TextFault.NO_FIGURE_NEAR, start, end, values=near_one)
        else:
            yield TextFinding(TextFault.NO_FIGURE, start, end, values=values)


def _of_brackets(body: str) -> Iterator[TextFinding]:
    within = {place for _name, start, end in figures_in(body) for place in range(start, end)}
    for place, sign in enumerate(body):
        if sign in "{}" and place not in within:
            yield TextFinding(TextFault.BRACKET, place, place + 1)


def _of_speech(body: str, book: SpeechBook) -> Iterator[TextFinding]:
    """One finding a label where several overlap."""
    ends: dict[str, int] = {}
    for found in book.findings(body, _TEMPLATE):
        if found.start < ends.get(found.label, 0):
            continue
        ends[found.label] = found.end
        yield TextFinding(
            TextFault.FORBIDDEN,
            found.start,
            found.end,
            values={
                "words": " ".join(body[found.start : found.end].split()),
                "citation": found.entry.citation,
            },
            by_language={"name": (found.entry.name_en, found.entry.name_zh)},
        )


def _of_document(lacking: Requirement, surely: bool) -> TextFinding:
    return TextFinding(
        TextFault.LACKS_CONTENT if surely else TextFault.LACKS_CONTENT_PERHAPS,
        bars=surely,
        values={"citation": lacking.citation},
        by_language={"what": (lacking.what_en, lacking.what_zh)},
    )


def _of_law(lacking: LackingContent) -> TextFinding:
    duties = {
        language: ", ".join(label(each, language) for each in lacking.duties)
        for language in ("en", "zh")
    }
    rule = lacking.rule
    return TextFinding(
        TextFault.LACKS if lacking.surely else TextFault.LACKS_PERHAPS,
        bars=lacking.surely,
        values={"citation": rule.citation},
        by_language={
            "name": (rule.name_en, rule.name_zh),
            "duty": (duties["en"], duties["zh"]),
        },
    )
