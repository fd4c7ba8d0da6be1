"""The one form of a benchmark: what a measure says, and how a pair of runs is compared.

A measure is held against a peer (the same content done in another way) or a limit. Ratios are the
median over at least three paired runs in turn, so that a slow minute of the machine meets both
sides. Nothing here knows what is measured.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum

__all__ = ["PAIRS_MIN", "Figure", "Goal", "Measure", "Paired", "json_line", "paired", "text_line"]

PAIRS_MIN = 3


class Figure(StrEnum):
    """Which figure of a measure its goal bounds."""

    RATIO = "ratio"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Goal:
    """`Goal(Figure.RATIO, most=3)`; one bound or both."""

    figure: Figure
    most: float | None = None
    least: float | None = None

    def __str__(self) -> str:
        pairs = ((">=", self.least), ("<=", self.most))
        bounds = [f"{sign} {bound:g}" for sign, bound in pairs if bound is not None]
        return f"{self.figure} {' and '.join(bounds)}"

    def met_by(self, figure: float) -> bool:
        return (self.least is None or figure >= self.least) and (
            self.most is None or figure <= self.most
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of a benchmark. `full` says whether the scale is the one the goals are stated for.

    `ratio` is None where there is only a limit and no peer to divide by.
    """

    name: str
    value: float
    unit: str
    peer: str
    ratio: float | None
    scale: str
    full: bool
    goal: str
    met: bool

    @classmethod
    def held(
        cls,
        name: str,
        value: float,
        unit: str,
        *,
        peer: str,
        scale: str,
        full: bool,
        goal: Goal,
        ratio: float | None = None,
    ) -> Measure:
        """The measure with its goal judged."""
        figure = value if goal.figure is Figure.VALUE else ratio
        if figure is None:
            raise ValueError(f"{name}: a goal on the ratio needs a ratio")
        return cls(name, value, unit, peer, ratio, scale, full, str(goal), goal.met_by(figure))


def json_line(measure: Measure) -> str:
    """One object, its keys those of `Measure` and in their order."""
    return json.dumps(asdict(measure), ensure_ascii=False)


def text_line(measure: Measure) -> str:
    ratio = "" if measure.ratio is None else f"  ratio {measure.ratio:.2f}"
    kind = "" if measure.full else "  (quick: goal of this scale)"
    met = "met" if measure.met else "NOT MET"
    return (
        f"{measure.name}: {rounded(measure.value)} {measure.unit}"
        f"  against {measure.peer}{ratio}  at {measure.scale}  goal {measure.goal}: {met}{kind}"
    )


def rounded(value: float) -> str:
    """Three digits that matter, all digits of what is larger."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Paired:
    """Median seconds of each side, and the median of the pairs' ratios ours ÷ peer."""

    ours: float
    peer: float
    ratio: float


def paired(
    ours: Callable[[], object],
    peer: Callable[[], object],
    *,
    pairs: int = PAIRS_MIN,
    warm: bool = True,
) -> Paired:
    """Runs both sides in turn, each pair beginning with the other side than the last."""
    if pairs < PAIRS_MIN:
        raise ValueError(f"{pairs} pairs; a ratio needs at least {PAIRS_MIN}")
    if warm:
        ours()
        peer()
    times: list[tuple[float, float]] = []
    for number in range(pairs):
        if number % 2:
            second, first = _seconds(peer), _seconds(ours)
        else:
            first, second = _seconds(ours), _seconds(peer)
        times.append((first, second))
    return Paired(
        ours=statistics.median(first for first, _ in times),
        peer=statistics.median(second for _, second in times),
        ratio=statistics.median(first / second for first, second in times),
    )


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
