"""`kept law explain` of a rule and `kept law diff` of packs: no database is asked."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

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


def test_a_lawyers_own_file_is_read_and_judged_by(pack: Path, tmp_path: Path) -> None:
    """Two conversations and a third: the shipped pack allows it, the lawyer's does not."""
    listed = run("list", "--pack", str(pack))
    assert listed.exit_code == 0
    assert "CN.GB.voice_daily" in listed.output
    unknown = run("list", "--pack", "XX")
    assert unknown.exit_code != 0
    assert "no shipped pack" in str(unknown.exception) + unknown.output
    vectors = tmp_path / "vectors.json"
    vectors.write_text(json.dumps([_third_call()]), encoding="utf-8")
    assert run("check", str(vectors)).output.endswith("0 passed, 1 failed\n")
    assert run("check", str(vectors), "--pack", str(pack)).output.endswith("1 passed, 0 failed\n")


def _third_call() -> dict[str, Any]:
    call = {"channel": "call", "direction": "outbound", "target": "consumer:P1", "debt": ["D1"]}
    talks = [
        {**call, "at": f"2026-05-12T{hour}:00:00+08:00", "outcome": "conversation"}
        for hour in (10, 12)
    ]
    facts = {
        "timezone": "Asia/Shanghai",
        "actor": {"id": "B1", "type": "financial_institution"},
        "debts": [{"id": "D1", "type": "consumer"}],
        "history": talks,
        "attempt": {**call, "at": "2026-05-12T14:00:00+08:00"},
        "flags": {},
    }
    return {"id": "xx-1", "jurisdiction": "CN", "expect": "deny", "facts": facts, "tags": []}
