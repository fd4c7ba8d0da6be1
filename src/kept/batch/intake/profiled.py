"""Whether a file looks like the files before it; where it does not, a person is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kept.core.intake import IntakeMap
from kept.store.models import IntakeFile

__all__ = ["AsksPerson", "judge_profile"]


class AsksPerson(Exception):
    """The file's profile breaks a band of its map: a person decides whether it is applied."""


def judge_profile(
    file: IntakeFile, intake_map: IntakeMap, staged: Mapping[str, Any], checked: Mapping[str, Any]
) -> None:
    """Keep the file's profile; raise `AsksPerson` when it breaks a band and nobody accepted it."""
