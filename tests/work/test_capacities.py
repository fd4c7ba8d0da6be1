"""Capacities: dated rows a creditor and resource; what a night may use on its day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kept.core.actors import Role, job
from kept.store.models import Capacity, Event
from kept.work.capacities import capacities_of, do_set_capacity, list_capacities
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
SETUP = job("setup")


def set_one(creditor_id: int, amount: int | None, days: int = 0, resource: str = "letters") -> None:
    do_set_capacity(
        actor=SETUP,
        creditor_id=creditor_id,
        resource=resource,
        amount=amount,
        valid_from=TODAY + timedelta(days=days),
        now=NOW,
    )


def test_the_newest_row_of_each_resource_holds_on_its_day() -> None:
    creditor, other = make.make_creditor(), make.make_creditor()
    set_one(creditor.pk, 10, -5)
    set_one(creditor.pk, 0)
    set_one(creditor.pk, None, 3)
    set_one(creditor.pk, 4, -1, "visits")
    set_one(other.pk, 77)
    on = {days: capacities_of(creditor.pk, TODAY + timedelta(days=days)) for days in (-6, -1, 0, 3)}
    assert on == {
        -6: {},
        -1: {"letters": 10, "visits": 4},
        0: {"letters": 0, "visits": 4},
        3: {"visits": 4},
    }


def test_the_same_day_again_replaces_and_nothing_new_writes_nothing() -> None:
    creditor = make.make_creditor()
    for amount in (10, 12, 12):
        set_one(creditor.pk, amount)
    assert capacities_of(creditor.pk, TODAY) == {"letters": 12}
    assert list(Event.objects.order_by("sequence").values_list("action", flat=True)) == [
        "capacity.add",
        "capacity.change",
    ]


@pytest.mark.parametrize(
    ("amount", "resource"), [(-1, "letters"), (10**16, "letters"), (1, "Big!"), (1, "lettres")]
)
def test_nonsense_is_refused(amount: int, resource: str) -> None:
    with pytest.raises(Refusal):
        set_one(make.make_creditor().pk, amount, 0, resource)
    assert not Capacity.objects.exists()


def test_a_manager_sets_those_of_their_own_creditor_only() -> None:
    own, other = make.make_creditor(code="OWN"), make.make_creditor(code="ELSE")
    set_one(other.pk, 5)
    manager = make.make_actor(7, "m", frozenset({Role.MANAGER}), frozenset({own.pk}))
    ask = {"resource": "visits", "amount": 3, "valid_from": TODAY, "now": NOW}
    do_set_capacity(actor=manager, creditor_id=own.pk, **ask)
    with pytest.raises(NotThere):
        do_set_capacity(actor=manager, creditor_id=other.pk, **ask)
    collector = make.make_actor(8, "c", frozenset({Role.COLLECTOR}), frozenset({own.pk}))
    with pytest.raises(NotAllowed):
        do_set_capacity(actor=collector, creditor_id=own.pk, **ask)
    seen = [(each.creditor_code, each.amount) for each in list_capacities(actor=manager, on=TODAY)]
    assert seen == [("OWN", 3)]
