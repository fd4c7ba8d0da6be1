"""A strategy's ladder as plain numbers for an SVG template: bars over days past due, lane by lane.

Short ranges would vanish beside long ones, so a stretch of days is as wide as the square root of
its length; the marks of the scale say which days they are. Places are in per cent, as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Final

from django.utils.translation import gettext as _

from kept.core.arms import ArmKind
from kept.core.ladders import DayRange, Ladder, Lane, Rung, ladder_of
from kept.core.strategies import Strategy

__all__ = ["Picture", "PictureLane", "PictureRow", "picture_of"]

#: How many days what has no end is drawn as wide as.
_OPEN_DAYS: Final = 60
_MARKS_APART: Final = 7.0


@dataclass(frozen=True, slots=True)
class Stretch:
    start: str
    width: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One treatment in one lane; `said` are its days in words, `arms` those it is for, if few."""

    code: str
    name: str
    stage: str
    said: str
    stretches: tuple[Stretch, ...]
    is_bounded: bool
    is_required: bool
    arms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PictureLane:
    name: str
    rows: tuple[PictureRow, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """`marks` are (place, day) of the scale; `stages` are those drawn, for the legend."""

    lanes: tuple[PictureLane, ...]
    marks: tuple[tuple[str, str], ...]
    stages: tuple[str, ...]


def picture_of(strategy: Strategy, language: str) -> Picture:
    ladder = ladder_of(strategy)
    places = dict(_places(ladder))
    shared = _shared(ladder.lanes)
    lanes = [
        PictureLane(
            _named(lane.segment, language) if lane.segment else "",
            tuple(
                _row(rung, strategy, places, language) for rung in lane.rungs if rung not in shared
            ),
        )
        for lane in ladder.lanes
    ]
    if shared:
        rows = tuple(_row(rung, strategy, places, language) for rung in shared)
        lanes.insert(0, PictureLane(_("in every segment"), rows))
    drawn = {each.stage.value: each.stage for each in strategy.treatments}
    marks = tuple((_text(place), str(day)) for day, place in _apart(places.items()))
    return Picture(tuple(lanes), marks, tuple(drawn))


def _shared(lanes: Sequence[Lane]) -> tuple[Rung, ...]:
    """What stands alike in every lane is drawn once."""
    if len(lanes) < 2:
        return ()
    others = [lane.rungs for lane in lanes[1:]]
    return tuple(rung for rung in lanes[0].rungs if all(rung in rungs for rungs in others))


def _places(ladder: Ladder) -> Iterator[tuple[int, float]]:
    """Where each edge lies, in per cent; what has no end takes the rest."""
    widths = [sqrt(after - day) for day, after in pairwise(ladder.edges)]
    whole = sum(widths) + sqrt(_OPEN_DAYS)
    place = 0.0
    for day, width in zip(ladder.edges, [*widths, 0.0], strict=True):
        yield day, place * 100 / whole
        place += width


def _apart(places: Iterable[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """Marks that do not run into each other."""
    last = -_MARKS_APART
    for day, place in places:
        if place - last >= _MARKS_APART:
            yield day, place
            last = place


def _row(rung: Rung, strategy: Strategy, places: dict[int, float], language: str) -> PictureRow:
    one = rung.treatment
    open_to = [arm for arm in strategy.arms if arm.kind is not ArmKind.HOLD_OUT]
    is_for_few = len(one.arms) < len(open_to)
    return PictureRow(
        code=one.code,
        name=_named(one, language),
        stage=one.stage.value,
        said=", ".join(map(str, rung.ranges)),
        stretches=tuple(_stretch(each, places) for each in rung.ranges),
        is_bounded=rung.is_bounded,
        is_required=one.required,
        arms=one.arms if is_for_few else (),
    )


def _stretch(days: DayRange, places: dict[int, float]) -> Stretch:
    start = places[days.first]
    end = 100.0 if days.last is None else places[days.last + 1]
    return Stretch(_text(start), _text(end - start), days.last is None)


def _named(one: object, language: str) -> str:
    return str(getattr(one, f"name_{language}"))


def _text(place: float) -> str:
    return f"{place:.2f}"
