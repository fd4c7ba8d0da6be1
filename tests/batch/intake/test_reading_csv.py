"""CSV as it comes: encodings, delimiters, quoting, cut files, and the line of every row."""

from __future__ import annotations

import csv
import io
import json
import time
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.batch.intake.csv_records import BROKEN_LINES_MAX, LINE_BYTES_MAX, cut_records
from kept.batch.intake.reading import FileRefused, open_source
from kept.batch.intake.tables import COLUMNS_MAX, LINE_ERROR, LINE_NO
from kept.core.intake import Delimiter, Encoding, FileCode, FileFormat, Quoting
from tests.batch.intake.samples import all_rows, small_map, table_rows, write

CHINESE = "借据号,姓名\nA1,张三\nA2,欧阳修\n"


def refusal(path: Path, **file: object) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        table_rows(path, **file)
    return caught.value


def cells(frame: pl.DataFrame) -> list[tuple[str, ...]]:
    return list(frame.drop(LINE_NO, LINE_ERROR).iter_rows())


def codes(frame: pl.DataFrame) -> dict[int, str]:
    marked = frame.filter(pl.col(LINE_ERROR).is_not_null())
    return {
        line: json.loads(text)[0]["code"] for line, text in marked[[LINE_NO, LINE_ERROR]].rows()
    }


# --- encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_usual_encodings_need_not_be_said(tmp_path: Path, encoding: str) -> None:
    content = CHINESE.encode(encoding)
    said = {}
    if encoding in ("utf-16-le", "utf-16-be"):  # without their mark
        assert refusal(write(tmp_path, content)).code is FileCode.ENCODING_UNCLEAR
        said = {"encoding": Encoding(encoding)}
    frame = table_rows(write(tmp_path, content), **said)
    assert frame.columns == ["借据号", "姓名", LINE_NO, LINE_ERROR]
    assert cells(frame) == [("A1", "张三"), ("A2", "欧阳修")]


def test_western_encodings_are_never_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, "id;nom\n1;René Müller\n".encode("latin-1"))
    found = refusal(path)
    assert (found.code, found.detail["line"]) == (FileCode.UNDECODABLE, 2)
    assert "file.encoding" in str(found)
    assert cells(table_rows(path, encoding=Encoding.LATIN_1)) == [("1", "René Müller")]
    euro = write(tmp_path, "id;sum\n1;5 €\n".encode("cp1252"))
    assert cells(table_rows(euro, encoding=Encoding.WINDOWS_1252)) == [("1", "5 €")]


def test_an_encoding_that_was_said_is_held_to(tmp_path: Path) -> None:
    path = write(tmp_path, CHINESE.encode("gb18030"))
    assert refusal(path, encoding=Encoding.UTF_8).code is FileCode.UNDECODABLE
    assert refusal(path, encoding=Encoding.UTF_16).code is FileCode.UNDECODABLE


def test_one_wrong_byte_far_in_refuses_the_file_before_its_first_row(tmp_path: Path) -> None:
    lines = ["id,name"] + [f"{n},张三" for n in range(200_000)]
    content = "\n".join(lines).encode() + b"\n5,\xff\n"
    found = refusal(write(tmp_path, content))
    assert (found.code, found.detail["line"]) == (FileCode.UNDECODABLE, 200_002)


def test_a_file_that_turns_chinese_late_is_one_encoding(tmp_path: Path) -> None:
    lines = ["id,name"] + [f"{n},plain" for n in range(400_000)] + ["7,张三"]
    frame = table_rows(write(tmp_path, "\n".join([*lines, ""]).encode("gb18030")))
    assert cells(frame)[-1] == ("7", "张三")
    assert frame.height == 400_001


# --- delimiters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    text = "id,name,sum\n1,a,2\n2,b,3\n".replace(",", delimiter)
    assert cells(table_rows(write(tmp_path, text))) == [("1", "a", "2"), ("2", "b", "3")]


