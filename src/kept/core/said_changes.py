"""What differs between two things that are each said in rows of words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Row", "SaidChange", "said_changes"]

#: (label, text) in one language.
Row = tuple[str, str]
Said = Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class SaidChange:
    """A part that stands on one side only, or says something else; rows are what it says."""

    name: str
    before: tuple[Row, ...]
    after: tuple[Row, ...]

    @property
    def kind(self) -> str:
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


def said_changes(before: Said, after: Said) -> tuple[SaidChange, ...]:
    """By name, in the order of what is new and then of what is gone."""
    return tuple(
        SaidChange(name, before.get(name, ()), after.get(name, ()))
        for name in dict.fromkeys([*after, *before])
        if before.get(name) != after.get(name)
    )
