"""`kept law`: check test vectors, list the rules; `law_words.py` explains and compares.

`check` keeps the contract of the vectors' schema: a line for each vector that does not come out,
`N passed, M failed` last, and 0, 1 or 2 as exit status.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import click

from kept.cli.law_words import diff, explain, pack_called
from kept.cli.shell import Refused
from kept.core.calendar import OffsetTable, instant_of
from kept.core.law.rules import LawPack, Rule
from kept.core.law.vectors import check_vector
from kept.packs.law_packs import LawFileError, load_law_packs
from kept.store.calendars import business_calendar
from kept.store.zones import offset_table

__all__ = ["law"]

# Records are kept for years, and a verdict looks four hundred days ahead.
_YEARS_BEFORE, _YEARS_AFTER = 10, 2


@click.group()
def law() -> None:
    """The rules of law: list, explain and compare them, check vectors against them."""


law.add_command(explain)
law.add_command(diff)


@law.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--jurisdiction", "chosen", multiple=True, help="Only these; may be repeated.")
@click.option("--pack", "own", multiple=True, help="A pack's file to judge by; may be repeated.")
def check(file: Path, chosen: tuple[str, ...], own: tuple[str, ...]) -> None:
    """Judge every vector of FILE and tell which do not come out."""
    vectors = [each for each in _vectors(file) if not chosen or each.get("jurisdiction") in chosen]
    packs = {pack.name: pack for pack in (*_packs(), *map(pack_called, own))}
    zones, holidays = _zones(vectors), _federal_holidays(vectors)
    found = [check_vector(each, packs, zones, holidays) for each in vectors]
    failures = [each for each in found if each is not None]
    for failure in failures:
        click.echo(str(failure))
    click.echo(f"{len(found) - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


@law.command("list")
@click.option(
    "--pack", "chosen", multiple=True, help="Only these, by name or file; may be repeated."
)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Only rules in force then.")
def list_rules(chosen: tuple[str, ...], day: datetime | None) -> None:
    """The rules of every pack with effect, citation and status."""
    for pack in map(pack_called, chosen) if chosen else _packs():
        click.echo(f"{pack.name}  {pack.title_en} / {pack.title_zh}  ({pack.version})")
        for rule in pack.rules:
            if day is None or _in_force(rule, day.date()):
                click.echo(f"  {_line(rule)}")


def _line(rule: Rule) -> str:
    effects = "/".join(dict.fromkeys(str(part.effect) for part in rule.parts))
    waits = f", {rule.status}: awaits counsel" if rule.awaits_counsel else f", {rule.status}"
    return f"{rule.id}  {effects}  {rule.name_en} / {rule.name_zh}  [{rule.citation}{waits}]"


def _in_force(rule: Rule, day: date) -> bool:
    return (rule.valid_from or date.min) <= day <= (rule.valid_to or date.max)


def _packs() -> tuple[LawPack, ...]:
    try:
        return load_law_packs()
    except LawFileError as error:
        raise Refused(str(error)) from error


def _vectors(file: Path) -> list[Mapping[str, Any]]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {error}") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise Refused(f"{file} is not JSON: {error}") from error
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        raise Refused(f"{file} is not a list of vectors; each is an object with facts and expect")
    return data


def _zones(vectors: Iterable[Mapping[str, Any]]) -> Any:
    """Offset tables over the years that the attempts need."""
    years = _years(vectors)
    first = instant_of(datetime(years[0] - _YEARS_BEFORE, 1, 1, tzinfo=UTC))
    last = instant_of(datetime(years[-1] + _YEARS_AFTER + 1, 1, 1, tzinfo=UTC))

    @lru_cache
    def zone(name: str) -> OffsetTable:
        return offset_table(name, first, last)

    return zone


def _federal_holidays(vectors: Iterable[Mapping[str, Any]]) -> Mapping[str, frozenset[date]]:
    years = _years(vectors)
    return {"US": business_calendar("US", years[0] - 1, years[-1] + 1).holidays}


def _years(vectors: Iterable[Mapping[str, Any]]) -> Sequence[int]:
    """The years of the attempts; this file's own reading errors are told by the vector later."""
    found = {2026}
    for vector in vectors:
        attempt = (vector.get("facts") or {}).get("attempt") or {}
        text = str(attempt.get("queued_for") or attempt.get("at") or "")[:4]
        if text.isdigit() and 1980 <= int(text) <= 2100:
            found.add(int(text))
    return sorted(found)
