"""Dealing outside the night: tried, done once, undone as a whole, and a seat withdrawn at noon."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from kept.batch.dealing import do_undo_dealing, do_withdraw_seat, run_dealing
from kept.core.actors import job
from kept.core.dealing_policy import DealingPolicy
from kept.store.models import Case, Creditor, DealingMove, Event, Seat, SeatConflict, Task
from kept.work.case_moves import do_move_cases
from kept.work.dealing_policies import do_set_dealing_policy
from kept.work.refusals import Refusal
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
LEAD = job("lead")
LONG_AGO = TODAY - timedelta(days=100)


@pytest.fixture
def months(db: None) -> None:
    make.make_partitions()


def make_desk(count: int = 12) -> tuple[Creditor, list[Seat], list[Case]]:
    """Three seats and a dozen cases, all with the first one since long ago."""
    creditor = make.make_creditor(code="BANK")
    product = make.make_product(creditor)
    seats = [make.make_seat(code=f"S{n}") for n in range(3)]
    cases = []
    for number in range(count):
        debtor = make.make_debtor(creditor)
        case = make.make_case(debtor, make.make_account(product, debtor), seat=seats[0])
        make.make_task(case, overdue_minor=1_000 * (number + 1), priority=100 + number)
        cases.append(case)
    return creditor, seats, cases


def lies() -> dict[int, str | None]:
    return dict(Task.objects.order_by("case_id").values_list("case_id", "seat__code"))


def deal(creditor: Creditor, **given: Any) -> dict[str, Any]:
    return run_dealing(actor=LEAD, creditor=creditor, **{"now": NOW, **given})


def test_what_lies_where_it_may_stays() -> None:
    creditor, _seats, _cases = make_desk()
    before = lies()
    found = deal(creditor)
    assert (found["moves"], found["by_reason"]) == (0, {})
    assert lies() == before


def test_idle_cases_move_evenly_tried_done_once_and_undone() -> None:
    creditor, seats, cases = make_desk()
    Case.objects.update(dealt_on=LONG_AGO)
    before = lies()
    tried = deal(creditor, dry_run=True)
    assert lies() == before
    assert not DealingMove.objects.exists()
    assert tried["by_reason"] == {"moved_idle": 12}
    assert [row["tasks_after"] for row in tried["seats"]] == [0, 6, 6]
    done = deal(creditor, key="k", mark=tried["mark"])
    assert sorted(lies().values()) == ["S1"] * 6 + ["S2"] * 6
    assert done["fairness"][0]["tasks"]["spread"] < tried["fairness_before"][0]["tasks"]["spread"]
    event = Event.objects.filter(action="case.deal").order_by("chain_id").first()
    assert (event.chain_id, event.batch_id) == (cases[0].pk, done["run_id"])
    assert json.loads(event.body)["why"] == "moved_idle"
    after, again = lies(), deal(creditor, key="k")
    assert (again["done_before"], again["run_id"]) == (True, done["run_id"])
    assert deal(creditor)["moves"] == 0
    touched = Task.objects.order_by("case_id").first()
    Task.objects.filter(pk=touched.pk).update(state="done", closed_at=NOW)
    undone = do_undo_dealing(actor=LEAD, run_id=done["run_id"], now=NOW)
    assert (undone["moves"], undone["left"]) == (11, {"task_done": 1})
    assert undone["left_cases"] == [touched.case_id]
    assert lies() == {**before, touched.case_id: after[touched.case_id]}
    assert Case.objects.filter(seat=seats[0]).count() == 11
    assert do_undo_dealing(actor=LEAD, run_id=done["run_id"], now=NOW) == undone


def test_a_dealing_that_would_come_out_otherwise_by_now_is_refused() -> None:
    creditor, seats, _cases = make_desk()
    Case.objects.update(dealt_on=LONG_AGO)
    tried = deal(creditor, dry_run=True)
    Seat.objects.filter(pk=seats[1].pk).update(blocked_reason="training")
    before = lies()
    with pytest.raises(Refusal, match="has changed"):
        deal(creditor, mark=tried["mark"])
    assert lies() == before


def test_a_conflict_a_short_and_a_long_absence() -> None:
    creditor, seats, cases = make_desk(2)
    SeatConflict.objects.create(
        seat=seats[0], debtor=cases[0].debtor, reason="related", placed_at=NOW, placed_by="x"
    )
    assert deal(creditor)["by_reason"] == {"moved_conflict": 1}
    seats[0].absences.create(
        first_on=TODAY, last_on=TODAY, reason="ill", placed_at=NOW, placed_by="x"
    )
    assert deal(creditor, key="short")["moves"] == 0
    seats[0].absences.update(last_on=TODAY + timedelta(days=9))
    assert deal(creditor, key="long")["by_reason"] == {"moved_away": 1}


def test_work_done_by_the_seat_or_a_policy_without_days_leaves_cases_where_they_are() -> None:
    creditor, seats, cases = make_desk(3)
    Case.objects.update(dealt_on=LONG_AGO)
    make.make_task(
        cases[0], seat=seats[0], treatment="letter", state="done", closed_at=NOW - timedelta(days=2)
    )
    assert deal(creditor, dry_run=True)["by_reason"] == {"moved_idle": 2}
    policy = DealingPolicy(idle_days=0)
    do_set_dealing_policy(
        actor=LEAD, creditor_id=creditor.pk, policy=policy, valid_from=TODAY, now=NOW
    )
    assert deal(creditor, dry_run=True)["by_reason"] == {}


def test_a_seat_withdrawn_at_noon_leaves_nothing_behind() -> None:
    _creditor, seats, cases = make_desk()
    found = do_withdraw_seat(actor=LEAD, seat_id=seats[0].pk, now=NOW)
    assert found["tasks"] == 12
    assert found["dealt"]["BANK"]["by_reason"] == {"most_room": 12}
    assert sorted(lies().values()) == ["S1"] * 6 + ["S2"] * 6
    told = [json.loads(each.body) for each in Event.objects.filter(action="case.deal")]
    assert sum(each["why"] == "seat_withdrawn" for each in told) == 12
    assert not Seat.objects.get(pk=seats[0].pk).active
    assert {case.pk for case in cases} == set(lies())


def test_grades_and_hands() -> None:
    creditor, seats, cases = make_desk(3)
    policy = DealingPolicy(grade_from_minor=(100_000,), idle_days=0)
    do_set_dealing_policy(
        actor=LEAD, creditor_id=creditor.pk, policy=policy, valid_from=TODAY, now=NOW
    )
    Seat.objects.filter(pk=seats[1].pk).update(grade=2, caseload_limit=2)
    ids = [case.pk for case in cases]
    ask = {"actor": LEAD, "reason": "knows them", "now": NOW}
    with pytest.raises(Refusal, match="grade 2"):
        do_move_cases(case_ids=ids[:1], seat_id=seats[2].pk, **ask)
    with pytest.raises(Refusal, match="2 more cases, not 3"):
        do_move_cases(case_ids=ids, seat_id=seats[1].pk, **ask)
    assert do_move_cases(case_ids=ids[:2], seat_id=seats[1].pk, **ask) == 2
    assert list(lies().values()) == ["S1", "S1", "S0"]
    assert Task.objects.get(case_id=ids[0]).reason["dealing"] == "by_hand"
    assert Case.objects.get(pk=ids[0]).dealt_on == TODAY
