"""`kept nightly` as a person gives it: the summary, in both languages, and what is refused."""

from __future__ import annotations

import re
import subprocess

import pytest

from kept.store.models import Run, Task
from tests import forking
from tests.batch.nightly.nights import FIRST, add_account, add_seats, make_bank


@pytest.fixture
def environment(child_environment: dict[str, str]) -> dict[str, str]:
    product = make_bank()
    for number, age in enumerate((-3, 2, 9, 20, 40, 100), start=1):
        add_account(product, number, age)
    add_seats(product.creditor)
    return {**child_environment, "KEPT_LANGUAGE": "en", "COLUMNS": "120"}


def kept(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return forking.run(
        ["-m", "kept.cli", "nightly", "--as-of", FIRST.isoformat(), *arguments], environment
    )


def test_the_night_is_run_told_and_told_again(environment: dict[str, str]) -> None:
    tried = kept(environment, "--dry-run")
    assert tried.returncode == 0, tried.stderr
    assert "Tried only: nothing was written." in tried.stdout
    assert not Run.objects.exists()
    ended = kept(environment)
    assert ended.returncode == 0, ended.stderr
    assert Task.objects.filter(state="open").count() == 6
    for told in (
        "Night of 2026-11-21 for BANK  default:1",
        "6 cases: 0 on hold, 0 without a treatment tonight.",
        "Up to this first night: 6 cases opened, 0 closed; accounts: 6 entered, 0 came along,",
        "4 seats: 92 of 240 minutes used (38 %).",
    ):
        assert told in ended.stdout
    assert re.search(r"not overdue +CNY +1 +– +10,000\.01 +0\.00", ended.stdout)
    assert re.search(r"Letter +letter +1 +1 +0 +4", ended.stdout)
    assert "Deal and write" in ended.stderr
    again = kept(environment)
    assert "This night had been run before; nothing was changed." in again.stdout
    chinese = kept({**environment, "KEPT_LANGUAGE": "zh-hans"})
    assert "法务评估" in chinese.stdout


def test_what_cannot_be_run_is_refused_in_a_sentence(environment: dict[str, str]) -> None:
    refused = kept(environment, "--creditor", "BNAK")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "kept: there is no creditor BNAK; there are: BANK.\n"
