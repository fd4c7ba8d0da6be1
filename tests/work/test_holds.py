"""Holds: placed once, released once with a reason, refused with nothing changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kept.core.actors import Actor, Role
from kept.store.models import Debtor, Event, Hold
from kept.work.holds import do_place_hold, do_release_hold, list_holds
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make

pytestmark = pytest.mark.django_db


def officer(creditor_id: int, role: Role = Role.COMPLIANCE_OFFICER) -> Actor:
    return make.make_actor(1, "officer", frozenset({role}), frozenset({creditor_id}))


@pytest.fixture
def debtor() -> Debtor:
    make.make_partitions()
    return make.make_debtor(make.make_creditor())


def place(debtor: Debtor, **changes: object) -> int:
    given: dict[str, object] = {
        "actor": officer(debtor.creditor_id),
        "debtor_id": debtor.pk,
        "reason": "disputed",
        "effects": ["contact", "treatment"],
        "note": "says it was paid",
        "now": make.NOW,
    }
    return do_place_hold(**{**given, **changes})  # type: ignore[arg-type]


def test_a_hold_stands_until_it_is_released(debtor: Debtor) -> None:
    actor = officer(debtor.creditor_id)
    hold_id = place(debtor)
    assert [h.pk for h in list_holds(actor=actor, debtor_id=debtor.pk, on=make.TODAY)] == [hold_id]
    do_release_hold(actor=actor, hold_id=hold_id, reason="answered", now=make.NOW)
    assert list_holds(actor=actor, debtor_id=debtor.pk, on=make.TODAY) == []
    assert list(Event.objects.order_by("id").values_list("action", flat=True)) == [
        "hold.place",
        "hold.release",
    ]
    with pytest.raises(Refusal, match="released before"):
        do_release_hold(actor=actor, hold_id=hold_id, reason="again", now=make.NOW)


def test_a_hold_runs_out_after_its_last_day(debtor: Debtor) -> None:
    place(debtor, until=make.TODAY)
    actor = officer(debtor.creditor_id)
    assert len(list_holds(actor=actor, debtor_id=debtor.pk, on=make.TODAY)) == 1
    assert list_holds(actor=actor, debtor_id=debtor.pk, on=make.TODAY + timedelta(days=1)) == []


def test_the_same_hold_twice_is_refused(debtor: Debtor) -> None:
    place(debtor)
    with pytest.raises(Refusal, match="release it first"):
        place(debtor)
    assert Hold.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": "mood"}, "deceased"),
        ({"effects": []}, "contact"),
        ({"effects": ["sleep"]}, "contact"),
        ({"until": make.TODAY - timedelta(days=1)}, "past"),
    ],
)
def test_what_does_not_fit_is_refused(
    debtor: Debtor, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(Refusal, match=words):
        place(debtor, **changes)
    assert not Hold.objects.exists()
    assert not Event.objects.exists()


def test_strangers_and_auditors_place_nothing(debtor: Debtor) -> None:
    with pytest.raises(NotThere):
        place(debtor, actor=officer(debtor.creditor_id + 1))
    with pytest.raises(NotAllowed):
        place(debtor, actor=officer(debtor.creditor_id, Role.AUDITOR))
    assert not Hold.objects.exists()
