"""Logs hold what happened and nobody's name: what is not surely harmless is left out."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.running.logs import FIELDS, LEFT_OUT, REQUEST_ID, JsonLines

NAME, NUMBER = "张三丰", "13800138000"


def line(
    message: str, *args: Any, name: str = "kept.batch", error: bool = False, **extra: Any
) -> dict[str, Any]:
    record = logging.LogRecord(
        name, logging.INFO, "x.py", 1, message, args or None, sys.exc_info() if error else None
    )
    record.__dict__.update(extra)
    found: dict[str, Any] = json.loads(JsonLines().format(record))
    return found


def test_a_line_says_when_where_and_what() -> None:
    found = line("stage done", run_id=7, stage="applied", duration_ms=12.5)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "info",
        "logger": "kept.batch",
        "message": "stage done",
        "run_id": 7,
        "stage": "applied",
        "duration_ms": 12.5,
    }


def test_numbers_of_a_message_are_filled_in_and_texts_left_out() -> None:
    assert line("%s rows of %s", 25, NAME)["message"] == f"25 rows of {LEFT_OUT}"
    assert line("to %s", NUMBER)["message"] == f"to {LEFT_OUT}"
    assert line("to %s", int(NUMBER))["message"] == f"to {LEFT_OUT}"
    assert line("state %(state)s", {"state": "done"})["message"] == "state done"


def test_a_field_that_is_not_listed_or_not_plain_is_left_out() -> None:
    found = line("x", phone="1", stage=NAME, kind="13800138000", route="case")
    assert "phone" not in found
    assert (found["stage"], found["kind"], found["route"]) == (LEFT_OUT, LEFT_OUT, "case")


def test_an_exception_gives_its_class_and_places_never_its_message() -> None:
    try:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise ValueError(f"no {NUMBER}") from error
    except ValueError:
        found = line("failed", error=True)
    assert found["error"] == ["builtins.ValueError", "builtins.KeyError"]
    assert "test_an_exception_gives" in found["where"][0]
    assert NAME not in json.dumps(found, ensure_ascii=False)
    assert NUMBER not in json.dumps(found)


def test_a_finished_text_of_another_library_loses_what_it_quotes() -> None:
    said = line(f"Key (name)=({NAME}) of '{NAME}' {NUMBER} exists", name="somebody")["message"]
    assert NAME not in said
    assert NUMBER not in said
    assert said.startswith("Key ")


def test_a_template_that_does_not_fit_its_arguments_stands_as_it_is() -> None:
    assert line("%d rows", NAME)["message"] == "%d rows"


def test_the_request_is_named() -> None:
    mark = REQUEST_ID.set("abcdefgh")
    try:
        assert line("x")["request_id"] == "abcdefgh"
    finally:
        REQUEST_ID.reset(mark)
    assert "request_id" not in line("x")


@given(
    text=st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2),
    field=st.sampled_from(sorted(FIELDS)),
)
def test_no_foreign_letters_come_through_any_way(text: str, field: str) -> None:
    shown = json.dumps(
        [
            line("%s", text),
            line(text, name="somebody"),
            line("x", **{field: text}),
            line("%(a)s", {"a": text}),
        ],
        ensure_ascii=False,
    )
    assert text not in shown


@pytest.mark.parametrize("argument", [[NAME], {NAME}, ValueError(NAME), NAME.encode()])
def test_things_that_print_themselves_are_left_out(argument: object) -> None:
    assert line("%s of %s", argument, 1)["message"] == f"{LEFT_OUT} of 1"
