"""Files as wholes: who is answered, who waits and who is tried only."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from kept.batch.intake.acknowledging import (
    outbox_path,
    write_acknowledgement,
    write_rejects,
)
from kept.batch.intake.receiving import run_received
from kept.batch.intake.running import run_files_of
from kept.core.actors import Actor, Role
from kept.store.models import Entry, Event, IntakeFile, Posting
from kept.store.sealing import open_sealed, vault_folder
from kept.work.intake import (
    FileConflict,
    do_skip_sequence,
)
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories
from tests.batch.intake.deliveries import (
    ACTOR,
    BOOKKEEPING,
    LATER,
    NOW,
    TODAY,
    csv_of,
    make_bank,
    row,
    rows,
    take,
)
from tests.batch.intake.digest import assert_nothing_applied, book_lines, staging_tables
from tests.emptying import empty_database

pytestmark = pytest.mark.django_db(transaction=True)


# --- identity -------------------------------------------------------------------------------------


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


def test_every_file_gets_an_acknowledgement_file() -> None:
    make_bank()
    taken = take(rows(5), file_id="2026/11 F1")
    refused = take(rows(5), file_id="F2", rows=9, **LATER)
    tried = take(rows(5), file_id="only tried", dry_run=True)
    for file in (taken, refused):
        path = outbox_path(file)
        assert json.loads(path.read_text(encoding="utf-8")) == file.acknowledgement
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert outbox_path(taken).name == "2026%2F11 F1.acknowledgement.json"
    long = take(rows(5), file_id="账" * 128, dry_run=True)
    assert len(outbox_path(long).name) < 100
    assert not outbox_path(tried).exists()


def test_the_bytes_are_kept_sealed_and_unchanged() -> None:
    make_bank()
    content = csv_of(rows(5))
    file = take(content)
    path = vault_folder() / file.stored_path
    assert "测试1号".encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with open_sealed(path) as raw:
        assert raw.read() == content


# --- order ----------------------------------------------------------------------------------------


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


# --- trying ---------------------------------------------------------------------------------------


def test_a_try_gives_the_same_answer_and_applies_nothing(tmp_path: Path) -> None:
    make_bank()
    take(rows(20), file_id="before")
    changed = [*rows(15), row(30), row(31, principal="NaN"), row(3, principal="1.00")]
    before = book_lines(without=BOOKKEEPING)
    tried = take(changed, file_id="F1", dry_run=True, **LATER)
    assert (tried.state, tried.run.state) == ("dry_run", "done")
    assert book_lines(without=BOOKKEEPING) == before
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


# --- permission -----------------------------------------------------------------------------------


def person(role: Role, *creditors: int) -> Actor:
    return factories.make_actor(1, "somebody", frozenset({role}), frozenset(creditors))


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
    assert staging_tables() == 0


def test_a_stored_file_replayed_into_an_empty_book_gives_the_same_ledger() -> None:
    make_bank()
    file = take([*rows(15), row(3, principal="9.00"), row(16, mark="D")], file_id="F1")
    before = book_lines()
    with open_sealed(vault_folder() / file.stored_path) as raw:
        content = raw.read()
    empty_database()
    make_bank()
    take(content, file_id="F1")
    assert book_lines() == before


def test_working_off_a_finished_file_again_changes_nothing() -> None:
    make_bank()
    file = take(rows(3))
    before = book_lines()
    assert run_received(file.pk).acknowledgement == file.acknowledgement
    assert book_lines() == before
