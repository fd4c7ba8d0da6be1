"""Workers that are ended by force in mid-job, one after the other (run by test_job_kills.py).

Usage: python job_killing.py KILLS SEED. Prints how many kills met a job under way. Each worker is a
real one, forked so that it starts at once; the last one is left to finish everything.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from datetime import datetime

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from kept.batch.stages import done_chunks, finish_chunk, only_here, open_run  # noqa: E402
from kept.batch.working import job  # noqa: E402
from kept.core.actors import job as job_actor  # noqa: E402
from kept.core.ledger import EntryKind  # noqa: E402
from kept.running.settings import load_settings  # noqa: E402
from kept.running.worker import Pace, run_worker  # noqa: E402
from kept.store.models import Account  # noqa: E402
from kept.work.ledger import Line, do_post_entry  # noqa: E402

QUICK = Pace(round=0.1, heartbeat=0.1, stalled=0.6, poll=0.1)
ACTOR = job_actor("killed")
CHUNKS = 4


def post(account_id: int, now: datetime) -> None:
    """A charge without a reference: nothing of its own keeps it from being posted twice."""
    account = Account.objects.get(pk=account_id)
    do_post_entry(
        actor=ACTOR,
        account_id=account.pk,
        kind=EntryKind.CHARGE,
        lines=[Line("principal", 1, now.date())],
        effective_on=now.date(),
        reference="",
        now=now,
    )
    pause()


def pause() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")


@job("test.post_once", queue="test", is_once=True)
def post_once(*, account_id: int, now: datetime) -> None:
    pause()
    post(account_id, now)


@job("test.post_in_chunks", queue="test")
def post_in_chunks(*, account_id: int, now: datetime) -> None:
    run = open_run(actor=ACTOR, kind="test", key=f"account {account_id}", now=now)
    with only_here(run):
        for chunk in range(CHUNKS):
            if chunk not in done_chunks(run, "posted"):
                with transaction.atomic():
                    post(account_id, now)
                    finish_chunk(run, "posted", chunk, {})


def main(kills: int, seed: int) -> None:
    chance, met = random.Random(seed), 0
    for _ in range(kills):
        worker = start()
        if wait_for("doing"):
            time.sleep(chance.uniform(0, 0.08))
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        met += count("doing") > 0
        connection.close()
    last = start()
    ended = wait_for("todo", "doing", is_gone=True, seconds=120)
    os.kill(last, signal.SIGTERM)
    os.waitpid(last, 0)
    print(met, "done" if ended else "not done")


def start() -> int:
    """No connection is open while it forks, since none can be shared."""
    connection.close()
    child = os.fork()
    if child == 0:
        run_worker(load_settings({**os.environ, "KEPT_WORKER_CONCURRENCY": "3"}), QUICK)
        os._exit(0)
    return child


def wait_for(*states: str, is_gone: bool = False, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (count(*states) == 0) is is_gone:
            return True
        time.sleep(0.005)
    return False


def count(*states: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status::text = ANY (%s)", [list(states)]
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
