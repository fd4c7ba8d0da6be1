"""The same bytes under another id, and files without their place among numbered ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kept.batch.intake.acknowledging import write_rejects
from kept.batch.intake.correcting import receive_corrections
from kept.store.models import Event, IntakeFile
from kept.work.intake_conflicts import FileConflict
from kept.work.refusals import Refusal
from tests.batch.intake.deliveries import ACTOR, LATER, NOW, TODAY, make_bank, row, rows, take
from tests.batch.intake.digest import book_lines

pytestmark = pytest.mark.django_db(transaction=True)

UNDATED: dict[str, Any] = {**LATER, "as_of": None}


@pytest.mark.parametrize("known", [{"file_id": "F1"}, {}])
@pytest.mark.parametrize("dry_run", [False, True])
def test_known_bytes_under_another_id_are_refused_and_lose_nothing(
    known: dict[str, str], dry_run: bool
) -> None:
    make_bank()
    first = take(rows(3), **known)
    before = book_lines(without=["events"])
    with pytest.raises(FileConflict) as refused:
        take(rows(3), file_id="F2", dry_run=dry_run, **UNDATED)
    told = str(refused.value)
    assert f"received on 2026-11-22 15:30 as file {first.file_id}, number {first.pk}" in told
    assert "figures as of 2026-11-21" in told
    assert f"--file-id {first.file_id}" in told
    assert "--as-of DATE" in told
    assert book_lines(without=["events"]) == before
    body = json.loads(Event.objects.get(action="intake.refuse").body)
    assert body == {"reason": "known_bytes", "refused_file_id": "F2"}
    assert take(rows(3), file_id=first.file_id, **UNDATED).pk == first.pk


def test_known_bytes_without_an_id_are_refused_where_they_came_under_one() -> None:
    make_bank()
    take(rows(3), file_id="F1")
    with pytest.raises(FileConflict, match="as file F1"):
        take(rows(3), **UNDATED)
    assert IntakeFile.objects.count() == 1


def test_whoever_states_another_day_hands_in_a_new_file() -> None:
    make_bank()
    first = take(rows(3))
    second = take(rows(3), **LATER)
    assert (second.state, second.as_of) == ("acknowledged", TODAY)
    assert second.file_id == f"{first.file_id}-2026-11-22"
    assert take(rows(3), **LATER).pk == second.pk
    assert take(rows(3)).pk == first.pk
    assert take(rows(3), file_id="F2", **LATER).state == "acknowledged"


def test_bytes_of_which_nothing_was_applied_are_not_known() -> None:
    make_bank()
    assert take(rows(3), rows=9, file_id="wrong").state == "quarantined"
    take(rows(3), file_id="tried", dry_run=True)
    assert take(rows(3), file_id="right", **UNDATED).state == "acknowledged"
    make_bank("OTHER")
    assert take(rows(3), creditor="OTHER", **UNDATED).state == "acknowledged"


def test_an_answer_says_whether_the_day_of_its_figures_was_stated() -> None:
    make_bank()
    assert take(rows(3), file_id="F1").acknowledgement["as_of_assumed"] is False
    undated = take(rows(4), file_id="F2", **UNDATED).acknowledgement
    assert (undated["as_of_assumed"], undated["as_of"]) == (True, "2026-11-23")


def test_once_files_are_numbered_one_without_a_number_is_refused() -> None:
    make_bank()
    assert take(rows(2)).state == "acknowledged"
    take(rows(3), file_id="F1", sequence=1)
    before = book_lines(without=["events"])
    with pytest.raises(FileConflict, match="last received is 1") as refused:
        take(rows(4), file_id="F2", **LATER)
    assert "--sequence NUMBER" in str(refused.value)
    assert book_lines(without=["events"]) == before
    assert take(rows(3), file_id="F1").state == "acknowledged"  # known, and answered
    assert take(rows(4), file_id="F2", sequence=2, **LATER).state == "acknowledged"
    make_bank("OTHER")
    assert take(rows(2), creditor="OTHER").state == "acknowledged"


def test_a_number_that_was_given_back_asks_nobody_for_one() -> None:
    make_bank()
    assert take(rows(3), sequence=1, rows=9).state == "quarantined"
    assert take(rows(4)).state == "acknowledged"


def test_corrected_rows_of_a_numbered_file_need_no_number(tmp_path: Any) -> None:
    make_bank()
    first = take([*rows(9), row(10, principal="NaN")], sequence=1)
    write_rejects(first, tmp_path / "rejects.csv")
    path = tmp_path / "right.csv"
    text = (tmp_path / "rejects.csv").read_text(encoding="utf-8")
    path.write_text(text.replace(",NaN", ",5.00"), encoding="utf-8")
    with path.open(encoding="utf-8", newline="") as corrections:
        again = receive_corrections(
            actor=ACTOR, intake_file_id=first.pk, corrections=corrections, now=NOW
        )
    assert again.state == "acknowledged"
    assert again.acknowledgement["new"] == 1


@pytest.mark.parametrize(
    "identity",
    [
        {"file_id": "x" * 129},
        {"file_id": " "},
        {"file_id": "a\nb"},
        {"file_id": "a\0b"},
        {"sequence": 0},
        {"sequence": 10**18},
    ],
)
def test_an_identity_that_no_table_holds_is_refused(identity: dict[str, Any]) -> None:
    make_bank()
    before = book_lines()
    with pytest.raises(Refusal, match=r"^A (file id|sequence) "):
        take(rows(2), **identity)
    assert book_lines() == before
    most = {"file_id": "账" * 128} if "file_id" in identity else {"sequence": 10**18 - 1}
    assert take(rows(2), **most).state in ("acknowledged", "waiting")
