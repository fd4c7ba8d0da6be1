"""YAML files with the line of every value, read without guessing: scalars stay as written.

What the values mean is said by whoever reads the tree. `read_tree` raises `TreeError`, whose parts
faces can say in any language; `tree_of` raises an error of the caller's class with file and line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from kept.core.intake.nodes import Problem
from kept.core.strategy_faults import StrategyText as T

__all__ = ["TreeError", "line_of", "read_tree", "tree_of"]

_LENGTH_MOST: Final = 1_000_000
_DEPTH_MOST: Final = 20
_CHARACTER: Final = re.compile(r"found character ('.*') that cannot start any token", re.DOTALL)
# What the parser says by what stands in it, the first that fits.
_SAID: Final = (
    ("could not find expected ':'", T.YAML_COLON),
    ("expected ':'", T.YAML_COLON),
    ("mapping values are not allowed", T.YAML_COLON_TOO_MANY),
    ("unexpected end of stream", T.YAML_QUOTE),
    ("unexpected document separator", T.YAML_QUOTE),
    ("expected ',' or", T.YAML_BRACKET),
    ("expected the node content", T.YAML_BRACKET),
    ("expected <block end>", T.YAML_INDENT),
    ("sequence entries are not allowed", T.YAML_INDENT),
    ("block entries are not allowed", T.YAML_INDENT),
    ("mapping keys are not allowed", T.YAML_INDENT),
    ("expected a single document", T.YAML_TWO_DOCUMENTS),
    ("but found another document", T.YAML_TWO_DOCUMENTS),
    ("expected '<document start>'", T.YAML_INDENT),
    ("alias", T.YAML_ALIAS),
    ("anchor", T.YAML_ALIAS),
)


class TreeError(ValueError):
    """A text that is no tree of values: where reading stopped, from 1 (None: not known), and why.

    `reason` is what the parser said in English, where it said something.
    """

    def __init__(
        self, problem: Problem, line: int | None = None, column: int | None = None, reason: str = ""
    ) -> None:
        super().__init__(problem.sentence)
        self.problem, self.line, self.column, self.reason = problem, line, column, reason


def tree_of(
    text: str, file_name: str, lines: dict[str, int], error: type[ValueError], example: str
) -> Any:
    """Mappings, lists and texts of a file; `lines` is filled with the line of each path."""
    try:
        return read_tree(text, lines, example)
    except TreeError as found:
        place = f", line {found.line}" if found.line else ""
        said = f"not YAML: {found.reason}" if found.reason else found.problem.sentence
        raise error(f"{file_name}{place}: {said}") from None


def read_tree(text: str, lines: dict[str, int], example: str) -> Any:
    """The same for a text that has no file; raises `TreeError`."""
    if len(text) > _LENGTH_MOST:
        raise TreeError(_problem(T.YAML_LONG, most=_LENGTH_MOST))
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as found:
        raise _of_parser(found) from None
    if node is None:
        raise TreeError(_problem(T.YAML_EMPTY, example=example))
    return _Reading(lines).value(node, "")


def _of_parser(found: Exception) -> TreeError:
    if isinstance(found, RecursionError):
        return TreeError(_problem(T.YAML_DEEP))
    if isinstance(found, yaml.reader.ReaderError):
        sign = f"U+{found.character:04X}" if isinstance(found.character, int) else "?"
        return TreeError(_problem(T.YAML_UNSEEN, found=sign), reason=str(found.reason))
    mark = getattr(found, "problem_mark", None)
    reason = str(getattr(found, "problem", None) or "cannot be read")
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    return TreeError(_of_reason(reason, found), line, column, reason)


def _of_reason(reason: str, found: Exception) -> Problem:
    character = _CHARACTER.search(reason)
    if character and character[1] in (r"'\t'", "'\t'"):
        return _problem(T.YAML_TAB)
    if character:
        return _problem(T.YAML_SIGN, found=character[1])
    whole = f"{getattr(found, 'context', None) or ''} {reason}"
    return _problem(next((text for words, text in _SAID if words in whole), T.YAML_OTHER))


def _problem(source: T, **values: object) -> Problem:
    return Problem("", str(source), values)


def line_of(path: str, lines: dict[str, int]) -> int:
    """The line of a path; a missing key stands where its parent does."""
    while path not in lines:
        path = path.rpartition(".")[0]
    return lines[path]


@dataclass(frozen=True, slots=True)
class _Reading:
    lines: dict[str, int]
    seen: set[int] = field(default_factory=set)

    def refuse(self, node: yaml.Node, source: T, **values: object) -> TreeError:
        mark = node.start_mark
        return TreeError(_problem(source, **values), mark.line + 1, mark.column + 1)

    def value(self, node: yaml.Node, path: str) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if id(node) in self.seen:  # a few lines of aliases can stand for any amount of text
            raise self.refuse(node, T.YAML_ALIAS)
        self.seen.add(id(node))
        if path.count(".") + path.count("[") > _DEPTH_MOST:
            raise self.refuse(node, T.YAML_DEEP)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        return [self.value(child, f"{path}[{n}]") for n, child in enumerate(node.value, 1)]

    def mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, child in node.value:
            key = str(key_node.value)
            if key in result:
                raise self.refuse(key_node, T.YAML_TWICE, key=repr(key))
            result[key] = self.value(child, f"{path}.{key}".lstrip("."))
        return result
