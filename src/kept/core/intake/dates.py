"""How a file writes its dates: `YYYY-MM-DD` and the like, each form checked and made a pattern.

The parts are YYYY, MM or M, DD or D; everything else stands for itself, so `YYYY年M月D日` and
`YYYY-MM-DD 00:00:00` are forms too. A year of two digits is not guessed. No date is parsed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from kept.core.intake.map_faults import MapFault

__all__ = ["DateForm", "DateFormError", "ambiguous_forms", "date_form"]

_PARTS = re.compile(r"Y+|M+|D+")
_DIGITS = {"YYYY": (4, 4), "MM": (2, 2), "M": (1, 2), "DD": (2, 2), "D": (1, 2)}


class DateFormError(ValueError):
    """The text is no form of a date; the message says what a form looks like."""

    def __init__(self, fault: MapFault, text: str) -> None:
        self.fault = fault
        super().__init__(fault.format(found=repr(text)))


@dataclass(frozen=True, slots=True)
class DateForm:
    """`pattern` has the named groups year, month and day and matches a whole value."""

    text: str
    pattern: str
    # The literal texts between runs of digits, and the least and greatest length of each run.
    literals: tuple[str, ...]
    runs: tuple[tuple[int, int], ...]
    order: str  # such as YMD


def date_form(text: str) -> DateForm:
    parts = [found[0] for found in _PARTS.finditer(text)]
    order = "".join(part[0] for part in parts)
    if sorted(order) != ["D", "M", "Y"] or any(part not in _DIGITS for part in parts):
        raise DateFormError(MapFault.NO_DATE_FORM, text)
    literals, runs = _runs(text)
    if len(runs) < 3 and any(least != most for least, most in runs):
        raise DateFormError(MapFault.OPEN_DATE_FORM, text)
    return DateForm(text, _pattern(text), literals, runs, order)


def ambiguous_forms(forms: Sequence[DateForm]) -> tuple[DateForm, DateForm] | None:
    """Two forms that the same text may fit with two meanings, such as DD/MM/YYYY and MM/DD/YYYY."""
    for one, other in combinations(forms, 2):
        if one.order != other.order and one.literals == other.literals:
            pairs = zip(one.runs, other.runs, strict=True)
            if all(a[0] <= b[1] and b[0] <= a[1] for a, b in pairs):
                return one, other
    return None


def _runs(text: str) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    literals: list[str] = []
    runs: list[tuple[int, int]] = []
    end = 0
    for found in _PARTS.finditer(text):
        least, most = _DIGITS[found[0]]
        if found.start() == end and runs:
            runs[-1] = (runs[-1][0] + least, runs[-1][1] + most)
        else:
            literals.append(text[end : found.start()])
            runs.append((least, most))
        end = found.end()
    return (*literals, text[end:]), tuple(runs)


def _pattern(text: str) -> str:
    names = {"Y": "year", "M": "month", "D": "day"}
    result, end = "^", 0
    for found in _PARTS.finditer(text):
        least, most = _DIGITS[found[0]]
        result += re.escape(text[end : found.start()])
        result += f"(?P<{names[found[0][0]]}>[0-9]{{{least},{most}}})"
        end = found.end()
    return result + re.escape(text[end:]) + "$"
