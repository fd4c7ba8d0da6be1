"""XLSX and Parquet: typed cells as canonical text, odd cells found, bombs refused unpacked."""

from __future__ import annotations

import datetime as dt
import io
import json
import struct
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kept.batch.intake.reading import FileRefused, open_source
from kept.batch.intake.tables import LINE_ERROR, LINE_NO, cell_column
from kept.core.intake import FileCode
from tests.batch.intake.samples import (
    CONTEXT,
    all_rows,
    faults,
    normalise,
    small_map,
    table_rows,
    write,
)


def workbook(folder: Path, rows: list[list[Any]], name: str = "file.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "数据"
    for row in rows:
        sheet.append(row)
    book.create_sheet("其他").append(["nothing"])
    path = folder / name
    book.save(path)
    return path


def replaced(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The archive with one part changed."""
    data = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as sink:
        for info in source.infolist():
            content = source.read(info.filename)
            if info.filename == part:
                assert old in content
                content = content.replace(old, new)
            sink.writestr(info.filename, content)
    path.write_bytes(data.getvalue())
    return path


def refusal(path: Path, **file: Any) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        table_rows(path, **file)
    return caught.value


SHEET, THEME = "xl/worksheets/sheet1.xml", "xl/theme/theme1.xml"


# Spreadsheets and most frames know no zones.
MORNING = dt.datetime.fromisoformat("2026-01-31T10:30:00")
MIDNIGHT = dt.datetime.fromisoformat("2026-01-31T00:00:00")


# --- XLSX -----------------------------------------------------------------------------------------


def test_typed_cells_become_canonical_text(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ["id", "amount", "day", "moment", "flag", "text"],
            [10001, 1234.5, dt.date(2026, 1, 31), MORNING, True, "张三"],
            ["00012", 0.1 + 0.2, None, None, False, "two\nlines"],
            [None, None, None, None, None, None],
            [3, -7, dt.date(1900, 3, 1), None, None, "=cmd|' /C calc'!A0"],
        ],
    )
    path = replaced(path, SHEET, b"<f>cmd|' /C calc'!A0</f><v />", b"<v>=cmd|' /C calc'!A0</v>")
    frame = table_rows(path)
    assert frame["id"].to_list() == ["10001", "00012", "", "3"]
    assert frame["amount"].to_list() == ["1234.5", "0.3", "", "-7"]
    assert frame["day"].to_list() == ["2026-01-31", "", "", "1900-03-01"]
    assert frame["moment"].to_list()[0] == "2026-01-31 10:30:00"
    assert frame["flag"].to_list() == ["true", "false", "", ""]
    assert frame["text"].to_list() == ["张三", "two\nlines", "", "=cmd|' /C calc'!A0"]
    assert frame[LINE_NO].to_list() == [2, 3, 4, 5]
    assert frame[LINE_ERROR].null_count() == 4


def test_a_number_of_more_digits_than_a_spreadsheet_keeps_is_damaged(tmp_path: Path) -> None:
    rows = [
        ["id", "name", "principal"],
        [6222021234567890123, "a", 1],
        ["6222021234567890123", "b", 2],
    ]
    source = open_source(workbook(tmp_path, rows), small_map())
    frame = all_rows(source)
    damaged = json.loads(frame[LINE_ERROR].to_list()[0])
    assert [(each["code"], each["column"]) for each in damaged] == [("damaged_number", "id")]
    prepared = normalise(frame, source.intake_map, CONTEXT)
    assert faults(prepared) == [(2, "id", "damaged_number")]
    assert prepared.rows["external_id"].to_list() == ["6222021234567890123"]


def test_spreadsheet_errors_are_not_read_as_empty(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["id", "name", "principal"], ["A1", "a", 1], ["A2", "b", 2]])
    path = replaced(path, SHEET, b'<c r="C3" t="n"><v>2</v>', b'<c r="C3" t="e"><v>#DIV/0!</v>')
    source = open_source(path, small_map())
    prepared = normalise(all_rows(source), source.intake_map, CONTEXT)
    assert faults(prepared) == [(3, "principal", "broken_cell")]
    assert prepared.errors["value"].to_list() == ["#DIV/0!"]
    assert prepared.rows["external_id"].to_list() == ["A1"]


def test_rows_keep_their_place_wherever_the_table_starts(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B3"], sheet["C3"], sheet["D3"] = "id", "name", "principal"
    sheet["B5"], sheet["C5"], sheet["D5"] = "A1", "a", 7
    sheet["B9"], sheet["C9"], sheet["D9"] = "A2", "b", 8
    book.save(tmp_path / "file.xlsx")
    source = open_source(tmp_path / "file.xlsx", small_map(file={"header_line": 3}))
    frame = all_rows(source)
    assert frame["id"].to_list() == ["A1", "A2"]
    assert frame[LINE_NO].to_list() == [5, 9]


def test_sheets_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["id"], ["A1"]])
    assert table_rows(path)["id"].to_list() == ["A1"]
    assert table_rows(path, sheet="其他").columns[0] == "nothing"
    found = refusal(path, sheet="Sheet1")
    assert (found.code, found.detail["present"]) == (FileCode.ABSENT_SHEET, "数据, 其他")


def test_a_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["id"], ["A1"]])
    found = refusal(replaced(path, SHEET, b"</sheetData>", b" " * (80 << 20) + b"</sheetData>"))
    assert found.code is FileCode.ZIP_BOMB
    assert int(found.detail["found"]) > 80 << 20


@pytest.mark.parametrize(("part", "end"), [(SHEET, b"</sheetData>"), (THEME, b"</a:theme>")])
def test_a_bomb_that_declares_little_is_refused_by_what_it_is(
    tmp_path: Path, part: str, end: bytes
) -> None:
    path = workbook(tmp_path, [["id"], ["A1"]])
    replaced(path, part, end, b" " * (70 << 20) + end)
    with zipfile.ZipFile(path) as archive:
        real = struct.pack("<I", archive.getinfo(part).file_size)
    data = path.read_bytes()
    assert data.count(real) >= 2
    path.write_bytes(data.replace(real, struct.pack("<I", 1000)))
    assert refusal(path).code is FileCode.ZIP_BOMB


def test_a_sheet_of_two_far_corners_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active.cell(1_048_576, 1000).value = "id", 1
    book.save(tmp_path / "file.xlsx")
    assert refusal(tmp_path / "file.xlsx").code is FileCode.TOO_MANY_CELLS
    book.active["XFD1"] = "far"
    book.save(tmp_path / "file.xlsx")
    assert refusal(tmp_path / "file.xlsx").code is FileCode.TOO_MANY_COLUMNS


@pytest.mark.parametrize(
    ("part", "old", "new", "code"),
    [
        ("xl/workbook.xml", b"<workbook ", b"<!DOCTYPE x []><workbook ", FileCode.DAMAGED_FILE),
        ("xl/workbook.xml", b"</workbook>", b"", FileCode.DAMAGED_FILE),
        ("xl/_rels/workbook.xml.rels", b"sheet1.xml", b"sheet9.xml", FileCode.DAMAGED_FILE),
        (SHEET, b' r="A2"', b"", FileCode.DAMAGED_FILE),
        (SHEET, b"<sheetData>", b"<sheetDat", FileCode.DAMAGED_FILE),
    ],
)
def test_damaged_workbooks(
    tmp_path: Path, part: str, old: bytes, new: bytes, code: FileCode
) -> None:
    assert refusal(replaced(workbook(tmp_path, [["id"], ["A1"]]), part, old, new)).code is code


def test_a_workbook_cut_short_is_damaged(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["id"], ["A1"]])
    path.write_bytes(path.read_bytes()[:-40])
    assert refusal(path).code is FileCode.DAMAGED_FILE


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "file.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(tmp_path / "file.xlsx").code is FileCode.DAMAGED_FILE


# --- Parquet --------------------------------------------------------------------------------------


def test_parquet_types_become_canonical_text(tmp_path: Path) -> None:
    instant = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
    frame = pl.DataFrame(
        {
            "id": [1, None, 3],
            "ratio": [1.0, 2.25, None],
            "day": [dt.date(2026, 1, 31)] * 3,
            "moment": [MIDNIGHT, MORNING, None],
            "instant": [instant] * 3,
            "amount": pl.Series(["1.50", "-2.25", None]).cast(pl.Decimal(12, 2)),
            "flag": [True, False, None],
            "kind": pl.Series(["a", "b", None], dtype=pl.Categorical),
        }
    )
    frame.write_parquet(tmp_path / "file.parquet")
    found = table_rows(tmp_path / "file.parquet")
    assert found["id"].to_list() == ["1", "", "3"]
    assert found["ratio"].to_list() == ["1", "2.25", ""]
    assert found["day"].to_list() == ["2026-01-31"] * 3
    assert found["moment"].to_list() == ["2026-01-31", "2026-01-31T10:30:00", ""]
    assert found["instant"].to_list() == ["2026-01-31T00:00:00+00:00"] * 3
    assert found["amount"].to_list() == ["1.50", "-2.25", ""]
    assert found["flag"].to_list() == ["true", "false", ""]
    assert found["kind"].to_list() == ["a", "b", ""]
    assert found[LINE_NO].to_list() == [2, 3, 4]


def test_parquet_is_read_from_a_stream_too(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["A1"], "name": ["张三"], "principal": [5]})
    stream = io.BytesIO()
    frame.write_parquet(stream)
    assert all_rows(open_source(stream, small_map()))["principal"].to_list() == ["5"]
    assert not stream.closed


def test_nested_values_are_no_cells(tmp_path: Path) -> None:
    pl.DataFrame({"id": [[1, 2]]}).write_parquet(tmp_path / "file.parquet")
    assert refusal(tmp_path / "file.parquet").code is FileCode.NESTED_COLUMN


def test_a_long_text_repeated_is_refused_before_it_is_written_out(tmp_path: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 40_000), pa.array(["x" * (1 << 20)]))
    pq.write_table(pa.table({"id": text}), tmp_path / "file.parquet")
    assert (tmp_path / "file.parquet").stat().st_size < 1 << 20
    assert refusal(tmp_path / "file.parquet").code is FileCode.ZIP_BOMB


def test_parquet_cut_short_is_damaged(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["A1"] * 1000}).write_parquet(tmp_path / "file.parquet")
    data = (tmp_path / "file.parquet").read_bytes()
    assert refusal(write(tmp_path, data[:-9], "file.parquet")).code is FileCode.DAMAGED_FILE


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([Decimal("1.50")], pa.decimal256(60, 4)), "1.5000"),
        (pa.array([dt.time(1, 2)]), "01:02:00.000000"),
        (pa.array(["=1+1"], pa.string_view()), "=1+1"),
        (pa.nulls(1), ""),
    ],
)
def test_rare_types_of_parquet_are_text(tmp_path: Path, values: pa.Array, text: str) -> None:
    path = tmp_path / "rare.parquet"
    pq.write_table(pa.table({"a": values}), path)
    assert table_rows(path)[cell_column("a")].to_list() == [text]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (
            pa.StringArray.from_buffers(
                1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")
            ),
            FileCode.DAMAGED_FILE,
        ),
        (pa.array([0], pa.timestamp("us", "Mars/Olympus")), FileCode.DAMAGED_FILE),
        (pa.array([b"abcd"], pa.binary(4)), FileCode.NESTED_COLUMN),
        (pa.array([1], pa.duration("s")), FileCode.NESTED_COLUMN),
        (pa.array([{"a": 1}]), FileCode.NESTED_COLUMN),
    ],
)
def test_what_is_no_text_in_parquet_is_refused(
    tmp_path: Path, values: pa.Array, code: FileCode
) -> None:
    path = tmp_path / "wrong.parquet"
    pq.write_table(pa.table({"a": values}), path)
    with pytest.raises(FileRefused) as refused:
        table_rows(path)
    assert refused.value.code is code
    assert not str(refused.value).endswith("..")
