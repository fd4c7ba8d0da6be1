"""Ended by force at any moment and started again, the night ends like an undisturbed one.

The processes are real and so are the kills: at a statement of its own choice, and from outside in
the middle of whatever it does.
"""

from __future__ import annotations

import random
import select
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from kept.store.models import Run
from tests import forking
from tests.batch.nightly.nights import lines, make_busy_book
from tests.emptying import empty_database
from tests.forking import Forked, forked

ROOT = Path(__file__).parents[3]
ONE_NIGHT = Path(__file__).with_name("one_night.py")


@pytest.fixture
def environment(child_environment: dict[str, str]) -> dict[str, str]:
    return {**child_environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}


def begin() -> None:
    """The same book with the same numbers, the first night behind it."""
    empty_database()
    make_busy_book()


def command(kill_before: int = 0) -> list[str]:
    return [str(ONE_NIGHT), str(kill_before)]


def run(environment: dict[str, str], kill_before: int = 0) -> subprocess.CompletedProcess[str]:
    return forking.run(command(kill_before), environment)


UNDISTURBED: list[tuple[list[str], int]] = []


def undisturbed(environment: dict[str, str]) -> tuple[list[str], int]:
    """What the second night leaves when nobody disturbs it, and how many statements it makes."""
    if not UNDISTURBED:  # the book is the same for every test
        begin()
        ended = run(environment)
        assert ended.returncode == 0, ended.stderr
        count, tasks = map(int, ended.stdout.split()[1:])
        assert tasks > 20
        UNDISTURBED.append((lines(), count))
    return UNDISTURBED[0]


def assert_same_end(environment: dict[str, str], expected: list[str]) -> None:
    ended = run(environment)
    assert ended.returncode == 0, ended.stderr
    assert lines() == expected


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_statement_and_resumed_it_ends_the_same(
    environment: dict[str, str], seed: int
) -> None:
    expected, statements = undisturbed(environment)
    chance = random.Random(seed)
    begin()
    kills, stages = 0, set()
    while kills < 7:
        ended = run(environment, kill_before=chance.randint(1, max(2, statements // 3)))
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        stages.add(Run.objects.order_by("-pk")[0].stage)
        kills += 1
    assert kills >= 3
    assert len(stages) >= 2
    assert_same_end(environment, expected)


@pytest.mark.study
def test_killed_at_fifty_moments_it_ends_the_same(environment: dict[str, str]) -> None:
    """Nights one after the other, each killed a few times, until fifty kills met one under way."""
    expected, statements = undisturbed(environment)
    chance = random.Random(50)
    kills = 0
    while kills < 50:
        begin()
        for _ in range(chance.randint(1, 6)):
            ended = run(environment, kill_before=chance.randint(1, statements))
            if ended.returncode == 0:
                break
            assert ended.returncode == -signal.SIGKILL, ended.stderr
            kills += 1
        assert_same_end(environment, expected)


def test_killed_from_outside_in_the_middle_of_a_statement_it_ends_the_same(
    environment: dict[str, str],
) -> None:
    expected, _statements = undisturbed(environment)
    chance = random.Random(3)
    begin()
    for _ in range(3):
        with started(environment) as process:
            wait_for_line(process)
            wait_at_most(process, chance.uniform(0.05, 1.0))
            process.kill()
    assert_same_end(environment, expected)


def test_two_processes_at_once_run_one_night(environment: dict[str, str]) -> None:
    expected, _statements = undisturbed(environment)
    begin()
    with started(environment) as one, started(environment) as two:
        for process in (one, two):
            process.communicate(timeout=120)
    assert_same_end(environment, expected)


def started(environment: dict[str, str]) -> AbstractContextManager[Forked]:
    return forked(command(), environment)


def wait_for_line(process: Forked) -> None:
    ready, _, _ = select.select([process.stdout], [], [], 60)
    assert ready, "the process did not start"
    process.stdout.readline()


def wait_at_most(process: Forked, seconds: float) -> None:
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return
