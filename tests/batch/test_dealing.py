"""Dealing outside the night: tried, done once, undone as a whole, and a seat withdrawn at noon."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from kept.batch.dealing import do_undo_dealing, do_withdraw_seat, run_dealing
from kept.core.actors import Actor, ActorKind, Grant, Role, Scope, job
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


def test_undone_is_what_still_can_be_and_other_tasks_keep_their_reasons() -> None:
    creditor, seats, cases = make_desk(4)
    Case.objects.update(dealt_on=LONG_AGO)
    Task.objects.update(reason={"dealing": "kept", "price": {"value": 7}})
    called = make.make_task(
        cases[2], treatment="callback", priority=2**61, wanted_at=NOW, reason={"asked": "by phone"}
    )
    Task.objects.filter(pk=called.pk).update(run=None)
    run_id = deal(creditor)["run_id"]
    make_conflict(seats[0], cases[1])
    undone = do_undo_dealing(actor=LEAD, run_id=run_id, now=NOW)
    assert (undone["moves"], undone["left"]) == (3, {"seat_gone": 1})
    assert undone["left_cases"] == [cases[1].pk]
    called.refresh_from_db()
    assert (called.seat_id, called.reason["asked"]) == (seats[0].pk, "by phone")
    assert "price" not in called.reason
    assert Task.objects.exclude(pk=called.pk).filter(reason__price={"value": 7}).count() == 4


def test_nothing_goes_back_to_a_seat_that_was_withdrawn() -> None:
    creditor, seats, _cases = make_desk(4)
    Case.objects.update(dealt_on=LONG_AGO)
    run_id = deal(creditor)["run_id"]
    do_withdraw_seat(actor=LEAD, seat_id=seats[0].pk, now=NOW)
    after = lies()
    undone = do_undo_dealing(actor=LEAD, run_id=run_id, now=NOW)
    assert (undone["moves"], undone["left"]) == (0, {"seat_gone": 4})
    assert lies() == after


def test_a_lead_deals_nothing_that_lies_or_waits_with_another_team() -> None:
    creditor, seats, cases = make_desk(3)
    Task.objects.filter(case=cases[0]).update(seat=None)  # waits for the seat of its case
    Task.objects.filter(case=cases[1]).update(seat=None)
    Case.objects.filter(pk=cases[1].pk).update(seat=None)
    other = make.make_task(cases[2], treatment="letter")
    Task.objects.filter(pk=other.pk).update(seat=None)  # and one lies with the other team
    lead = make_lead(creditor, seats[1:])
    found = run_dealing(actor=lead, creditor=creditor, now=NOW)
    assert (found["tasks"], found["moves"]) == (1, 1)
    assert Task.objects.filter(seat__in=seats[1:]).get().case_id == cases[1].pk


def make_lead(creditor: Creditor, seats: list[Seat]) -> Actor:
    scope = Scope(frozenset({creditor.pk}), None, frozenset(seat.pk for seat in seats))
    grant = Grant(Role.TEAM_LEAD, scope, is_of_house=False, names_creditor=True)
    return Actor(ActorKind.PERSON, 9, "lead", (grant,), frozenset(), person_id=9)


def make_conflict(seat: Seat, case: Case) -> None:
    SeatConflict.objects.create(
        seat=seat, debtor=case.debtor, reason="related", placed_at=NOW, placed_by="x"
    )


def test_a_callback_does_not_speak_for_the_visit_of_its_case() -> None:
    creditor, seats, cases = make_desk(1)
    task = Task.objects.get()
    Task.objects.filter(pk=task.pk).update(skill="visit", treatment="visit")
    called = make.make_task(cases[0], treatment="callback", priority=2**61, wanted_at=NOW)
    Task.objects.filter(pk=called.pk).update(run=None)
    with pytest.raises(Refusal, match="lacks the skill visit"):
        do_move_cases(
            actor=LEAD, case_ids=[cases[0].pk], seat_id=seats[1].pk, reason="knows", now=NOW
        )
    Seat.objects.filter(pk=seats[2].pk).update(skills=["visit"])
    assert deal(creditor)["by_reason"] == {"moved_unfit": 1}
    assert set(Task.objects.values_list("seat_id", flat=True)) == {seats[2].pk}
