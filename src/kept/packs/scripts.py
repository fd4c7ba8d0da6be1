"""The scripts, templates and guides that ship with kept: YAML files of `packs/texts/`, checked."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kept.core.intake.nodes import Problem
from kept.core.texts import ShippedText, read_texts
from kept.packs.yaml_trees import line_of, tree_of

__all__ = ["TextFileError", "load_texts", "parse_texts"]


class TextFileError(ValueError):
    """A file of texts cannot be used; the message names file and line of every problem."""


@cache
def load_texts() -> tuple[ShippedText, ...]:
    """Every shipped text; raises `TextFileError` when one is wrong or a code stands twice."""
    folder = files("kept.packs").joinpath("texts")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    found = tuple(
        text
        for name in names
        for text in parse_texts(folder.joinpath(name).read_text(encoding="utf-8"), name)
    )
    codes = [each.code for each in found]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise TextFileError(f"{', '.join(twice)}: a code stands twice; give each its own")
    return found


def parse_texts(text: str, file_name: str) -> tuple[ShippedText, ...]:
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    data = tree_of(text, file_name, lines, TextFileError, "texts/calls.yaml")
    found = read_texts(data, problems)
    if problems:
        told = (f"{file_name}, line {line_of(each.path, lines)}: {each}" for each in problems)
        raise TextFileError("\n".join(told))
    return found
