"""The waiver policy that ships with kept, and reading one from a file's text, with each place.

A creditor's own dated versions are `work/waiver_policies.py`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kept.core.agreements.waiver_policy import WaiverPolicy
from kept.core.agreements.waiver_reading import WaiverPolicyError, read_waiver_policy
from kept.core.intake.nodes import Problem
from kept.packs.yaml_trees import TreeError, line_of, read_tree

__all__ = ["WaiverFileError", "default_text", "load_default_waivers", "parse_waiver_policy"]

_EXAMPLE = "waivers/default.yaml"


class WaiverFileError(ValueError):
    """A policy's text cannot be used: `faults` are (line or None, problem)."""

    def __init__(self, file_name: str, faults: tuple[tuple[int | None, Problem], ...]) -> None:
        self.file_name, self.faults = file_name, faults
        super().__init__("\n".join(self._told(line, problem) for line, problem in faults))

    def _told(self, line: int | None, problem: Problem) -> str:
        place = f"{self.file_name}, line {line}" if line else self.file_name
        return f"{place}: {problem}"


def parse_waiver_policy(text: str, file_name: str) -> WaiverPolicy:
    """The policy of a text; raises `WaiverFileError` with every problem and its line."""
    lines: dict[str, int] = {}
    try:
        data = read_tree(text, lines, _EXAMPLE)
    except TreeError as error:
        raise WaiverFileError(file_name, ((error.line, error.problem),)) from None
    try:
        return read_waiver_policy(data)
    except WaiverPolicyError as error:
        faults = tuple((line_of(each.path, lines), each) for each in error.problems)
        raise WaiverFileError(file_name, faults) from None


def default_text() -> str:
    return files("kept.packs").joinpath(_EXAMPLE).read_text(encoding="utf-8")


@cache
def load_default_waivers() -> WaiverPolicy:
    """The shipped policy, checked when loaded."""
    return parse_waiver_policy(default_text(), _EXAMPLE)
