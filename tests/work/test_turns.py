"""Nobody picks: a collector works the next case of their own, or one with a recorded reason."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from kept.core.actors import Role
from kept.store.models import Case, CaseTaking, Event, RoleGrant, Task
from kept.work.actors import actor_of
from kept.work.follow_ups import do_write_follow_up
from kept.work.refusals import NotThere, Refusal
from kept.work.tasks import do_close_task
from kept.work.turns import do_take_case, is_in_turn
from kept.work.worklists import TaskFilters, list_tasks
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]


@pytest.fixture
def desk() -> dict[str, Any]:
    """A collector with three tasks, and a neighbour's."""
    creditor = make.make_creditor()
    user = make.make_user("li", roles={Role.COLLECTOR: None})
    seat = make.make_seat(user=user)
    tasks = [
        make.make_task(make.make_case(make.make_debtor(creditor), seat=seat), priority=number)
        for number in (300, 200, 100)
    ]
    other = make.make_task(make.make_case(make.make_debtor(creditor), seat=make.make_seat()))
    return {"user": user, "tasks": tasks, "other": other}


def shown(user: Any, **filters: Any) -> list[int]:
    found = list_tasks(actor_of(user, now=NOW), TaskFilters(**filters), now=NOW, on=TODAY)
    return [row.task_id for row in found.rows]


def close(user: Any, task: Task, now: Any = NOW) -> None:
    do_close_task(actor=actor_of(user, now=NOW), task_id=task.pk, state="done", now=now)


def test_only_the_next_is_shown_whatever_is_asked_for(desk: dict[str, Any]) -> None:
    first = desk["tasks"][0]
    assert shown(desk["user"]) == [first.pk]
    assert shown(desk["user"], bucket=4, state="done") == [first.pk]
    close(desk["user"], first)
    assert shown(desk["user"]) == [desk["tasks"][1].pk]


def test_another_one_is_refused_until_it_is_taken_up_with_a_reason(desk: dict[str, Any]) -> None:
    actor, last = actor_of(desk["user"], now=NOW), desk["tasks"][2]
    with pytest.raises(Refusal, match="not the next of your worklist"):
        close(desk["user"], last)
    with pytest.raises(Refusal, match="not the next of your worklist"):
        do_take_case(actor=actor, case_id=last.case_id, reason="next", now=NOW)
    with pytest.raises(Refusal, match="Say why"):
        do_take_case(actor=actor, case_id=last.case_id, reason="other", now=NOW)
    do_take_case(actor=actor, case_id=last.case_id, reason="inbound", note="rang at ten", now=NOW)
    event = Event.objects.get(action="case.take")
    assert json.loads(event.body)["reason"] == "inbound"
    assert "rang" not in event.body
    late = NOW + timedelta(hours=3)
    assert is_in_turn(actor, last.case_id, NOW)
    assert not is_in_turn(actor, last.case_id, late)
    close(desk["user"], last)
    assert Task.objects.get(pk=last.pk).state == "done"


def test_the_next_one_taken_stays_in_turn_when_a_more_urgent_one_comes(
    desk: dict[str, Any],
) -> None:
    actor, first = actor_of(desk["user"], now=NOW), desk["tasks"][0]
    do_take_case(actor=actor, case_id=first.case_id, reason="next", now=NOW)
    do_take_case(actor=actor, case_id=first.case_id, reason="next", now=NOW)
    assert CaseTaking.objects.count() == 1
    assert not Event.objects.filter(action="case.take").exists()
    Task.objects.filter(pk=desk["tasks"][1].pk).update(priority=9_000)
    close(desk["user"], first)


def test_what_is_not_theirs_is_not_there(desk: dict[str, Any]) -> None:
    actor = actor_of(desk["user"], now=NOW)
    with pytest.raises(NotThere):
        do_take_case(actor=actor, case_id=desk["other"].case_id, reason="inbound", now=NOW)


def test_a_grant_may_allow_to_choose(desk: dict[str, Any]) -> None:
    RoleGrant.objects.filter(user=desk["user"]).update(may_pick=True)
    assert shown(desk["user"]) == [task.pk for task in desk["tasks"]]
    close(desk["user"], desk["tasks"][2])


def test_what_was_begun_in_turn_stays_in_turn(desk: dict[str, Any]) -> None:
    actor, first, second = actor_of(desk["user"], now=NOW), desk["tasks"][0], desk["tasks"][1]
    other = make.make_task(Case.objects.get(pk=first.case_id), treatment="letter", priority=290)
    close(desk["user"], first)
    assert CaseTaking.objects.get().reason == "next"
    Task.objects.filter(pk=second.pk).update(priority=9_000)
    close(desk["user"], other)
    assert not is_in_turn(actor, first.case_id, NOW + timedelta(hours=3))


def test_a_callback_picks_no_case(desk: dict[str, Any]) -> None:
    actor, last = actor_of(desk["user"], now=NOW), desk["tasks"][2]
    given: dict[str, Any] = {"actor": actor, "case_id": last.case_id, "text": "x", "now": NOW}
    with pytest.raises(Refusal, match="not the next of your worklist"):
        do_write_follow_up(**given, next_at=NOW + timedelta(minutes=1))
    assert not Task.objects.filter(treatment="callback").exists()
    assert do_write_follow_up(**given).callback is None
    do_take_case(actor=actor, case_id=last.case_id, reason="inbound", now=NOW)
    with pytest.raises(Refusal, match="No number"):  # refused by the law alone
        do_write_follow_up(**given, next_at=NOW + timedelta(minutes=1))
