"""All places where any word of a set stands in a text, in one pass bounded by the longest word."""

from __future__ import annotations

from typing import Any, Final

from kept.core.speech.spellings import Reading

__all__ = ["Trie"]

_END: Final = ""


class Trie:
    """Words by their characters. A Latin word is found only where it begins and ends as a word."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}

    def add(self, word: str, number: int) -> None:
        node = self._root
        for character in word:
            node = node.setdefault(character, {})
        node.setdefault(_END, []).append(number)

    def found(self, reading: Reading) -> list[tuple[int, int, list[int]]]:
        """Start and end (not included) in the reading, and the numbers of the words."""
        text, inside, root = reading.text, reading.inside, self._root
        length = len(text)
        found: list[tuple[int, int, list[int]]] = []
        for start, first in enumerate(text):
            if inside[start] or first not in root:
                continue
            node = root[first]
            end = start + 1
            while True:
                if _END in node and not inside[end]:
                    found.append((start, end, node[_END]))
                if end == length or text[end] not in node:
                    break
                node = node[text[end]]
                end += 1
        return found
