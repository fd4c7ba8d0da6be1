"""`kept intake` as a person gives it: real processes on the test's own database."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest

from kept.store.models import Account, IntakeFile
from tests import forking
from tests.batch.intake.deliveries import MAP, csv_of, make_bank, row, rows, take

BANDS = MAP + "profile: {rows_change_per_mille: 100}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    (tmp_path / "bands.yaml").write_text(BANDS, encoding="utf-8")
    return tmp_path


def kept(
    environment: dict[str, str], folder: Path, *arguments: str, language: str = "en"
) -> subprocess.CompletedProcess[str]:
    return forking.run(
        ["-m", "kept.cli", "intake", *arguments],
        {**environment, "LANG": "C", "KEPT_LANGUAGE": language},
        folder,
    )


def deliver(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return name


def test_take_try_and_answer(child_environment: dict[str, str], folder: Path) -> None:
    make_bank()
    content = csv_of([*rows(9), row(10, principal="NaN")])
    file = deliver(folder, "accounts.csv", content)
    asked = [file, "--creditor", "BANK", "--map", "map.yaml", "--as-of", "2026-11-21"]
    tried = kept(child_environment, folder, *asked, "--dry-run")
    assert tried.returncode == 0, tried.stderr
    assert "tried only, nothing was applied" in tried.stdout
    assert not Account.objects.exists()
    written = ["--reject-file", "rejects.csv", "--acknowledgement-file", "answer.json"]
    taken = kept(child_environment, folder, *asked, "--file-id", "F1", *written)
    assert taken.returncode == 0, taken.stderr
    assert "File F1 of BANK" in taken.stdout
    lines = [line.split() for line in taken.stdout.splitlines()]
    assert ["rows", "10", "9", "1", "0"] in lines
    assert Account.objects.count() == 9
    answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    assert answer["rows"] == {"received": 10, "accepted": 9, "rejected": 1, "unchanged": 0}
    with (folder / "rejects.csv").open(encoding="utf-8") as rejects:
        assert [line["code"] for line in csv.DictReader(rejects)] == ["amount_not_finite"]


def test_refusals_are_one_sentence_and_quarantine_is_told(
    child_environment: dict[str, str], folder: Path
) -> None:
    make_bank()
    file = deliver(folder, "accounts.csv", csv_of(rows(3)))
    asked = [file, "--creditor", "BANK", "--map", "map.yaml", "--as-of", "2026-11-21"]
    wrong = kept(child_environment, folder, *asked, "--total", "CNY=1.00", "--file-id", "F1")
    assert wrong.returncode == 1
    assert "in quarantine, nothing was applied" in wrong.stdout
    assert "not those of the file" in wrong.stdout
    other = deliver(folder, "other.csv", csv_of(rows(4)))
    again = kept(child_environment, folder, other, *asked[1:], "--file-id", "F1")
    assert again.returncode == 2
    assert again.stderr.startswith("kept: File F1 was received before with other bytes")
    nobody = kept(child_environment, folder, file, "--creditor", "NONE", "--map", "map.yaml")
    assert nobody.returncode == 2
    assert nobody.stderr.count("\n") == 1
    amount = kept(child_environment, folder, *asked, "--total", "CNY=1.005")
    assert amount.returncode == 2
    assert "CNY has 2 decimals" in amount.stderr
    (folder / "map.yaml").write_text("spec_version: 1\nfile: {}\n", encoding="utf-8")
    badly = kept(child_environment, folder, *asked)
    assert badly.returncode == 2
    assert "Traceback" not in badly.stderr


def test_what_waits_is_accepted_skipped_and_resumed(
    child_environment: dict[str, str], folder: Path
) -> None:
    make_bank()
    numbered = ["--creditor", "BANK", "--map", "bands.yaml", "--as-of", "2026-11-21"]
    first = deliver(folder, "first.csv", csv_of(rows(10)))
    third = deliver(folder, "third.csv", csv_of(rows(5)))
    assert kept(child_environment, folder, first, *numbered, "--sequence", "1").returncode == 0
    early = kept(child_environment, folder, third, *numbered, "--sequence", "3")
    assert early.returncode == 1
    assert "waits for sequence 2" in early.stdout
    skipped = kept(
        child_environment, folder, "skip", "--creditor", "BANK", "--sequence", "2", "--reason", "x"
    )
    assert skipped.returncode == 0, skipped.stderr
    waiting = IntakeFile.objects.get(sequence=3)
    assert waiting.state == "profiled"
    accepted = kept(child_environment, folder, "accept", str(waiting.pk), "--reason", "as agreed")
    assert accepted.returncode == 0, accepted.stderr
    assert "5 accounts missing: contact stopped" in accepted.stdout
    assert kept(child_environment, folder, "resume", "--creditor", "BANK").returncode == 0


def test_known_bytes_are_refused_with_what_to_do_and_an_assumed_day_is_told(
    child_environment: dict[str, str], folder: Path
) -> None:
    make_bank()
    content = csv_of(rows(2))
    file = deliver(folder, "accounts.csv", content)
    asked = [file, "--creditor", "BANK", "--map", "map.yaml"]
    take(content, file_id="F1", as_of=None)
    other = kept(child_environment, folder, *asked)
    assert (other.returncode, other.stdout) == (2, "")
    assert "as file F1, number 1, with figures as of 2026-11-22" in other.stderr
    assert other.stderr.count("\n") == 1
    again = kept(child_environment, folder, *asked, "--file-id", "F1")
    assert again.returncode == 0
    assert again.stdout.startswith("These bytes were received before")
    assert "No day was stated for its figures: 2026-11-22 was assumed" in again.stdout
    assert IntakeFile.objects.count() == 1


def test_everything_is_said_in_the_installations_language(
    child_environment: dict[str, str], folder: Path
) -> None:
    make_bank()
    content = csv_of([*rows(9), row(10, principal="NaN", mobile="1")])
    file = deliver(folder, "accounts.csv", content)
    asked = [file, "--creditor", "BANK", "--map", "map.yaml"]

    def chinese(*arguments: str, **more: str) -> tuple[int, str]:
        done = kept({**child_environment, **more}, folder, *arguments, language="zh-hans")
        said = done.stdout + done.stderr
        assert "Traceback" not in said
        latin = [line for line in said.splitlines() if not re.search(r"[\u4e00-\u9fff]", line)]
        assert all(re.fullmatch(r" +CNY[ 0-9.]+", line) for line in latin), latin
        return done.returncode, said

    code, told = chinese(*asked, "--reject-file", "rejects.csv")
    assert code == 0
    assert "已接收" in told
    assert "1 amount_not_finite: 不是数字。" in told
    rejects = (folder / "rejects.csv").read_text(encoding="utf-8")
    assert rejects.splitlines()[1].endswith("amount_not_finite,不是数字。,NaN")
    code, told = chinese(*asked, "--file-id", "F2")
    assert (code, "相同内容" in told) == (2, True)
    (folder / "map.yaml").write_text("spec_version: 1\nfile: {}\n", encoding="utf-8")
    code, told = chinese(*asked)
    assert "file.coverage: 缺失；映射必须说明" in told
    code, told = chinese(*asked, DATABASE_URL="postgresql://kept:secret@127.0.0.1:1/kept")
    assert (code, "该处没有服务器应答" in told, "secret" in told) == (2, True, False)


def test_a_map_is_suggested_without_database_and_keys(tmp_path: Path) -> None:
    file = deliver(tmp_path, "accounts.csv", csv_of(rows(3)))
    bare = {"PATH": "/usr/bin:/bin", "KEPT_HOME": str(tmp_path / "var")}
    done = kept(bare, tmp_path, "suggest", file, "--output", "map.yaml", language="zh-hans")
    assert done.returncode == 0, done.stderr
    assert "需由您决定" in done.stderr
    assert not (tmp_path / "var").exists()
