"""What intake says, in Chinese and in English, from the same codes and values."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import translation

from kept.batch.intake.loading import read_map
from kept.batch.intake.reading import open_source
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.suggesting import suggest_map
from kept.batch.intake.telling import map_message, refusal_message, sentence_of, wait_message
from kept.core.intake import FileCode, FileReason, MapError
from kept.desk.catalogues import read_catalogue
from tests.batch.intake.samples import small_map, write

WRONG_MAP = """
spec_version: 2
file: {coverage: most, dates: [DD.MM.YY]}
account: {external_id: {column: no, constant: x}, product: {constant: CARD}}
debtor: {nane: name}
balances: {Principal: principal}
contacts: [{kind: phone, column: mobile, owner: 3}]
control: {required: [sequenze]}
"""


def test_every_fault_of_a_map_is_said_in_chinese_with_its_path() -> None:
    with pytest.raises(MapError) as refused:
        read_map(WRONG_MAP)
    with translation.override("zh-hans"):
        told = map_message(refused.value)
    for each in told.split("; "):
        path, _colon, text = each.partition(": ")
        assert re.fullmatch(r"[\w.\[\]]+", path)
        assert re.search(r"[\u4e00-\u9fff]", text), each
    assert "debtor.nane: 没有这个键；是否指 name？" in told
    with translation.override("en"):
        assert map_message(refused.value) == str(refused.value)


def test_a_map_that_is_no_yaml_is_told_on_one_line() -> None:
    for text in ("a: b: c", "a: \0", "[" * 100_000, "- a", "x" * (2 << 20)):
        with pytest.raises(MapError) as refused:
            read_map(text)
        with translation.override("zh-hans"):
            told = map_message(refused.value)
        assert re.match(r"[\u4e00-\u9fff0-9]", told)
        assert "\n" not in told


@pytest.mark.parametrize(
    ("manifest", "chinese"),
    [
        ("rows: many\n", "rows 有误：'many' 不是整数"),
        ("rowz: 1\n", "没有这个键"),
        ('totals: {CNY: "1.005"}\n', "'1.005' 不是金额：CNY 有 2 位小数"),
        ("totals: {XXQ: 1}\n", "'XXQ' 不是 ISO 4217 的币种"),
        ("produced_at: 0001-01-01T00:00:00+08:00\n", "不是时间"),
        ("a: b: c\n", "第 1 行第 5 列不是 YAML"),
    ],
)
def test_control_data_is_told_in_both_languages(
    tmp_path: Path, manifest: str, chinese: str
) -> None:
    (tmp_path / "file.csv.manifest.yaml").write_text(manifest, encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        open_source(write(tmp_path, "id,name,principal\n1,a,5\n"), small_map())
    with translation.override("zh-hans"):
        assert chinese in refusal_message(refused.value)
    with translation.override("en"):
        assert refusal_message(refused.value) == str(refused.value)


def test_a_reason_in_anothers_words_stays_as_it_is() -> None:
    told = sentence_of(FileCode.DAMAGED_FILE, {"format": "XLSX", "reason": "Bad magic {number}"})
    assert told == "The XLSX file is damaged: Bad magic {number}."
    assert sentence_of("future_code", {}) == "future code"
    assert "…" in sentence_of(FileCode.OTHER_FORMAT, {})


def test_the_place_of_a_record_is_a_word() -> None:
    refused = FileRefused(FileCode.ABSENT_CONTROL, field="trailer record")
    with translation.override("zh-hans"):
        assert "尾记录" in refusal_message(refused)
        assert wait_message("waits for sequence 7") == "等待序号 7 的文件"
        assert wait_message("something else") == "something else"


def test_a_suggestion_speaks_chinese_and_its_map_is_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, "loan no,sex,name,balance,when\n" + "A1,1,张三,5.50,2024-01-02\n" * 30)
    with translation.override("en"):
        english = suggest_map(path, name="f")
    with translation.override("zh-hans"):
        chinese = suggest_map(path, name="f")
        words = [guess.certainty.word for guess in chinese.guesses]
    found, other = read_map(chinese.map_text), read_map(english.map_text)
    assert replace(found, ignore=()) == replace(other, ignore=())
    assert [each.column for each in found.ignore] == ["sex"]
    assert [g.target for g in chinese.guesses] == [g.target for g in english.guesses]
    for text in (*words, *(g.why for g in chinese.guesses), *chinese.questions):
        assert re.search(r"[\u4e00-\u9fff]", text), text


def test_reasons_are_in_the_catalogue() -> None:
    catalogue = read_catalogue()
    assert all(catalogue.get(str(reason)).string for reason in FileReason)
