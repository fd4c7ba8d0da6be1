"""The reject file, its cells put right, comes back as the rows that were refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from kept.batch.intake.acknowledging import write_rejects
from kept.batch.intake.correcting import receive_corrections
from kept.store.models import IntakeFile
from kept.work.refusals import Refusal
from tests.batch.intake.deliveries import ACTOR, BOOKKEEPING, MAP, NOW, make_bank, row, rows, take
from tests.batch.intake.digest import book_lines
from tests.batch.intake.test_checking import ANY_FORMAT, as_workbook
from tests.emptying import empty_database

pytestmark = pytest.mark.django_db(transaction=True)

RIGHT = {"due": row(4)["due"], "principal": row(8)["principal"], "mobile": ""}


def sent(shape: str) -> list[dict[str, str]]:
    """A name that looks like a formula is text in CSV; in a workbook it would be a formula."""
    lines = rows(20)
    lines[3]["name"] = "测试4号" if shape == "xlsx" else "=测试4号"
    return lines


def broken(shape: str) -> list[dict[str, str]]:
    lines = sent(shape)
    lines[3]["due"] = "30.02.2026"
    lines[7]["principal"] = "=(12.00)"
    return lines


def corrected(path: Path) -> io.StringIO:
    """The reject file after a person put the right values into its cells."""
    with path.open(encoding="utf-8", newline="") as rejects:
        lines = list(csv.DictReader(rejects))
    for line in lines:
        line["value"] = RIGHT[line["field"].split(".")[-1].replace("due_on", "due")]
    text = io.StringIO()
    writer = csv.DictWriter(text, lines[0])
    writer.writeheader()
    writer.writerows(lines)
    text.seek(0)
    return text


def send_again(file: IntakeFile, tmp_path: Path) -> IntakeFile:
    write_rejects(file, tmp_path / "rejects.csv")
    return receive_corrections(
        actor=ACTOR,
        intake_file_id=file.pk,
        corrections=corrected(tmp_path / "rejects.csv"),
        now=NOW,
    )


@pytest.mark.parametrize("shape", ["csv", "xlsx", "with a trailer"])
def test_corrected_cells_give_the_state_of_a_clean_file(tmp_path: Path, shape: str) -> None:
    make_bank()
    take(sent(shape), file_id="F1")
    expected = book_lines(without=BOOKKEEPING)
    empty_database()
    make_bank()
    if shape == "xlsx":
        first = take(as_workbook(broken(shape)), file_id="F1", map_text=ANY_FORMAT)
    elif shape == "csv":
        first = take(broken(shape), file_id="F1")
    else:
        trailer = dict.fromkeys(row(1), "") | {"account": "TRL", "product": "20"}
        with_trailer = MAP + "control: {trailer: {marker: TRL, rows: 2}, required: [rows]}\n"
        first = take([*broken(shape), trailer], file_id="F1", map_text=with_trailer)
    assert first.acknowledgement["rows"]["rejected"] == 2
    again = send_again(first, tmp_path)
    assert again.acknowledgement["rows"] == {
        "received": 2,
        "accepted": 2,
        "rejected": 0,
        "unchanged": 0,
    }
    found = [line.replace(again.file_id, "F1") for line in book_lines(without=BOOKKEEPING)]
    assert found == expected
    # The same corrections again are the same file.
    assert send_again(first, tmp_path).pk == again.pk


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a reject file"),
        ("a,b\n1,2\n", "not a reject file"),
        ("line_no,external_id,field,code,message,value\n", "no line"),
        ("line_no,external_id,field,code,message,value\n2,A,nothing,c,m,v\n", "names no cell"),
        (
            "line_no,external_id,field,code,message,value\n"
            "2,A,account.due_on,c,m,2026-01-01\n2,A,account.due_on,c,m,2026-01-02\n",
            "a second time",
        ),
    ],
)
def test_what_is_no_reject_file_is_refused(text: str, sentence: str) -> None:
    make_bank()
    file = take(rows(3))
    before = book_lines()
    with pytest.raises(Refusal, match=sentence):
        receive_corrections(
            actor=ACTOR, intake_file_id=file.pk, corrections=io.StringIO(text), now=NOW
        )
    assert book_lines() == before
