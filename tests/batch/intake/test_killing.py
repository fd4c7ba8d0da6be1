"""Ended by force at any moment and started again, intake reaches the state of an undisturbed run.

The processes are real and so are the kills: the process at a statement of its own choice, the
process from outside in the middle of whatever it does, and one of the server's processes, upon
which PostgreSQL ends every connection and empties all unlogged tables.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import time
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection

from kept.store.models import Account, Debtor, IntakeFile
from tests import forking
from tests.batch.intake.deliveries import csv_of, identity_number, make_bank, row, rows, take
from tests.batch.intake.digest import book_lines
from tests.emptying import empty_database
from tests.forking import Forked, forked

ROOT = Path(__file__).parents[3]
TAKING = Path(__file__).with_name("taking.py")
ROWS_PER_CHUNK = 40
SURE_KILLS = 3


def lines() -> list[dict[str, str]]:
    """Everything at once: debtors of several accounts, guarantors, holds, errors, duplicates."""
    found = [row(n, debtor=f"D{n % 90:06d}") for n in range(1, 161)]
    for n in range(0, 160, 9):
        found[n] |= {
            "guarantor": f"测试保人{n % 4}",
            "guarantor_identity": identity_number(n % 7 + 1),
            "guarantor_mobile": f"1390000{n:04d}",
        }
    for n in range(4, 160, 17):
        found[n]["mark"] = "DBSF"[n % 4]
    for n in range(3, 160, 31):
        found[n]["principal"] = "1,2"
    return [*found, row(200), row(200, principal="5.00"), row(201), row(201)]


@pytest.fixture
def delivered(child_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A book with a first file in it, and the second on disk; `expected` is its undisturbed end."""
    path = tmp_path / "second.csv"
    path.write_bytes(csv_of(lines()))
    return {**child_environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "CSV": str(path)}


def begin() -> None:
    empty_database()
    make_bank()
    take([*rows(30), *rows(5, start=300)], file_id="first")


def command(environment: dict[str, str], kill_before: int = 0, creditor: str = "BANK") -> list[str]:
    size, kill = str(ROWS_PER_CHUNK), str(kill_before)
    return [str(TAKING), environment["CSV"], "second", size, kill, creditor]


def run(environment: dict[str, str], kill_before: int = 0) -> subprocess.CompletedProcess[str]:
    return forking.run(command(environment, kill_before), environment)


UNDISTURBED: list[tuple[list[str], int]] = []


def undisturbed(environment: dict[str, str]) -> tuple[list[str], int]:
    """The book after a run that nobody disturbs, and how many statements it makes; made once."""
    if not UNDISTURBED:
        begin()
        ended = run(environment)
        assert ended.returncode == 0, ended.stderr
        count, state = ended.stdout.split()[1:]
        assert state == "acknowledged"
        UNDISTURBED.append((book_lines(), int(count)))
    return UNDISTURBED[0]


def assert_same_end(environment: dict[str, str], expected: list[str]) -> None:
    ended = run(environment)
    assert ended.returncode == 0, ended.stderr
    assert book_lines() == expected


@pytest.mark.parametrize(
    ("seed", "kills_most"),
    [(1, 5), *(pytest.param(seed, 12, marks=pytest.mark.study) for seed in range(2, 8))],
)
def test_killed_at_any_statement_and_resumed_it_ends_the_same(
    delivered: dict[str, str], seed: int, kills_most: int
) -> None:
    expected, statements = undisturbed(delivered)
    chance = random.Random(seed)
    begin()
    for kill in range(kills_most):
        # What was done before three kills is at most three quarters of the work, so that each of
        # them is sure to meet a run at work; the kills after them come where they may.
        is_sure = kill < SURE_KILLS
        farthest = statements // (SURE_KILLS + 1) if is_sure else statements * 2 // 3
        ended = run(delivered, kill_before=chance.randint(1, farthest))
        if ended.returncode == 0 and not is_sure:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert_same_end(delivered, expected)


def test_killed_from_outside_in_the_middle_of_a_statement_it_ends_the_same(
    delivered: dict[str, str],
) -> None:
    expected, _statements = undisturbed(delivered)
    chance = random.Random(3)
    begin()
    for _ in range(3):
        with started(delivered) as process:
            wait_for_line(process)
            wait_at_most(process, chance.uniform(0.05, 1.5))
            process.kill()
    assert_same_end(delivered, expected)


def test_its_connection_ended_by_the_server_it_ends_the_same(delivered: dict[str, str]) -> None:
    expected, _statements = undisturbed(delivered)
    begin()
    with started(delivered) as process:
        backend = backend_that_applies(process)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
        assert process.wait(timeout=60) != 0
    assert IntakeFile.objects.get(file_id="second").state != "acknowledged"
    assert_same_end(delivered, expected)


def test_a_crash_of_the_server_empties_what_was_staged_and_it_ends_the_same(
    delivered: dict[str, str],
) -> None:
    expected, _statements = undisturbed(delivered)
    begin()
    with started(delivered) as process:
        os.kill(backend_that_applies(process), signal.SIGKILL)
        assert process.wait(timeout=60) != 0
    connection.close()
    wait_for_server()
    with connection.cursor() as cursor:
        run_id = IntakeFile.objects.get(file_id="second").run_id
        cursor.execute(f"SELECT count(*) FROM staged_rows_{run_id:d}")  # noqa: S608
        assert cursor.fetchone()[0] == 0
    assert_same_end(delivered, expected)


def test_two_processes_with_the_same_file_apply_it_once(delivered: dict[str, str]) -> None:
    expected, _statements = undisturbed(delivered)
    begin()
    with started(delivered) as one, started(delivered) as two:
        ends = [process.communicate(timeout=120)[0].split() for process in (one, two)]
    assert [end[-1] for end in ends] == ["acknowledged", "acknowledged"]
    assert book_lines() == expected


def test_two_creditors_at_the_same_moment_make_each_person_once(
    delivered: dict[str, str],
) -> None:
    begin()
    make_bank("OTHER")
    with started(delivered) as one, started(delivered, "OTHER") as two:
        ends = [process.communicate(timeout=120)[0].split() for process in (one, two)]
    assert [end[-1] for end in ends] == ["acknowledged", "acknowledged"]
    by_creditor: dict[str, dict[str, int]] = {"BANK": {}, "OTHER": {}}
    people = Debtor.objects.filter(person__identity_keys__isnull=False)
    for code, number, person in people.values_list("creditor__code", "external_id", "person_id"):
        by_creditor[code][number] = person
    assert by_creditor["OTHER"]
    assert by_creditor["OTHER"].items() <= by_creditor["BANK"].items()


def started(environment: dict[str, str], creditor: str = "BANK") -> AbstractContextManager[Forked]:
    return forked(command(environment, creditor=creditor), environment)


def wait_for_line(process: Forked) -> None:
    ready, _, _ = select.select([process.stdout], [], [], 60)
    assert ready, "the process did not start"
    process.stdout.readline()


def wait_at_most(process: Forked, seconds: float) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return


def backend_that_applies(process: Forked) -> int:
    """The server's process behind the run, once at least one chunk of it is in the book."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE locktype = 'advisory' AND datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
            found = cursor.fetchone()
        if found and Account.objects.filter(intake_file__file_id="second").exists():
            return int(found[0])
    raise AssertionError("the run was never seen applying")


def wait_for_server() -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            connection.ensure_connection()
        except (OperationalError, psycopg.OperationalError):
            assert time.monotonic() < deadline, "the server did not come back"
        else:
            return
