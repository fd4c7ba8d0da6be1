"""The schedule backs the house up once a night, where a folder is set for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings
from procrastinate.contrib.django import app

from kept.batch.rounds import make_round
from kept.batch.working import job  # noqa: F401 — registers with the app
from kept.store.models import JobNote
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def work() -> None:
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def queued() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def test_a_backup_is_taken_once_a_night(tmp_path: Path) -> None:
    factories.make_partitions()
    with override_settings(KEPT_BACKUP_DIR=tmp_path / "backups", KEPT_LOG_ARCHIVE=lambda: None):
        for _ in range(3):
            make_round(stalled_seconds=60)
        assert queued() == [
            "house.back_up",
            "house.forget_old",
            "house.list_due",
            "house.make_months",
            "house.seal_chains",
        ]
        work()
        (taken,) = (tmp_path / "backups").iterdir()
        make_round(stalled_seconds=60)
        assert queued().count("house.back_up") == 1
    assert (taken / "manifest.json").exists()
    assert JobNote.objects.count() == 0