def test_the_maps_columns_decide_between_delimiters(tmp_path: Path) -> None:
    path = write(tmp_path, "id;name;principal\n1;a,b;2,50\n2;c,d;3,50\n")
    source = open_source(path, small_map(file={"numbers": "1234,50"}))
    assert source.table.found["delimiter"] == ";"
    assert all_rows(source)["principal"].to_list() == ["2,50", "3,50"]


def test_two_delimiters_that_fit_alike_are_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b;c\n1,2;3\n")
    assert refusal(path).code is FileCode.DELIMITER_UNCLEAR
    assert cells(table_rows(path, delimiter=Delimiter.COMMA)) == [("1", "2;3")]


def test_one_column_has_no_delimiter(tmp_path: Path) -> None:
    assert cells(table_rows(write(tmp_path, "id\n1\n\n2\n"))) == [("1",), ("2",)]


# --- lines ----------------------------------------------------------------------------------------


def test_line_numbers_count_what_an_editor_shows(tmp_path: Path) -> None:
    text = 'id,name\r\n1,"two\nlines"\r\n\r\n2,b\r\n"3","say ""x"", y"\r\n'
    frame = table_rows(write(tmp_path, text))
    assert frame[LINE_NO].to_list() == [2, 5, 6]
    assert cells(frame) == [("1", "two\nlines"), ("2", "b"), ("3", 'say "x", y')]


def test_a_header_over_two_lines_and_after_others(tmp_path: Path) -> None:
    text = 'Export of today\n"the\nid",name\n1,a\n'
    frame = table_rows(write(tmp_path, text), header_line=2)
    assert frame.columns[:2] == ["the id", "name"]
    assert frame[LINE_NO].to_list() == [4]


def test_carriage_returns_alone_end_lines_too(tmp_path: Path) -> None:
    frame = table_rows(write(tmp_path, "id,name\r1,a\r2,b\r"))
    assert (cells(frame), frame[LINE_NO].to_list()) == ([("1", "a"), ("2", "b")], [2, 3])


def test_faulty_lines_are_faults_of_their_own_and_the_others_stay(tmp_path: Path) -> None:
    text = 'id,name\n1,a\n2\n3,c,d\n4,5" pipe\n5,x\ry\n6,"open\n7,g\n8,"h" i\n9,j\n'
    frame = table_rows(write(tmp_path, text))
    assert codes(frame) == {
        3: "cut_line",
        4: "too_many_cells",
        5: "bad_quoting",
        6: "stray_line_end",
        7: "bad_quoting",
        9: "bad_quoting",
    }
    good = frame.filter(pl.col(LINE_ERROR).is_null())
    assert cells(good) == [("1", "a"), ("7", "g"), ("9", "j")]
    assert good[LINE_NO].to_list() == [2, 8, 10]
    detail = json.loads(frame.filter(pl.col(LINE_NO) == 3)[LINE_ERROR].item())[0]
    assert detail == {"code": "cut_line", "found": 1, "expected": 2, "text": "2"}


def test_without_quoting_a_mark_is_a_character(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,name\n1,5" pipe\n2,"b"\n')
    frame = table_rows(path, quoting=Quoting.NONE)
    assert cells(frame) == [("1", '5" pipe'), ("2", '"b"')]


def test_too_many_broken_lines_are_no_csv(tmp_path: Path) -> None:
    text = "id,name\n" + '1,a"b\n' * (BROKEN_LINES_MAX + 1)
    found = refusal(write(tmp_path, text))
    assert (found.code, found.detail["line"]) == (FileCode.TOO_MANY_BROKEN_LINES, 2)


# --- cut files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"id,name\n1,a\n2", b'id,name\n1,a\n2,"b', "id,name\n1,a\n2,张".encode()[:-1]]
)
def test_a_file_cut_in_the_middle_of_a_line_is_refused(tmp_path: Path, content: bytes) -> None:
    found = refusal(write(tmp_path, content))
    assert (found.code, found.detail["line"]) == (FileCode.CUT_FILE, 3)


