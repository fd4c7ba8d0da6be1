"""`kept speech check` and `list`, as given at a prompt."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kept.cli.speech import speech

OWN = """\
pack: house
version: "1"
language: en
title: {en: House, zh: 本公司}
entries:
  - id: HOUSE.bonus
    label: false_urgency
    name: {en: A bonus, zh: 奖励}
    citation: house policy
    status: policy
    phrases: [bonus for today]
    finds: [A bonus for today.]
    passes: [No bonus.]
"""


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT_LANGUAGE", "en")


def run(*arguments: str, given: str | bytes = "") -> tuple[int, str]:
    result = CliRunner().invoke(speech, list(arguments), input=given)
    return result.exit_code, result.output


def test_what_is_found_is_told_with_its_place_and_citation() -> None:
    code, told = run("check", "-", given="Good day.\nI'll k1ll you.\n")
    assert code == 1
    assert told == (
        '2:6 violence_threat "k1ll you" = kill you  EN.violence  Threat of harm to body or goods'
        "  [12 CFR 1006.14(c); 15 USC 1692d(1); CONC 7.9, unverified]\n"
    )


def test_nothing_found_ends_with_nought(tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("We will not call your employer.\n", encoding="utf-8")
    assert run("check", str(file)) == (0, "")
    code, told = run("check", str(file), "--excused")
    assert code == 0
    assert told.rstrip().endswith("excused: negation")


def test_circumstances_and_genre_decide() -> None:
    assert run("check", "-", given="We are going to sue you.")[0] == 0
    assert run("check", "-", "--time-barred", given="We are going to sue you.")[0] == 1
    assert run("check", "-", "--third-party", given="请让他尽快还款。")[0] == 1
    note = "Customer says they will kill you."
    assert run("check", "-", given=note)[0] == 0
    assert run("check", "-", "--genre", "template", given=note)[0] == 1


def test_a_pack_of_ones_own_counts_too(tmp_path: Path) -> None:
    own = tmp_path / "house.yaml"
    own.write_text(OWN, encoding="utf-8")
    code, told = run("check", "-", "--pack", str(own), given="A b0nus for today!")
    assert (code, "HOUSE.bonus" in told) == (1, True)
    own.write_text(OWN.replace("false_urgency", "hurry"), encoding="utf-8")
    code, told = run("check", "-", "--pack", str(own), given="Hello")
    assert code == 2
    assert "house.yaml, line 7, entry HOUSE.bonus: entries[1].label" in told


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.bin"
    file.write_bytes(b"\xff\xfe\x00")
    code, told = run("check", str(file))
    assert code == 2
    assert "is not UTF-8 text" in told
    assert run("check", str(tmp_path / "none"))[0] == 2


def test_entries_are_listed_by_label() -> None:
    code, told = run("list", "--label", "anonymous")
    assert code == 0
    assert [line.split()[0] for line in told.splitlines()] == [
        "speech.en",
        "EN.anonymous",
        "speech.zh",
        "ZH.anonymous",
        "ZH.who_is_it",
    ]
