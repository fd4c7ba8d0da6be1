"""Workers ended by force in mid-job: everything is done in the end, and nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from kept.store.clock import database_now
from kept.store.models import Account, Entry, JobNote
from kept.store.partitions import ensure_partitions
from tests import factories

ROOT = Path(__file__).parents[2]
KILLING = Path(__file__).with_name("job_killing.py")
TASKS = {"test.post_once": 1, "test.post_in_chunks": 4}


def make_accounts(count: int) -> list[Account]:
    factories.make_partitions()
    ensure_partitions(database_now().date(), database_now().date())
    product = factories.make_product(factories.make_creditor())
    factories.make_terms(product, allows_credit_balance=True)
    debtor = factories.make_debtor(product.creditor)
    return [factories.make_account(product, debtor) for _ in range(count)]


def put_into_queue(accounts: list[Account]) -> dict[int, int]:
    """One job an account, of both kinds in turn; how many entries each account should have."""
    wanted = {}
    for number, account in enumerate(accounts):
        name = sorted(TASKS)[number % 2]
        app.configure_task(name, queue="test").defer(account_id=account.pk)
        wanted[account.pk] = TASKS[name]
    return wanted


@pytest.mark.parametrize(
    ("kills", "jobs"), [(5, 40), pytest.param(100, 700, marks=pytest.mark.study)]
)
def test_killed_workers_leave_no_trace(
    child_environment: dict[str, str], kills: int, jobs: int
) -> None:
    wanted = put_into_queue(make_accounts(jobs))
    path = f"{ROOT}:{ROOT / 'src'}"
    ended = subprocess.run(
        [sys.executable, str(KILLING), str(kills), "7"],
        env={**child_environment, "PYTHONPATH": path, "KEPT_NIGHT_AT": "off"},
        capture_output=True,
        text=True,
        timeout=1_200,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    met, state = ended.stdout.split(maxsplit=1)
    assert state.strip() == "done", ended.stderr[-4000:]
    assert int(met) > kills // 2, "the kills met no job"
    entries = {
        account_id: Entry.objects.filter(account_id=account_id).count() for account_id in wanted
    }
    assert entries == wanted
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, count(*) FROM procrastinate_jobs WHERE queue_name = 'test'"
            " GROUP BY 1"
        )
        assert cursor.fetchall() == [("succeeded", jobs)]
        cursor.execute("SELECT max(attempts) FROM procrastinate_jobs WHERE queue_name = 'test'")
        assert cursor.fetchone()[0] > 1, "no job was begun a second time"
    assert not JobNote.objects.filter(code="fault").exists()
