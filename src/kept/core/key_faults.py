"""What is wrong with keys that somebody typed, as a text that a face can say in its language."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["KeyFault"]


class KeyFault(ValueError):
    """The source text and the values of its places; never a key."""

    def __init__(self, source: str, **values: object) -> None:
        self.source, self.values = source, values
        super().__init__(self.told())

    def told(self, translate: Callable[[str], str] = str) -> str:
        return translate(self.source).format_map(self.values)
