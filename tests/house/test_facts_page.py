"""docs/facts.md is printed from the catalogue and never edited."""

from __future__ import annotations

from pathlib import Path

from kept.core.fact_pages import facts_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "facts.md"
COMMAND = (
    "python -c 'from kept.core.fact_pages import facts_page as page; print(page(), end=str())'"
    " > docs/facts.md"
)


def test_the_page_is_that_of_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == facts_page(), f"stale page; run: {COMMAND}"
