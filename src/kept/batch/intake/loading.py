"""A map from its YAML text. Every scalar stays the text it is written as.

YAML's own guesses (`no` is false, `010` is eight, `2024-01-31` is a date) would change codes of a
code table, so none is made; anchors are refused, since a map needs none and they can be made to
grow without end.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from zoneinfo import available_timezones

import yaml

from kept.core.intake import (
    AnyMap,
    IntakeMap,
    MapError,
    MapFault,
    Problem,
    RecordsMap,
    parse_any_map,
    parse_map,
)

__all__ = ["load_map", "load_texts", "read_any_map", "read_map"]

_TEXT_MAX = 1 << 20


def load_map(path: Path) -> IntakeMap:
    """The map of a file; `MapError` when the file is absent, no YAML, or no map."""
    try:
        return read_map(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise _refused(MapFault.ABSENT_MAP, found=str(path)) from error
    except UnicodeDecodeError as error:
        raise _refused(MapFault.NOT_UTF_8) from error


def read_map(text: str) -> IntakeMap:
    """The map of accounts of its YAML text; `MapError` lists every problem at once."""
    return parse_map(load_texts(text))


def read_any_map(text: str) -> AnyMap:
    """The map of a file of any type, of its YAML text."""
    found = parse_any_map(load_texts(text))
    if isinstance(found, RecordsMap) and found.zone not in {None, *available_timezones()}:
        raise MapError([Problem("zone", MapFault.NO_ZONE, {"found": repr(found.zone)})])
    return found


def load_texts(text: str) -> dict[str, object]:
    """A YAML mapping with every scalar as text; `MapError` says what is wrong and where."""
    if len(text) > _TEXT_MAX:
        raise _refused(MapFault.TOO_MANY_CHARACTERS, found=len(text), most=_TEXT_MAX)
    try:
        loaded = yaml.load(text, Loader=_TextLoader)
    except RecursionError:
        raise _refused(MapFault.TOO_DEEP) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or " ".join(str(error).split())
        if mark is None:
            raise _refused(MapFault.NO_YAML, what=what) from error
        line, column = mark.line + 1, mark.column + 1
        raise _refused(MapFault.NO_YAML_AT, line=line, column=column, what=what) from error
    if not isinstance(loaded, dict):
        raise _refused(MapFault.NO_KEYS)
    return loaded


def _refused(fault: MapFault, **values: object) -> MapError:
    return MapError([Problem("", fault, values)])


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
