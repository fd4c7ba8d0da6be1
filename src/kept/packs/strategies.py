"""The strategies that ship with kept: YAML files of `packs/strategies/`, checked when loaded.

A problem is told with its file, its line, its treatment and what to do. Versions that were written
in the house, and which strategy a creditor uses, are `work/strategies.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

from kept.core.intake.nodes import Problem
from kept.core.said import Said
from kept.core.strategies import Strategy
from kept.core.strategy_reading import StrategyError, read_strategy
from kept.packs.yaml_trees import TreeError, line_of, read_tree

__all__ = [
    "DEFAULT",
    "PLACE_TEXTS",
    "StrategyFault",
    "StrategyFileError",
    "faults_at",
    "load_strategies",
    "parse_strategy",
    "refuse_problems",
    "strategy_labelled",
    "strategy_on",
]

DEFAULT: Final = "default"
_EXAMPLE: Final = "strategies/default.yaml"


@dataclass(frozen=True, slots=True)
class StrategyFault:
    """One problem of a strategy's text: the line, from 1, and the treatment, where it lies in one.

    `treatment` is its code in quotes or `number 3`. A text that is no YAML may have no line; where
    it has one, the column too.
    """

    line: int | None
    treatment: str
    problem: Problem
    column: int | None = None

    def told(self, file_name: str, translate: Callable[[str], str] = str) -> str:
        place = Said(self._place, **self._values(file_name))
        return f"{place.told(translate)}: {self.said(translate)}"

    def said(self, translate: Callable[[str], str] = str) -> str:
        """The problem with its path, in the language of `translate`."""
        sentence = self.problem.told(translate)
        return f"{self.problem.path}: {sentence}" if self.problem.path else sentence

    @property
    def _place(self) -> str:
        return _IN_LINE if self.column else _PLACES[bool(self.line), bool(self.treatment)]

    def _values(self, file_name: str) -> dict[str, object]:
        return {
            "file": file_name,
            "line": self.line,
            "column": self.column,
            "treatment": self.treatment,
        }


#: Where a problem is, by whether a line and a treatment are known.
_PLACES: Final[Mapping[tuple[bool, bool], str]] = {
    (False, False): "{file}",
    (False, True): "{file}, treatment {treatment}",
    (True, False): "{file}, line {line}",
    (True, True): "{file}, line {line}, treatment {treatment}",
}
_IN_LINE: Final = "{file}, line {line}, column {column}"
PLACE_TEXTS: Final = (*tuple(_PLACES.values())[1:], _IN_LINE)
"""Texts that faces translate."""


class StrategyFileError(ValueError):
    """A strategy's file cannot be used; a line for each problem says where and what to do.

    `faults` are the same, in parts.
    """

    def __init__(self, message: str, faults: tuple[StrategyFault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults

    def told(self, file_name: str, translate: Callable[[str], str]) -> str:
        """The message in another language; without faults it stays as it is."""
        return "\n".join(each.told(file_name, translate) for each in self.faults) or str(self)


def strategy_on(day: date, code: str = DEFAULT) -> Strategy:
    """The version of a shipped strategy that holds on a day."""
    found = [each for each in load_strategies() if each.code == code and each.holds_on(day)]
    if not found:
        known = ", ".join(f"{each.label} from {each.valid_from}" for each in load_strategies())
        raise StrategyFileError(f"no strategy {code!r} holds on {day}; there are {known}")
    return found[0]


def strategy_labelled(label: str) -> Strategy:
    """The shipped strategy of a label such as `default:1`."""
    found = [each for each in load_strategies() if each.label == label]
    if not found:
        known = ", ".join(each.label for each in load_strategies())
        raise StrategyFileError(f"no strategy {label!r} is shipped; there are {known}")
    return found[0]


@cache
def load_strategies() -> tuple[Strategy, ...]:
    """Every shipped strategy; raises `StrategyFileError` when one is wrong or two overlap."""
    folder = files("kept.packs").joinpath("strategies")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    found = [
        parse_strategy(folder.joinpath(name).read_text(encoding="utf-8"), name) for name in names
    ]
    _refuse_overlaps(found)
    return tuple(found)


def parse_strategy(text: str, file_name: str) -> Strategy:
    """The strategy of a file's text; raises `StrategyFileError` with every problem of it."""
    lines: dict[str, int] = {}
    try:
        data = read_tree(text, lines, _EXAMPLE)
    except TreeError as error:
        fault = StrategyFault(error.line, "", error.problem, error.column)
        raise StrategyFileError(fault.told(file_name), (fault,)) from None
    try:
        return read_strategy(data)
    except StrategyError as error:
        faults = tuple(_fault(problem, data, lines) for problem in error.problems)
        told = "\n".join(fault.told(file_name) for fault in faults)
        raise StrategyFileError(told, faults) from None


def faults_at(problems: Sequence[Problem], text: str, file_name: str) -> tuple[StrategyFault, ...]:
    """What was found in a strategy after it had been read from this text, with its lines."""
    if not problems:
        return ()
    lines: dict[str, int] = {}
    data = read_tree(text, lines, _EXAMPLE)
    return tuple(_fault(problem, data, lines) for problem in problems)


def refuse_problems(problems: Sequence[Problem], text: str, file_name: str) -> None:
    """Raise what was found in a strategy after it had been read from this text."""
    faults = faults_at(problems, text, file_name)
    if faults:
        raise StrategyFileError("\n".join(each.told(file_name) for each in faults), faults)


def _fault(problem: Problem, data: Any, lines: dict[str, int]) -> StrategyFault:
    return StrategyFault(line_of(problem.path, lines), _treatment_of(problem.path, data), problem)


def _treatment_of(path: str, data: Any) -> str:
    """The code of the treatment that a path such as `treatments.[2].when` lies in."""
    if not path.startswith("treatments["):
        return ""
    place = int(path.partition("[")[2].partition("]")[0])
    row = data["treatments"][place - 1]
    code = row.get("code") if isinstance(row, dict) else None
    return repr(code) if isinstance(code, str) else f"number {place}"


def _refuse_overlaps(strategies: Iterable[Strategy]) -> None:
    ordered = sorted(strategies, key=lambda each: (each.code, each.valid_from))
    for earlier, later in pairwise(ordered):
        if earlier.code == later.code and earlier.holds_on(later.valid_from):
            raise StrategyFileError(
                f"{earlier.label} and {later.label} both hold on {later.valid_from};"
                f" end {earlier.label} with valid_to the day before"
            )
