"""Every night: all chains sealed, and what no duty keeps counted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django import app

import kept.batch.jobs  # noqa: F401 — registers with the app
from kept.batch.rounds import make_round
from kept.batch.seals import seal_path
from kept.store.clock import database_now
from kept.store.models import JobNote, Run, Seal
from kept.store.partitions import ensure_partitions
from kept.store.verification import verify_events
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_round_seals_once_a_night_and_counts_what_is_due(settings: Any, tmp_path: Path) -> None:
    settings.KEPT_HOME = tmp_path
    make.make_partitions()
    today = database_now().date()
    ensure_partitions(today, today)
    creditor = make.make_creditor()
    make.make_event(make.make_case(make.make_debtor(creditor)))
    # Whatever the hour, no night is due in this round.
    later = today + timedelta(days=2)
    make.make_run(kind="nightly", creditor=creditor, business_date=later, state="done")
    for _ in range(2):
        make_round(stalled_seconds=60)
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert list(JobNote.objects.exclude(code="").values_list("code", flat=True)) == []
    assert list(Seal.objects.values_list("number", "tree_size")) == [(1, 1)]
    assert seal_path(1).read_text(encoding="utf-8") == Seal.objects.get().document
    run = Run.objects.get(kind="retention")
    assert (run.state, run.result) == ("done", {"due": {}, "is_all": True})
    assert verify_events().is_whole
