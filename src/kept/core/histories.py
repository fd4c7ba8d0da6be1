"""From which day on all contacts with a creditor's debtors are known: cut-over and loaded spans.

kept knows every contact from the cut-over on. A file of attempts that is complete for a span of
days joins on where it reaches the days that are known already; a gap ends what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

__all__ = ["Span", "complete_from"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Whole days, both included. `is_whole`: the file is complete, and no row was refused."""

    first: date
    last: date
    is_whole: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "is_whole": self.is_whole,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Span:
        first, last = (date.fromisoformat(stored[name]) for name in ("first", "last"))
        return cls(first, last, bool(stored["is_whole"]))


def complete_from(cut_over_on: date, spans: Iterable[Span]) -> date:
    """The first day of which, and of all days after, every contact is known."""
    known = cut_over_on
    for span in sorted(spans, key=lambda each: each.last, reverse=True):
        if span.is_whole and span.last >= known - _DAY:
            known = min(known, span.first)
    return known
