"""YAML files with the line of every value, read without guessing: scalars stay as written.

What the values mean is said by whoever reads the tree. A problem is an error of the caller's class,
with file and line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

__all__ = ["line_of", "tree_of"]

_LENGTH_MOST: Final = 1_000_000
_DEPTH_MOST: Final = 20


def tree_of(
    text: str, file_name: str, lines: dict[str, int], error: type[ValueError], example: str
) -> Any:
    """Mappings, lists and texts of a file; `lines` is filled with the line of each path."""
    if len(text) > _LENGTH_MOST:
        raise error(f"{file_name}: longer than {_LENGTH_MOST} characters; split it")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        reason = getattr(problem, "problem", None) or "cannot be read"
        raise error(f"{file_name}{place}: not YAML: {reason}") from None
    if node is None:
        raise error(f"{file_name}: the file is empty; see {example}")
    return _Reading(file_name, lines, error).value(node, "")


def line_of(path: str, lines: dict[str, int]) -> int:
    """The line of a path; a missing key stands where its parent does."""
    while path not in lines:
        path = path.rpartition(".")[0]
    return lines[path]


@dataclass(frozen=True, slots=True)
class _Reading:
    file_name: str
    lines: dict[str, int]
    error: type[ValueError]
    seen: set[int] = field(default_factory=set)

    def refuse(self, node: yaml.Node, problem: str) -> ValueError:
        return self.error(f"{self.file_name}, line {node.start_mark.line + 1}: {problem}")

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
