"""Sentences labelled by hand, half of them innocent and close to the line, and their reading.

`*_tuned.txt` is what the packs were first built on, `*_development.txt` what they were widened on.
`*_held_out.txt` was dealt off from the same writing as development by a fixed rule (the sentences
of one label in the order of their SHA-256, every other one) before the packs were widened, and
nothing was changed for a sentence in it; but the one who widened the packs had written it.
`*_unseen.txt` was written after the packs were closed, and nothing was changed since: its figures
are the ones to believe. docs/speech.md tells the whole story.

`== label` heads the sentences under it, `== label when time_barred` those that are wrong only then;
`++ label` after a sentence names another label that it has too.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from kept.core.speech import Circumstance, Occasion, SpeechLabel

__all__ = ["LANGUAGES", "SETS", "Sentence", "sentences_of"]

LANGUAGES: Final = ("en", "zh")
SETS: Final = ("unseen", "held_out", "development", "tuned")
_CIRCUMSTANCES: Final = {
    "time_barred": Circumstance.TIME_BARRED,
    "third_party": Circumstance.TO_THIRD_PARTY,
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """`labels` is empty for an innocent sentence."""

    text: str
    labels: frozenset[SpeechLabel]
    occasion: Occasion


def sentences_of(language: str, set_name: str) -> tuple[Sentence, ...]:
    """`sentences_of("zh", "held_out")`; ValueError for a label that does not exist."""
    file = files("kept.bench.speech_sentences").joinpath(f"{language}_{set_name}.txt")
    found: list[Sentence] = []
    label, occasion = "innocent", Occasion()
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            label, _, circumstance = line[3:].partition(" when ")
            known = {_CIRCUMSTANCES[circumstance]} if circumstance else set()
            occasion = Occasion(circumstances=frozenset(known))
        elif line:
            text, *more = line.split(" ++ ")
            names = {label, *more} - {"innocent"}
            found.append(Sentence(text, frozenset(map(SpeechLabel, names)), occasion))
    return tuple(found)
