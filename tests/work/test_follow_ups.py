"""Follow-ups and call-backs: written once, words sealed; first in their minute, and counted."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from kept.core.actors import Actor, Role, job
from kept.core.task_clocks import CALLBACK_PRIORITY
from kept.store.models import Case, CaseTaking, Event, FollowUp, Seat, Task
from kept.store.worklists import TaskFilters
from kept.work.escalations import do_escalate_tasks
from kept.work.follow_ups import WrittenFollowUp, do_write_follow_up
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.tasks import do_close_task
from kept.work.timelines import list_timeline
from kept.work.timeliness import TimelinessBy, list_timeliness
from kept.work.worklists import list_tasks
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]

#: Ten in the morning in Shanghai.
NOW = datetime(2026, 10, 14, 2, tzinfo=UTC)
WORDS = "called, asks to be rung again after lunch"


@pytest.fixture
def case() -> Case:
    creditor = make.make_creditor(cut_over_on=date(2026, 1, 1))
    make.make_engagement(creditor)
    debtor = make.make_debtor(creditor, country="CN", zones=["Asia/Shanghai"])
    make.make_contact_point(debtor, "+8613800138000")
    account = make.make_account(make.make_product(creditor), debtor)
    make.make_terms(account.product)
    found = make.make_case(debtor, account, seat=make.make_seat())
    CaseTaking.objects.create(
        creditor=creditor,
        case=found,
        person_id=7,
        reason="inbound",
        taken_at=NOW,
        until=NOW + timedelta(days=90),
    )
    return found


def worker(case: Case, role: Role = Role.COLLECTOR) -> Actor:
    assert case.seat_id is not None
    return make.make_actor(7, "someone", {role}, {case.creditor_id}, {case.seat_id})


def write(case: Case, actor: Actor | None = None, **given: object) -> WrittenFollowUp:
    return do_write_follow_up(
        **{  # type: ignore[arg-type]
            "actor": actor or worker(case),
            "case_id": case.pk,
            "text": WORDS,
            "now": NOW,
            **given,
        }
    )


def test_its_words_stand_in_the_timeline_and_nowhere_in_clear(case: Case) -> None:
    written = write(case).follow_up
    assert (written.seat_id, written.made_by, written.next_at) == (case.seat_id, "someone", None)
    event = Event.objects.get(action="follow_up.write")
    assert WORDS not in event.body
    found = list_timeline(worker(case), case.pk, now=NOW)
    assert found is not None
    assert found.entries[0].personal == {"text": WORDS}


def test_a_callback_comes_first_at_its_minute_and_not_before(case: Case) -> None:
    urgent = make.make_task(case, seat=case.seat, priority=900_000_000, due_at=NOW)
    at = NOW + timedelta(hours=5)
    task = write(case, next_at=at).callback
    assert task is not None
    assert (task.wanted_at, task.lawful_from, task.due_at) == (at, at, at + timedelta(minutes=15))
    assert task.priority == CALLBACK_PRIORITY

    def order(now: datetime) -> list[int]:
        lead = worker(case, Role.TEAM_LEAD)  # who sees more than the next one
        rows = list_tasks(lead, TaskFilters(), now=now, on=now.date()).rows
        return [row.task_id for row in rows]

    assert order(at - timedelta(minutes=1)) == [urgent.pk, task.pk]
    assert order(at) == [task.pk, urgent.pk]


def test_one_that_the_law_forbids_then_begins_when_it_allows(case: Case) -> None:
    late = datetime(2026, 10, 14, 15, 30, tzinfo=UTC)  # half past eleven at night
    task = write(case, next_at=late).callback
    assert task is not None
    assert task.lawful_from is not None
    assert task.wanted_at == late
    assert task.lawful_from == datetime(2026, 10, 15, 0, tzinfo=UTC)  # eight in the morning
    told = json.loads(Event.objects.get(action="follow_up.write").body)["callback"]
    assert told["lawful_from"] == "2026-10-15T00:00:00+00:00"


def test_asking_again_moves_it_and_one_that_was_done_is_followed_by_another(case: Case) -> None:
    first = write(case, next_at=NOW + timedelta(hours=1)).callback
    moved = write(case, next_at=NOW + timedelta(hours=2)).callback
    assert first is not None
    assert moved is not None
    assert moved.pk == first.pk
    do_close_task(actor=worker(case), task_id=moved.pk, state="done", now=NOW)
    again = write(case, next_at=NOW + timedelta(hours=3)).callback
    assert again is not None
    assert again.pk != first.pk
    assert Task.objects.filter(treatment="callback").count() == 2
    assert FollowUp.objects.count() == 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"text": "  "}, "what was done"),
        ({"text": "x" * 4_001}, "4000"),
        ({"next_at": NOW}, "in the future"),
        ({"next_at": NOW + timedelta(days=61)}, "60 days"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    case: Case, given: dict[str, object], message: str
) -> None:
    with pytest.raises(Refusal) as refused:
        write(case, **given)
    assert message in str(refused.value) + str(getattr(refused.value, "errors", ""))
    assert not FollowUp.objects.exists()


def test_no_callback_without_a_number_that_may_be_called(case: Case) -> None:
    case.debtor.contact_points.all().delete()
    with pytest.raises(Refusal, match="No number"):
        write(case, next_at=NOW + timedelta(hours=1))
    assert not FollowUp.objects.exists()
    assert write(case).follow_up.pk


def test_who_does_not_see_the_case_finds_none_and_a_closed_one_takes_nothing(case: Case) -> None:
    elsewhere = make.make_actor(8, "other", {Role.COLLECTOR}, {case.creditor_id}, {case.pk + 999})
    with pytest.raises(NotThere):
        write(case, elsewhere)
    with pytest.raises(NotAllowed):
        write(case, worker(case, Role.AUDITOR))
    Case.objects.filter(pk=case.pk).update(closed_on=NOW.date(), close_reason="paid")
    with pytest.raises(Refusal, match="closed"):
        write(case)


def test_a_task_is_escalated_once_when_its_time_has_come(case: Case) -> None:
    at = NOW + timedelta(hours=1)
    make.make_task(case, escalates_at=at)
    make.make_task(case, state="done", closed_at=NOW, treatment="letter", escalates_at=at)
    sweep = job("sweep")
    assert do_escalate_tasks(actor=sweep, now=at - timedelta(seconds=1)) == 0
    assert do_escalate_tasks(actor=sweep, now=at) == 1
    assert do_escalate_tasks(actor=sweep, now=at + timedelta(days=1)) == 0
    assert Event.objects.filter(action="task.escalate").count() == 1
    lead = worker(case, Role.TEAM_LEAD)
    shown = list_tasks(lead, TaskFilters(is_escalated=True), now=at, on=at.date()).rows
    assert [row.escalated_at for row in shown] == [at]
    with pytest.raises(NotAllowed):
        do_escalate_tasks(actor=lead, now=at)


def test_work_is_counted_as_it_happens(case: Case) -> None:
    seat = Seat.objects.get()
    early, late, dropped, waiting = (
        make.make_task(case, seat=seat, treatment=f"t{number}", due_at=due)
        for number, due in enumerate(
            (NOW, NOW - timedelta(hours=1), NOW - timedelta(hours=1), NOW - timedelta(minutes=1))
        )
    )
    actor = worker(case)
    for task, state in ((early, "done"), (late, "done"), (dropped, "cancelled"), (early, "done")):
        do_close_task(actor=actor, task_id=task.pk, state=state, reason="paid in cash", now=NOW)
    write(case, task_id=waiting.pk)
    day = date(2026, 10, 14)
    [row] = list_timeliness(actor, first=day, last=day, by=TimelinessBy.SEAT, now=NOW)
    times = row.timeliness
    assert (row.key, row.cancelled, row.follow_ups) == (seat.pk, 1, 1)
    assert (times.done_in_time, times.done_late, times.lapsed, times.late_now) == (1, 1, 0, 1)
    assert times.permille == 333
    rows = list_timeliness(actor, first=day, last=day, by=TimelinessBy.TREATMENT, now=NOW)
    assert {each.name: each.timeliness.permille for each in rows} == {
        "t0": 1000,
        "t1": 0,
        "t2": None,
        "t3": 0,
    }
    before = day - timedelta(days=1)
    by_day = list_timeliness(actor, first=before, last=before, by=TimelinessBy.DAY, now=NOW)
    assert by_day == ()
