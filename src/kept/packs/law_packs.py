"""The packs of law that ship with kept: YAML files of `packs/law/`, checked when loaded.

A problem is told with its file, its line, its rule and what to do. Which packs bind whom, and what
a compliance officer switched, is said elsewhere (`work/law_books.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import available_timezones

from kept.core.intake.nodes import Problem
from kept.core.law.pack_reading import PackError, read_pack
from kept.core.law.rules import LawPack
from kept.packs.yaml_trees import line_of, tree_of

__all__ = ["LawFileError", "load_law_packs", "parse_law_pack"]

_EXAMPLE: Final = "law/house.yaml"


class LawFileError(ValueError):
    """A pack cannot be used; the message names file, line and rule of every problem."""


@cache
def load_law_packs() -> tuple[LawPack, ...]:
    """Every shipped pack; raises `LawFileError` when one is wrong or an id stands in two."""
    folder = files("kept.packs").joinpath("law")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    found = tuple(
        parse_law_pack(folder.joinpath(name).read_text(encoding="utf-8"), name) for name in names
    )
    _refuse_twins(found)
    return found


def parse_law_pack(text: str, file_name: str) -> LawPack:
    """The pack of a file's text; raises `LawFileError` with every problem of it."""
    lines: dict[str, int] = {}
    data = tree_of(text, file_name, lines, LawFileError, _EXAMPLE)
    try:
        pack, problems = read_pack(data), list(_strange_zones(data))
    except PackError as error:
        problems = error.problems
    if problems:
        told = [_told(problem, file_name, data, lines) for problem in problems]
        raise LawFileError("\n".join(told))
    return pack


def _strange_zones(value: Any, path: str = "") -> Iterator[Problem]:
    """Clocks that name a zone which does not exist; the core knows no zones."""
    if isinstance(value, dict):
        for key, held in value.items():
            inner = f"{path}.{key}" if path else str(key)
            if key == "clock" and isinstance(held, str) and "/" in held:
                if held not in _zones():
                    near = "".join(
                        f"; perhaps {each}" for each in get_close_matches(held, _zones(), 1)
                    )
                    yield Problem(inner, f"there is no time zone {held!r}{near}")
            else:
                yield from _strange_zones(held, inner)
    elif isinstance(value, list):
        for number, held in enumerate(value, 1):
            yield from _strange_zones(held, f"{path}[{number}]")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _told(problem: Problem, file_name: str, data: Any, lines: dict[str, int]) -> str:
    name = _rule_of(problem.path, data)
    rule = f", rule {name}" if name else ""
    return f"{file_name}, line {line_of(problem.path, lines)}{rule}: {problem}"


def _rule_of(path: str, data: Any) -> str:
    """The id of the rule that a path such as `rules[3].when` lies in."""
    if not path.startswith("rules["):
        return ""
    row = data["rules"][int(path.partition("[")[2].partition("]")[0]) - 1]
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else "without id"


def _refuse_twins(packs: tuple[LawPack, ...]) -> None:
    owner: dict[str, str] = {}
    for pack in packs:
        for rule in pack.rules:
            if owner.setdefault(rule.id, pack.name) != pack.name:
                raise LawFileError(
                    f"{rule.id} stands in the packs {owner[rule.id]} and {pack.name}; a rule has"
                    " one home"
                )
