"""Texts by commands: out into a file, back as drafts, to one that holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kept.core.actors import Role
from kept.store.models import TextVersion
from tests import factories, forking

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_a_file_to_a_text_that_holds(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    def kept(*words: str) -> subprocess.CompletedProcess[str]:
        return forking.run(["-m", "kept.cli", "text", *words], child_environment)

    for name, role in (("li", Role.MANAGER), ("wang", Role.COMPLIANCE_OFFICER)):
        factories.make_user(name, roles={role: None})
    file = tmp_path / "texts.yaml"
    assert kept("export", str(file), "--code", "early_call").stdout == f"{file} is written.\n"
    content = file.read_text(encoding="utf-8")
    assert content.startswith("- code: early_call\n")
    assert "says nothing that does not hold" in kept("add", str(file), "--as", "li").stdout
    wrong = content.replace("Good day", "Pay, or we will tell your boss. Good day")
    file.write_text(wrong, encoding="utf-8")
    checked = kept("check", str(file))
    assert checked.returncode == 1
    assert "early_call:en 1:1 " in checked.stdout
    assert kept("add", str(file), "--as", "li").stdout == "early_call:en:2 is begun.\n"
    refused = kept("submit", "early_call:en:2", "--as", "li")
    assert refused.returncode == 2
    assert "must not be said" in refused.stderr
    file.write_text(content.replace("Good day", "Hello"), encoding="utf-8")
    kept("add", str(file), "--as", "li")
    assert kept("check", "early_call:en:3").stdout == "early_call:en:3 Nothing is wrong.\n"
    changes = kept("show", "early_call:en:3", "--against", "early_call:en:1").stdout
    assert changes.startswith("[-Good day-]{+Hello+}, am I")
    example = kept("show", "early_call:en:3", "--example").stdout
    assert example.startswith("Hello, am I speaking with Alex Example?")
    assert kept("submit", "early_call:en:3", "--as", "li").returncode == 0
    assert "somebody else approves it" in kept("approve", "early_call:en:3", "--as", "li").stderr
    assert kept("approve", "early_call:en:3", "--as", "wang").returncode == 0
    forced = kept("force", "early_call:en:3", "--as", "wang")
    assert forced.stdout.startswith("early_call:en:3 is in force from ")
    assert kept("retire", "early_call:en:2", "--as", "wang").returncode == 0
    listed = [
        line.split("  ")[:2] for line in kept("list", "--code", "early_call").stdout.splitlines()
    ]
    assert listed == [
        ["early_call:en:3", "in force"],
        ["early_call:en:2", "retired"],
        ["early_call:en:1", "replaced by the house's own"],
        ["early_call:zh:1", "in force"],
    ]
    assert "There is no text none:en:1" in kept("show", "none:en:1").stderr
    assert TextVersion.objects.get(version=3).state == "in_force"
