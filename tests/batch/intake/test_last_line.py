"""A last line without its line end: taken with a warning where it is whole, cut where it is not."""

from __future__ import annotations

import pytest

from kept.batch.intake.telling import file_message
from kept.store.models import Account
from tests.batch.intake.deliveries import COLUMNS, MAP, csv_of, make_bank, row, rows, take
from tests.batch.intake.digest import assert_nothing_applied

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = csv_of(rows(4)).rstrip(b"\n")
TRAILER = MAP + "control: {trailer: {marker: T, rows: 2}}\n"


@pytest.mark.parametrize("declared", [{}, {"rows": 4}])
def test_a_whole_last_line_is_taken_with_a_warning(declared: dict[str, int]) -> None:
    make_bank()
    file = take(OPEN, **declared)
    assert file.state == "acknowledged"
    assert file.acknowledgement["warnings_by_code"] == {"no_final_line_end": 1}
    assert Account.objects.count() == 4


@pytest.mark.parametrize("columns", [1, len(COLUMNS) - 1])
def test_a_last_line_with_fewer_cells_is_cut_and_its_number_is_told(columns: int) -> None:
    make_bank()
    *whole, last = OPEN.split(b"\n")
    cut = b"\n".join([*whole, b",".join(last.split(b",")[:columns])])
    file = take(cut)
    assert (file.state, file.quarantine_code) == ("quarantined", "cut_file")
    assert file_message(file).startswith("The file ends in the middle of line 5:")
    assert_nothing_applied()


def test_a_cut_at_a_line_end_shows_in_the_number_of_rows() -> None:
    make_bank()
    assert take(csv_of(rows(3)), rows=4).quarantine_code == "totals_disagree"
    assert take(OPEN, rows=5, file_id="other").quarantine_code == "totals_disagree"
    assert_nothing_applied()


def test_a_trailer_takes_the_doubt_away_and_its_count_is_held_to() -> None:
    make_bank()
    whole = csv_of(rows(4))
    agrees = take(whole + b"T,4", map_text=TRAILER, file_id="F1")
    assert agrees.state == "acknowledged"
    assert agrees.acknowledgement["warnings_by_code"] == {}
    differs = take(whole + b"T,5", map_text=TRAILER, file_id="F2")
    assert differs.quarantine_code == "totals_disagree"
    cut = take(whole + b"T", map_text=TRAILER, file_id="F3")
    assert cut.quarantine_code == "bad_control"
    absent = take(OPEN, map_text=TRAILER, file_id="F4")
    assert absent.quarantine_code == "absent_control"


def test_a_last_line_in_other_line_ends_and_with_an_empty_last_cell() -> None:
    make_bank()
    lines = csv_of([*rows(3), row(4, mark="")]).replace(b"\n", b"\r\n")
    file = take(lines.removesuffix(b"\r\n"))
    assert (file.state, Account.objects.count()) == ("acknowledged", 4)
    assert file.acknowledgement["warnings_by_code"] == {"no_final_line_end": 1}