def test_a_last_line_that_may_be_cut_is_taken_with_a_warning(tmp_path: Path) -> None:
    frame = table_rows(write(tmp_path, "id,sum\n1,100.00\n2,20"))
    assert cells(frame) == [("1", "100.00"), ("2", "20")]
    assert codes(frame) == {3: "no_final_line_end"}


@pytest.mark.parametrize("keep", range(12, 60, 5))
def test_wherever_a_file_is_cut_no_row_is_silently_short(tmp_path: Path, keep: int) -> None:
    whole = 'id,name,sum\n1,"a, b",100.00\n2,"c\nd",200.00\n3,e,300.00\n'
    rows = {("1", "a, b", "100.00"), ("2", "c\nd", "200.00"), ("3", "e", "300.00")}
    try:
        frame = table_rows(write(tmp_path, whole[:keep]))
    except FileRefused as error:
        refused = error.code
    else:
        marked = set(codes(frame))
        for line, row in zip(frame[LINE_NO], cells(frame), strict=True):
            assert row in rows or line in marked
        refused = FileCode.CUT_FILE
    assert refused is FileCode.CUT_FILE


# --- limits ---------------------------------------------------------------------------------------


def test_a_hundred_thousand_columns_are_refused_at_once(tmp_path: Path) -> None:
    header = ",".join(f"column_{n}" for n in range(100_000))
    path = write(tmp_path, header + "\n" + "1," * 99_999 + "1\n")
    start = time.process_time()
    found = refusal(path)
    assert found.code is FileCode.TOO_MANY_COLUMNS
    assert found.detail == {"found": 100_000, "most": COLUMNS_MAX}
    assert time.process_time() - start < 2


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "id,name\n1," + "x" * (LINE_BYTES_MAX * 6))
    assert refusal(path).code is FileCode.LINE_TOO_LONG


def test_an_open_quotation_mark_costs_its_line_only(tmp_path: Path) -> None:
    lines = [f"{n},name {n}" for n in range(300_000)]
    lines[10] = '10,"open'
    frame = table_rows(write(tmp_path, "\n".join(["id,name", *lines, ""])))
    assert codes(frame) == {12: "bad_quoting"}
    assert frame.height == 300_000
    assert frame[LINE_NO].to_list() == list(range(2, 300_002))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", FileCode.EMPTY_FILE),
        (b"\xef\xbb\xbf", FileCode.EMPTY_FILE),
        (b"\n\n", FileCode.NO_HEADER),
        (b"%PDF-1.7 ...", FileCode.UNKNOWN_FORMAT),
        (b"\x1f\x8b\x08\x00", FileCode.UNKNOWN_FORMAT),
        (b"PK\x03\x04 and no more", FileCode.DAMAGED_FILE),
        (b"PAR1 and no more", FileCode.DAMAGED_FILE),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), FileCode.ENCRYPTED_FILE),
        (b"\xd0\xcf\x11\xe0 an old workbook", FileCode.UNKNOWN_FORMAT),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, content: bytes, code: FileCode) -> None:
    assert refusal(write(tmp_path, content)).code is code


def test_an_absent_file_and_another_format(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv").code is FileCode.ABSENT_FILE
    path = write(tmp_path, "id,name\n")
    assert refusal(path, format=FileFormat.XLSX).code is FileCode.OTHER_FORMAT


# --- the map and the header -----------------------------------------------------------------------


def test_an_absent_column_is_told_with_the_nearest_names_first(tmp_path: Path) -> None:
    path = write(tmp_path, "sum,date,Principle,identity,name\n1,2,3,4,5\n")
    with pytest.raises(FileRefused) as caught:
        open_source(path, small_map())
    assert caught.value.code is FileCode.ABSENT_COLUMN
    assert (
        caught.value.detail["absent"] == "id (account.external_id); principal (balances.principal)"
    )
    assert str(caught.value.detail["present"]).startswith("Principle, ")


def test_a_column_twice_is_refused_only_where_the_map_reads_it(tmp_path: Path) -> None:
    path = write(tmp_path, "id,name,principal,note,note\n1,a,2,x,y\n")
    assert all_rows(open_source(path, small_map())).height == 1
    path = write(tmp_path, "id,name,principal,name\n1,a,2,b\n")
    with pytest.raises(FileRefused) as caught:
        open_source(path, small_map())
    assert caught.value.code is FileCode.DUPLICATE_COLUMN


def test_only_mapped_columns_are_read_and_new_ones_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "id,SEX,name,principal,new\n1,2,a,5,z\n")
    source = open_source(path, small_map(ignore=["SEX"]))
    assert source.unmapped == ("new",)
    assert all_rows(source).columns == ["id", "name", "principal", LINE_NO, LINE_ERROR]


