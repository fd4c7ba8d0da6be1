"""Two sessions at the same moment, on two connections: one person counts once, one effect comes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from kept.core.actors import Role
from kept.core.ledger import EntryKind
from kept.store.models import Account, Approval, ApprovalPolicy, Decision, Entry, User
from kept.work.actors import actor_of
from kept.work.approvals import do_decide_approval, do_request_approval
from kept.work.ledger import Line, entry_command
from kept.work.refusals import Refusal
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account() -> Account:
    make.make_partitions()
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor))
    make.make_entry(account, {"principal": 500_00}, due_on=date(2026, 10, 5))
    for level in (1, 2):
        ApprovalPolicy.objects.create(kind="manual_payment", level=level, role=Role.APPROVER)
    return account


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Run all at the same moment, each on a connection of its own; what came of each."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait(timeout=30)
        try:
            return str(act())
        except Refusal as refusal:
            return refusal.message
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def ask(cashier: User, account: Account) -> Approval:
    lines = [Line("principal", 100_00)]
    command = entry_command(account.pk, EntryKind.PAYMENT, lines, date(2026, 11, 20), "R1")
    return do_request_approval(
        actor=actor_of(cashier, now=NOW),
        kind="manual_payment",
        command=command,
        reason="x",
        now=NOW,
    )


def say_yes(user: User, approval: Approval) -> Callable[[], str]:
    return lambda: (
        do_decide_approval(
            actor=actor_of(user, now=NOW), approval_id=approval.pk, answer=True, now=NOW
        ).state
    )


def test_one_person_in_two_sessions_is_one_and_two_persons_are_two(account: Account) -> None:
    cashier = make.make_user("cashier", roles={Role.CASHIER: None})
    one, two = (make.make_user(name, roles={Role.APPROVER: None}) for name in ("one", "two"))
    approval = ask(cashier, account)
    assert at_once(say_yes(one, approval), say_yes(one, approval)) == ["open", "open"]
    assert Decision.objects.count() == 1
    assert at_once(say_yes(two, approval), say_yes(two, approval)) == ["approved", "approved"]
    assert Decision.objects.count() == 2
    assert Entry.objects.filter(kind="payment").count() == 1


def test_the_same_request_in_two_sessions_is_one(account: Account) -> None:
    cashier = make.make_user("cashier", roles={Role.CASHIER: None})
    first, second = at_once(*[lambda: ask(cashier, account).pk] * 2)
    assert first == second
    assert Approval.objects.count() == 1
