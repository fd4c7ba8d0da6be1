"""The lawful hours of days to come: spans of minutes at which neither `deny` nor `hold` fires.

As the verdict's "from", the hours are those without a further contact: each one that is made may
close some of them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kept.core.law.kinds import Grounds
from kept.core.law.lawbook import LawBook
from kept.core.law.times import Window
from kept.core.law.verdicts import judge

__all__ = ["lawful_spans"]

_QUARTER: Final = 15


def lawful_spans(
    book: LawBook, grounds: Grounds, first: int, end: int
) -> Iterator[tuple[int, int]]:
    """Spans [from, to) of UTC minutes within [first, end), in their order."""
    instant, places = first, _places(book, grounds)
    while instant < end:
        begins = judge(book, grounds, instant).lawful_from
        if begins is None or begins >= end:
            return
        instant = begins
        while instant < end and _is_lawful(book, grounds, instant):
            instant = _next(instant, places)
        yield begins, min(instant, end)


def _places(book: LawBook, grounds: Grounds) -> tuple[int, ...]:
    """Where within a quarter of an hour something may change.

    Clocks change and days begin on quarters in every zone; hours and moments that are named lie
    where they lie.
    """
    windows = [each for rule in book.rules for part in rule.parts for each in part.windows]
    windows += _windows(grounds)
    named = {minute for each in windows for minute in (each.opens, each.closes)}
    moments = {value for value in grounds.facts.values() if type(value) is int}
    return tuple(sorted({minute % _QUARTER for minute in {0} | named | moments}))


def _windows(grounds: Grounds) -> list[Window]:
    return [
        each
        for value in grounds.facts.values()
        if isinstance(value, tuple)
        for each in value
        if isinstance(each, Window)
    ]


def _next(instant: int, places: tuple[int, ...]) -> int:
    """The first minute after the instant that lies at one of the places of its quarter."""
    start = instant - instant % _QUARTER
    later = [start + place for place in places if start + place > instant]
    return later[0] if later else start + _QUARTER + places[0]


def _is_lawful(book: LawBook, grounds: Grounds, instant: int) -> bool:
    return judge(book, grounds, instant).lawful_from == instant
