"""`kept worker`: runs the jobs that the pages and the schedule put into the database's queue.

Beside the jobs it makes the round of the house every few seconds: jobs of workers that are gone go
back into the queue, and what is due is put there. Django is set up before this is called.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app

from kept.running.lifeline import end_with_parent
from kept.running.settings import Settings

__all__ = ["Pace", "run_worker"]

STOP_SECONDS = 20.0  # less than `kept up` waits before it kills
#: By name, since this room imports nothing of the floors.
ROUND = "kept.batch.rounds.make_round"

_log = logging.getLogger("kept.worker")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between rounds, between heartbeats, without a heartbeat until a worker is gone.

    A worker that is taken for gone and is not, loses its jobs to another one while it still works
    on them: they are done once all the same, but twice the work.
    """

    round: float = 5.0
    heartbeat: float = 10.0
    stalled: float = 60.0
    poll: float = 5.0


def run_worker(settings: Settings, pace: Pace | None = None) -> None:
    """Work until a signal ends it; running jobs get a while to finish."""
    end_with_parent()
    pace = pace or Pace()
    connector = app.connector.get_worker_connector()
    with app.replace_connector(connector) as worker, _rounds(pace):
        worker.run_worker(
            concurrency=settings.worker_concurrency,
            shutdown_graceful_timeout=STOP_SECONDS,
            update_heartbeat_interval=pace.heartbeat,
            stalled_worker_timeout=pace.stalled,
            fetch_job_polling_interval=pace.poll,
        )


@contextmanager
def _rounds(pace: Pace) -> Iterator[None]:
    ended = threading.Event()
    rounds = threading.Thread(target=_make_rounds, args=(pace, ended), name="rounds", daemon=True)
    rounds.start()
    try:
        yield
    finally:
        ended.set()
        rounds.join(STOP_SECONDS)


def _make_rounds(pace: Pace, ended: threading.Event) -> None:
    """Waits by a clock that nobody sets; a round that fails is told and tried again."""
    make_round = import_string(ROUND)
    while not ended.is_set():
        try:
            make_round(stalled_seconds=pace.stalled)
        except Exception:  # noqa: BLE001
            _log.exception("a round of the house failed; the next one follows")
        finally:
            connection.close()
        ended.wait(pace.round)
