"""What was found in a text: which label, where, by which words of which pack."""

from __future__ import annotations

from dataclasses import dataclass

from kept.core.speech.entries import Entry
from kept.core.speech.labels import SpeechLabel

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`start` and `end` are places in the text as it was given: `text[start:end]` was said.

    `words` are those of the pack that matched, in the pack's own spelling. `disguised` tells that
    they were written in another way than the pack spells them.
    """

    entry: Entry
    start: int
    end: int
    words: tuple[str, ...]
    disguised: bool

    @property
    def label(self) -> SpeechLabel:
        return self.entry.label

    @property
    def citation(self) -> str:
        return self.entry.citation
