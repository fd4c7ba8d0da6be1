"""Closing a task: once, by whoever has it, with its event; refused with nothing changed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from kept.core.actors import Actor, Role
from kept.store.models import Case, Event, Seat, Task
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.tasks import do_close_task, get_task
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]


def worker(task: Task, role: Role = Role.COLLECTOR, *seats: Seat) -> Actor:
    return factories.make_actor(
        7,
        "someone",
        frozenset({role}),
        frozenset({task.creditor_id}),
        frozenset(seat.pk for seat in seats),
    )


@pytest.fixture
def task() -> Task:
    case = factories.make_case(
        factories.make_debtor(factories.make_creditor()), seat=factories.make_seat()
    )
    return factories.make_task(case, reason={"dealing": "kept"})


def close(task: Task, actor: Actor, **given: object) -> Task:
    return do_close_task(
        **{"actor": actor, "task_id": task.pk, "state": "done", "now": NOW, **given}  # type: ignore[arg-type]
    )


def test_the_seat_that_has_it_closes_it_once(task: Task) -> None:
    actor = worker(task, Role.COLLECTOR, Seat.objects.get())
    assert get_task(actor, task.pk) == task
    closed = close(task, actor)
    assert (closed.state, closed.closed_at, closed.reason) == ("done", NOW, {"dealing": "kept"})
    close(task, actor, now=NOW + timedelta(hours=1))
    event = Event.objects.get()
    assert (event.chain_kind, event.chain_id, event.action) == ("case", task.case_id, "task.close")
    assert event.body == '{"state":"done","treatment":"call"}'
    with pytest.raises(Refusal, match=r"closed already \(done\)"):
        close(task, actor, state="cancelled", reason="too late")


def test_cancelling_says_why(task: Task) -> None:
    actor = worker(task, Role.TEAM_LEAD)
    with pytest.raises(Refusal) as refused:
        close(task, actor, state="cancelled", reason="  ")
    assert list(refused.value.fields) == ["reason"]
    closed = close(task, actor, state="cancelled", reason=" wrong number ")
    assert closed.reason == {"dealing": "kept", "closed": "wrong number"}


@pytest.mark.parametrize("state", ["open", "expired", "", "kept"])
def test_a_task_is_closed_as_done_or_cancelled_only(task: Task, state: str) -> None:
    with pytest.raises(Refusal):
        close(task, worker(task, Role.MANAGER), state=state)


def test_who_may_not_see_or_close_it_changes_nothing(task: Task) -> None:
    stranger = worker(task, Role.COLLECTOR, factories.make_seat())
    abroad = worker(factories.make_task(Case.objects.get(), treatment="x"), Role.MANAGER)
    elsewhere = factories.make_actor(8, "other", abroad.roles, {task.creditor_id + 1})
    for actor in (stranger, elsewhere):
        assert get_task(actor, task.pk) is None
        with pytest.raises(NotThere):
            close(task, actor)
    with pytest.raises(NotAllowed):
        close(task, worker(task, Role.AUDITOR))
    task.refresh_from_db()
    assert task.state == "open"
    assert not Event.objects.exists()


def test_what_must_not_be_said_is_saved_and_recorded_without_its_words(task: Task) -> None:
    actor = worker(task, Role.TEAM_LEAD)
    said = "I will tell your boss about the debt."
    assert close(task, actor, state="cancelled", reason=said).state == "cancelled"
    event = Event.objects.get()
    (found,) = json.loads(event.body)["speech"]
    assert found["label"] == "threat_to_tell_family_employer"
    assert said[found["start"] : found["end"]] == "I will tell your boss"
    assert found["citation"].startswith("12 CFR 1006.6(d)(1)")
    assert "boss" not in event.body


def test_what_a_debtor_said_is_no_finding(task: Task) -> None:
    reason = "Customer says the last agency said they will tell your boss."
    close(task, worker(task, Role.TEAM_LEAD), state="cancelled", reason=reason)
    assert "speech" not in json.loads(Event.objects.get().body)
