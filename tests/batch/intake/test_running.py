"""Files as wholes: who is answered, who waits, what goes to quarantine, what a try leaves."""

from __future__ import annotations

import csv
import json
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from kept.batch.intake.acknowledging import (
    breach_message,
    file_message,
    write_acknowledgement,
    write_rejects,
)
from kept.batch.intake.control import Control
from kept.batch.intake.receiving import given_beside, run_received
from kept.batch.intake.running import run_files_of
from kept.core.actors import Actor, ActorKind, Role
from kept.core.intake.escaping import restore_cell
from kept.store.cipher import house_cipher
from kept.store.models import Account, Entry, Event, IntakeFile, IntakeReject, Posting, Run
from kept.store.sealing import open_sealed, vault_folder
from kept.work.intake import FileConflict, do_accept_profile, do_skip_sequence
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests.batch.intake.deliveries import (
    ACTOR,
    MAP,
    NOW,
    TODAY,
    csv_of,
    identity_number,
    make_bank,
    row,
    rows,
    take,
)
from tests.batch.intake.digest import book_lines

pytestmark = pytest.mark.django_db(transaction=True)

LATER = {"now": NOW + timedelta(days=1), "as_of": TODAY}
FILES = ["intake_files", "runs", "events", "intake_rejects"]


def assert_nothing_applied() -> None:
    assert not Account.objects.exists()
    assert not Entry.objects.exists()
    assert not Event.objects.exclude(chain_kind="house").exists()


def total_of(lines: list[dict[str, str]]) -> int:
    return sum(round(100 * (float(line["principal"]) + float(line["interest"]))) for line in lines)


# --- identity ------------------------------------------------------------------------------------


def test_the_same_file_again_is_answered_with_the_first_answer() -> None:
    make_bank()
    first = take(rows(5), file_id="F1")
    before = book_lines()
    again = take(rows(5), file_id="F1", now=NOW + timedelta(hours=5))
    assert again.pk == first.pk
    assert again.acknowledgement == first.acknowledgement
    assert book_lines() == before


def test_without_a_file_id_the_bytes_are_the_identity() -> None:
    make_bank()
    first = take(rows(5))
    assert take(rows(5), now=NOW + timedelta(hours=5)).pk == first.pk
    assert take(rows(6), **LATER).pk != first.pk


def test_the_same_id_with_other_bytes_is_refused_and_told() -> None:
    make_bank()
    first = take(rows(5), file_id="F1")
    before = book_lines(without=["events"])
    with pytest.raises(FileConflict, match="F1 was received before with other bytes"):
        take(rows(6), file_id="F1")
    assert book_lines(without=["events"]) == before
    refused = Event.objects.get(action="intake.refuse")
    assert refused.subject == f"intake_file:{first.pk}"
    assert json.loads(refused.body)["reason"] == "other_bytes"


def test_two_creditors_may_use_the_same_file_id() -> None:
    make_bank("BANK")
    make_bank("OTHER")
    take(rows(2), file_id="F1")
    assert take(rows(3), file_id="F1", creditor="OTHER").state == "acknowledged"


def test_the_bytes_are_kept_sealed_and_unchanged() -> None:
    make_bank()
    content = csv_of(rows(5))
    file = take(content)
    path = vault_folder() / "BANK" / file.stored_path
    assert "测试1号".encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with open_sealed(path) as raw:
        assert raw.read() == content


# --- control totals ------------------------------------------------------------------------------

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


# --- rejects -------------------------------------------------------------------------------------


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
    clean = book_lines(without=FILES)
    empty_book()
    make_bank()
    broken = rows(20)
    broken[3]["due"], broken[7]["principal"] = "30.02.2026", "(12.00)"
    file = take(broken, file_id="F1")
    assert file.acknowledgement["rows"]["rejected"] == 2
    take([row(4), row(8)], file_id="F2", coverage="changes")
    corrected = book_lines(without=FILES)
    assert [line.replace("F2", "F1") for line in corrected] == clean


def empty_book() -> None:
    from tests.conftest import TABLES_OF_A_TEST

    with connection.cursor() as cursor:
        cursor.execute(TABLES_OF_A_TEST)
        names = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY")


# --- files that cannot be read or meant ----------------------------------------------------------


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


