"""Promises of an old system: taken once, judged by the ledger, refused if nobody can promise so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kept.store.models import Entry, Event, IntakeFile, LoadedRow, Posting, Promise, PromiseAccount
from kept.work.promise_lists import list_promises
from tests import factories as make
from tests.batch.intake.records import ACTOR, NOW, Lender, errors_of, make_lender

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lender() -> Lender:
    make.make_partitions()
    found = make_lender()
    make.make_entry(found.account, {"principal": 100_000}, due_on=date(2026, 10, 1))
    return found


def row(lender: Lender, number: int, due: str = "2026-11-20", **given: str) -> dict[str, str]:
    said = {"id": f"P{number}", "at": "2026-11-10 10:00", "amount": "300.00", "due": due}
    return lender.row(**said, **given)


def pay(lender: Lender, amount: int, on: date) -> None:
    entry = Entry.objects.create(
        account=lender.account, kind="payment", effective_on=on, recorded_at=NOW, actor="test"
    )
    Posting.objects.create(
        entry=entry,
        account=lender.account,
        component="principal",
        from_book="receivable",
        to_book="cash",
        amount_minor=amount,
        effective_on=on,
        recorded_at=NOW,
    )


def test_they_come_in_once_and_are_judged_by_the_ledger(lender: Lender) -> None:
    pay(lender, 30_000, date(2026, 11, 15))
    rows = [
        row(lender, 1, way="card", agent="Ann"),
        row(lender, 2, due="2026-11-19"),
        row(lender, 3, due="2026-12-01"),
    ]
    first, again = lender.take("promises", rows), lender.take("promises", rows[:2])
    assert [file.state for file in (first, again)] == [IntakeFile.State.ACKNOWLEDGED] * 2
    assert first.acknowledgement["rows"]["accepted"] == 3
    assert again.acknowledgement["rows"]["unchanged"] == 2
    found = {each.external_id: each for each in Promise.objects.all()}
    states = {number: (each.state, each.paid_minor) for number, each in found.items()}
    # The one that falls due first takes the only payment.
    assert states == {"P1": ("broken", 0), "P2": ("kept", 30_000), "P3": ("open", 0)}
    assert (found["P1"].way, found["P1"].taken_by, found["P1"].currency) == ("card", "Ann", "USD")
    assert found["P1"].made_on == date(2026, 11, 10)
    assert PromiseAccount.objects.count() == LoadedRow.objects.count() == 3
    (kept,) = (
        each
        for each in list_promises(actor=ACTOR, case_id=lender.case.pk, now=NOW)
        if each.state == "kept"
    )
    assert [each.amount_minor for each in kept.by_payment] == [30_000]
    assert Event.objects.filter(action="person.take_records").count() == 1


def test_an_end_comes_later_and_the_rest_is_not_changed(lender: Lender) -> None:
    lender.take("promises", [row(lender, 1, due="2026-12-01")])
    ended = row(lender, 1, due="2026-12-01", ended="2026-11-12", reason="dispute")
    assert lender.take("promises", [ended]).acknowledgement["rows"]["accepted"] == 1
    promise = Promise.objects.get()
    assert (promise.state, promise.end_reason) == ("cancelled", "dispute")
    other = row(lender, 1, due="2026-12-02")
    assert errors_of(lender.take("promises", [other])) == [
        (2, "promise.external_id", "record_differs")
    ]


def test_what_nobody_could_promise_is_refused(lender: Lender) -> None:
    make.make_related_person(lender.debtor, relation="friend", name="Ken")
    make.make_related_person(lender.debtor, relation="guarantor", name="Gus")
    rows = [
        row(lender, 1) | {"amount": "0"},
        row(lender, 2) | {"amount": "-5.00"},
        row(lender, 3) | {"amount": "1.005"},
        row(lender, 4, due="2026-11-01"),
        row(lender, 5, currency="CNY"),
        row(lender, 6, person="Ken"),
        row(lender, 7, ended="2026-11-12"),
        row(lender, 8, person="Gus"),
        row(lender, 9, due="2026-11-09"),
    ]
    file = lender.take("promises", rows)
    assert errors_of(file) == [
        (2, "promise.amount", "not_positive"),
        (3, "promise.amount", "not_positive"),
        (4, "promise.amount", "amount_decimals"),
        (5, "promise.due_on", "times_out_of_order"),
        (6, "promise.currency", "no_account_in_currency"),
        (7, "promise.related_person", "not_liable"),
        (8, "promise.ended_at", "value_needed"),
        (10, "promise.due_on", "due_before_made"),
    ]
    promise = Promise.objects.get()
    assert (promise.said_by, promise.external_id) == ("related_person", "P8")


def test_a_promise_made_today_is_open_until_its_grace_is_over(lender: Lender) -> None:
    today = date(2026, 11, 23)
    said = row(lender, 1, due="2026-11-24") | {"at": "2026-11-23 09:00"}
    lender.take("promises", [said])
    promise = Promise.objects.get()
    assert (promise.state, promise.test_on) == ("open", today + timedelta(days=3))
