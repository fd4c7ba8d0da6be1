"""The closed lists of records are those of the tables; sample maps and the page keep to them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import kept
from kept.batch.intake.loading import read_any_map
from kept.cli.intake import FILE_TYPES as COMMAND_TYPES
from kept.core.histories import Span, complete_from
from kept.core.intake.day_windows import parse_windows
from kept.core.intake.record_fields import (
    CATEGORIES,
    FILE_TYPES,
    RECORD_FIELDS,
    RECORD_KINDS,
    SECTIONS,
)
from kept.store.models import (
    Circumstance,
    Complaint,
    Consent,
    Dispute,
    Hardship,
    Representation,
    Stop,
    Vulnerability,
)

MAPS = Path(kept.__file__).parent / "packs" / "maps"
PAGE = (Path(__file__).parents[3] / "docs" / "intake-history.md").read_text(encoding="utf-8")


def test_kinds_are_those_of_the_tables() -> None:
    persons = RECORD_KINDS["persons"]
    by_noun: dict[str, list[str]] = {}
    for name, kind in persons.items():
        by_noun.setdefault(kind.noun, []).append(name)
    assert sorted(RECORD_KINDS["stops"]) == sorted(Stop.Kind.values)
    assert sorted(RECORD_KINDS["consents"]) == sorted(Consent.Kind.values)
    assert sorted(by_noun.pop("circumstance")) == sorted(Circumstance.Kind.values)
    assert sorted(by_noun.pop("representation")) == sorted(Representation.Kind.values)
    assert sorted(by_noun) == ["complaint", "dispute", "hardship", "language", "vulnerability"]


@pytest.mark.parametrize(
    ("noun", "name", "words"),
    [
        ("hardship", "category", Hardship.Kind.values),
        ("vulnerability", "category", Vulnerability.Kind.values),
        ("dispute", "category", Dispute.Category.values),
        ("complaint", "category", Complaint.Category.values),
        ("dispute", "answer", Dispute.Answer.values),
        ("complaint", "answer", Complaint.Answer.values),
    ],
)
def test_categories_are_those_of_the_tables(noun: str, name: str, words: list[str]) -> None:
    assert CATEGORIES[noun, name] == tuple(words)


def test_a_kind_takes_only_fields_of_its_file() -> None:
    for type_, kinds in RECORD_KINDS.items():
        known = {each.name for each in RECORD_FIELDS[type_]}
        for kind in kinds.values():
            assert {*kind.takes, *kind.needs} <= known


@pytest.mark.parametrize("type_", list(SECTIONS))
def test_each_type_has_a_map_to_begin_with(type_: str) -> None:
    found = read_any_map((MAPS / f"{type_}.yaml").read_text(encoding="utf-8"))
    assert found.file.type == type_


def test_the_page_names_every_field_and_kind() -> None:
    for type_, fields in RECORD_FIELDS.items():
        names = {each.name for each in fields} | set(RECORD_KINDS.get(type_, ()))
        assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []


def test_the_command_knows_every_type() -> None:
    assert COMMAND_TYPES == FILE_TYPES


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("Mon-Fri 09:00-17:00; Sat 10:00-12:00", ((31, 540, 1020), (32, 600, 720))),
        ("daily 9:00-24:00", ((127, 540, 1440),)),
        ("Sat-Mon 08:00-09:00", ((97, 480, 540),)),
        ("22:00-06:00", None),
        ("09:60-10:00", None),
        ("someday 09:00-10:00", None),
        ("", None),
    ],
)
def test_windows_are_read_as_people_write_them(
    text: str, windows: tuple[tuple[int, int, int], ...] | None
) -> None:
    assert parse_windows(text) == windows


@pytest.mark.parametrize(
    ("spans", "known"),
    [
        ([], 20),
        ([(10, 19)], 10),
        ([(10, 25)], 10),
        ([(10, 18)], 20),
        ([(15, 19), (5, 14)], 5),
        ([(5, 14), (15, 19)], 5),
        ([(15, 19), (5, 13)], 15),
    ],
)
def test_spans_join_on_without_a_gap(spans: list[tuple[int, int]], known: int) -> None:
    given = [Span(date(2026, 1, a), date(2026, 1, b), is_whole=True) for a, b in spans]
    assert complete_from(date(2026, 1, 20), given) == date(2026, 1, known)
    broken = [Span(each.first, each.last, is_whole=False) for each in given]
    assert complete_from(date(2026, 1, 20), broken) == date(2026, 1, 20)
