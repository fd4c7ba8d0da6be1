"""`kept payment`, `kept plan policy` and `kept waiver` on a database, as typed."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta

import pytest
from django.utils import timezone

from kept.core.actors import Role
from kept.store.models import Approval, Payment
from kept.store.partitions import ensure_partitions
from tests import factories as make
from tests import forking

pytestmark = pytest.mark.django_db(transaction=True)


def test_money_is_recorded_matched_listed_and_reversed(child_environment: dict[str, str]) -> None:
    def kept(*words: str) -> subprocess.CompletedProcess[str]:
        return forking.run(["-m", "kept.cli", *words], child_environment)

    today = timezone.now().date()
    make.make_partitions()
    ensure_partitions(today, today)
    creditor = make.make_creditor(code="OWN")
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor), external_id="ACC-1")
    make.make_entry(account, {"principal": 500_00}, due_on=date(2026, 10, 5))
    day = (today - timedelta(days=2)).isoformat()

    def record(receipt: str, amount: str, *more: str) -> subprocess.CompletedProcess[str]:
        words = ("--receipt", receipt, "--amount", amount, "--on", day)
        return kept("payment", "record", "--creditor", "OWN", *words, *more)

    taken = record("R-1", "CNY=100.00", "--account", "ACC-1")
    assert taken.returncode == 0, taken.stderr
    row = Payment.objects.get()
    assert taken.stdout == f"payment {row.pk}: allocated\n"
    assert record("R-1", "CNY=100.00", "--account", "ACC-1").stdout == taken.stdout
    for receipt, amount, told in (
        ("R-2", "CNY=1.005", "CNY has 2 decimals"),
        ("R-3", "CNY=-5.00", "more than nothing"),
        ("R-1", "CNY=99.00", "taken before, with another amount"),
    ):
        refused = record(receipt, amount, "--account", "ACC-1")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert told in refused.stderr
    assert Payment.objects.count() == 1

    waiting = record("R-4", "CNY=7.00")
    assert "in suspense (names nobody known)" in waiting.stdout
    other = Payment.objects.get(external_id="R-4")
    assert "R-4" in kept("payment", "suspense").stdout
    assert "R-1" in kept("payment", "list", "--creditor", "OWN").stdout

    tomorrow = (today + timedelta(days=2)).isoformat()
    early = kept("payment", "reverse", str(row.pk), "--reason", "typed wrong", "--on", tomorrow)
    assert (early.returncode, "did not go back yet" in early.stderr) == (2, True)
    back = kept("payment", "reverse", str(row.pk), "--reason", "the bank took it back")
    assert back.returncode == 0, back.stderr
    row.refresh_from_db()
    assert (row.state, other.state) == ("returned", "suspense")

    make.make_user("li", roles={Role.MANAGER: [creditor]})
    shown = kept("plan", "policy", "show", "--creditor", "OWN").stdout
    assert "months_most          60" in shown
    change = ("plan", "policy", "set", "--creditor", "OWN", "--as", "li")
    assert "--reason" in kept(*change, "months_most=36").stderr
    change += ("--reason", "shorter plans")
    wrong = kept(*change, "months=3")
    assert (wrong.returncode, "write NAME=VALUE with one of" in wrong.stderr) == (2, True)
    asked = kept(*change, "months_most=36")
    assert asked.stdout.startswith("Asked for, request ")
    assert Approval.objects.get().kind == "plan_policy"
    assert kept("plan", "payoff", "999").returncode == 2


def test_what_is_refused_is_one_sentence_in_the_readers_language(
    child_environment: dict[str, str],
) -> None:
    chinese = {**child_environment, "KEPT_LANGUAGE": "zh-hans"}
    today = timezone.now().date()
    make.make_partitions()
    ensure_partitions(today, today)
    creditor = make.make_creditor(code="OWN")
    typed = ["-m", "kept.cli", "payment", "record", "--creditor", "OWN", "--receipt", "R-9"]
    fault = forking.run([*typed, "--amount", "CNY=1.005"], chinese).stderr
    assert ("位小数" in fault, "decimals" in fault) == (True, False)
    taken = forking.run([*typed, "--amount", "CNY=7.00"], chinese).stdout
    told = forking.run(["-m", "kept.cli", "payment", "suspense"], chinese).stdout
    assert ("挂账" in taken, "挂账" in told, "suspense" in taken + told) == (True, True, False)

    case = make.make_case(make.make_debtor(creditor))
    letter = ["-m", "kept.cli", "document", "print", "lawyers_letter", str(case.pk)]
    refused = forking.run(letter, child_environment)
    assert (refused.returncode, refused.stderr[:6]) == (2, "kept: "), refused.stderr
