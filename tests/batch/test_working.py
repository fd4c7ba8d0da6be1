"""Jobs in a real worker: done once, tried again with pauses, refused for good, swept."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from kept.batch.rounds import make_round
from kept.batch.stages import RunBusy
from kept.batch.working import TRIES_MAX, URGENT, Pauses, job
from kept.store.jobs import drop_old_jobs, sweep_stalled
from kept.store.models import JobNote, Team
from kept.work.refusals import Refusal

pytestmark = pytest.mark.django_db(transaction=True)
SEEN: list[str] = []


@job("test.make_team", queue="test", is_once=True)
def make_team(*, code: str, now: datetime) -> None:
    Team.objects.create(code=code, name="made by a job")
    SEEN.append(code)


@job("test.fail", queue="test")
def fail(*, how: str, now: datetime) -> None:
    SEEN.append(how)
    raise {"refusal": Refusal("Not today."), "fault": KeyError("王小明")}[how]


@job("test.urgent", queue="test", priority=URGENT)
def urgent(*, now: datetime) -> None:
    SEEN.append("urgent")


@pytest.fixture(autouse=True)
def quiet() -> Any:
    SEEN.clear()
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def work() -> None:
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(
            queues=["test"], wait=False, install_signal_handlers=False, listen_notify=False
        )


def states() -> list[tuple[str, int]]:
    return rows("SELECT status::text, attempts FROM procrastinate_jobs ORDER BY id")


def rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_a_job_that_was_done_is_not_done_when_the_queue_did_not_hear_of_it() -> None:
    make_team.defer(code="T1")
    work()
    rows("UPDATE procrastinate_jobs SET status = 'todo'")
    work()
    assert (SEEN, Team.objects.count(), states()) == (["T1"], 1, [("succeeded", 2)])


def test_the_urgent_come_first() -> None:
    make_team.defer(code="T1")
    urgent.defer()
    work()
    assert SEEN == ["urgent", "T1"]


def test_a_refusal_fails_at_once_and_says_its_sentence() -> None:
    fail.defer(how="refusal")
    work()
    note = JobNote.objects.get()
    assert states() == [("failed", 1)]
    assert (note.code, note.detail) == ("refused", {"sentence": "Not today."})


def test_a_fault_is_tried_again_later_and_its_text_stays_in_the_log() -> None:
    fail.defer(how="fault")
    work()
    assert states() == [("todo", 1)]
    assert rows("SELECT scheduled_at > now() + interval '3 seconds' FROM procrastinate_jobs") == [
        (True,)
    ]
    note = JobNote.objects.get()
    assert (note.code, note.detail) == ("fault", {"kind": "KeyError"})


def test_pauses_grow_and_end() -> None:
    def pause(attempts: int, error: Exception) -> int | None:
        given = Job(
            id=0, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts
        )
        before = datetime.now(UTC)
        decision = Pauses().get_retry_decision(exception=error, job=given)
        if decision is None or decision.retry_at is None:
            return None
        return round((decision.retry_at - before) / timedelta(seconds=1))

    assert [pause(n, KeyError()) for n in range(TRIES_MAX)] == [5, 10, 20, 40, 80, 160, 320, None]
    assert [pause(n, RunBusy()) for n in (0, 5, 50)] == [5, 60, 60]
    assert pause(0, Refusal("no")) is None


def test_a_job_whose_code_is_gone_fails_and_the_worker_goes_on() -> None:
    app.configure_task("test.gone", queue="test", allow_unknown=True).defer()
    make_team.defer(code="T1")
    work()
    assert states() == [("failed", 1), ("succeeded", 1)]


def begin(heartbeat: str | None) -> None:
    """A job under way in a worker last heard of so long ago, or in one that is gone."""
    make_team.defer(code="T1")
    if heartbeat is None:
        rows("UPDATE procrastinate_jobs SET status = 'doing'")
    else:
        rows(
            "WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat)"  # noqa: S608
            f" VALUES (now() + interval '{heartbeat}') RETURNING id)"
            " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)"
        )


@pytest.mark.parametrize(
    ("heartbeat", "state"),
    [("-61 seconds", "todo"), ("-5 seconds", "doing"), ("50 seconds", "doing"), (None, "todo")],
)
def test_the_sweep_takes_jobs_from_workers_that_are_gone(heartbeat: str, state: str) -> None:
    begin(heartbeat)
    sweep_stalled(stalled_seconds=60, ends_most=12)
    assert [each for each, _attempts in states()] == [state]


def test_a_clock_that_went_back_an_hour_does_not_hide_a_dead_worker() -> None:
    begin("3600 seconds")
    sweep_stalled(stalled_seconds=60, ends_most=12)
    assert rows("SELECT last_heartbeat <= now() FROM procrastinate_workers") == [(True,)]
    rows("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '61 seconds'")
    sweep_stalled(stalled_seconds=60, ends_most=12)
    assert states() == [("todo", 1)]


def test_a_job_that_ends_its_workers_is_given_up_with_a_reason() -> None:
    begin(None)
    rows("UPDATE procrastinate_jobs SET attempts = 11")
    sweep_stalled(stalled_seconds=60, ends_most=12)
    assert states() == [("failed", 12)]
    note = JobNote.objects.get()
    assert (note.code, note.detail) == ("ended_by_force", {"times": 12})


def test_rounds_put_what_is_due_into_the_queue_once() -> None:
    for _ in range(3):
        make_round(stalled_seconds=60)
    found = rows("SELECT task_name FROM procrastinate_jobs ORDER BY 1")
    assert [name for (name,) in found] == [
        "house.forget_old",
        "house.list_due",
        "house.make_months",
        "house.seal_chains",
    ]


def test_what_ended_well_is_forgotten_and_what_failed_stays() -> None:
    make_team.defer(code="T1")
    fail.defer(how="refusal")
    work()
    assert drop_old_jobs(datetime.now(UTC) - timedelta(days=1)) == 0
    assert drop_old_jobs(datetime.now(UTC) + timedelta(days=1)) == 1
    assert states() == [("failed", 1)]
    assert JobNote.objects.count() == 1
