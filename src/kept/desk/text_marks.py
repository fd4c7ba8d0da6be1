"""The words of a text as pages show them: figures and findings marked, filled for an example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kept.core.text_checks import TextFinding
from kept.core.text_figures import FIGURES, MissingFigures, example_of, figures_in, fill
from kept.desk.verdicts import law_language

__all__ = ["Piece", "ShownFinding", "example_words", "marked", "shown_text_findings"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words; `tone` is empty, `figure`, or `bad` where something is wrong."""

    words: str
    tone: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding in the reader's language; `line` is None where the whole text is meant."""

    line: int | None
    column: int
    start: int
    end: int
    bars: bool
    said: str


def marked(body: str, findings: Sequence[TextFinding]) -> tuple[Piece, ...]:
    """The body in stretches; where findings overlap the words are marked once."""
    tones = [("", "")] * len(body)
    for name, start, end in figures_in(body):
        if name in FIGURES:
            tones[start:end] = [("figure", FIGURES[name].meaning(law_language()))] * (end - start)
    for each in findings:
        hint = each.told(law_language(), _)
        tones[each.start : each.end] = [("bad", hint)] * (each.end - each.start)
    pieces: list[Piece] = []
    for sign, (tone, hint) in zip(body, tones, strict=True):
        if pieces and (pieces[-1].tone, pieces[-1].hint) == (tone, hint):
            pieces[-1] = Piece(pieces[-1].words + sign, tone, hint)
        else:
            pieces.append(Piece(sign, tone, hint))
    return tuple(pieces)


def shown_text_findings(body: str, findings: Sequence[TextFinding]) -> tuple[ShownFinding, ...]:
    found = []
    for each in findings:
        line, column = each.line_and_column(body)
        of_whole = each.start == each.end
        said = each.told(law_language(), _)
        place = None if of_whole else line
        found.append(ShownFinding(place, column, each.start, each.end, each.bars, said))
    return tuple(found)


def example_words(body: str, language: str) -> str:
    """The text for an example debtor, who is nobody; empty while a figure of it is none."""
    try:
        return fill(body, example_of(language))
    except MissingFigures:
        return ""
