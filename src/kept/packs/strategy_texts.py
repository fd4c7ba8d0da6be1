"""The text of a shipped strategy, and a text under another number. Nothing is read or checked."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

from kept.packs.strategies import parse_strategy

__all__ = ["labelled_text", "shipped_text"]

_VERSION_LINE: Final = re.compile(r"^version:[^\n]*$", re.MULTILINE)
_CODE_LINE: Final = re.compile(r"^code:[^\n]*$", re.MULTILINE)


def shipped_text(label: str) -> str | None:
    """The file of a shipped strategy, comments and all; None where none has the label."""
    return _texts().get(label)


@cache
def _texts() -> dict[str, str]:
    folder = files("kept.packs").joinpath("strategies")
    found = {}
    for each in folder.iterdir():
        if each.name.endswith(".yaml"):
            text = each.read_text(encoding="utf-8")
            found[parse_strategy(text, each.name).label] = text
    return found


def labelled_text(text: str, version: int) -> str:
    """The text with this number in its line `version`, which is added where there is none."""
    line = f"version: {version}"
    if _VERSION_LINE.search(text):
        return _VERSION_LINE.sub(line, text, count=1)
    return _CODE_LINE.sub(lambda found: f"{found[0]}\n{line}", text, count=1)
