"""The law in the night: lawful times on tasks, and what is never lawful as a refusal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from kept.store.models import Debtor, Engagement, PermitRefusal, Stop, Task
from tests import factories
from tests.batch.nightly.nights import FIRST, SECOND, add_account, add_seats, at, make_bank, night

pytestmark = pytest.mark.django_db(transaction=True)

#: Eight in the morning of the first day in Shanghai.
OPENS = datetime(2026, 11, 21, tzinfo=UTC)


def stop(debtor: Debtor, kind: str, **given: object) -> None:
    Stop.objects.create(
        debtor=debtor,
        kind=kind,
        received_at=at(FIRST) - timedelta(days=1),
        recorded_at=at(FIRST),
        recorded_by="test",
        **given,
    )


def refusals() -> list[tuple[str, str, list[str], str]]:
    rows = PermitRefusal.objects.order_by("id")
    columns = ("case__debtor__external_id", "channel", "rule_ids", "outcome")
    return list(rows.values_list(*columns))


def test_a_task_says_from_when_its_contact_is_lawful() -> None:
    product = make_bank()
    for number, age in enumerate((3, 20, 120)):
        add_account(product, number, age)
    add_seats(product.creditor)
    night(product, FIRST)
    found = dict(Task.objects.values_list("channel", "lawful_from"))
    assert found == {"call": OPENS, "letter": OPENS, "desk": None}


def test_a_carried_over_task_takes_the_time_of_the_new_night() -> None:
    product = make_bank()
    add_seats(product.creditor)
    add_account(product, 1, 2)
    night(product, FIRST)
    night(product, SECOND)
    task = Task.objects.get()
    assert (task.business_date, task.lawful_from) == (SECOND, OPENS + timedelta(days=1))


def test_what_is_never_lawful_gets_no_task_and_is_shown_with_its_rules() -> None:
    product = make_bank()
    account = add_account(product, 1, 3)
    stop(account.debtor, "opt_out", channel="call")
    add_seats(product.creditor)
    result = night(product, FIRST)
    assert not Task.objects.exists()
    ((debtor, channel, rules, outcome),) = refusals()
    assert (debtor, channel, outcome) == ("D0001", "call", "deny")
    assert result["refused"] == {rules[0]: 1}
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM events WHERE action = 'night.refuse'")
        bodies = [json.loads(body) for (body,) in cursor.fetchall()]
    told = {"channel": "call", "outcome": "deny", "rules": rules, "treatment": "call"}
    assert bodies == [{"business_date": "2026-11-21", "refused": [told]}]


def test_a_refusal_that_stands_is_counted_every_night_and_written_once_a_month() -> None:
    product = make_bank()
    account = add_account(product, 1, 3)
    stop(account.debtor, "opt_out", channel="call")
    add_seats(product.creditor)
    night(product, FIRST)
    assert sum(night(product, SECOND)["refused"].values()) == 1
    assert len(refusals()) == 1
    assert night(product, FIRST + timedelta(days=40))["refused_contacts"] == 0  # by now a visit


def test_a_number_that_was_not_opted_out_carries_the_call() -> None:
    product = make_bank()
    debtor = add_account(product, 1, 3).debtor
    first = factories.make_contact_point(debtor, "+8613800138001", position=1)
    factories.make_contact_point(debtor, "+8613800138002", position=2)
    stop(debtor, "opt_out", channel="call", contact_point=first)
    add_seats(product.creditor)
    night(product, FIRST)
    assert (Task.objects.get().lawful_from, refusals()) == (OPENS, [])


def test_without_a_mandate_nobody_is_contacted_and_work_inside_goes_on() -> None:
    product = make_bank()
    add_account(product, 1, 3)
    add_account(product, 2, 120)
    Engagement.objects.all().delete()
    add_seats(product.creditor)
    result = night(product, FIRST)
    assert list(Task.objects.values_list("treatment", flat=True)) == ["legal_review"]
    assert result["refused"] == {"no_engagement": 1}
    assert refusals() == [("D0001", "call", ["no_engagement"], "deny")]
