"""Small jobs through batches: intended, claimed, carried out and finished under their fences.

Held against the least a database can do for the same rows: INSERT them, and UPDATE them once in
batches that are picked by SKIP LOCKED, bare, on the same table with the same commits. Ours updates
each row twice (leased, finished), keeps lanes in order and never finishes for another holder.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kept.bench.form import PAIRS_MIN, Figure, Goal, Measure
from kept.bench.scratch import scratch_database

__all__ = ["measures"]

JOBS_FULL, JOBS_QUICK = 20_000, 2_000
BATCH = 200
RATE = Goal(Figure.VALUE, least=1_000)
RATIO = Goal(Figure.RATIO, most=5)
LIMIT = "bare INSERT and one UPDATE of the same rows in batches by SKIP LOCKED"


def measures(*, quick: bool) -> Iterator[Measure]:
    jobs = JOBS_QUICK if quick else JOBS_FULL
    with scratch_database("jobs") as scratch:
        found = scratch.run("kept.bench.jobs:compare", str(jobs))
    scale = f"{jobs:,} jobs in batches of {BATCH}, one worker"
    rate = jobs / found["ours"]
    yield Measure.held(
        "jobs through batches",
        rate,
        "jobs/s",
        peer="1,000 jobs a second",
        scale=scale,
        full=not quick,
        goal=RATE,
    )
    yield Measure.held(
        "jobs against bare rows",
        rate,
        "jobs/s",
        peer=LIMIT,
        ratio=found["ratio"],
        scale=scale,
        full=not quick,
        goal=RATIO,
    )


def compare(jobs: str) -> dict[str, Any]:
    from dataclasses import asdict

    from kept.bench.form import paired

    count = int(jobs)
    return asdict(paired(lambda: _ours(count), lambda: _bare(count), pairs=PAIRS_MIN, warm=False))


def _ours(count: int) -> None:
    """Every job is an intent of a case of its own, written in batches as a bulk change would."""
    from datetime import UTC, datetime

    from django.db import connection, transaction

    from kept.batch.effects import Effect, carry_out
    from kept.core.intents import Ending, Outcome
    from kept.work.intents import write_intents

    now, done = datetime.now(UTC), Outcome(Ending.DONE)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE intents")
    for first in range(0, count, BATCH):
        with transaction.atomic():
            write_intents(kind="bench", intents=_new(first, count), now=now)
    effects = {"bench": Effect(lambda intent: done, lambda intent: None)}
    finished = carry_out(clock=lambda: now, effects=effects, batch=BATCH, most=count)
    assert finished == count, f"{finished} of {count} jobs were finished"


def _new(first: int, count: int) -> list[Any]:
    from kept.work.intents import NewIntent

    return [
        NewIntent(f"bench:{n}", f"case:{n}", f"case:{n}")
        for n in range(first, min(first + BATCH, count))
    ]


_PICK = """
    UPDATE intents SET state = 'done', finished_at = now() WHERE id IN (
        SELECT id FROM intents WHERE kind = 'bench' AND state = 'intended'
        ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
"""
_INSERT = """
    INSERT INTO intents (kind, key, lane, subject, payload, state, in_doubt, fence, attempts,
                         due_at, recorded_at, reason, result)
    SELECT 'bench', 'bench:' || n, 'case:' || n, 'case:' || n, '{}', 'intended', false, 0, 0,
           now(), now(), '', '{}'
    FROM generate_series(%s, %s) n
"""


def _bare(count: int) -> None:
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE intents")
        for first in range(0, count, BATCH):
            with transaction.atomic():
                cursor.execute(_INSERT, [first, min(first + BATCH, count) - 1])
        done = 0
        while done < count:
            with transaction.atomic():
                cursor.execute(_PICK, [BATCH])
                done += cursor.rowcount
