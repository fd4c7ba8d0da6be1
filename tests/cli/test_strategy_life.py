"""A version's life by commands, each in the name of a person."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from kept.core.actors import Role
from kept.store.models import StrategyVersion
from tests import factories, forking

pytestmark = pytest.mark.django_db(transaction=True)
SHIPPED = files("kept.packs").joinpath("strategies/default.yaml").read_text(encoding="utf-8")


def test_from_a_file_to_a_version_in_force(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    def kept(*words: str) -> subprocess.CompletedProcess[str]:
        return forking.run(["-m", "kept.cli", "strategy", *words], child_environment)

    for name, role in (("li", Role.MANAGER), ("wang", Role.COMPLIANCE_OFFICER)):
        factories.make_user(name, roles={role: None})
    factories.make_creditor(code="OWN")
    file = tmp_path / "mine.yaml"
    file.write_text(SHIPPED.replace("dpd > 90", "ddp > 90"), encoding="utf-8")
    begun = kept("draft", str(file), "--as", "li")
    assert (begun.returncode, begun.stdout) == (0, "default:2 is begun.\n")
    assert "default:2, line " in begun.stderr
    refused = kept("submit", "default:2", "--as", "li")
    assert refused.returncode == 2
    assert "treatment 'legal_review'" in refused.stderr

    file.write_text(SHIPPED, encoding="utf-8")
    kept("draft", str(file), "--as", "li")
    assert kept("submit", "default:3", "--as", "li").stdout == "default:3 is submitted.\n"
    assert "somebody else approves it" in kept("approve", "default:3", "--as", "li").stderr
    assert kept("approve", "default:3", "--as", "wang").stdout == "default:3 is approved.\n"
    today = datetime.now(UTC).date()
    forced = kept("force", "default:3", "--as", "li", "--note", "agreed")
    assert forced.stdout.startswith("default:3 is in force from ")
    assert kept("assign", "OWN", "default", "--as", "li").stdout == (
        "The book of OWN is worked by default.\n"
    )
    assert kept("retire", "default:2", "--as", "li").stdout == "default:2 is retired.\n"
    listed = kept("list").stdout.splitlines()
    own = [line for line in listed if line.startswith("default:")]
    assert [line.split("  ")[:2] for line in own] == [
        ["default:3", "in force"],
        ["default:2", "retired"],
        ["default:1", "replaced by the house's own"],
    ]
    assert listed[-1] == "OWN → default"
    assert kept("diff", "default:1", "default:3").stdout == "default:1 → default:3: 0\n"
    assert "Nobody signs in as nobody" in kept("approve", "default:3", "--as", "nobody").stderr
    assert "There is no version none:1" in kept("approve", "none:1", "--as", "li").stderr
    row = StrategyVersion.objects.get(version=3)
    assert row.valid_from is not None
    assert abs((row.valid_from - today).days) <= 1
