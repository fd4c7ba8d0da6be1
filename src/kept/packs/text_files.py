"""Texts of a house as a file: YAML in the form of the shipped ones, with any languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from kept.core.intake.nodes import Problem
from kept.core.texts import TextDraft, read_drafts
from kept.packs.yaml_trees import TreeError, line_of, read_tree

__all__ = ["TextDraftsError", "parse_drafts", "print_drafts"]


class TextDraftsError(ValueError):
    """A file of texts cannot be read; `problems` are (line or None, column or None, problem)."""

    def __init__(self, problems: tuple[tuple[int | None, int | None, Problem], ...]) -> None:
        super().__init__("\n".join(f"line {line}: {each}" for line, _, each in problems))
        self.problems = problems


def parse_drafts(text: str) -> tuple[TextDraft, ...]:
    """The texts of a file; raises `TextDraftsError` with every problem of it."""
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    try:
        data = read_tree(text, lines, "texts/calls.yaml")
    except TreeError as error:
        raise TextDraftsError(((error.line, error.column, error.problem),)) from None
    found = read_drafts(data, problems)
    if problems:
        raise TextDraftsError(tuple((line_of(each.path, lines), None, each) for each in problems))
    return found


def print_drafts(texts: Iterable[TextDraft]) -> str:
    """The file of these texts: read again, it gives the same. Of none it is empty."""
    rows = [
        {
            "code": each.code,
            "kind": each.kind.value,
            "channel": each.channel.value,
            **{language: _Block(body) for language, body in sorted(each.bodies.items())},
        }
        for each in texts
    ]
    if not rows:
        return ""
    return yaml.dump(rows, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Block(str):
    """Words that stand as a block of lines, however long the lines are."""


class _Dumper(yaml.SafeDumper):
    """Keeps the words as they are typed."""


def _print_block(dumper: yaml.SafeDumper, words: _Block) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(words), style="|")


_Dumper.add_representer(_Block, _print_block)