def test_columns_named_like_ours_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "line_no,name,principal\n77,a,5\n")
    source = open_source(path, small_map(account={"external_id": "line_no"}))
    frame = all_rows(source)
    assert frame["file.line_no"].to_list() == ["77"]
    assert frame[LINE_NO].to_list() == [2]


def test_chunks_are_exact_and_the_same_every_time(tmp_path: Path) -> None:
    text = "id,name,principal\n" + "".join(f"{n},a,1\n" for n in range(250_001)) + ",,\n"
    source = open_source(write(tmp_path, text), small_map())
    sizes = [frame.height for frame in source.chunks(60_000)]
    assert sizes == [60_000] * 4 + [10_001]  # the row of empty cells is none
    first, second = (pl.concat(list(source.chunks(60_000))) for _ in range(2))
    assert first.equals(second)
    assert first[LINE_NO].to_list() == list(range(2, 250_003))


def test_an_open_stream_is_read_like_a_path(tmp_path: Path) -> None:
    content = "id,name,principal\n1,张三,5\n".encode("gb18030")
    source = open_source(io.BytesIO(content), small_map())
    assert all_rows(source).equals(all_rows(open_source(write(tmp_path, content), small_map())))


# --- any text -------------------------------------------------------------------------------------

TRANSLATED = bytes(b'ab,"\n\r'[byte % 6] for byte in range(256))
CELLS = st.text(alphabet=st.sampled_from('ab1,;"\n\r 张é\t|'), max_size=6)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12))
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path: Path, rows: list[tuple[str, str, str]]
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([("x", "y", "z"), *rows])
    frame = table_rows(write(tmp_path, out.getvalue()), delimiter=Delimiter.COMMA)
    assert cells(frame) == rows
    lines = [2 + sum("".join(row).count("\n") + 1 for row in rows[:n]) for n in range(len(rows))]
    assert frame[LINE_NO].to_list() == lines


@settings(deadline=None, max_examples=100)
@given(
    data=st.binary(max_size=80).map(lambda raw: raw.translate(TRANSLATED)),
    size=st.integers(1, 9),
)
def test_any_bytes_are_cut_into_records_that_hold_them_all(data: bytes, size: int) -> None:
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    pieces, whole = records(blocks), records([data] if data else [])
    if pieces is None:
        assert whole is None
        return
    assert whole is not None
    taken = b"".join(
        piece.data if hasattr(piece, "data") else piece.text.encode() + b"\n" for piece in pieces
    )
    assert taken.replace(b"\r", b"").rstrip(b"\n") == data.replace(b"\r", b"").rstrip(b"\n")
    assert lines_of(pieces) == lines_of(whole)


def records(blocks: list[bytes]) -> list[object] | None:
    """The pieces; None for a text that is cut in its last line."""
    with suppress(FileRefused):
        return list(cut_records(blocks, first_line=1, delimiter=",", quoting=True))
    return None


def lines_of(pieces: list[object]) -> list[int]:
    found: list[int] = []
    for piece in pieces:
        found += piece.lines.tolist() if hasattr(piece, "lines") else [piece.line_no]  # type: ignore[attr-defined]
    return found
