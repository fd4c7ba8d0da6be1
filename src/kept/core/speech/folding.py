"""A text folded to one way of writing, with the way back to each of its own characters.

Full-width forms, case, accents, look-alike letters of other scripts, traditional characters and
characters that nobody sees are folded away. What words mean is no concern of this module.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["Folded", "Folding"]

# Letters that look like a Latin one, lower case: Cyrillic, Greek, Armenian, small capitals, IPA.
_LOOK_ALIKES: Final = dict(
    zip(
        "аеорсухіјѕԁһпвмтԛԝгкƅοαερτυνικχηωγβσςɑɡıɩʟɪɴʀᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱօոսց",
        "aeopcyxijsdhnbmtqwrkboaeptuvikxnwybssagiilinracdejkmoptuvwzsonug",
        strict=True,
    )
)
# Letters by category that show nothing: Hangul fillers and the empty Braille pattern.
_UNSEEN: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_UNSEEN_KINDS: Final = frozenset({"Cf", "Mn", "Me", "Cc", "Co", "Cs"})
_SPACES: Final = frozenset("\t\n\r\x0b\x0c\x85")


@dataclass(frozen=True, slots=True)
class Folded:
    """`places[n]` is where the n-th folded character stands in the text that was given."""

    text: str
    places: list[int] | range


class Folding(dict[str, str]):
    """Each character's folded form, found once; `variants` maps characters to the usual one."""

    def __init__(self, variants: Mapping[str, str]) -> None:
        super().__init__()
        self._variants = dict(variants)

    def __missing__(self, character: str) -> str:
        folded = "".join(self._one(each) for each in unicodedata.normalize("NFKD", character))
        self[character] = folded
        return folded

    def _one(self, character: str) -> str:
        if character in _SPACES:
            return "\n" if character != "\t" else " "
        if character in _UNSEEN or unicodedata.category(character) in _UNSEEN_KINDS:
            return ""
        lower = character.casefold()
        return "".join(self._variants.get(each, _LOOK_ALIKES.get(each, each)) for each in lower)

    def fold(self, text: str) -> Folded:
        if text.isascii() and text.isprintable():
            return Folded(text.lower(), range(len(text)))
        parts = [self[each] for each in text]
        joined = "".join(parts)
        if len(joined) == len(text) and all(parts):
            return Folded(joined, range(len(text)))
        places = [place for place, part in enumerate(parts) for _ in part]
        return Folded(joined, places)
