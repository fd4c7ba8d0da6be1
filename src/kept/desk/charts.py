"""Small charts as plain numbers for SVG templates: bars, stacked parts, steps over days.

Places are in per cent or in units of a view box, as text with a dot, so no template computes and
no locale writes a comma into a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

__all__ = ["Bar", "Part", "StepChart", "bars", "parts", "step_chart"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its share of the greatest, in per cent of the width."""

    label: str
    value: int
    width: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stacked bar: where it begins and how wide it is, in per cent."""

    name: str
    amount: int
    start: str
    width: str
    colour: int


@dataclass(frozen=True, slots=True)
class StepChart:
    """The bucket over the days as the path of a line, in a box of `width` by `height`."""

    path: str
    width: int
    height: int
    first: date
    last: date
    highest: int
    rows: tuple[tuple[int, str], ...]


def bars(values: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    """Bars from zero; the greatest fills the width."""
    most = max((value for _label, value in values), default=0)
    return tuple(Bar(label, value, _share(value, most)) for label, value in values)


def parts(amounts: Sequence[tuple[str, int]]) -> tuple[Part, ...]:
    """What is owed by component side by side; credits (below zero) have no width."""
    whole = sum(max(amount, 0) for _name, amount in amounts)
    found: list[Part] = []
    before = 0
    for place, (name, amount) in enumerate(amounts):
        shown = max(amount, 0)
        found.append(Part(name, amount, _share(before, whole), _share(shown, whole), place % 6))
        before += shown
    return tuple(found)


def step_chart(
    moves: Sequence[tuple[date, int]], first: date, last: date, *, width: int = 300
) -> StepChart | None:
    """Moves are (day, bucket from then on), oldest first; None when nothing moved."""
    if len(moves) < 2 or last <= first:
        return None
    row_height, highest = 14, max(1, *(bucket for _day, bucket in moves))
    height = row_height * (highest + 1)

    def across(day: date) -> float:
        share = (min(max(day, first), last) - first).days / (last - first).days
        return round(share * width, 1)

    def down(bucket: int) -> float:
        return height - row_height * (bucket + 0.5)

    day, bucket = moves[0]
    path = f"M{across(day)} {down(bucket)}"
    for day, bucket in moves[1:]:
        path += f"H{across(day)}V{down(bucket)}"
    rows = tuple((bucket, f"{down(bucket):.1f}") for bucket in range(highest + 1))
    return StepChart(f"{path}H{width}", width, height, first, last, highest, rows)


def _share(value: int, whole: int) -> str:
    """Per cent with two decimals by integers alone: amounts may be beyond a float's reach."""
    if whole <= 0:
        return "0"
    hundredths = max(value, 0) * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}"
