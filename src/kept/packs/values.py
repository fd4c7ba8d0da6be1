"""The tables of assumed values that ship with kept: `packs/values/`, checked when loaded."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final, TypeVar

from kept.core.attempts import Channel
from kept.core.intake.nodes import Node, Problem
from kept.core.strategies import DESK
from kept.core.values import PARTS, Prior, Priors
from kept.packs.yaml_trees import line_of, tree_of

__all__ = ["ValuesFileError", "load_priors", "parse_priors", "read_table"]

T = TypeVar("T")

_SHARE: Final = re.compile(r"(\d{1,3})(?:\.(\d{1,4}))?%")


class ValuesFileError(ValueError):
    """A table cannot be used; a line for each problem says where and what to do."""


@cache
def load_priors() -> Priors:
    """The shipped table."""
    file = files("kept.packs").joinpath("values").joinpath("priors.yaml")
    return parse_priors(file.read_text(encoding="utf-8"), "priors.yaml")


def parse_priors(text: str, file_name: str) -> Priors:
    """The table of a file's text; raises `ValuesFileError` with every problem of it."""
    return read_table(text, file_name, "values/priors.yaml", _priors)


def read_table(text: str, file_name: str, example: str, read: Callable[[Node], T]) -> T:
    """What `read` makes of a file's text; raises `ValuesFileError` with every problem that it noted
    and its line. `example` is a shipped file of the kind."""
    lines: dict[str, int] = {}
    data = tree_of(text, file_name, lines, ValuesFileError, example)
    problems: list[Problem] = []
    found = read(Node(data, "", problems))
    if problems:
        told = [f"{file_name}, line {line_of(each.path, lines)}: {each}" for each in problems]
        raise ValuesFileError("\n".join(told))
    return found


def _priors(node: Node) -> Priors:
    keys = ("code", "version", "name", "channels")
    fields: dict[str, Any] = node.fields(keys, keys)
    known = {*Channel, DESK}
    by_channel = {}
    for channel, rows in fields["channels"].entries().items() if "channels" in fields else ():
        if channel not in known:
            rows.wrong(f"{channel!r} is no channel")
        by_channel[channel] = _prior(rows)
    code = fields["code"].text() if "code" in fields else ""
    version = fields["version"].whole(1, 1_000_000) if "version" in fields else 0
    return Priors(code, version, by_channel)


def _prior(node: Node) -> Prior:
    rows = [row.fields(("from_dpd", "share"), ("from_dpd", "share")) for row in node.children()]
    whole = [row for row in rows if len(row) == 2]
    days = tuple(row["from_dpd"].whole(0, 100_000) for row in whole)
    if any(later <= earlier for earlier, later in pairwise(days)):
        node.wrong("the rows should rise in from_dpd")
    return Prior(days, tuple(_share(row["share"]) for row in whole))


def _share(node: Node) -> int:
    """A share in millionths."""
    found = _SHARE.fullmatch(node.text())
    share = int(found[1] + (found[2] or "").ljust(4, "0")) if found else PARTS + 1
    if share > PARTS:
        node.wrong(f"{node.value!r} is no share; write it as 2.5%, at most 100%")
    return share
