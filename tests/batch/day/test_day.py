"""The day: what happens to a case's task when something happened to the case."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from kept.batch.day import decide_due
from kept.core.actors import Actor, Role, job
from kept.core.ledger import EntryKind
from kept.store.models import Account, CaseTaking, CaseToDecide, Event, Product, Run, Task
from kept.store.to_decide import Cause, mark_case
from kept.work.actors import actor_of
from kept.work.capacities import do_set_capacity
from kept.work.holds import do_place_hold, do_release_hold
from kept.work.ledger import Line, do_post_entry, do_reverse_entry
from kept.work.seat_times import do_place_absence
from kept.work.tasks import do_close_task
from tests import factories
from tests.batch.nightly.nights import (
    FIRST,
    SECOND,
    add_account,
    add_seats,
    at,
    case_of,
    make_bank,
    night,
    open_tasks,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("db")]

NOON = at(FIRST) + timedelta(hours=6)


def manager() -> Actor:
    return job("test")


def book(*ages: int, minutes: int = 60) -> tuple[Product, list[Account]]:
    product = make_bank()
    accounts = [add_account(product, number, age) for number, age in enumerate(ages, 1)]
    add_seats(product.creditor, minutes=minutes)
    night(product, FIRST)
    return product, accounts


def decide(product: Product, now: datetime = NOON) -> int:
    return decide_due(product.creditor_id, lambda: now)


def told() -> list[dict[str, Any]]:
    events = Event.objects.filter(action="case.decide").order_by("chain_id", "sequence")
    return [json.loads(event.body) for event in events]


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'case.decide'")
        return int(cursor.fetchone()[0])


def hold(account: Account, *effects: str, now: datetime = NOON) -> int:
    return do_place_hold(
        actor=manager(),
        debtor_id=account.debtor_id,
        reason="disputed",
        effects=effects,
        note="",
        now=now,
    )


def test_a_hold_closes_the_task_and_its_end_opens_it_again() -> None:
    product, [account] = book(5)
    before = Task.objects.get()
    hold_id = hold(account, "contact")
    assert decide(product) == 1
    closed = Task.objects.get()
    assert (closed.state, closed.closed_at, closed.reason["closed"]) == (
        "expired",
        NOON,
        "day_held",
    )
    assert not CaseToDecide.objects.exists()
    later = NOON + timedelta(hours=1)
    do_release_hold(actor=manager(), hold_id=hold_id, reason="settled", now=later)
    decide(product, later)
    again = Task.objects.get()
    assert (again.pk, again.state, again.closed_at) == (before.pk, "open", None)
    assert (again.priority, again.seat_id) == (before.priority, before.seat_id)
    assert again.reason["price"] == before.reason["price"]
    assert again.reason["day"] == {"cause": "hold"}
    assert [(each["cause"], sorted(each)) for each in told()] == [
        ("hold", ["business_date", "cause", "closed"]),
        ("hold", ["business_date", "cause", "task"]),
    ]


def test_a_decision_that_changes_nothing_writes_nothing() -> None:
    product, accounts = book(-3, 1, 5, 6, 17, 18, 30, 31, 90, 91, 200, minutes=1_440)
    tasks, events = list(Task.objects.order_by("id").values()), Event.objects.count()
    now = at(FIRST) + timedelta(minutes=1)
    for account in accounts:
        mark_case(case_of(account).pk, Cause.RECORD, now)
    assert decide(product, now) == len(accounts)
    assert told() == []
    assert list(Task.objects.order_by("id").values()) == tasks
    assert Event.objects.count() == events


def test_ten_quick_writes_make_one_job_and_one_decision() -> None:
    product, [account] = book(5)
    for _ in range(10):
        mark_case(case_of(account).pk, Cause.RECORD, NOON)
    assert jobs() == 1
    [mark] = CaseToDecide.objects.all()
    assert mark.version == 10
    assert decide(product) == 1
    assert decide(product) == 0
    mark_case(case_of(account).pk, Cause.RECORD, NOON)
    assert jobs() == 2


def test_a_payment_of_all_that_is_overdue_closes_and_its_reversal_opens() -> None:
    product, [account] = book(5)
    factories.make_free("manual_payment", "reversal")
    entry = do_post_entry(
        actor=manager(),
        account_id=account.pk,
        kind=EntryKind.PAYMENT,
        lines=[Line("principal", 1_000_001)],
        effective_on=FIRST,
        reference="P1",
        now=NOON,
    )
    decide(product)
    assert Task.objects.get().reason["closed"] == "day_not_proposed"
    later = NOON + timedelta(minutes=5)
    do_reverse_entry(
        actor=manager(), entry_id=entry, effective_on=FIRST, reason="bounced", now=later
    )
    decide(product, later)
    assert open_tasks() == {"D0001": "call"}
    assert [each["cause"] for each in told()] == ["payment", "payment"]


def test_a_payment_of_a_part_lowers_the_priority() -> None:
    product, [account] = book(5)
    before = Task.objects.get()
    factories.make_free("manual_payment")
    do_post_entry(
        actor=manager(),
        account_id=account.pk,
        kind=EntryKind.PAYMENT,
        lines=[Line("principal", 400_001)],
        effective_on=FIRST,
        reference="P1",
        now=NOON,
    )
    decide(product)
    after = Task.objects.get()
    assert (after.pk, after.state, after.overdue_minor) == (before.pk, "open", 600_000)
    assert after.priority < before.priority
    assert after.reason["price"]["value"] == after.priority  # minutes cost nothing here
    [event] = told()
    assert event["renewed"] == {"treatment": "call", "priority": after.priority}


def test_what_a_person_closed_does_not_come_back_the_same_day() -> None:
    product, [_account] = book(5)
    user = factories.make_user("li", roles={Role.MANAGER: None})
    task = Task.objects.get()
    do_close_task(
        actor=actor_of(user, now=NOON), task_id=task.pk, state="cancelled", reason="no", now=NOON
    )
    decide(product)
    assert [task.state for task in Task.objects.all()] == ["cancelled"]
    assert told() == []


def test_what_somebody_has_in_hand_stays_until_they_are_done() -> None:
    product, [account] = book(5)
    case = case_of(account)
    until = NOON + timedelta(hours=2)
    CaseTaking.objects.create(
        creditor=product.creditor, case=case, person_id=1, reason="next", taken_at=NOON, until=until
    )
    factories.make_free("manual_payment")
    do_post_entry(
        actor=manager(),
        account_id=account.pk,
        kind=EntryKind.PAYMENT,
        lines=[Line("principal", 1_000_001)],
        effective_on=FIRST,
        reference="P1",
        now=NOON,
    )
    decide(product)
    assert open_tasks() == {"D0001": "call"}
    assert CaseToDecide.objects.get().due_at == until
    decide(product, until + timedelta(minutes=1))
    assert open_tasks() == {}
    assert not CaseToDecide.objects.exists()


def test_a_hold_closes_also_what_somebody_has_in_hand() -> None:
    product, [account] = book(5)
    CaseTaking.objects.create(
        creditor=product.creditor,
        case=case_of(account),
        person_id=1,
        reason="next",
        taken_at=NOON,
        until=NOON + timedelta(hours=2),
    )
    hold(account, "contact")
    decide(product)
    assert open_tasks() == {}


def test_before_the_first_night_nothing_is_marked() -> None:
    product = make_bank()
    account = add_account(product, 1, 5)
    factories.make_case(account.debtor, account)
    hold(account, "contact")
    assert not CaseToDecide.objects.exists()
    assert (jobs(), decide(product)) == (0, 0)


def test_the_day_waits_for_a_night_that_is_being_run() -> None:
    product, [account] = book(5)
    Run.objects.update(state="running")
    hold(account, "contact")
    assert decide(product) == 0
    assert open_tasks() == {"D0001": "call"}
    Run.objects.update(state="done")
    assert decide(product) == 1
    assert open_tasks() == {}


def test_a_night_calls_for_what_was_marked_while_it_ran() -> None:
    product, [account] = book(5)
    mark_case(case_of(account).pk, Cause.RECORD, NOON)
    before = jobs()
    night(product, SECOND)
    assert jobs() == before + 1


def test_a_capacity_that_is_cut_takes_the_least_urgent_first() -> None:
    product, _accounts = book(20, 21, 22, 23)
    assert set(open_tasks().values()) == {"letter"}
    do_set_capacity(
        actor=manager(),
        creditor_id=product.creditor_id,
        resource="letters",
        amount=1,
        valid_from=FIRST,
        now=NOON,
    )
    assert CaseToDecide.objects.count() == 4
    decide(product)
    kept = Task.objects.get(state="open")
    closed = Task.objects.filter(state="expired")
    assert {task.reason["closed"] for task in closed} == {"day_no_room"}
    assert all(task.priority <= kept.priority for task in closed)
    assert len(closed) == 3


def test_the_last_letter_goes_to_one_case() -> None:
    product = make_bank()
    accounts = [add_account(product, number, 20) for number in (1, 2)]
    add_seats(product.creditor)
    holds = [
        factories.make_hold(each.debtor, effects=["contact"], placed_at=at(FIRST))
        for each in accounts
    ]
    do_set_capacity(
        actor=manager(),
        creditor_id=product.creditor_id,
        resource="letters",
        amount=1,
        valid_from=FIRST,
        now=at(FIRST),
    )
    night(product, FIRST)
    assert open_tasks() == {}
    for each in holds:
        do_release_hold(actor=manager(), hold_id=each.pk, reason="over", now=NOON)
    decide(product)
    assert open_tasks() == {"D0001": "letter"}


def test_an_absence_moves_tasks_to_who_has_time() -> None:
    product = make_bank()
    for number in (1, 2):
        add_account(product, number, 5)
    team = factories.make_team()
    seats = [
        factories.make_seat(code=code, team=team, skills=["call"], minutes_per_day=10)
        for code in ("S1", "S2")
    ]
    night(product, FIRST)
    sick = Task.objects.order_by("id")[0].seat
    assert sick is not None
    do_place_absence(
        actor=manager(),
        seat_id=sick.pk,
        first_on=FIRST,
        last_on=FIRST + timedelta(days=30),
        reason="ill",
        now=NOON,
    )
    decide(product)
    [other] = [seat for seat in seats if seat.pk != sick.pk]
    assert {task.seat_id for task in Task.objects.filter(state="open")} == {other.pk}
    moved = [each for each in told() if "renewed" in each]
    assert [each["renewed"]["seat"] for each in moved] == [other.pk]


def test_a_person_has_one_contact_over_all_cases() -> None:
    """The other case's turn comes when the first may not be worked any more."""
    product = make_bank()
    person = factories.make_person()
    debtors = [
        factories.make_debtor(product.creditor, external_id=f"D{n:04d}", person=person)
        for n in (1, 2)
    ]
    accounts = [add_account(product, n, 5, debtor=each) for n, each in enumerate(debtors, 1)]
    add_seats(product.creditor)
    night(product, FIRST)
    assert open_tasks() == {"D0002": "call"}
    hold(accounts[1], "contact")
    decide(product)
    assert open_tasks() == {"D0001": "call"}
    mark_case(case_of(accounts[1]).pk, Cause.RECORD, NOON)
    decide(product)
    assert open_tasks() == {"D0001": "call"}
