"""One payment file by eight processes at once is posted once; killed, nothing is half done."""

from __future__ import annotations

import random
import signal
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from kept.store.ledger import read_positions
from kept.store.models import Account, Payment
from tests import factories as make
from tests import forking
from tests.batch.intake.test_payments_loaded import csv_of, row
from tests.emptying import empty_database
from tests.forking import forked

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[3]
PAYING = Path(__file__).with_name("paying.py")


@pytest.fixture
def delivered(child_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "payments.csv"
    path.write_bytes(csv_of([row(n, day=f"2026-11-{n % 20 + 1:02}") for n in range(1, 41)]))
    return {**child_environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "CSV": str(path)}


def begin() -> Account:
    empty_database()
    make.make_partitions()
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor), external_id="A00000001")
    make.make_entry(account, {"principal": 500_00, "fee": 5_00}, due_on=date(2026, 10, 5))
    make.make_case(account.debtor, account)
    return account


def standing(account: Account) -> tuple[int, int, int]:
    """Payments, cents allocated, and what is still owed."""
    allocated = sum(Payment.objects.values_list("allocated_minor", flat=True))
    balance = read_positions([account.pk], make.TODAY)[account.pk].balance_minor
    return Payment.objects.count(), allocated, balance


def test_eight_at_once_post_once(delivered: dict[str, str]) -> None:
    account = begin()
    command = [str(PAYING), delivered["CSV"]]
    with ExitStack() as stack:
        started = [stack.enter_context(forked(command, delivered)) for _ in range(8)]
        ended = [each.communicate(timeout=300) for each in started]
        codes = [each.wait() for each in started]
    assert codes == [0] * 8, [err for _out, err in ended]
    assert {out.split()[-1] for out, _err in ended} == {"acknowledged"}
    assert standing(account) == (40, 400_00, 105_00)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.study) for seed in range(2, 10))]
)
def test_ended_by_force_anywhere_it_ends_the_same(delivered: dict[str, str], seed: int) -> None:
    account = begin()
    chance = random.Random(seed)
    for _ in range(3):
        kill_before = str(chance.randint(1, 110))
        ended = forking.run([str(PAYING), delivered["CSV"], kill_before], delivered)
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
    ended = forking.run([str(PAYING), delivered["CSV"]], delivered)
    assert ended.returncode == 0, ended.stderr
    assert standing(account) == (40, 400_00, 105_00)
