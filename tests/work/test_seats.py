"""Seats and teams: made and changed by administrators of the house."""

from __future__ import annotations

import json

import pytest

from kept.core.actors import Role, job
from kept.store.models import Event, Seat
from kept.work.refusals import NotAllowed, Refusal
from kept.work.seats import do_save_seat, do_save_team
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
    last = Event.objects.order_by("-id").first()
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


def test_a_manager_changes_no_seat() -> None:
    manager = factories.make_actor(7, "m", frozenset({Role.MANAGER}), None)
    with pytest.raises(NotAllowed):
        do_save_seat(actor=manager, code="S", team_id=factories.make_team().pk, skills=[], now=NOW)
    assert not Seat.objects.exists()
    assert not Event.objects.exists()
