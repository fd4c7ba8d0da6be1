"""Where sentences and clauses of a folded text end, and how many units lie between two places.

A unit is a Chinese character or a word of letters and digits. A mark between single characters
(`打.死.你`) is no end of a sentence but a disguise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Layout", "has_break", "layout_of"]

_TOKEN: Final = re.compile(
    r"(?P<sentence>\.(?!\w)|[!?](?![a-z0-9])|[。;\n])|(?P<clause>[,、:])"
    r"|(?P<unit>[⺀-\uffff\U00020000-\U0003ffff]|[^\W_]+(?:['’][a-z]+)*)"
)
_BREAK: Final = re.compile(r"[.!?。;\n,、:]")
# Segments this short around a mark are a word that was pulled apart.
_BEFORE_MOST, _AFTER_MOST = 1, 3


@dataclass(frozen=True, slots=True)
class Layout:
    """For each folded place: how many units began up to it, its sentence and its clause."""

    units: list[int]
    sentences: list[int]
    clauses: list[int]

    def between(self, end: int, start: int) -> int:
        """Units between what ends before `end` and what begins at `start`."""
        return self.units[start] - self.units[end - 1] - 1

    def is_one_sentence(self, first: int, second: int) -> bool:
        return self.sentences[first] == self.sentences[second]

    def is_one_clause(self, first: int, second: int) -> bool:
        return self.clauses[first] == self.clauses[second]


def has_break(folded: str) -> bool:
    return _BREAK.search(folded) is not None


def layout_of(folded: str) -> Layout:
    units: list[int] = []
    breaks: list[tuple[int, bool, int]] = []  # place, ends a sentence, units before it
    count = 0
    for match in _TOKEN.finditer(folded):
        units += [count] * (match.start() - len(units))
        if match.lastgroup == "unit":
            count += 1
        else:
            breaks.append((match.start(), match.lastgroup == "sentence", count))
        units += [count] * (match.end() - len(units))
    units += [count] * (len(folded) - len(units))
    sentences, clauses = _numbered(len(folded), breaks, count)
    return Layout(units, sentences, clauses)


def _numbered(
    length: int, breaks: list[tuple[int, bool, int]], units: int
) -> tuple[list[int], list[int]]:
    sentences: list[int] = []
    clauses: list[int] = []
    sentence = clause = last = 0
    for number, (place, ends_sentence, count) in enumerate(breaks):
        following = breaks[number + 1][2] if number + 1 < len(breaks) else units
        if count - last <= _BEFORE_MOST and following - count <= _AFTER_MOST:
            last = count
            continue
        sentences += [sentence] * (place + 1 - len(sentences))
        clauses += [clause] * (place + 1 - len(clauses))
        clause += 1
        sentence += ends_sentence
        last = count
    sentences += [sentence] * (length - len(sentences))
    clauses += [clause] * (length - len(clauses))
    return sentences, clauses
