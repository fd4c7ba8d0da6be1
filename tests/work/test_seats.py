"""Seats and teams: made and changed by administrators of the house."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from kept.core.actors import Role, job
from kept.store.models import Event, Seat, Task
from kept.work.refusals import NotAllowed, Refusal
from kept.work.seat_times import (
    do_block_seat,
    do_place_absence,
    do_remove_absence,
    do_set_extra_time,
    do_unblock_seat,
    get_seat_days,
)
from kept.work.seats import SeatTerms, do_save_seat, do_save_team
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
SETUP = job("setup")


def test_a_seat_with_its_creditors() -> None:
    creditor = factories.make_creditor()
    team = do_save_team(actor=SETUP, code="T", name="Team", now=NOW)
    seat = do_save_seat(
        actor=SETUP,
        code="S",
        team_id=team.pk,
        skills=["call", "letter"],
        creditor_ids=[creditor.pk],
        now=NOW,
    )
    assert list(seat.creditors.all()) == [creditor]
    last = Event.objects.order_by("-sequence").first()
    assert (last.action, json.loads(last.body)) == (
        "seat.set_creditors",
        {"before": [], "after": [creditor.pk]},
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"skills": ["Call!"]}, "skills"),
        ({"creditor_ids": [0]}, "creditors"),
        ({"minutes_per_day": 1441}, "minutes_per_day"),
        ({"team_id": 0}, "team"),
    ],
)
def test_bad_values_are_refused_by_input(wrong: dict[str, object], field: str) -> None:
    ask = {"code": "S", "team_id": factories.make_team().pk, "skills": ["call"], **wrong}
    with pytest.raises(Refusal) as refused:
        do_save_seat(actor=SETUP, now=NOW, **ask)
    assert list(refused.value.fields) == [field]
    assert not Seat.objects.exists()


def test_a_team_lead_changes_no_seat() -> None:
    lead = factories.make_actor(7, "m", frozenset({Role.TEAM_LEAD}), None)
    with pytest.raises(NotAllowed):
        do_save_seat(actor=lead, code="S", team_id=factories.make_team().pk, skills=[], now=NOW)
    assert not Seat.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "robot"}, "kind"),
        ({"kind": "agency"}, "legal_entity"),
        ({"grade": 0}, "grade"),
        ({"shifts": ((0, 540, 540),)}, "shifts"),
        ({"shifts": ((0, 540, 720), (0, 700, 800))}, "shifts"),
        ({"calendar": "XX"}, "calendar"),
    ],
)
def test_terms_that_make_no_sense_are_refused(wrong: dict[str, object], field: str) -> None:
    team_id = factories.make_team().pk
    with pytest.raises(Refusal) as refused:
        do_save_seat(
            actor=SETUP,
            code="S",
            team_id=team_id,
            skills=["call"],
            terms=SeatTerms(**wrong),
            now=NOW,
        )
    assert list(refused.value.fields) == [field]


def test_work_that_a_seat_cannot_do_any_more_is_told_of_and_goes_to_the_pile() -> None:
    creditor = factories.make_creditor()
    product = factories.make_product(creditor)
    seat = factories.make_seat(skills=["call", "letter"])
    cases = []
    for skill in ("call", "letter"):
        debtor = factories.make_debtor(creditor)
        case = factories.make_case(debtor, factories.make_account(product, debtor), seat=seat)
        factories.make_task(case, skill=skill)
        cases.append(case)
    change = {"code": seat.code, "team_id": seat.team_id, "skills": ["call"], "seat_id": seat.pk}
    with pytest.raises(Refusal, match="1 open tasks lie with this seat"):
        do_save_seat(actor=SETUP, now=NOW, **change)
    assert Task.objects.filter(seat=seat).count() == 2
    do_save_seat(actor=SETUP, returns_tasks=True, now=NOW, **change)
    [back] = Task.objects.filter(seat=None)
    assert back.case == cases[1]
    assert back.reason == {"dealing": "seat_changed", "seat_before": seat.pk}
    event = Event.objects.get(action="case.deal")
    assert (event.chain_id, json.loads(event.body)) == (
        cases[1].pk,
        {"seat": None, "seat_before": seat.pk, "why": "seat_changed"},
    )


def test_absences_blocks_and_extra_time_make_the_day() -> None:
    seat = factories.make_seat(
        minutes_per_day=400, shifts=[[0, 540, 720], [0, 780, 1080], [4, 540, 600]], calendar="CN"
    )
    friday = date(2026, 11, 27)
    ask = {"actor": SETUP, "seat_id": seat.pk, "now": NOW}

    def minutes(on: date) -> tuple[int, str | None]:
        [day] = get_seat_days(actor=SETUP, seat_id=seat.pk, first=on, days=1)
        return day.minutes, day.off and day.off.value

    assert minutes(friday) == (60, None)
    assert minutes(friday + timedelta(days=1)) == (0, "day_off")
    assert minutes(friday + timedelta(days=3)) == (400, None)  # 480, but 400 at most
    do_set_extra_time(on=friday, minutes=90, reason="end of month", **ask)
    do_set_extra_time(on=friday, minutes=30, reason="end of month", **ask)
    assert minutes(friday) == (90, None)
    absence = do_place_absence(first_on=friday, last_on=friday, reason="ill", **ask)
    assert minutes(friday) == (0, "absent")
    do_remove_absence(actor=SETUP, absence_id=absence.pk, now=NOW)
    with pytest.raises(Refusal, match="has passed: choose a later last day"):
        do_block_seat(reason="training", until=NOW.date() - timedelta(days=2), **ask)
    do_block_seat(reason="training", until=friday, **ask)
    assert minutes(friday) == (0, "blocked")
    assert minutes(friday + timedelta(days=3)) == (400, None)
    do_unblock_seat(**ask)
    assert minutes(friday) == (90, None)
    assert minutes(date(2027, 1, 1)) == (0, "day_off")  # a Friday, and New Year
