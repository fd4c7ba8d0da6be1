"""Totals, rows against each other and the book, and files that nobody can read."""

from __future__ import annotations

import csv
import io
import stat
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from kept.batch.intake.acknowledging import write_rejects
from kept.batch.intake.control import Control
from kept.batch.intake.receiving import given_beside
from kept.batch.intake.telling import file_message
from kept.core.intake.escaping import restore_cell
from kept.store.cipher import house_cipher
from kept.store.models import Account, Entry, IntakeReject, Run
from tests.batch.intake.deliveries import (
    BOOKKEEPING,
    LATER,
    MAP,
    csv_of,
    identity_number,
    make_bank,
    row,
    rows,
    take,
    total_of,
)
from tests.batch.intake.digest import assert_nothing_applied, book_lines
from tests.emptying import empty_database

pytestmark = pytest.mark.django_db(transaction=True)


# --- control totals -------------------------------------------------------------------------------


LINES = rows(4)
RIGHT = {"rows": 4, "totals": {"CNY": total_of(LINES)}, "hash_total": 1 + 2 + 3 + 4}


def test_totals_that_agree_let_the_file_in() -> None:
    make_bank()
    assert take(LINES, **RIGHT).state == "acknowledged"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": 5},
        {"totals": {"CNY": total_of(LINES) + 1}},
        {"totals": {"CNY": total_of(LINES), "USD": 1}},
        {"totals": {"USD": total_of(LINES)}},
        {"hash_total": 11},
    ],
)
def test_totals_that_disagree_apply_nothing(wrong: dict[str, object]) -> None:
    make_bank()
    file = take(LINES, **{**RIGHT, **wrong})
    assert (file.state, file.quarantine_code) == ("quarantined", "totals_disagree")
    assert file.acknowledgement["quarantine"]["code"] == "totals_disagree"
    assert file.acknowledgement["rows"]["received"] == 4
    assert "not those of the file" in file_message(file)
    assert_nothing_applied()


def test_a_trailer_that_disagrees_applies_nothing() -> None:
    make_bank()
    with_trailer = MAP + "control: {trailer: {marker: TRL, rows: 2}}\n"
    content = csv_of(LINES)
    wrong = take(content + b"TRL,5\n", map_text=with_trailer, file_id="F1")
    assert wrong.quarantine_code == "totals_disagree"
    assert_nothing_applied()
    right = take(content + b"TRL,4\n", map_text=with_trailer, file_id="F2")
    assert right.state == "acknowledged"
    assert Account.objects.count() == 4


def test_a_manifest_beside_the_file_is_heeded(tmp_path: Path) -> None:
    make_bank()
    path = tmp_path / "accounts.csv"
    path.write_bytes(csv_of(LINES))
    manifest = path.with_name("accounts.csv.manifest.yaml")
    manifest.write_text("file_id: M1\nrows: 4\nas_of: 2026-11-20\nsequence: 1\n")
    said = given_beside(path, Control(sequence=1))
    file = take(path.read_bytes(), file_id=said.file_id, rows=said.rows, as_of=said.as_of)
    assert (file.file_id, file.as_of, file.state) == ("M1", date(2026, 11, 20), "acknowledged")


# --- rejects --------------------------------------------------------------------------------------


def test_one_bad_row_of_a_thousand_leaves_999_and_one_line(tmp_path: Path) -> None:
    make_bank()
    lines = rows(1000)
    lines[499]["principal"] = "1,234.50"
    file = take(lines, rows_per_chunk=400)
    assert file.acknowledgement["rows"] == {
        "received": 1000,
        "accepted": 999,
        "rejected": 1,
        "unchanged": 0,
    }
    assert Account.objects.count() == 999
    assert write_rejects(file, tmp_path / "rejects.csv") == 1
    with (tmp_path / "rejects.csv").open(encoding="utf-8") as written:
        (found,) = csv.DictReader(written)
    assert (found["line_no"], found["external_id"]) == ("501", "A000500")
    assert (found["field"], found["value"]) == ("balances.principal", "1,234.50")
    assert found["message"].startswith("The amount is written in another form")


