"""`kept worker`: runs the jobs that the pages and the schedule put into the database's queue.

Django is set up before this is called.
"""

from __future__ import annotations

from procrastinate.contrib.django import app

from kept.running.lifeline import end_with_parent
from kept.running.settings import Settings

__all__ = ["run_worker"]

STOP_SECONDS = 20.0  # less than `kept up` waits before it kills


def run_worker(settings: Settings) -> None:
    """Work until a signal ends it; running jobs get a while to finish."""
    end_with_parent()
    connector = app.connector.get_worker_connector()
    with app.replace_connector(connector) as worker:
        worker.run_worker(
            concurrency=settings.worker_concurrency, shutdown_graceful_timeout=STOP_SECONDS
        )
