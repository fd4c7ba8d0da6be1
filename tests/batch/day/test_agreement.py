"""Night and day agree: what the day makes of a change is what a night after it would have made."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from kept.batch.day.asking import last_night
from kept.batch.day.running import decide_cases, decide_due
from kept.core.actors import job
from kept.core.ledger import EntryKind
from kept.store.models import (
    Account,
    Case,
    CaseToDecide,
    ContactPoint,
    Engagement,
    Event,
    Product,
    Task,
)
from kept.store.to_decide import Cause, ToDecide, mark_case
from kept.work.capacities import do_set_capacity
from kept.work.holds import do_place_hold, do_release_hold
from kept.work.ledger import Line, do_post_entry
from tests import factories
from tests.batch.nightly.nights import FIRST, add_account, add_seats, at, make_bank, night

NOON = at(FIRST) + timedelta(hours=6)
TEST = job("test")


def random_book(drawn: random.Random) -> tuple[Product, list[Account]]:
    product = make_bank()
    ages = [-3, 1, 3, 5, 6, 12, 17, 18, 25, 30, 31, 60, 91, 120]
    accounts = [add_account(product, number, drawn.choice(ages)) for number in range(1, 25)]
    for account in drawn.sample(accounts, 6):
        factories.make_hold(account.debtor, effects=["contact"], placed_at=at(FIRST))
    for account in drawn.sample(accounts, 8):
        factories.make_contact_point(account.debtor, f"+86138{account.pk:08d}", kind="phone")
    add_seats(product.creditor, minutes=1_440)
    factories.make_free("manual_payment")
    return product, accounts


def change(drawn: random.Random, accounts: list[Account]) -> None:
    """What happens in a day: holds come and go, payments of a part or the whole, numbers die."""
    for account in drawn.sample(accounts, 16):
        kind = drawn.choice(["hold", "release", "part", "whole", "dead number"])
        held = account.debtor.holds.filter(released_at=None).first()
        if kind == "hold" and held is None:
            effects = [drawn.choice(["contact", "treatment", "accrual"])]
            do_place_hold(
                actor=TEST,
                debtor_id=account.debtor_id,
                reason="disputed",
                effects=effects,
                note="",
                now=NOON,
            )
        elif kind == "release" and held is not None:
            do_release_hold(actor=TEST, hold_id=held.pk, reason="over", now=NOON)
        elif kind in ("part", "whole"):
            pay(account, 1_000_000 if kind == "whole" else drawn.randrange(1, 900_000))
        elif kind == "dead number":
            ContactPoint.objects.filter(debtor=account.debtor).update(validity="invalid")
            for case in Case.objects.filter(debtor=account.debtor, closed_on=None):
                mark_case(case.pk, Cause.RECORD, NOON)


def pay(account: Account, amount: int) -> None:
    do_post_entry(
        actor=TEST,
        account_id=account.pk,
        kind=EntryKind.PAYMENT,
        lines=[Line("principal", amount)],
        effective_on=FIRST,
        reference=f"P{amount}",
        now=NOON,
    )


def given() -> dict[str, Any]:
    rows = Task.objects.filter(state="open", case__closed_on=None)
    names = ("treatment", "priority", "stage", "overdue_minor", "lawful_from")
    found = {}
    for task in rows.select_related("case__debtor"):
        lawful = None if task.lawful_from is None else max(task.lawful_from, NOON)
        told = [getattr(task, name) for name in names[:-1]]
        found[task.case.debtor.external_id] = (*told, lawful, task.reason["price"].get("value"))
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_day_gives_what_a_night_at_that_moment_would_have_given(seed: int) -> None:
    """With room for everybody, so at prices of nothing."""
    product, accounts = random_book(random.Random(seed))
    with transaction.atomic():
        night(product, FIRST)
        change(random.Random(seed), accounts)
        decide_due(product.creditor_id, lambda: NOON)
        by_day = given()
        assert Event.objects.filter(action="case.decide").exists()
        transaction.set_rollback(True)
    change(random.Random(seed), accounts)
    night(product, FIRST, now=NOON)
    assert by_day == given()


@pytest.mark.django_db
@pytest.mark.usefixtures("db")
def test_the_day_never_proposes_what_the_law_refuses() -> None:
    product, _accounts = random_book(random.Random(4))
    night(product, FIRST)
    assert Task.objects.filter(state="open").exclude(channel="desk").exists()
    Engagement.objects.update(valid_to=FIRST - timedelta(days=1))
    for case in Case.objects.filter(closed_on=None):
        mark_case(case.pk, Cause.RECORD, NOON)
    decide_due(product.creditor_id, lambda: NOON)
    assert not Task.objects.filter(state="open").exclude(channel="desk").exists()
    closed = Task.objects.filter(state="expired")
    assert {task.reason["closed"] for task in closed} == {"day_unlawful"}
    event = Event.objects.filter(action="case.decide").latest("sequence")
    assert '"rules":["no_engagement"]' in event.body.replace(" ", "")


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_both_take_the_last_letter() -> None:
    product = make_bank()
    accounts = [add_account(product, number, 20) for number in (1, 2)]
    add_seats(product.creditor)
    holds = [
        factories.make_hold(each.debtor, effects=["contact"], placed_at=at(FIRST))
        for each in accounts
    ]
    do_set_capacity(
        actor=TEST,
        creditor_id=product.creditor_id,
        resource="letters",
        amount=1,
        valid_from=FIRST,
        now=at(FIRST),
    )
    night(product, FIRST)
    for each in holds:
        do_release_hold(actor=TEST, hold_id=each.pk, reason="over", now=NOON)
    last = last_night(product.creditor_id)
    assert last is not None
    together = threading.Barrier(2)

    def work(case_id: int) -> None:
        try:
            together.wait()
            decide_cases(last, [ToDecide(case_id, Cause.HOLD, NOON, 1, 0, 0)], NOON)
        finally:
            connection.close()

    ids = list(CaseToDecide.objects.values_list("case_id", flat=True))
    threads = [threading.Thread(target=work, args=(case_id,)) for case_id in ids]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert Task.objects.filter(state="open", channel="letter").count() == 1
    assert not CaseToDecide.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_write_during_a_decision_is_decided_too() -> None:
    """The mark goes only in the version that was seen."""
    product = make_bank()
    account = add_account(product, 1, 5)
    add_seats(product.creditor)
    night(product, FIRST)
    case = Case.objects.get(debtor=account.debtor)
    mark_case(case.pk, Cause.RECORD, NOON)
    last = last_night(product.creditor_id)
    assert last is not None
    seen = ToDecide(case.pk, Cause.RECORD, NOON, 1, 0, 0)
    mark_case(case.pk, Cause.HOLD, NOON)
    decide_cases(last, [seen], NOON)
    [mark] = CaseToDecide.objects.all()
    assert (mark.version, mark.tries) == (2, 0)
