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
    """The bucket over the days as a line and the area under it, in a box of `width` by `height`.

    `rows` are the buckets with the height of their line, the worst first; `end` is the height at
    which the line ends, today.
    """

    path: str
    area: str
    width: int
    height: int
    first: date
    last: date
    end: str
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
    steps: Sequence[tuple[date, int]], last: date, *, width: int = 300
) -> StepChart | None:
    """Steps are (day, bucket from then on), oldest first; the first day is the left edge.

    None where there is no line to draw: without steps, or all of it on one day.
    """
    if not steps or last <= steps[0][0]:
        return None
    first, highest = steps[0][0], max(1, *(bucket for _day, bucket in steps))
    row_height = 18
    height = row_height * (highest + 1)

    def across(day: date) -> str:
        share = (min(day, last) - first).days / (last - first).days
        return f"{share * width:.1f}"

    def down(bucket: int) -> str:
        return f"{height - row_height * (bucket + 0.5):.1f}"

    path = f"M0 {down(steps[0][1])}"
    for day, bucket in steps[1:]:
        path += f"H{across(day)}V{down(bucket)}"
    path += f"H{width}"
    rows = tuple((bucket, down(bucket)) for bucket in range(highest, -1, -1))
    area = f"{path}V{down(0)}H0Z"
    return StepChart(path, area, width, height, first, last, down(steps[-1][1]), rows)


def _share(value: int, whole: int) -> str:
    """Per cent with two decimals by integers alone: amounts may be beyond a float's reach."""
    if whole <= 0:
        return "0"
    hundredths = max(value, 0) * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}"
