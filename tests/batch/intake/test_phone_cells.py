"""Several telephone numbers in one cell where the map names no separator."""

from __future__ import annotations

import json

import pytest

from kept.core.intake import RejectCode, sentence
from tests.batch.intake.samples import faults, prepare, small_map

PHONES = small_map(contacts=[{"kind": "phone", "column": "mobile", "usage": "mobile"}])
ONE, TWO, LINE = "+8613800138000", "+8613900139000", "+861066660001"


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("13800138000/13900139000", [ONE, TWO]),
        ("13800138000;13900139000", [ONE, TWO]),
        ("13800138000、13900139000", [ONE, TWO]),
        ("13800138000,13900139000", [ONE, TWO]),
        ("13800138000，13900139000", [ONE, TWO]),
        ("13800138000； 13900139000", [ONE, TWO]),
        ("13800138000\n13900139000", [ONE, TWO]),
        ("13800138000 13900139000", [ONE, TWO]),
        ("138 0013 8000 / 010-66660001", [ONE, LINE]),
        ("13800138000/13900139000 01066660001", [ONE, TWO, LINE]),
        ("13800138000/13800138000", [ONE]),  # once an owner
        ("13800138000；", [ONE]),
        ("010 66660001", [LINE]),  # one number, as ever
        ("010/66660001", [LINE]),
    ],
)
def test_numbers_between_usual_separators_are_taken(cell: str, numbers: list[str]) -> None:
    prepared = prepare(PHONES, {"mobile": cell})
    assert faults(prepared) == []
    assert prepared.contacts["value"].to_list() == numbers
    assert prepared.contacts["position"].to_list() == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    "cell",
    [
        "13800138000/1390013900",  # the second lacks a digit
        "010-66660001/2",
        "13800138000 或 13900139000",
        "13800138000|13900139000",
        "138 0013 8000 139 0013 9000",  # where one ends is a guess
        "/".join(["13800138000"] * 11),
        "13800138000/" * 40,
        "/",
    ],
)
def test_what_cannot_be_taken_apart_is_refused_whole_and_says_what_to_set(cell: str) -> None:
    prepared = prepare(PHONES, {"mobile": cell})
    assert prepared.contacts.is_empty()
    assert prepared.rows.height == 1
    ((line, field, code, value, detail),) = prepared.errors.select(
        "line_no", "field", "code", "value", "detail"
    ).iter_rows()
    assert (line, field, code, value) == (2, "contacts[1]", "bad_phone", cell)
    told = sentence(RejectCode.BAD_PHONE, json.loads(detail))
    assert told.startswith("This is not a telephone number of CN; it is not taken.")
    assert "separator" in told


def test_ten_numbers_are_taken_and_an_extension_stays_one() -> None:
    ten = [f"138001380{n:02d}" for n in range(10)]
    assert prepare(PHONES, {"mobile": "/".join(ten)}).contacts.height == 10
    extended = prepare(PHONES, {"mobile": "010-66660001;8001"})
    assert faults(extended) == [(2, "contacts[1]", "phone_extension")]


def test_a_separator_of_the_map_is_the_only_one() -> None:
    asked = [{"kind": "phone", "column": "mobile", "separator": "|"}]
    prepared = prepare(
        small_map(contacts=asked),
        {"mobile": "13800138000|13900139000"},
        {"mobile": "13800138000/13900139000"},
    )
    assert prepared.contacts["value"].to_list() == [ONE, TWO]
    assert faults(prepared) == [(3, "contacts[1]", "bad_phone")]


@pytest.mark.parametrize("separator", [{}, {"separator": "/"}])
def test_the_hash_of_a_row_does_not_depend_on_its_neighbours(separator: dict[str, str]) -> None:
    several = small_map(contacts=[{"kind": "phone", "column": "mobile", **separator}])
    alone = prepare(several, {"id": "A1", "mobile": ""}, {"id": "A2", "mobile": "13800138000"})
    beside = prepare(
        several,
        {"id": "A1", "mobile": ""},
        {"id": "A2", "mobile": "13800138000"},
        {"id": "A3", "mobile": "13800138000/13900139000"},
    )
    assert beside.rows["row_hash"].to_list()[:2] == alone.rows["row_hash"].to_list()
