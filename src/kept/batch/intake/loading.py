"""A map from its YAML text. Every scalar stays the text it is written as.

YAML's own guesses (`no` is false, `010` is eight, `2024-01-31` is a date) would change codes of a
code table, so none is made; anchors are refused, since a map needs none and they can be made to
grow without end.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import yaml

from kept.core.intake import IntakeMap, MapError, Problem, parse_map

__all__ = ["load_map", "load_texts", "read_map"]

_TEXT_MAX = 1 << 20


def load_map(path: Path) -> IntakeMap:
    """The map of a file; `MapError` when the file is absent, no YAML, or no map."""
    try:
        return read_map(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise _refused(f"there is no map file {path}") from error
    except UnicodeDecodeError as error:
        raise _refused("the map is not UTF-8") from error


def read_map(text: str) -> IntakeMap:
    """The map of its YAML text; `MapError` lists every problem at once."""
    try:
        return parse_map(load_texts(text))
    except ValueError as error:
        if isinstance(error, MapError):
            raise
        raise _refused(str(error)) from error


def load_texts(text: str) -> dict[str, object]:
    """A YAML mapping with every scalar as text; `ValueError` says what is wrong and where."""
    if len(text) > _TEXT_MAX:
        raise ValueError(f"{len(text)} characters are too many; at most {_TEXT_MAX} are read")
    try:
        loaded = yaml.load(text, Loader=_TextLoader)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"it is no YAML{where}: {what}") from error
    if not isinstance(loaded, dict):
        raise ValueError("it should hold keys and values, such as spec_version: 1")
    return loaded


def _refused(sentence: str) -> MapError:
    return MapError([Problem("", sentence)])


class _TextLoader(yaml.BaseLoader):
    """Scalars as text; a key that stands twice and an alias are errors."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="anchors are not read", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark
                )
            if isinstance(key.value, str):
                seen.add(key.value)
        return super().construct_mapping(node, deep)
