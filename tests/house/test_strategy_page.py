"""The strategy that docs/strategy.md shows is one that is read, and draws what the page says."""

from __future__ import annotations

import re
from pathlib import Path

from kept.packs.strategies import parse_strategy

PAGE = Path(__file__).resolve().parents[2] / "docs" / "strategy.md"


def test_the_example_is_in_order() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    found = parse_strategy(example[1], "strategy.md")
    assert found.label == "consumer:2"
    assert [each.share for each in found.arms] == [9_000, 500, 500]
    assert found.treatments[0].arms == ("usual",)
    assert found.treatments[0].escalate_in_days == 2
