"""Chunks side by side: what is numbered, and what is committed, keeps the order of the chunks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from kept.batch.nightly.chunks import work_in_order
from kept.batch.nightly.turns import ChunkBeforeFailed, Gate
from kept.batch.stages import done_chunks, open_run, say_nothing
from kept.core.actors import job
from kept.store.cases import Turn
from kept.store.models import Run, Team

NOW = datetime(2026, 6, 1, 20, tzinfo=UTC)
CHUNKS = {number: f"T{number}" for number in range(6)}


@pytest.fixture
def run(transactional_db: None) -> Run:
    return open_run(actor=job("test"), kind="nightly", key="turns", now=NOW)


def _codes() -> list[str]:
    return list(Team.objects.order_by("pk").values_list("code", flat=True))


def test_a_later_chunk_that_is_ready_first_is_numbered_and_committed_last(run: Run) -> None:
    ready, seen = threading.Event(), []

    def work(code: str, turn: Turn) -> dict[str, Any]:
        if code == "T0":
            assert ready.wait(30), "the second chunk never came to its turn"
        elif code == "T1":
            ready.set()
        with turn():
            Team.objects.create(code=code, name=code)
            seen.append(code)
        return {"code": code}

    found = work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert [each["code"] for each in found] == seen == _codes() == list(CHUNKS.values())


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
        with turn():
            Team.objects.create(code=code, name=code)
        return {}

    with pytest.raises(ValueError, match="the third one fails"):
        work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert _codes() == ["T0", "T1"]
    assert sorted(done_chunks(run, "s")) == [0, 1]


def test_a_failure_after_the_turn_takes_later_chunks_back_too(run: Run) -> None:
    numbered = threading.Event()

    def work(code: str, turn: Turn) -> dict[str, Any]:
        with turn():
            Team.objects.create(code=code, name=code)
        if code == "T1":
            numbered.set()
        if code == "T0":
            assert numbered.wait(30), "the second chunk was not numbered after the first"
            raise ValueError("the first one fails late")
        return {}

    with pytest.raises(ValueError, match="fails late"):
        work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert _codes() == []


def test_what_was_done_before_is_not_done_again(run: Run) -> None:
    def make(code: str, turn: Turn) -> dict[str, Any]:
        with turn():
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
        with turn():
            return {"code": code}

    found = work_in_order(run, "s", CHUNKS, lambda: None, work, say_nothing, "teams")
    assert [each["code"] for each in found] == list(CHUNKS.values())
    assert threads == {threading.main_thread().name}


def test_a_closed_gate_lets_nobody_wait_for_ever() -> None:
    gate = Gate([0, 1])
    gate.close()
    with pytest.raises(ChunkBeforeFailed), gate.turn(1):
        pass
