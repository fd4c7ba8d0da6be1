"""Identity and totals that come with a file: manifest, records in the file, what a person says."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from kept.batch.intake.control import Control
from kept.batch.intake.loading import load_map, read_map
from kept.batch.intake.reading import FileRefused, open_source
from kept.core.intake import Coverage, FileCode, MapError
from tests.batch.intake.samples import SMALL, all_rows, small_map, write

RECORDS: dict[str, Any] = {
    "header": {"marker": "H", "file_id": 2, "sequence": 3, "as_of": 4},
    "trailer": {"marker": "T", "rows": 2, "hash_total": 3, "totals": {"CNY": 4}},
    "required": ["file_id", "rows"],
}
WITH_RECORDS = "H,F-17,17,2026-11-21\nid,name,principal\n1,a,5\n2,b,6\nT,2,3,11.00\n"


def refusal(path: Path, **parts: Any) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        open_source(path, small_map(**parts))
    return caught.value


def test_records_in_the_file(tmp_path: Path) -> None:
    source = open_source(write(tmp_path, WITH_RECORDS), small_map(control=RECORDS))
    control = source.control
    assert (control.file_id, control.sequence, control.as_of) == ("F-17", 17, date(2026, 11, 21))
    assert control.declared_totals == {"rows": 2, "hash_total": 3, "amounts_minor": {"CNY": 1100}}
    frame = all_rows(source)
    assert frame["id"].to_list() == ["1", "2"]
    assert frame["line_no"].to_list() == [3, 4]
    assert frame["line_error"].null_count() == 2


def test_a_trailer_needs_no_line_end_and_may_have_empty_lines_after_it(tmp_path: Path) -> None:
    for ending in ("", "\n", "\n\n\r\n"):
        path = write(tmp_path, WITH_RECORDS.rstrip("\n") + ending)
        assert all_rows(open_source(path, small_map(control=RECORDS)))["id"].to_list() == ["1", "2"]


def test_a_file_without_its_trailer_was_cut_between_two_lines(tmp_path: Path) -> None:
    cut = WITH_RECORDS.split("T,")[0]
    found = refusal(write(tmp_path, cut), control=RECORDS)
    assert (found.code, found.detail["field"]) == (FileCode.ABSENT_CONTROL, "trailer record")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("T,2,", "T,two,", "rows"),
        ("T,2,3,11.00", "T,2,3,11.005", "totals.CNY"),
        ("T,2,3,11.00", "T,2,3", "CNY"),
        ("2026-11-21", "21.11.2026", "as_of"),
        (",17,", ",-1,", "sequence"),
    ],
)
def test_wrong_records(tmp_path: Path, old: str, new: str, field: str) -> None:
    found = refusal(write(tmp_path, WITH_RECORDS.replace(old, new)), control=RECORDS)
    assert (found.code, found.detail["field"]) == (FileCode.BAD_CONTROL, field)


def test_a_missing_header_record(tmp_path: Path) -> None:
    path = write(tmp_path, "\n" + WITH_RECORDS.partition("\n")[2])
    assert refusal(path, control=RECORDS).code is FileCode.ABSENT_CONTROL


MANIFEST = """
file_id: 2026-11-21-accounts
file_type: accounts
spec_version: 1
sequence: 17
produced_at: 2026-11-22T02:00:00+08:00
as_of: 2026-11-21
coverage: changes
rows: 1
totals: {CNY: "5.00"}
"""
ROWS = "id,name,principal\n1,a,5\n"


def with_manifest(folder: Path, text: str) -> Path:
    (folder / "file.csv.manifest.yaml").write_text(text, encoding="utf-8")
    return write(folder, ROWS)


def test_a_manifest_beside_the_file(tmp_path: Path) -> None:
    digest = hashlib.sha256(ROWS.encode()).hexdigest()
    source = open_source(with_manifest(tmp_path, f"{MANIFEST}sha256: {digest}\n"), small_map())
    control = source.control
    assert control.file_id == "2026-11-21-accounts"
    assert control.produced_at == datetime(2026, 11, 21, 18, tzinfo=UTC)
    assert control.produced_at.utcoffset() == timedelta(hours=8)
    assert control.totals == {"CNY": 500}
    assert source.coverage is Coverage.CHANGES  # the manifest says so, the map said full


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (MANIFEST + "rowz: 1\n", FileCode.BAD_CONTROL, "rowz"),
        (MANIFEST.replace("+08:00", ""), FileCode.BAD_CONTROL, "produced_at"),
        (MANIFEST.replace("2026-11-21\n", "2026-02-30\n"), FileCode.BAD_CONTROL, "as_of"),
        (MANIFEST.replace("changes", "some"), FileCode.BAD_CONTROL, "coverage"),
        (MANIFEST.replace('{CNY: "5.00"}', "5.00"), FileCode.BAD_CONTROL, "totals"),
        (MANIFEST.replace(": accounts", ": payments"), FileCode.BAD_CONTROL, "file_type"),
        (MANIFEST.replace("spec_version: 1", "spec_version: 2"), FileCode.OTHER_SPEC_VERSION, None),
        (MANIFEST + "sha256: 00\n", FileCode.BAD_CONTROL, "sha256"),
        ("a: [", FileCode.BAD_CONTROL, "YAML"),
        ("[]", FileCode.BAD_CONTROL, "YAML"),
        (MANIFEST + "rows: 2\n", FileCode.BAD_CONTROL, "YAML"),
    ],
)
def test_wrong_manifests(tmp_path: Path, text: str, code: FileCode, field: str | None) -> None:
    found = refusal(with_manifest(tmp_path, text))
    assert (found.code, found.detail.get("field")) == (code, field)


def test_what_a_person_says_wins_over_records_and_those_over_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "file.csv.manifest.yaml").write_text("file_id: M\nsequence: 5\nrows: 9\n")
    path = write(tmp_path, WITH_RECORDS)
    given = Control(file_id="given", as_of=date(2026, 1, 1))
    control = open_source(path, small_map(control=RECORDS), given).control
    assert (control.file_id, control.sequence, control.rows) == ("given", 17, 2)
    assert control.as_of == date(2026, 1, 1)


def test_what_the_map_requires_must_come_from_somewhere(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS)
    required = {"required": ["rows"]}
    assert refusal(path, control=required).code is FileCode.ABSENT_CONTROL
    assert open_source(path, small_map(control=required), Control(rows=1)).control.rows == 1
    # A stream is a file received before: what came beside it then is not asked for again.
    assert open_source(io.BytesIO(ROWS.encode()), small_map(control=required)).control.rows is None


def test_zones_of_instants_are_kept() -> None:
    zone = timezone(timedelta(hours=8))
    assert Control(produced_at=datetime(2026, 1, 1, tzinfo=zone)).over(Control(rows=1)).rows == 1


# --- the map's own text ---------------------------------------------------------------------------


def test_scalars_of_a_map_stay_the_text_they_are() -> None:
    text = SMALL.replace(
        "product: {constant: CARD}",
        "product: {column: p, codes: {010: CARD, no: CARD, N: CARD, 2024-01-31: CARD, 1e3: CARD}}",
    )
    codes = read_map(text).account.product.codes
    assert codes is not None
    assert list(codes) == ["010", "no", "N", "2024-01-31", "1e3"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "it is no YAML at line 1"),
        ("[1]", "it should hold keys and values"),
        ("", "it should hold keys and values"),
        (SMALL + "file: {coverage: full}\n", "'file' stands twice"),
        ("a: &x [1]\nb: *x\n", "anchors are not read"),
        ("a: " + "[" * 1500, "it is"),
        ("x" * 2_000_000, "characters are too many"),
        ("a: !!python/object/apply:os.system [ls]", "no such key"),
    ],
)
def test_texts_that_are_no_map(text: str, words: str) -> None:
    with pytest.raises(MapError) as caught:
        read_map(text)
    assert words in str(caught.value)


def test_map_files(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="there is no map file"):
        load_map(tmp_path / "none.yaml")
    (tmp_path / "map.yaml").write_bytes("ä".encode("latin-1"))
    with pytest.raises(MapError, match="not UTF-8"):
        load_map(tmp_path / "map.yaml")
    (tmp_path / "map.yaml").write_text("﻿" + SMALL, encoding="utf-8")
    assert load_map(tmp_path / "map.yaml") == small_map()