# --- order ---------------------------------------------------------------------------------------


def test_a_file_that_comes_too_early_waits_and_is_applied_in_order() -> None:
    make_bank()
    third = take([row(1, principal="3.00")], file_id="F3", sequence=3, as_of=TODAY)
    assert (third.state, third.run.state) == ("waiting", "waiting")
    assert third.run.message == "waits for sequence 1"
    second = take([row(1, principal="2.00")], file_id="F2", sequence=2)
    assert second.state == "waiting"
    assert_nothing_applied()
    first = take([row(1, principal="1.00")], file_id="F1", sequence=1)
    assert first.state == "acknowledged"
    for file in (second, third):
        file.refresh_from_db()
        assert file.state == "acknowledged"
    kinds = Entry.objects.order_by("id").values_list("kind", flat=True)
    assert kinds[0] == "opening"
    amounts = Posting.objects.filter(component="principal", from_book="creditor").order_by("id")
    assert [p.amount_minor for p in amounts] == [100, 100, 100]


def test_a_person_skips_a_missing_file_with_a_reason() -> None:
    creditor = make_bank()
    take(rows(2), file_id="F1", sequence=1)
    third = take(rows(3), file_id="F3", sequence=3, **LATER)
    assert third.state == "waiting"
    asked = {"actor": ACTOR, "creditor_code": "BANK", "file_type": "accounts", "now": NOW}
    with pytest.raises(Refusal):
        do_skip_sequence(**asked, sequence=2, reason=" ")
    with pytest.raises(Refusal):
        do_skip_sequence(**asked, sequence=3, reason="it is here")
    do_skip_sequence(**asked, sequence=2, reason="the creditor lost it")
    run_files_of(creditor.pk)
    third.refresh_from_db()
    assert third.state == "acknowledged"
    with pytest.raises(FileConflict):
        take(rows(1), file_id="late", sequence=2, **LATER)
    skipped = Event.objects.get(action="intake.skip")
    assert json.loads(skipped.body)["reason"] == "the creditor lost it"


def test_a_file_in_quarantine_gives_its_sequence_back() -> None:
    make_bank()
    take(rows(2), file_id="F1", sequence=1)
    wrong = take(rows(3), file_id="F2", sequence=2, rows=99, **LATER)
    assert wrong.state == "quarantined"
    assert take(rows(4), file_id="F3", sequence=3, **LATER).state == "waiting"
    assert take(rows(3), file_id="F2b", sequence=2, rows=3, **LATER).state == "acknowledged"
    assert IntakeFile.objects.get(file_id="F3").state == "acknowledged"


def test_a_sequence_is_taken_once() -> None:
    make_bank()
    take(rows(2), file_id="F1", sequence=1)
    with pytest.raises(FileConflict, match="Sequence 1"):
        take(rows(3), file_id="other", sequence=1)


# --- trying --------------------------------------------------------------------------------------


def test_a_try_gives_the_same_answer_and_applies_nothing(tmp_path: Path) -> None:
    make_bank()
    take(rows(20), file_id="before")
    changed = [*rows(15), row(30), row(31, principal="NaN"), row(3, principal="1.00")]
    before = book_lines(without=FILES)
    tried = take(changed, file_id="F1", dry_run=True, **LATER)
    assert (tried.state, tried.run.state) == ("dry_run", "done")
    assert book_lines(without=FILES) == before
    write_rejects(tried, tmp_path / "tried.csv")
    taken = take(changed, file_id="F1", **LATER)
    write_rejects(taken, tmp_path / "taken.csv")
    assert taken.state == "acknowledged"
    assert (tmp_path / "tried.csv").read_text() == (tmp_path / "taken.csv").read_text()
    assert {**tried.acknowledgement, "state": ""} == {**taken.acknowledgement, "state": ""}
    assert tried.profile == taken.profile
    again = take(changed, file_id="F1", dry_run=True, **LATER)
    assert again.pk != tried.pk
    assert again.acknowledgement["rows"]["unchanged"] == 15 - 2 + 2


def test_a_try_of_a_bad_file_says_why(tmp_path: Path) -> None:
    make_bank()
    tried = take(rows(3), rows=9, dry_run=True)
    assert (tried.state, tried.quarantine_code) == ("dry_run", "totals_disagree")
    write_acknowledgement(tried, tmp_path / "answer.json")
    told = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    assert told["quarantine"]["code"] == "totals_disagree"


