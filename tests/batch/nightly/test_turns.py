"""Chunks side by side: what is numbered, and what is committed, keeps the order of the chunks."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from kept.batch.nightly.chunks import work_in_order
from kept.batch.nightly.turns import ChunkBeforeFailed, Gate
from kept.batch.stages import done_chunks, open_run, say_nothing
from kept.core.actors import job
from kept.store.cases import Turn
from kept.store.models import Case, Run, Team
from kept.store.nights import IdRange, Night, settle_range
from tests import factories

NOW = datetime(2026, 6, 1, 20, tzinfo=UTC)
CHUNKS = {number: f"T{number}" for number in range(6)}


@pytest.fixture
def run(transactional_db: None) -> Run:
    return open_run(actor=job("test"), kind="nightly", key="turns", now=NOW)


def _codes() -> list[str]:
    return list(Team.objects.order_by("pk").values_list("code", flat=True))


def test_a_later_chunk_that_is_ready_first_writes_last(run: Run) -> None:
    ready, seen = threading.Event(), []

    def work(code: str, turn: Turn) -> dict[str, Any]:
        if code == "T0":
            assert ready.wait(30), "the second chunk never came to its turn"
        elif code == "T1":
            ready.set()
        turn()
        Team.objects.create(code=code, name=code)
        seen.append(code)
        return {"code": code}

    found = work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert [each["code"] for each in found] == seen == _codes() == list(CHUNKS.values())


def test_each_is_committed_before_the_next_one_writes(run: Run) -> None:
    def work(code: str, turn: Turn) -> dict[str, Any]:
        turn()
        there = Team.objects.count()
        Team.objects.create(code=code, name=code)
        return {"there": there}

    found = work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert [each["there"] for each in found] == list(CHUNKS)


def test_locks_are_taken_in_the_order_of_the_chunks(run: Run) -> None:
    entered: list[int] = []
    numbers = iter(range(len(CHUNKS)))

    def work(code: str, turn: Turn) -> dict[str, Any]:
        return {"entered": entered[int(code[1:])]}

    work_in_order(run, "s", CHUNKS, lambda: entered.append(next(numbers)), work, say_nothing, "")
    assert entered == list(range(len(CHUNKS)))


def test_what_follows_a_failed_chunk_is_not_there_and_its_failure_is_told(run: Run) -> None:
    later_ready = threading.Event()

    def work(code: str, turn: Turn) -> dict[str, Any]:
        if code == "T2":
            later_ready.wait(5)
            raise ValueError("the third one fails")
        if code == "T3":
            later_ready.set()
        turn()
        Team.objects.create(code=code, name=code)
        return {}

    with pytest.raises(ValueError, match="the third one fails"):
        work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert _codes() == ["T0", "T1"]
    assert sorted(done_chunks(run, "s")) == [0, 1]


def test_what_comes_before_a_failed_chunk_is_finished(run: Run) -> None:
    failed = threading.Event()

    def work(code: str, turn: Turn) -> dict[str, Any]:
        if code == "T1":
            failed.set()
            raise ValueError("the second one fails first")
        assert failed.wait(30), "the second chunk never failed"
        turn()
        Team.objects.create(code=code, name=code)
        return {}

    with pytest.raises(ValueError, match="fails first"):
        work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert _codes() == ["T0"]
    assert sorted(done_chunks(run, "s")) == [0]


def test_a_failure_in_the_turn_lets_no_later_chunk_write(run: Run) -> None:
    asked = threading.Event()

    def work(code: str, turn: Turn) -> dict[str, Any]:
        if code == "T1":
            asked.set()
        turn()
        Team.objects.create(code=code, name=code)
        if code == "T0":
            assert asked.wait(30), "the second chunk never came to its turn"
            raise ValueError("the first one fails late")
        return {}

    with pytest.raises(ValueError, match="fails late"):
        work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert _codes() == []


def test_when_the_watcher_fails_no_chunk_goes_on_behind_it(run: Run) -> None:
    def work(code: str, turn: Turn) -> dict[str, Any]:
        turn()
        Team.objects.create(code=code, name=code)
        return {}

    def progress(stage: str, done: int, total: int, message: str) -> None:
        if done:
            raise BrokenPipeError("nobody reads any more")

    with pytest.raises(BrokenPipeError):
        work_in_order(run, "s", CHUNKS, lambda: None, work, progress, "teams")
    there = _codes()
    assert [each.name for each in threading.enumerate() if each.name.startswith("chunk")] == []
    assert there == list(CHUNKS.values())[: len(there)]


def test_what_was_done_before_is_not_done_again(run: Run) -> None:
    def make(code: str, turn: Turn) -> dict[str, Any]:
        turn()
        Team.objects.create(code=code, name=code)
        return {"code": code}

    first = {number: CHUNKS[number] for number in (0, 1)}
    work_in_order(run, "s", first, lambda: None, make, say_nothing, "teams")
    found = work_in_order(run, "s", CHUNKS, lambda: None, make, say_nothing, "teams")
    assert [each["code"] for each in found] == _codes() == list(CHUNKS.values())


@pytest.mark.django_db
def test_within_a_transaction_they_go_one_after_the_other() -> None:
    run = open_run(actor=job("test"), kind="nightly", key="alone", now=NOW)
    threads = set()

    def work(code: str, turn: Turn) -> dict[str, Any]:
        threads.add(threading.current_thread().name)
        assert connection.in_atomic_block
        turn()
        return {"code": code}

    found = work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert [each["code"] for each in found] == list(CHUNKS.values())
    assert threads == {threading.main_thread().name}


def test_a_closed_gate_lets_nobody_wait_for_ever() -> None:
    gate = Gate([0, 1, 2])
    gate.close_after(1)
    with pytest.raises(ChunkBeforeFailed), gate.turn(2):
        pass
    with gate.turn(0):
        pass


WRITES = """
    SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND c.relpersistence = 'p'
      AND l.mode IN ('RowShareLock', 'RowExclusiveLock')
"""


def _tables_written() -> int:
    with connection.cursor() as cursor:
        cursor.execute(WRITES)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_before_its_turn_a_chunk_of_the_night_has_locked_no_row() -> None:
    factories.make_partitions()
    creditor = factories.make_creditor()
    product = factories.make_product(creditor)
    factories.make_terms(product)
    account = factories.make_account(product, factories.make_debtor(creditor))
    factories.make_entry(account, {"principal": 500_00}, due_on=date(2026, 5, 1))
    night = Night(1, creditor.pk, factories.NOW.date(), factories.NOW, job("test"))
    locked: list[int] = []
    with transaction.atomic():
        settle_range(night, IdRange(0, 2**40), 0, lambda: locked.append(_tables_written()))
        assert (locked, Case.objects.count()) == ([0], 1)
        assert _tables_written() > 0, "the question would see what was written"
