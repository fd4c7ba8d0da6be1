"""docs/permissions.md is printed from the table of permissions, which leaves none out."""

from __future__ import annotations

from pathlib import Path

from kept.work.permissions import ALLOWED, Permission
from kept.work.use_cases import permissions_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


def test_the_page_is_that_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == permissions_page()


def test_every_permission_is_somebodys() -> None:
    assert set(ALLOWED) == set(Permission)
    assert all(ALLOWED.values())