# --- permission ----------------------------------------------------------------------------------


def person(role: Role, *creditors: int) -> Actor:
    return Actor(ActorKind.PERSON, 1, "somebody", frozenset({role}), frozenset(creditors))


def sealed_files() -> list[Path]:
    return sorted(vault_folder().rglob("*.sealed"))


def test_only_those_who_may_hand_in_a_creditors_file_do() -> None:
    mine, other = make_bank("BANK"), make_bank("OTHER")
    before, sealed = book_lines(), sealed_files()
    with pytest.raises(NotAllowed):
        take(rows(2), actor=person(Role.COLLECTOR, mine.pk))
    with pytest.raises(NotThere):
        take(rows(2), actor=person(Role.MANAGER, other.pk))
    assert (book_lines(), sealed_files()) == (before, sealed)
    assert take(rows(2), actor=person(Role.MANAGER, mine.pk)).state == "acknowledged"


def test_staging_tables_are_gone_when_a_file_is_done() -> None:
    make_bank()
    take(rows(3), file_id="one")
    take(rows(3), rows=8, file_id="two")
    take(rows(3), file_id="three", dry_run=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'staged%'")
        assert cursor.fetchone()[0] == 0


def test_working_off_a_finished_file_again_changes_nothing() -> None:
    make_bank()
    file = take(rows(3))
    before = book_lines()
    assert run_received(file.pk).acknowledgement == file.acknowledgement
    assert book_lines() == before


# --- profile -------------------------------------------------------------------------------------

BANDS = MAP + "profile: {rows_change_per_mille: 200, balance_change_per_mille: 300}\n"


def test_a_file_unlike_those_before_it_waits_for_a_person() -> None:
    make_bank()
    take(rows(20), file_id="one", map_text=BANDS)
    odd = take(rows(10), file_id="two", map_text=BANDS, **LATER)
    assert (odd.state, odd.run.state) == ("profiled", "waiting")
    assert [each["code"] for each in odd.profile["breaches"]] == ["rows_changed", "balance_changed"]
    assert breach_message(odd.profile["breaches"][0]) == (
        "The file has 10 rows; the files before it had 20."
    )
    assert not Account.objects.filter(state="missing").exists()
    assert run_received(odd.pk).state == "profiled"
    # Meanwhile another file is applied: what waits is checked anew when it is accepted.
    between = take(
        [row(1, principal="5.00")], file_id="three", map_text=MAP, coverage="changes", **LATER
    )
    assert between.state == "acknowledged"
    with pytest.raises(Refusal):
        do_accept_profile(actor=ACTOR, intake_file_id=odd.pk, reason="", now=NOW)
    do_accept_profile(actor=ACTOR, intake_file_id=odd.pk, reason="half was sold", now=NOW)
    taken = run_received(odd.pk)
    assert taken.state == "acknowledged"
    assert taken.profile["accepted"]["reason"] == "half was sold"
    assert taken.acknowledgement["changed"] == 1
    assert Account.objects.filter(state="missing").count() == 10
    with pytest.raises(Refusal):
        do_accept_profile(actor=ACTOR, intake_file_id=odd.pk, reason="again", now=NOW)


def test_a_numbered_file_that_waits_for_a_person_holds_back_the_next() -> None:
    make_bank()
    take(rows(20), file_id="F1", sequence=1, map_text=BANDS)
    take(rows(10), file_id="F2", sequence=2, map_text=BANDS, **LATER)
    assert take(rows(20), file_id="F3", sequence=3, map_text=BANDS, **LATER).state == "waiting"


def test_a_profile_says_what_the_file_looks_like() -> None:
    make_bank()
    file = take([*rows(9), row(10, principal="NaN")], rows_per_chunk=4)
    found = file.profile
    assert (found["rows"], found["rejected"]) == (10, 1)
    assert found["nulls"]["contacts.phone"] == 0
    assert found["nulls"]["related"] == 9
    assert found["balances"]["CNY"]["total"] == total_of(rows(9))
    assert found["dates"]["account.opened_on"] == ["2024-03-01", "2024-03-01"]
    assert found["counts"]["product"] == {"CARD": 9}
