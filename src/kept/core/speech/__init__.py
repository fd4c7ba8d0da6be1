"""What may be said: finds forbidden speech in texts by packs of words, also where it is disguised.

`SpeechBook(packs, spellings).findings(text, occasion)` is all that callers need. Packs come from
`kept.packs.speech`. Nothing here reads files, and nothing decides what happens to a finding.
"""

from kept.core.speech.books import SpeechBook
from kept.core.speech.entries import (
    Circumstance,
    Entry,
    Excuse,
    Genre,
    Occasion,
    Pattern,
    Reach,
    SpeechPack,
    WordGroup,
)
from kept.core.speech.findings import Finding
from kept.core.speech.folding import Folding
from kept.core.speech.labels import SpeechLabel
from kept.core.speech.pack_reading import SpeechPackError, read_speech_pack, read_spellings
from kept.core.speech.spellings import Spellings

__all__ = [
    "Circumstance",
    "Entry",
    "Excuse",
    "Finding",
    "Folding",
    "Genre",
    "Occasion",
    "Pattern",
    "Reach",
    "SpeechBook",
    "SpeechLabel",
    "SpeechPack",
    "SpeechPackError",
    "Spellings",
    "WordGroup",
    "read_speech_pack",
    "read_spellings",
]
