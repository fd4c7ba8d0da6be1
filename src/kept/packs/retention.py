"""The duties to keep and to erase that ship with kept: YAML files of `packs/retention/`, checked.

A problem is told with its file and the duty. The numbers are data with a citation and a status; how
they are weighed is `core/retention.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from kept.core.retention import DeletionDuty, Moment, Period, Record, RetentionDuty

__all__ = ["RetentionFileError", "RetentionRules", "load_retention", "parse_retention"]

_STATUS: Final = frozenset({"verified", "reported", "unverified", "policy"})
_SHARED: Final = {"id", "name", "jurisdiction", "citation", "status", "valid_from", "valid_to"}
_DUTY: Final = _SHARED | {"record", "keep", "start", "entities"}


class RetentionFileError(ValueError):
    """A file of retention duties cannot be used; the message says which duty and why."""


@dataclass(frozen=True, slots=True)
class RetentionRules:
    duties: tuple[RetentionDuty, ...]
    deletions: tuple[DeletionDuty, ...]


@cache
def load_retention() -> RetentionRules:
    """Every shipped duty; raises `RetentionFileError` when one is wrong or an id stands twice."""
    folder = files("kept.packs").joinpath("retention")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    found = [
        parse_retention(folder.joinpath(name).read_text(encoding="utf-8"), name) for name in names
    ]
    duties = tuple(duty for rules in found for duty in rules.duties)
    deletions = tuple(duty for rules in found for duty in rules.deletions)
    ids = [*(duty.id for duty in duties), *(duty.id for duty in deletions)]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise RetentionFileError(f"{twice[0]} stands twice; an id names one duty")
    return RetentionRules(duties, deletions)


def parse_retention(text: str, file_name: str) -> RetentionRules:
    """The duties of a file's text; raises `RetentionFileError` for the first problem."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RetentionFileError(f"{file_name}: not YAML") from error
    if not isinstance(content, dict) or not set(content) <= {"duties", "deletions"}:
        raise RetentionFileError(f"{file_name}: only `duties` and `deletions` belong here")
    return RetentionRules(
        tuple(_read(_duty, row, _DUTY, file_name) for row in content.get("duties") or ()),
        tuple(_read(_deletion, row, _SHARED, file_name) for row in content.get("deletions") or ()),
    )


def _read(make: Any, row: Any, known: set[str], file_name: str) -> Any:
    name = row.get("id") if isinstance(row, dict) else row
    try:
        unknown = sorted(set(row) - known)
        if unknown:
            there = ", ".join(sorted(known))
            raise ValueError(f"{unknown[0]} is not known here; there are {there}")
        if row["status"] not in _STATUS:
            raise ValueError(f"status is one of {', '.join(sorted(_STATUS))}")
        return make(row)
    except KeyError as error:
        raise RetentionFileError(f"{file_name}, {name}: {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise RetentionFileError(f"{file_name}, {name}: {error}") from error


def _duty(row: Mapping[str, Any]) -> RetentionDuty:
    period = Period(**row["keep"])
    if min(period.years, period.months, period.days) < 0 or period == Period():
        raise ValueError("keep needs a period above zero, such as {years: 3}")
    return RetentionDuty(
        **_shared(row),
        record=Record(row["record"]),
        keep=period,
        start=Moment(row["start"]),
        entities=frozenset(row.get("entities") or ()),
    )


def _deletion(row: Mapping[str, Any]) -> DeletionDuty:
    return DeletionDuty(**_shared(row))


def _shared(row: Mapping[str, Any]) -> dict[str, Any]:
    valid_to = row.get("valid_to")
    if not isinstance(row["valid_from"], date) or not isinstance(valid_to, date | None):
        raise ValueError("valid_from and valid_to are days, such as 2021-11-30")
    return {
        "id": str(row["id"]),
        "name_en": str(row["name"]["en"]),
        "name_zh": str(row["name"]["zh"]),
        "jurisdiction": str(row["jurisdiction"]),
        "citation": str(row["citation"]),
        "status": str(row["status"]),
        "valid_from": row["valid_from"],
        "valid_to": valid_to,
    }
