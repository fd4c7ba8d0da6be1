"""Codes and sentences of refusals, and cells made harmless on their way out."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kept.core.intake import (
    FILE_SENTENCES,
    ROW_SENTENCES,
    WARNINGS,
    FileCode,
    RejectCode,
    escape_cell,
    restore_cell,
    sentence,
)


def test_every_code_has_a_sentence() -> None:
    assert set(ROW_SENTENCES) == set(RejectCode)
    assert set(FILE_SENTENCES) == set(FileCode)
    assert set(RejectCode) > WARNINGS


@pytest.mark.parametrize("text", [*ROW_SENTENCES.values(), *FILE_SENTENCES.values()])
def test_sentences_are_sentences(text: str) -> None:
    assert text[0].isupper() or text.startswith("{")
    assert text.endswith((".", "):", ")")) or text.endswith(".")
    places = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    assert all(re.fullmatch("[a-z]+", place) for place in places)


def test_a_sentence_is_filled_and_never_fails() -> None:
    detail = {"found": 7, "expected": 9}
    assert sentence(RejectCode.CUT_LINE, detail).startswith("The line has 7 cells, the header 9")
    assert "The line has ? cells" in sentence(RejectCode.CUT_LINE, {})
    assert sentence(FileCode.EMPTY_FILE, {}) == "The file is empty."
    # A value from a file is never read as a place.
    assert sentence(FileCode.DUPLICATE_COLUMN, {"column": "{reason}"}).startswith("Column {reason}")


@pytest.mark.parametrize(
    "text",
    ["=cmd|' /C calc'!A0", "+86 138", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''+1"],
)
def test_cells_that_a_spreadsheet_would_run_are_escaped(text: str) -> None:
    assert escape_cell(text) == "'" + text
    assert restore_cell(escape_cell(text)) == text


@pytest.mark.parametrize("text", ["", "abc", "12", "'", "'abc", "O'Neil", "a=b", " =1"])
def test_harmless_cells_stay_as_they_are(text: str) -> None:
    assert escape_cell(text) == text
    assert restore_cell(text) == text


@settings(deadline=None)
@given(st.text())
@example("'=")
def test_an_escaped_cell_comes_back_and_is_never_a_formula(text: str) -> None:
    escaped = escape_cell(text)
    assert restore_cell(escaped) == text or not escaped.startswith("'")
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r"))
