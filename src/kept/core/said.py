"""A sentence as its English source text and the values of its places, for faces to translate."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Said"]


class Said:
    """A source text and its values, among which may be other texts."""

    __slots__ = ("source", "values")

    def __init__(self, source: str, **values: object) -> None:
        self.source, self.values = str(source), values

    def told(self, translate: Callable[[str], str] = str) -> str:
        source = translate(self.source)
        if not self.values:
            return source
        return source.format_map(
            {
                name: value.told(translate) if isinstance(value, Said) else value
                for name, value in self.values.items()
            }
        )

    def __str__(self) -> str:
        return self.told()
