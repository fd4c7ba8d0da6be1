"""What differs between two texts, in words: by word where words have spaces, else by character.

Pure. Which text is the older one is the caller's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

__all__ = ["WordChange", "word_changes"]

# A figure in brackets is one word; so is a run of letters and digits of other than Chinese script.
_WORD: Final = re.compile(r"\{[^{}]*\}|[^\W一-鿿]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WordChange:
    """`kind`: same, removed (only in the older text), added (only in the newer one)."""

    kind: str
    words: str


def word_changes(before: str, after: str) -> tuple[WordChange, ...]:
    """Both texts in turn; joined without what was added they give the older one, and so on."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    found: list[WordChange] = []
    for each in _steps(old, new):
        if each.words and found and found[-1].kind == each.kind:
            found[-1] = WordChange(each.kind, found[-1].words + each.words)
        elif each.words:
            found.append(each)
    return tuple(found)


def _steps(old: list[str], new: list[str]) -> Iterator[WordChange]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for _kind, i, j, k, n in matcher.get_opcodes():
        if old[i:j] == new[k:n]:
            yield WordChange("same", "".join(old[i:j]))
        else:
            yield WordChange("removed", "".join(old[i:j]))
            yield WordChange("added", "".join(new[k:n]))
