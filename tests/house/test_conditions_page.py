"""What docs/conditions.md shows compiles, and what it says is refused is refused so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kept.core.conditions import ConditionError, ConditionErrorCode, compile_condition

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "conditions.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"(?m)^```\n(.+)\n```$", PAGE)
ROWS = re.findall(r"(?m)^\| `(\w+)` \| (?:`(.+?)`)? ?\| .+ \|$", PAGE)


@pytest.mark.parametrize("text", SHOWN)
def test_a_shown_condition_compiles(text: str) -> None:
    assert compile_condition(text).facts


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, text in ROWS if text])
def test_a_shown_mistake_is_refused_with_its_code(code: str, text: str) -> None:
    with pytest.raises(ConditionError) as refused:
        compile_condition(text)
    assert refused.value.code == code


def test_every_code_is_on_the_page() -> None:
    assert [code for code, _ in ROWS] == [code.value for code in ConditionErrorCode]
    assert len(SHOWN) == 3
