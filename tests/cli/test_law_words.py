"""`kept law explain` of a rule and `kept law diff` of packs: no database is asked."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kept.cli.law import law


def run(*arguments: str) -> Result:
    return CliRunner().invoke(law, list(arguments))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    text = files("kept.packs").joinpath("law/cn.yaml").read_text(encoding="utf-8")
    path = tmp_path / "cn.yaml"
    path.write_text(text.replace("    most: 3\n", "    most: 2\n"), encoding="utf-8")
    return path


def test_a_rule_is_explained_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT_LANGUAGE", "en")
    told = run("explain", "CN.GB.voice_daily")
    assert told.exit_code == 0
    assert "Three conversations a day" in told.output
    assert "[reported, standard, should]" in told.output
    assert "at most 3 conversations that the collector began a day" in told.output
    monkeypatch.setenv("KEPT_LANGUAGE", "zh-hans")
    assert "每日主动有效通话不超过三次" in run("explain", "CN.GB.voice_daily").output


def test_a_diff_names_what_a_rule_said_and_says(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPT_LANGUAGE", "en")
    lines = run("diff", "CN", str(pack)).output.splitlines()
    assert lines[1] == "~ CN.GB.voice_daily"
    assert lines[2].strip().startswith("- What: at most 3 ")
    assert lines[3].strip().startswith("+ What: at most 2 ")
    assert len(lines) == 4


def test_what_cannot_be_compared_or_explained_is_told(tmp_path: Path) -> None:
    assert run("explain", "XX.none").exit_code == 2
    assert run("diff", "CN", "AU").exit_code == 2
    assert run("diff", "CN", str(tmp_path / "none.yaml")).exit_code == 2
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("pack: CN\n", encoding="utf-8")
    assert run("diff", "CN", str(wrong)).exit_code == 2
