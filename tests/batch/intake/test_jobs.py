"""A file handed in on a page is worked off by the worker, and its progress can be watched."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from procrastinate.contrib.django import app

from kept.batch.intake.control import Control
from kept.batch.intake.jobs import defer_intake
from kept.batch.intake.receiving import FileToReceive, receive_file
from kept.store.models import Account, Run
from tests.batch.intake.deliveries import ACTOR, AS_OF, MAP, NOW, csv_of, make_bank, rows

pytestmark = pytest.mark.django_db(transaction=True)


def hand_in(count: int) -> int:
    file = FileToReceive(
        creditor_code="BANK",
        name="accounts.csv",
        content=io.BytesIO(csv_of(rows(count))),
        map_name="map.yaml",
        map_text=MAP,
        given=Control(as_of=AS_OF, file_id=f"F{count}"),
    )
    receipt = receive_file(actor=ACTOR, file=file, now=NOW)
    assert receipt.is_new
    defer_intake(receipt.file)
    return receipt.file.pk


def work() -> None:
    """Whatever is in the queue, and then end."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def test_the_worker_applies_what_was_handed_in() -> None:
    make_bank()
    hand_in(5)
    assert not Account.objects.exists()
    work()
    assert Account.objects.count() == 5
    run = Run.objects.get(kind="intake")
    assert (run.state, run.stage) == ("done", "acknowledged")


def test_two_files_in_the_queue_are_applied_one_after_the_other() -> None:
    make_bank()
    hand_in(5)
    hand_in(7)
    work()
    assert set(Run.objects.values_list("state", flat=True)) == {"done"}
    assert Account.objects.count() == 7


def test_progress_counts_rows_stage_by_stage() -> None:
    make_bank()
    seen: list[tuple[str, int, int]] = []
    from kept.batch.intake.receiving import receive_and_run

    file = FileToReceive(
        creditor_code="BANK",
        name="accounts.csv",
        content=io.BytesIO(csv_of(rows(10))),
        map_name="map.yaml",
        map_text=MAP,
        given=Control(as_of=AS_OF),
        rows_per_chunk=4,
    )
    receive_and_run(
        actor=ACTOR,
        file=file,
        now=NOW + timedelta(minutes=1),
        progress=lambda stage, done, total, message: seen.append((stage, done, total)),
    )
    assert [each for each in seen if each[0] == "staged"] == [
        ("staged", 0, 0),
        ("staged", 4, 0),
        ("staged", 8, 0),
        ("staged", 10, 0),
    ]
    assert [each for each in seen if each[0] == "applied"] == [
        ("applied", 0, 10),
        ("applied", 4, 10),
        ("applied", 8, 10),
        ("applied", 10, 10),
    ]
