"""What must hold between the values of a record: what its kind needs and takes, and the order.

The same as the use cases refuse (`work/consents.py`, `person_circumstances.py`, `disputes.py`), for
whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import available_timezones

import polars as pl

from kept.batch.intake.cells import Chunk
from kept.batch.intake.dates import years_after
from kept.core.countries import COUNTRIES
from kept.core.intake import CellRule, RecordsMap, RejectCode
from kept.core.intake.record_fields import (
    CATEGORIES,
    HISTORY_YEARS,
    RECORD_FIELDS,
    RECORD_KINDS,
)

__all__ = ["check_records"]

Columns = Mapping[str, pl.Series]

_ORAL: Final = ("call", "ai_call", "workplace_call", "oral")
_LANGUAGE: Final = r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"
_REGION: Final = r"^[A-Z]{2}-[A-Z0-9]{1,3}$"
_LOCATED: Final = ("residence", "present_place")
_CLOCKED: Final = ("dispute", "complaint")
#: Every kind has these.
_COMMON: Final = frozenset(
    {
        "external_id",
        "debtor",
        "accounts",
        "related_person",
        "kind",
        "received_at",
        "ended_at",
        "words",
    }
)


def check_records(
    chunk: Chunk, records_map: RecordsMap, values: Columns, nouns: pl.Series, now: datetime
) -> None:
    rules, type_ = records_map.fields, records_map.file.type
    _check_times(chunk, rules, values, now)
    if type_ in RECORD_KINDS:
        _check_kinds(chunk, rules, values, type_)
    _check_places(chunk, rules, values)
    if type_ == "persons":
        _check_words(chunk, rules, values, nouns)
    if type_ == "stops" and "medium" in values:
        spoken = (values["kind"] == "cease_request") & values["medium"].is_in(_ORAL)
        chunk.refuse(spoken, rules["medium"], RejectCode.CEASE_BY_MOUTH)


def _check_times(
    chunk: Chunk, rules: Mapping[str, CellRule], values: Columns, now: datetime
) -> None:
    for name in ("started_at", "received_at", "ended_at"):
        if name in values:
            chunk.refuse(values[name] > now, rules[name], RejectCode.TIME_IN_FUTURE)
    if "started_at" in values:
        least = years_after(now.date(), -HISTORY_YEARS)
        old = values["started_at"].dt.date() < least
        chunk.refuse(old, rules["started_at"], RejectCode.TOO_LONG_AGO, least=least.isoformat())
    for first, last in (
        ("received_at", "ended_at"),
        ("received_at", "until_at"),
        ("received_at", "due_at"),
        ("from_on", "until_on"),
    ):
        if first in values and last in values:
            early = values[last] < values[first]
            chunk.refuse(early, rules[last], RejectCode.TIMES_OUT_OF_ORDER)


def _check_kinds(chunk: Chunk, rules: Mapping[str, CellRule], values: Columns, type_: str) -> None:
    """What a kind needs is there, and what it has no place for is not."""
    kinds, known = values["kind"], RECORD_KINDS[type_]
    for field in RECORD_FIELDS[type_]:
        name = field.name
        needing = [kind for kind, each in known.items() if name in each.needs]
        empty = _is_empty(chunk, rules.get(name), values.get(name))
        if needing:
            rule = rules.get(name, rules["kind"])
            chunk.refuse(kinds.is_in(needing) & empty, rule, RejectCode.VALUE_NEEDED, kind=kinds)
        if name in values and name not in _COMMON:
            taking = [kind for kind, each in known.items() if name in each.takes]
            # A country that only says how numbers are written belongs to the address.
            unused = ~empty & ~kinds.is_in(taking) & kinds.is_not_null()
            if rules[name].column is not None:
                chunk.refuse(unused, rules[name], RejectCode.VALUE_UNUSED, kind=kinds)


def _is_empty(chunk: Chunk, rule: CellRule | None, value: pl.Series | None) -> pl.Series:
    """Where nothing stands; a text that could not be read is a fault of its own, and something."""
    if rule is None or value is None:
        return pl.repeat(True, chunk.height, dtype=pl.Boolean, eager=True)
    unread = rule.column is not None and rule.codes is None
    return value.is_null() & chunk.cell(rule).is_null() if unread else value.is_null()


def _check_places(chunk: Chunk, rules: Mapping[str, CellRule], values: Columns) -> None:
    if "country" in values:
        unknown = ~values["country"].str.to_uppercase().is_in(list(COUNTRIES))
        chunk.refuse(unknown, rules["country"], RejectCode.UNKNOWN_COUNTRY)
    if "zone" in values:
        unknown = ~values["zone"].is_in(list(available_timezones()))
        chunk.refuse(unknown, rules["zone"], RejectCode.UNKNOWN_ZONE)
    if "region" in values:
        region = values["region"]
        country = values.get("country", pl.repeat(None, chunk.height, dtype=pl.String, eager=True))
        inside = (region.str.slice(0, 2) == country.str.to_uppercase()).fill_null(False)
        wrong = region.is_not_null() & ~(region.str.contains(_REGION) & inside)
        chunk.refuse(wrong, rules["region"], RejectCode.UNKNOWN_REGION)


def _check_words(
    chunk: Chunk, rules: Mapping[str, CellRule], values: Columns, nouns: pl.Series
) -> None:
    """Closed lists that depend on the noun, and what only persons have."""
    for (noun, name), words in CATEGORIES.items():
        if name in values:
            wrong = (nouns == noun) & ~values[name].is_in(words)
            chunk.refuse(wrong, rules[name], RejectCode.UNKNOWN_WORD, choices=", ".join(words))
    if "language" in values:
        wrong = ~values["language"].str.contains(_LANGUAGE)
        chunk.refuse(wrong, rules["language"], RejectCode.UNKNOWN_LANGUAGE)
    _check_located(chunk, rules, values)
    if "ended_at" in values:
        answered = values["answer"].is_not_null() if "answer" in values else False
        clocked = nouns.is_in(_CLOCKED)
        unclear = clocked & (values["ended_at"].is_not_null() & ~answered)
        chunk.refuse(unclear, rules["ended_at"], RejectCode.VALUE_NEEDED, kind="answer")


def _check_located(chunk: Chunk, rules: Mapping[str, CellRule], values: Columns) -> None:
    """A residence or a present place says where."""
    where = [values[name] for name in ("country", "zone", "place") if name in values]
    nowhere = values["kind"].is_in(_LOCATED)
    for each in where:
        nowhere = nowhere & each.is_null()
    chunk.refuse(nowhere, rules["kind"], RejectCode.VALUE_NEEDED, kind=values["kind"])
