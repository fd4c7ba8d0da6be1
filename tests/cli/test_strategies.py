"""`kept strategy` as typed: check a file, show in words, compare two versions."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

SHIPPED = files("kept.packs").joinpath("strategies/default.yaml").read_text(encoding="utf-8")


def kept(*words: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kept.cli", "strategy", *words],
        env={**os.environ, "KEPT_LANGUAGE": language},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    text = SHIPPED.replace("version: 1", "version: 2").replace("1 <= dpd <= 5", "1 <= dpd <= 4")
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_checked_and_compared_in_both_languages(changed: Path) -> None:
    found = kept("check", str(changed))
    told = "default:2 is in order: 6 treatments, 0 arms, 0 segments.\n"
    assert (found.returncode, found.stdout) == (0, told)
    assert kept("diff", "default:1", str(changed)).stdout.splitlines() == [
        "default:1 → default:2: 1",
        "",
        "~ treatment call",
        "  - for whom: Days past due is between 1 and 5; a promise is open: no.",
        "  + for whom: Days past due is between 1 and 4; a promise is open: no.",
    ]
    chinese = kept("diff", "default:1", str(changed), language="zh-hans").stdout
    assert "  + 适用对象: 逾期天数介于 1 至 4 之间；有承诺期内的还款承诺：否。" in chinese


def line_with(part: str, text: str) -> int:
    return next(n for n, each in enumerate(text.splitlines(), 1) if part in each)


def test_what_is_wrong_is_told_with_line_and_treatment(changed: Path) -> None:
    text = changed.read_text(encoding="utf-8").replace("1 <= dpd <= 4", "9 <= dpd <= 4")
    changed.write_text(text.replace("skill: letter", "skil: letter"), encoding="utf-8")
    found = kept("check", str(changed))
    assert found.returncode == 2
    line = line_with("9 <= dpd", text)
    assert (
        f"mine.yaml, line {line}, treatment 'call': treatments[2].when: can never" in found.stderr
    )
    assert (
        "treatment 'letter': treatments[4].skil: no such key; did you mean skill?" in found.stderr
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "nothing"), "nothing is no file and no strategy; there are consumer_cn:1, "),
        (("check", "nothing"), "nothing cannot be read: there is no such file."),
        (("check", "."), ". cannot be read: it is a folder."),
    ],
)
def test_what_is_not_there_is_said(words: tuple[str, ...], told: str) -> None:
    found = kept(*words)
    assert found.returncode == 2
    assert told in found.stderr


def test_what_is_wrong_is_told_in_chinese_too(changed: Path) -> None:
    text = changed.read_text(encoding="utf-8").replace("1 <= dpd <= 4", "dpdd > 4")
    text = text.replace("0.05 CNY", "0.055 CNY").replace("channel: letter", "channel: leter")
    changed.write_text(text.replace("    skill: visit\n", ""), encoding="utf-8")
    found = kept("check", str(changed), language="zh-hans")
    assert found.returncode == 2
    for told in (
        f"第 {line_with('dpdd', text)} 行，催收动作 'call': treatments[2].when: 第 1 行第 1 列："
        "没有事实 'dpdd'；",
        "treatments[1].unit_cost: '0.055'：CNY 有 2 位小数，不是 3 位；请写成 0.50 CNY",
        "treatments[4].channel: 'leter' 不是渠道；是否指 letter？",
        "treatments[5].skill: 缺少此项，请补上",
    ):
        assert told in found.stderr


def test_a_text_that_is_not_there_or_lacks_a_language_is_refused(changed: Path) -> None:
    text = changed.read_text(encoding="utf-8").replace("2000-01-01", "2027-01-01")
    changed.write_text(text.replace("    skill: visit\n", "    skill: visit\n    text: vist\n"))
    found = kept("check", str(changed))
    assert found.returncode == 2
    told = "treatment 'visit': treatments[5].text: 'vist' is no script or template; did you mean"
    assert told in found.stderr
    changed.write_text(text.replace("    skill: visit\n", "    skill: visit\n    text: visit\n"))
    assert kept("check", str(changed), "--language", "zh-hans").returncode == 0
    found = kept("check", str(changed), "--language", "fr", language="zh-hans")
    assert found.returncode == 2
    assert "'visit' 没有 fr 文本，而账册中有该语言的债务人" in found.stderr


def test_a_file_in_another_encoding_is_told_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes("name: {zh: 策略}".encode("gbk"))
    found = kept("check", str(file))
    assert found.returncode == 2
    assert found.stderr.endswith("cannot be read: it is not in UTF-8; save it as UTF-8.\n")
