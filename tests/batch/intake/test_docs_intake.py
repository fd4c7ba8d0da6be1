"""docs/intake.md names every code and every key, and its example is a map that says everything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kept.batch.intake.loading import load_texts, read_map
from kept.batch.intake.workbooks import CELLS_MAX, COLUMNS_MAX
from kept.core.intake import MAP_KEYS, FileCode, RejectCode
from kept.core.intake.profiles import PROFILE_FIELDS, BreachCode

PAGE = (Path(__file__).parents[3] / "docs" / "intake.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
EXAMPLE = next(block for block in BLOCKS if "balances:" in block)


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("Why a row is refused", RejectCode),
        ("Why a file is refused", FileCode),
        ("When a person is asked", BreachCode),
    ],
)
def test_every_code_has_its_row_and_no_other_has(title: str, codes: Any) -> None:
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `([a-z_0-9]+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(code.value for code in codes)


def test_every_field_of_a_profile_is_named() -> None:
    for name in PROFILE_FIELDS:
        assert f"`{name}`" in PAGE


def test_the_example_is_a_map() -> None:
    found = read_map(EXAMPLE)
    assert len(found.contacts) == 5
    assert found.bands.null_per_mille == {"contacts.phone": 50, "debtor.identity": 100}


def keys_of(value: Any, path: str = "") -> set[tuple[str, str]]:
    """Every key of the example with the part of the map it stands in."""
    found: set[tuple[str, str]] = set()
    if isinstance(value, dict):
        for key, child in value.items():
            found |= {(path, key)} | keys_of(child, key)
    elif isinstance(value, list):
        for child in value:
            found |= keys_of(child, path)
    return found


def test_the_example_says_everything_that_a_map_can_say() -> None:
    used = keys_of(load_texts(EXAMPLE))
    records = {key for part, key in used if part in ("header", "trailer")}
    values = {key for _, key in used}
    for part, keys in MAP_KEYS.items():
        if part == "record":
            missing = set(keys) - records
        elif part == "value":
            missing = set(keys) - values
        else:
            missing = {
                key for key in keys if (part, key) not in used and f"# {key}:" not in EXAMPLE
            }
        missing -= {"default"} if part == "holds" else set()
        assert missing == set(), part


def test_the_values_table_names_every_key_of_a_value() -> None:
    section = PAGE.split("### A value\n")[1].split("\n### ")[0]
    listed = re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(MAP_KEYS["value"])


def test_limits_are_those_of_the_code() -> None:
    assert (COLUMNS_MAX, CELLS_MAX) == (2_000, 10_000_000)
    assert "2,000 columns" in PAGE
    assert "ten million cells" in PAGE