def test_every_error_of_a_row_is_listed_and_its_value_sealed() -> None:
    make_bank()
    file = take([*rows(9), row(10, principal="NaN", due="2026-02-30", product="NONE")])
    found = IntakeReject.objects.filter(intake_file=file, severity="reject").order_by("id")
    assert {r.line_no for r in found} == {11}
    assert sorted(r.code for r in found) == [
        "amount_not_finite",
        "impossible_date",
        "unknown_product",
    ]
    values = {r.code: house_cipher().open("reject", r.value_cipher) for r in found}
    assert values["amount_not_finite"] == "NaN"


def test_formulas_are_harmless_in_what_goes_out(tmp_path: Path) -> None:
    make_bank()
    formula = "=cmd|' /C calc'!A0"
    file = take([*rows(9), row(10, principal=formula)])
    write_rejects(file, tmp_path / "rejects.csv")
    with (tmp_path / "rejects.csv").open(encoding="utf-8") as written:
        (found,) = csv.DictReader(written)
    assert found["value"] == "'" + formula
    assert restore_cell(found["value"]) == formula
    assert stat.S_IMODE((tmp_path / "rejects.csv").stat().st_mode) == 0o600


def test_too_many_refused_rows_are_a_wrong_file() -> None:
    make_bank()
    file = take([*rows(3), row(4, principal="x"), row(5, principal="y")])
    assert (file.state, file.quarantine_code) == ("quarantined", "too_many_rejects")
    assert file.acknowledgement["rows"]["rejected"] == 2
    assert IntakeReject.objects.count() == 2
    assert_nothing_applied()


def test_an_account_twice_with_other_data_is_refused_in_all_its_rows() -> None:
    make_bank()
    file = take([*rows(18), row(5, principal="1.00")], rows_per_chunk=4)
    assert file.acknowledgement["rows"] == {
        "received": 19,
        "accepted": 17,
        "rejected": 2,
        "unchanged": 0,
    }
    found = IntakeReject.objects.filter(code="duplicate_in_file").order_by("line_no")
    assert [(r.line_no, r.external_id) for r in found] == [(6, "A000005"), (20, "A000005")]
    assert not Account.objects.filter(external_id="A000005").exists()


def test_an_account_twice_with_the_same_data_counts_once() -> None:
    make_bank()
    file = take([*rows(5), row(2)], rows_per_chunk=4)
    assert file.acknowledgement["rows"] == {
        "received": 6,
        "accepted": 5,
        "rejected": 0,
        "unchanged": 1,
    }
    assert file.acknowledgement["amounts_minor"]["CNY"]["unchanged"] == total_of([row(2)])
    assert Entry.objects.filter(account__external_id="A000002").count() == 1


def test_a_good_row_beside_a_bad_one_of_the_same_account_is_not_believed() -> None:
    make_bank()
    file = take([*rows(18), row(5, principal="NaN")])
    assert file.acknowledgement["rejects_by_code"] == {
        "amount_not_finite": 1,
        "duplicate_in_file": 1,
    }
    assert not Account.objects.filter(external_id="A000005").exists()


def test_an_account_keeps_its_currency_and_its_debtor() -> None:
    make_bank()
    take(rows(10), file_id="one")
    lines = rows(10)
    lines[0]["debtor"] = "D000099"
    file = take(lines, file_id="two", **LATER)
    assert file.acknowledgement["rejects_by_code"] == {"debtor_disagrees": 1}
    lines = rows(10)
    lines[0]["currency"] = "USD"
    file = take(lines, file_id="three", **LATER)
    assert set(file.acknowledgement["rejects_by_code"]) == {"other_currency"}


