"""Reading a nested mapping while collecting every problem with its path.

A reader never raises for a wrong value: it notes the problem and gives a stand-in, so that one pass
over a map finds all that is wrong with it. Values may be typed (`true`, `3`) or all text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

__all__ = ["Node", "Problem", "nearest"]

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    sentence: str

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

    def wrong(self, sentence: str) -> None:
        self.problems.append(Problem(self.path, sentence))

    def at(self, key: str, value: object) -> Node:
        path = f"{self.path}{key}" if key.startswith("[") else f"{self.path}.{key}".lstrip(".")
        return Node(value, path, self.problems)

    def fields(self, known: Sequence[str], required: Sequence[str] = ()) -> dict[str, Node]:
        """The children of a mapping with closed keys; an unknown key is a problem of its own."""
        children = self.entries()
        for key in list(children):
            if key not in known:
                near = nearest(key, known)
                ask = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                children.pop(key).wrong(f"no such key; {ask}")
        for key in required:
            if key not in children:
                self.at(key, None).wrong("is missing; the map must say it")
        return children

    def entries(self) -> dict[str, Node]:
        """The children of a mapping with free keys."""
        if self.value is None or self.value == "":
            return {}
        if not isinstance(self.value, Mapping):
            self.wrong(f"should hold keys and values, not {_shown(self.value)}")
            return {}
        result: dict[str, Node] = {}
        for key, value in self.value.items():
            if isinstance(key, bool):
                self.wrong("has a key that YAML reads as true or false; put it in quotes")
                continue
            result[str(key)] = self.at(str(key), value)
        return result

    def children(self) -> list[Node]:
        """The members of a list."""
        if self.value is None or self.value == "":
            return []
        if isinstance(self.value, str) or not isinstance(self.value, Sequence):
            self.wrong(f"should be a list, not {_shown(self.value)}")
            return []
        return [self.at(f"[{place}]", each) for place, each in enumerate(self.value, 1)]

    def text(self) -> str:
        if isinstance(self.value, bool):
            self.wrong("YAML reads this as true or false; put it in quotes")
        elif isinstance(self.value, (str, int)):
            return str(self.value)
        elif hasattr(self.value, "isoformat"):
            return str(self.value.isoformat())
        else:
            self.wrong(f"should be text, not {_shown(self.value)}")
        return ""

    def filled(self) -> str:
        """Text that is not empty."""
        text = self.text()
        if not text and self.value == "":
            self.wrong("should not be empty")
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
                self.wrong(f"{text!r} is not known; choose {_choices(kind)}")
            return fallback

    def choices(self, kind: type[Choice], fallback: Choice) -> tuple[Choice, ...]:
        if isinstance(self.value, str):
            return (self.choice(kind, fallback),)
        return tuple(child.choice(kind, fallback) for child in self.children())

    def whole(self, least: int, most: int) -> int:
        text = str(self.value) if not isinstance(self.value, bool) else ""
        if text.isascii() and text.isdigit() and len(text) < 19 and least <= int(text) <= most:
            return int(text)
        self.wrong(f"should be a whole number from {least} to {most}, not {_shown(self.value)}")
        return least

    def flag(self) -> bool:
        if self.value in (True, "true"):
            return True
        if self.value not in (False, "false"):
            self.wrong(f"should be true or false, not {_shown(self.value)}")
        return False


def _choices(kind: type[StrEnum]) -> str:
    return ", ".join(str(each) for each in kind)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "keys and values"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
