"""The spellings that one line of a pack stands for: `call(|s|ing) your (boss|employer)`."""

from __future__ import annotations

import re
from itertools import product
from typing import Final

__all__ = ["FORMS_MOST", "forms_of", "masked_forms"]

FORMS_MOST: Final = 500
_CHOICE: Final = re.compile(r"\(([^()]*)\)")
_MASKED_LETTERS_MOST: Final = 8


def forms_of(line: str) -> list[str]:
    """Every spelling; ValueError when brackets do not pair or there are too many."""
    parts = _CHOICE.split(line)
    if any("(" in each or ")" in each for each in parts[::2]):
        raise ValueError(f"the brackets of {line!r} do not pair; write call(|s|ing)")
    choices = [part.split("|") if n % 2 else [part] for n, part in enumerate(parts)]
    count = 1
    for each in choices:
        count *= len(each)
    if count > FORMS_MOST:
        raise ValueError(f"{line!r} stands for {count} spellings; split what is over {FORMS_MOST}")
    return ["".join(each) for each in product(*choices)]


def masked_forms(word: str) -> list[str]:
    """The word with stars for some of its inner letters: `f*ck`, `f**k`."""
    inner = word[1:-1]
    if not 1 <= len(inner) <= _MASKED_LETTERS_MOST - 2:
        return []
    ways = product(*(((each, "*")) for each in inner))
    return [word[0] + "".join(way) + word[-1] for way in ways if "*" in way]