def test_rows_that_disagree_about_their_debtor_are_refused() -> None:
    make_bank()
    lines = [*rows(18), row(50, debtor="D000003", identity=identity_number(60))]
    file = take(lines, rows_per_chunk=5)
    assert file.acknowledgement["rejects_by_code"] == {"debtor_disagrees": 2}
    lines = [*rows(9), row(10, identity=identity_number(61))]
    take(rows(10), file_id="three", **LATER)
    file = take(lines, file_id="four", **LATER)
    assert file.acknowledgement["rejects_by_code"] == {"identity_disagrees": 1}


def test_a_corrected_resend_gives_the_state_of_a_clean_file() -> None:
    """Only which file and run wrote a row differs."""
    make_bank()
    take(rows(20), file_id="F1")
    clean = book_lines(without=BOOKKEEPING)
    empty_database()
    make_bank()
    broken = rows(20)
    broken[3]["due"], broken[7]["principal"] = "30.02.2026", "(12.00)"
    file = take(broken, file_id="F1")
    assert file.acknowledgement["rows"]["rejected"] == 2
    take([row(4), row(8)], file_id="F2", coverage="changes")
    corrected = book_lines(without=BOOKKEEPING)
    assert [line.replace("F2", "F1") for line in corrected] == clean


# --- files that cannot be read or meant -----------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"a,b\n1,2\n", "absent_column"),
        (csv_of(rows(3))[:-30], "cut_file"),
        (b"PK\x03\x04 no text", "other_format"),
        (csv_of(rows(3)) + b"\xff\xfe\xff", "undecodable"),
    ],
)
def test_a_file_that_cannot_be_read_is_answered_and_applies_nothing(
    content: bytes, code: str
) -> None:
    make_bank()
    file = take(content)
    assert (file.state, file.quarantine_code) == ("quarantined", code)
    assert file.acknowledgement["quarantine"]["code"] == code
    assert file.acknowledgement["rows"] is None
    assert file_message(file)
    assert file.run.state == Run.State.QUARANTINED
    assert_nothing_applied()


def test_an_empty_full_file_is_not_believed() -> None:
    make_bank()
    take(rows(5), file_id="one")
    file = take([], file_id="two", **LATER)
    assert file.quarantine_code == "no_rows"
    assert not Account.objects.filter(state="missing").exists()
    assert take([], file_id="three", coverage="changes", **LATER).state == "acknowledged"


def test_figures_of_a_day_to_come_are_not_believed() -> None:
    make_bank()
    file = take(rows(5), as_of=date(2026, 11, 23))
    assert file.quarantine_code == "as_of_in_future"
    assert_nothing_applied()


def test_a_byte_order_mark_and_semicolons_do_no_harm() -> None:
    make_bank()
    content = csv_of(rows(5)).replace(b",", b";")
    assert take(b"\xef\xbb\xbf" + content).acknowledgement["rows"]["accepted"] == 5


# --- formats --------------------------------------------------------------------------------------


ANY_FORMAT = MAP.replace("coverage: full, format: csv", "coverage: full")


def as_parquet(lines: list[dict[str, str]]) -> bytes:
    written = io.BytesIO()
    pl.DataFrame(lines).write_parquet(written)
    return written.getvalue()


def as_workbook(lines: list[dict[str, str]]) -> bytes:
    written, book = io.BytesIO(), openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(lines[0]))
    for line in lines:
        book.active.append(list(line.values()))
    book.save(written)
    return written.getvalue()


def test_the_same_rows_in_any_format_are_the_same_book() -> None:
    lines = rows(12)
    formats = {
        "csv": csv_of(lines),
        "gb18030": csv_of(lines).decode().encode("gb18030"),
        "parquet": as_parquet(lines),
        "xlsx": as_workbook(lines),
    }
    books = {}
    for name, content in formats.items():
        empty_database()
        make_bank()
        file = take(content, file_id="F1", map_text=ANY_FORMAT, rows_per_chunk=5)
        assert file.acknowledgement["rows"]["accepted"] == 12, (name, file.acknowledgement)
        books[name] = book_lines(without=["intake_files", "runs", "events"])
    assert books["gb18030"] == books["parquet"] == books["xlsx"] == books["csv"]
