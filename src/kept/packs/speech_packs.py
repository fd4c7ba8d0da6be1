"""The packs of forbidden speech that ship with kept: YAML files of `packs/speech/`, checked.

A problem is told with its file, its line, its entry and what to do. How words are found in a text
is `core/speech`; `spellings.yaml` says how the same words are written otherwise.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final

from kept.core.intake.nodes import Problem
from kept.core.speech import (
    SpeechBook,
    SpeechPack,
    SpeechPackError,
    Spellings,
    read_speech_pack,
    read_spellings,
)
from kept.packs.yaml_trees import line_of, tree_of

__all__ = [
    "SpeechFileError",
    "load_speech_book",
    "load_speech_packs",
    "load_spellings",
    "parse_speech_pack",
    "parse_spellings",
]

_EXAMPLE: Final = "speech/en.yaml"
_SPELLINGS: Final = "spellings.yaml"


class SpeechFileError(ValueError):
    """A pack cannot be used; the message names file, line and entry of every problem."""


@cache
def load_speech_book() -> SpeechBook:
    """Every shipped pack, ready to look at texts."""
    return SpeechBook(load_speech_packs(), load_spellings())


@cache
def load_speech_packs() -> tuple[SpeechPack, ...]:
    """Every shipped pack; raises `SpeechFileError` when one is wrong or an id stands twice."""
    folder = files("kept.packs").joinpath("speech")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    found = tuple(
        parse_speech_pack(folder.joinpath(name).read_text(encoding="utf-8"), name)
        for name in names
        if name != _SPELLINGS
    )
    _refuse_twins(found)
    return found


@cache
def load_spellings() -> Spellings:
    folder = files("kept.packs").joinpath("speech")
    return parse_spellings(folder.joinpath(_SPELLINGS).read_text(encoding="utf-8"), _SPELLINGS)


def parse_speech_pack(text: str, file_name: str) -> SpeechPack:
    """The pack of a file's text; raises `SpeechFileError` with every problem of it."""
    lines: dict[str, int] = {}
    data = tree_of(text, file_name, lines, SpeechFileError, _EXAMPLE)
    try:
        return read_speech_pack(data)
    except SpeechPackError as error:
        raise _refused(error, file_name, data, lines) from None


def parse_spellings(text: str, file_name: str) -> Spellings:
    """The other spellings of a file's text; raises `SpeechFileError` with every problem."""
    lines: dict[str, int] = {}
    data = tree_of(text, file_name, lines, SpeechFileError, f"speech/{_SPELLINGS}")
    try:
        return read_spellings(data)
    except SpeechPackError as error:
        raise _refused(error, file_name, data, lines) from None


def _refused(
    error: SpeechPackError, file_name: str, data: Any, lines: dict[str, int]
) -> SpeechFileError:
    return SpeechFileError(
        "\n".join(_told(problem, file_name, data, lines) for problem in error.problems)
    )


def _told(problem: Problem, file_name: str, data: Any, lines: dict[str, int]) -> str:
    name = _entry_of(problem.path, data)
    entry = f", entry {name}" if name else ""
    return f"{file_name}, line {line_of(problem.path, lines)}{entry}: {problem}"


def _entry_of(path: str, data: Any) -> str:
    """The id of the entry that a path such as `entries[3].phrases` lies in."""
    if not path.startswith("entries["):
        return ""
    row = data["entries"][int(path.partition("[")[2].partition("]")[0]) - 1]
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else "without id"


def _refuse_twins(packs: tuple[SpeechPack, ...]) -> None:
    owner: dict[str, str] = {}
    for pack in packs:
        for entry in pack.entries:
            if entry.id in owner:
                raise SpeechFileError(
                    f"{entry.id} stands twice ({owner[entry.id]}, {pack.name}); an id names one"
                    " entry"
                )
            owner[entry.id] = pack.name
