"""The strategies that ship with kept: YAML files of `packs/strategies/`, checked when loaded.

A problem is told with its file, its line, its treatment and what to do. Choosing which strategy a
creditor uses, and approving versions, come with the strategy issue; until then it is `default`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import yaml

from kept.core.intake.nodes import Problem
from kept.core.strategies import Strategy
from kept.core.strategy_reading import StrategyError, read_strategy

__all__ = [
    "DEFAULT",
    "StrategyFileError",
    "load_strategies",
    "parse_strategy",
    "strategy_labelled",
    "strategy_on",
]

DEFAULT: Final = "default"
_LENGTH_MOST: Final = 1_000_000
_DEPTH_MOST: Final = 20


class StrategyFileError(ValueError):
    """A strategy's file cannot be used; a line for each problem says where and what to do."""


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
    data = _tree(text, file_name, lines)
    try:
        return read_strategy(data)
    except StrategyError as error:
        told = [_told(problem, file_name, data, lines) for problem in error.problems]
        raise StrategyFileError("\n".join(told)) from None


def _told(problem: Problem, file_name: str, data: Any, lines: Mapping[str, int]) -> str:
    path = problem.path
    while path not in lines:  # a missing key stands where its parent does
        path = path.rpartition(".")[0]
    name = _treatment_of(problem.path, data)
    treatment = f", treatment {name}" if name else ""
    return f"{file_name}, line {lines[path]}{treatment}: {problem}"


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


# --- YAML with lines ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reading:
    """Mappings, lists and texts of a file. Scalars stay as written: 18:00 is no number."""

    file_name: str
    lines: dict[str, int]
    seen: set[int] = field(default_factory=set)

    def refuse(self, node: yaml.Node, problem: str) -> StrategyFileError:
        return StrategyFileError(f"{self.file_name}, line {node.start_mark.line + 1}: {problem}")

    def value(self, node: yaml.Node, path: str) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if id(node) in self.seen:  # a few lines of aliases can stand for any amount of text
            raise self.refuse(node, "YAML's aliases are not used here; write it out")
        self.seen.add(id(node))
        if path.count(".") + path.count("[") > _DEPTH_MOST:
            raise self.refuse(node, "nested too deep")
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        return [self.value(child, f"{path}[{n}]") for n, child in enumerate(node.value, 1)]

    def mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, child in node.value:
            key = str(key_node.value)
            if key in result:
                raise self.refuse(key_node, f"{key!r} stands twice; keep one of them")
            result[key] = self.value(child, f"{path}.{key}".lstrip("."))
        return result


def _tree(text: str, file_name: str, lines: dict[str, int]) -> Any:
    if len(text) > _LENGTH_MOST:
        raise StrategyFileError(f"{file_name}: longer than {_LENGTH_MOST} characters; split it")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "cannot be read"
        raise StrategyFileError(f"{file_name}{place}: not YAML: {reason}") from None
    if node is None:
        raise StrategyFileError(f"{file_name}: the file is empty; see strategies/default.yaml")
    return _Reading(file_name, lines).value(node, "")
