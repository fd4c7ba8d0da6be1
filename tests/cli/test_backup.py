"""`kept backup` and `kept restore` as an operator gives them, on an installation of its own.

The suite's database has no extension that only a superuser may add, and its folder is open to the
account that runs it; a real one differs in both.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import guarded, make_home


def kept(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kept.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def environment(home: Path, tmp_path: Path) -> dict[str, str]:
    given = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KEPT_") and name != "DATABASE_URL"
    }
    backups = str(tmp_path / "backups")
    return {**given, "KEPT_HOME": str(home), "KEPT_LANGUAGE": "en", "KEPT_BACKUP_DIR": backups}


@pytest.fixture
def closed_home() -> Iterator[Path]:
    """Below a folder that only its owner enters: root's database then lies elsewhere."""
    folder = make_home()
    folder.chmod(0o700)
    with guarded(folder):
        yield folder / "var"


def test_a_fresh_installation_is_backed_up_and_brought_back_elsewhere(
    environment: dict[str, str], closed_home: Path, tmp_path: Path
) -> None:
    paper = tmp_path / "paper"
    for arguments in (["migrate"], ["key", "export", "--to", str(paper)]):
        done = kept(environment, *arguments)
        assert done.returncode == 0, done.stderr
    made = kept(environment, "backup")
    assert (made.returncode, "restored on trial" in made.stdout) == (0, True), made.stderr
    elsewhere = environment | {"KEPT_HOME": str(closed_home)}
    assert kept(elsewhere, "key", "import", str(paper)).returncode == 0
    back = kept(elsewhere, "restore", environment["KEPT_BACKUP_DIR"])
    assert (back.returncode, "All invariants hold" in back.stdout) == (0, True), back.stderr
