"""Reading a nested mapping while collecting every problem with its path.

A reader never raises for a wrong value: it notes the problem and gives a stand-in, so that one pass
over a map finds all that is wrong with it. Values may be typed (`true`, `3`) or all text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from kept.core.intake.map_faults import MapFault
from kept.core.said import Said

__all__ = ["Node", "Problem", "nearest"]

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a path: a source text, and the values of its places if it has any."""

    path: str
    source: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """In English."""
        return self.told()

    def told(self, translate: Callable[[str], str] = str) -> str:
        """The sentence in the language of `translate`; values may be texts themselves."""
        return Said(self.source, **self.values).told(translate)

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Known names like this one, the likest first; case does not count."""
    names = list(known)
    folded = {each.casefold(): each for each in reversed(names)}
    found = get_close_matches(name.casefold(), list(folded), n=most, cutoff=0.5)
    return [folded[each] for each in found]


@dataclass(frozen=True, slots=True)
class Node:
    """A value at a path, and where its problems go."""

    value: object
    path: str
    problems: list[Problem]

    def wrong(self, source: str, **values: object) -> None:
        self.problems.append(Problem(self.path, str(source), values))

    def unknown(self, alone: MapFault, near: MapFault, known: Iterable[str], **values: str) -> None:
        """Wrong, with the likest of the known names where one is like this one, else with all."""
        names = list(known)
        found = nearest(values.pop("name"), names)
        if found:
            self.wrong(near, near=found[0], **values)
        else:
            self.wrong(alone, known=", ".join(names), **values)

    def at(self, key: str, value: object) -> Node:
        path = f"{self.path}{key}" if key.startswith("[") else f"{self.path}.{key}".lstrip(".")
        return Node(value, path, self.problems)

    def fields(self, known: Sequence[str], required: Sequence[str] = ()) -> dict[str, Node]:
        """The children of a mapping with closed keys; an unknown key is a problem of its own."""
        children = self.entries()
        for key in list(children):
            if key not in known:
                alone, near = MapFault.NO_SUCH_KEY, MapFault.NO_SUCH_KEY_NEAR
                children.pop(key).unknown(alone, near, known, name=key)
        for key in required:
            if key not in children:
                self.at(key, None).wrong(MapFault.MISSING_KEY)
        return children

    def entries(self) -> dict[str, Node]:
        """The children of a mapping with free keys."""
        if self.value is None or self.value == "":
            return {}
        if not isinstance(self.value, Mapping):
            self.wrong(MapFault.NO_MAPPING, found=_shown(self.value))
            return {}
        result: dict[str, Node] = {}
        for key, value in self.value.items():
            if isinstance(key, bool):
                self.wrong(MapFault.BOOLEAN_KEY)
                continue
            result[str(key)] = self.at(str(key), value)
        return result

    def children(self) -> list[Node]:
        """The members of a list."""
        if self.value is None or self.value == "":
            return []
        if isinstance(self.value, str) or not isinstance(self.value, Sequence):
            self.wrong(MapFault.NO_LIST, found=_shown(self.value))
            return []
        return [self.at(f"[{place}]", each) for place, each in enumerate(self.value, 1)]

    def text(self) -> str:
        if isinstance(self.value, bool):
            self.wrong(MapFault.BOOLEAN_TEXT)
        elif isinstance(self.value, (str, int)):
            return str(self.value)
        elif hasattr(self.value, "isoformat"):
            return str(self.value.isoformat())
        else:
            self.wrong(MapFault.NO_TEXT, found=_shown(self.value))
        return ""

    def filled(self) -> str:
        """Text that is not empty."""
        text = self.text()
        if not text and self.value == "":
            self.wrong(MapFault.EMPTY_TEXT)
        return text

    def texts(self) -> tuple[str, ...]:
        """A list of texts, or one text alone."""
        if isinstance(self.value, (str, int)) and self.value != "":
            return (self.text(),)
        return tuple(child.text() for child in self.children())

    def choice(self, kind: type[Choice], fallback: Choice) -> Choice:
        text = self.text()
        try:
            return kind(text)
        except ValueError:
            if text or self.value == "":
                self.wrong(MapFault.UNKNOWN_CHOICE, found=repr(text), choices=_choices(kind))
            return fallback

    def choices(self, kind: type[Choice], fallback: Choice) -> tuple[Choice, ...]:
        if isinstance(self.value, str):
            return (self.choice(kind, fallback),)
        return tuple(child.choice(kind, fallback) for child in self.children())

    def whole(self, least: int, most: int) -> int:
        text = str(self.value) if not isinstance(self.value, bool) else ""
        if text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most:
            return int(text)
        found = _shown(self.value)
        self.wrong(MapFault.NO_WHOLE_NUMBER, least=least, most=most, found=found)
        return least

    def flag(self) -> bool:
        if self.value in (True, "true"):
            return True
        if self.value not in (False, "false"):
            self.wrong(MapFault.NO_FLAG, found=_shown(self.value))
        return False


def _choices(kind: type[StrEnum]) -> str:
    return ", ".join(str(each) for each in kind)


def _shown(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "{…}"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
