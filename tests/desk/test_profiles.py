"""The profile of a file as it is drawn, and the sentences of what it breaks."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from kept.core.intake.profiles import Breach, BreachCode
from kept.desk.profiles import breach_sentence, view_of
from tests.desk.conftest import PROFILE

DETAILS = {
    BreachCode.ROWS_CHANGED: {"found": 12_000, "usual": 10},
    BreachCode.BALANCE_CHANGED: {"found": 123_456, "usual": 9, "currency": "CNY"},
    BreachCode.MEDIAN_CHANGED: {"found": 123_456, "usual": 9, "currency": "JPY"},
    BreachCode.MANY_REJECTED: {"found": 30, "most": 10},
    BreachCode.OPENED_EARLY: {"found": "1899-01-01", "least": "1990-01-01"},
    BreachCode.MANY_NULLS: {"found": 400, "most": 100, "field": "contacts.email"},
}


def test_a_profile_is_drawn() -> None:
    with translation.override("en"):
        drawn = view_of(PROFILE)
    assert drawn is not None
    (box,) = drawn.boxes
    # The scale runs from -50 to 400: 450 wide.
    assert (box.start, box.box_start, box.box_width) == ("0.0", "13.3", "42.2")
    assert (box.median, box.end) == ("33.3", "100.0")
    assert [(bar.label, bar.value) for bar in drawn.nulls] == [("e-mail", 4)]
    assert drawn.dates == (("due date", date(2026, 1, 5), date(2026, 11, 20)),)
    assert [(name, [bar.label for bar in counted]) for name, counted in drawn.counts] == [
        ("hold", []),
        ("product", ["CARD"]),
        ("state", ["active"]),
    ]
    assert drawn.breaches == (
        "Balances sum to 10.00 CNY; in the files before to 90.00.",
        "400 per mille of the rows have no e-mail; at most 100 are usual.",
    )


def test_a_file_that_was_not_read_has_no_profile() -> None:
    assert view_of({}) is None
    assert view_of({"accepted": {"by": "x"}}) is None


@pytest.mark.parametrize("code", BreachCode)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_band_has_its_sentence(code: BreachCode, language: str) -> None:
    with translation.override(language):
        said = breach_sentence(Breach(code, DETAILS[code]))
    assert "{" not in said
    if code is BreachCode.BALANCE_CHANGED:
        assert "1,234.56 CNY" in said
    if code is BreachCode.MEDIAN_CHANGED:
        assert "123,456 JPY" in said
