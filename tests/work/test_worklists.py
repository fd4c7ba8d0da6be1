"""The worklist: whose tasks, in which order, narrowed by what, and pages that hold still."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.core.actors import Actor, Role, job
from kept.store.models import Case, Creditor, Seat, Task
from kept.work.permissions import Permission, may
from kept.work.refusals import NotAllowed
from kept.work.worklists import (
    TaskFilters,
    get_worklist_choices,
    list_tasks,
    parse_cursor,
    summarise_own_tasks,
)
from tests import factories
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
HOUSE = job("test")


def person(
    role: Role, *, creditors: list[Creditor] | None = None, seats: tuple[Seat, ...] = ()
) -> Actor:
    limit = None if creditors is None else frozenset(c.pk for c in creditors)
    return factories.make_actor(
        7, "someone", frozenset({role}), limit, frozenset(s.pk for s in seats)
    )


def make_case(creditor: Creditor, **given: object) -> Case:
    return factories.make_case(factories.make_debtor(creditor), **given)


def ids(actor: Actor, **filters: object) -> list[int]:
    return [
        row.task_id for row in list_tasks(actor, TaskFilters(**filters), now=NOW, on=TODAY).rows
    ]


def test_the_highest_priority_comes_first_and_ties_by_age() -> None:
    creditors = [factories.make_creditor() for _ in range(2)]
    tasks = [
        factories.make_task(make_case(creditors[n % 2]), priority=priority)
        for n, priority in enumerate([5, 900, 5, 40])
    ]
    order = [tasks[1].pk, tasks[3].pk, tasks[0].pk, tasks[2].pk]
    assert ids(HOUSE) == order


def test_what_is_lawful_later_comes_after_the_rest_in_the_order_of_its_times() -> None:
    creditor = factories.make_creditor()
    later, soon = NOW + timedelta(hours=9), NOW + timedelta(hours=2)
    tasks = [
        factories.make_task(make_case(creditor), priority=priority, lawful_from=lawful_from)
        for priority, lawful_from in [
            (900, later),
            (5, None),
            (40, NOW),
            (30, soon),
            (70, soon),
            (60, NOW - timedelta(hours=1)),
        ]
    ]
    order = [tasks[place].pk for place in (5, 2, 1, 4, 3, 0)]
    assert ids(HOUSE) == order
    for limit in (1, 2, 3, 4):
        assert all_pages(HOUSE, TaskFilters(), limit) == order


def test_a_row_tells_who_what_how_much_and_what_holds() -> None:
    creditor = factories.make_creditor(code="BANK", name="Bank")
    seat = factories.make_seat(code="S-1")
    case = factories.make_case(factories.make_debtor(creditor, name="王芳"), seat=seat)
    factories.make_hold(case.debtor, reason="disputed")
    factories.make_hold(case.debtor, reason="fraud", until=TODAY - timedelta(days=1))
    factories.make_hold(case.debtor, reason="legal", released_at=NOW, released_by="x")
    task = factories.make_task(case, treatment="letter", dpd=45, bucket=2)
    row = list_tasks(HOUSE, TaskFilters(), now=NOW, on=TODAY).rows[0]
    assert (row.task_id, row.case_id, row.debtor_name) == (task.pk, case.pk, "王芳")
    assert (row.creditor_code, row.seat_code, row.treatment) == ("BANK", "S-1", "letter")
    assert (row.dpd, row.bucket, row.overdue_minor, row.currency) == (45, 2, 30_000, "CNY")
    assert row.holds == ("disputed",)


def test_each_sees_their_own_and_nothing_else() -> None:
    own, other = factories.make_creditor(), factories.make_creditor()
    seat, neighbour = factories.make_seat(), factories.make_seat()
    mine = factories.make_task(make_case(own, seat=seat), seat=seat)
    theirs = factories.make_task(make_case(own, seat=neighbour), seat=neighbour)
    strange = factories.make_task(make_case(other, seat=None))
    assert ids(person(Role.COLLECTOR, seats=(seat,))) == [mine.pk]
    assert ids(person(Role.COLLECTOR)) == []
    assert ids(person(Role.COLLECTOR, seats=(seat,)), seat_id=neighbour.pk) == [mine.pk]
    assert ids(person(Role.COLLECTOR, creditors=[other], seats=(seat,))) == []
    assert sorted(ids(person(Role.MANAGER, creditors=[own]))) == [mine.pk, theirs.pk]
    assert ids(person(Role.MANAGER, creditors=[own]), creditor_id=other.pk) == []
    assert ids(person(Role.MANAGER), seat_id=neighbour.pk) == [theirs.pk]
    assert ids(person(Role.MANAGER), is_not_dealt=True) == [strange.pk]
    assert ids(person(Role.MANAGER, creditors=[])) == []


@pytest.mark.parametrize("role", [r for r in Role if not may(person(r), Permission.WORKLIST_READ)])
def test_other_roles_have_no_worklist(role: Role) -> None:
    with pytest.raises(NotAllowed):
        list_tasks(person(role), TaskFilters(), now=NOW, on=TODAY)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"bucket": 2}, {"late"}),
        ({"dpd_from": 30}, {"late"}),
        ({"dpd_to": 10}, {"early"}),
        ({"dpd_from": 10, "dpd_to": 45}, {"early", "late"}),
        ({"stage": "letter"}, {"late"}),
        ({"treatment": "call"}, {"early"}),
        ({"due_before": NOW}, {"late"}),
        ({"due_from": NOW}, {"early"}),
        ({"state": "done"}, {"gone"}),
        ({"state": "expired"}, set()),
        ({"bucket": 1, "stage": "letter"}, set()),
    ],
)
def test_filters_narrow_and_combine(filters: dict[str, object], expected: set[str]) -> None:
    creditor = factories.make_creditor()
    tasks = {
        "early": factories.make_task(make_case(creditor), due_at=NOW + timedelta(hours=1)),
        "late": factories.make_task(
            make_case(creditor),
            dpd=45,
            bucket=2,
            stage="letter",
            treatment="letter",
            due_at=NOW - timedelta(hours=1),
        ),
        "gone": factories.make_task(make_case(creditor), state="done", closed_at=NOW),
    }
    assert set(ids(HOUSE, **filters)) == {tasks[name].pk for name in expected}


def all_pages(actor: Actor, filters: TaskFilters, limit: int) -> list[int]:
    found, cursor = [], ""
    while True:
        page = list_tasks(actor, filters, cursor, now=NOW, on=TODAY, limit=limit)
        found += [row.task_id for row in page.rows]
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    priorities=st.lists(st.integers(0, 4), max_size=25),
    limit=st.integers(1, 9),
    state=st.sampled_from(["open", "expired"]),
)
def test_pages_put_together_are_the_whole_list(
    priorities: list[int], limit: int, state: str
) -> None:
    Task.objects.all().delete()
    creditors = [factories.make_creditor() for _ in range(3)]
    run = factories.make_run()
    for n, priority in enumerate(priorities):
        case = make_case(creditors[n % 3])
        factories.make_task(case, priority=priority, state=state, run=run)
    order = ["-priority", "id"] if state == "open" else ["-id"]
    whole = list(Task.objects.order_by(*order).values_list("pk", flat=True))
    assert all_pages(HOUSE, TaskFilters(state=state), limit) == whole
    Task.objects.all().delete()


def test_a_page_stays_where_it_was_when_tasks_before_it_are_done() -> None:
    creditor = factories.make_creditor()
    tasks = [factories.make_task(make_case(creditor), priority=100 - n) for n in range(6)]
    first = list_tasks(HOUSE, TaskFilters(), now=NOW, on=TODAY, limit=3)
    Task.objects.filter(pk=tasks[0].pk).update(state="done")
    factories.make_task(make_case(creditor), priority=1_000)
    second = list_tasks(HOUSE, TaskFilters(), first.next_cursor or "", now=NOW, on=TODAY, limit=3)
    assert [row.task_id for row in second.rows] == [task.pk for task in tasks[3:]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1",
        "1.",
        "1.2.3.4",
        "1.2.99999999999",
        "1.2.-3",
        "1.x",
        "9" * 30 + ".1",
        "1.5e3",
        "٣.x",
    ],
)
def test_a_cursor_that_is_none_begins_at_the_start(text: str) -> None:
    assert parse_cursor(text) is None


def test_what_lies_before_a_collector() -> None:
    creditor = factories.make_creditor()
    seat = factories.make_seat()
    for hours, treatment in ((-1, "call"), (2, "call"), (30, "call"), (3, "letter")):
        factories.make_task(
            make_case(creditor, seat=seat),
            seat=seat,
            treatment=treatment,
            due_at=NOW + timedelta(hours=hours),
        )
    factories.make_task(make_case(creditor))
    actor = person(Role.COLLECTOR, seats=(seat,))
    ends = NOW + timedelta(hours=8)
    call, letter = summarise_own_tasks(actor, now=NOW, day_ends_at=ends)
    assert (call.treatment, call.tasks, call.minutes) == ("call", 3, 18)
    assert (call.late, call.due_today) == (1, 1)
    assert (letter.treatment, letter.tasks, letter.due_today) == ("letter", 1, 1)


def test_by_what_one_may_narrow() -> None:
    own, other = factories.make_creditor(code="A"), factories.make_creditor(code="B")
    factories.make_terms(factories.make_product(own), bucket_boundaries=[1, 31])
    factories.make_terms(factories.make_product(other), bucket_boundaries=[1, 31, 61])
    factories.make_seat(code="S1", creditors=[own])
    anyone = factories.make_seat(code="S2")
    factories.make_seat(code="S3", creditors=[other])
    factories.make_seat(code="S4", active=False)

    def narrow(actor: Actor) -> tuple[list[str], list[str], int]:
        found = get_worklist_choices(actor)
        codes = [code for _id, code, _name in found.creditors]
        return codes, [code for _id, code in found.seats], found.highest_bucket

    assert narrow(person(Role.MANAGER)) == (["A", "B"], ["S1", "S2", "S3"], 3)
    assert narrow(person(Role.MANAGER, creditors=[own])) == (["A"], ["S1", "S2"], 2)
    assert narrow(person(Role.COLLECTOR, seats=(anyone,)))[1] == ["S2"]


def test_how_many_queries_a_page_takes(django_assert_max_num_queries: object) -> None:
    creditor = factories.make_creditor()
    for _ in range(12):
        factories.make_task(make_case(creditor))
    with django_assert_max_num_queries(6):
        assert len(ids(HOUSE, dpd_from=1, dpd_to=date.max.year)) == 12
