"""Masked values are shown one by one: to whom, for which reason, and with which trace."""

from __future__ import annotations

from typing import Any

import pytest

from kept.core.actors import Role
from kept.core.reveals import RevealKind
from kept.store.models import Case, ContactPoint, Event, IdentityKey
from kept.work.refusals import NotThere, Refusal
from kept.work.reveals import do_reveal_value
from tests import factories as make
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
PHONE, NUMBER = "+8613800138000", "11010519491231002X"


@pytest.fixture
def case() -> Case:
    debtor = make.make_debtor(make.make_creditor())
    make.make_contact_point(debtor, PHONE)
    make.make_identity_key(debtor.person, NUMBER)
    return make.make_case(debtor)


def reveal(case: Case, **given: Any) -> str:
    return do_reveal_value(
        **{
            "actor": make.make_actor(1, "lead", {Role.TEAM_LEAD}),
            "case_id": case.pk,
            "kind": RevealKind.CONTACT_POINT,
            "value_id": ContactPoint.objects.get(masked__contains="138").pk,
            "reason": "contact",
            "now": NOW,
            **given,
        }
    )


def test_the_value_is_told_and_the_event_never_holds_it(case: Case) -> None:
    assert reveal(case) == PHONE
    identity = {"kind": RevealKind.IDENTITY, "value_id": IdentityKey.objects.get().pk}
    assert reveal(case, **identity, reason="verify") == NUMBER
    events = list(Event.objects.order_by("sequence"))
    assert [(event.action, event.actor, event.chain_id) for event in events] == [
        ("number.reveal", "lead", case.pk),
        ("number.reveal", "lead", case.pk),
    ]
    assert '"reason":"contact"' in events[0].body
    told = "".join(f"{event.body}{event.subject}" for event in events)
    assert "13800138000" not in told
    assert NUMBER not in told


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "curiosity"}, "reason"),
        ({"reason": "other"}, "note"),
        ({"reason": "contact", "note": "x" * 301}, "note"),
    ],
)
def test_without_a_reason_nothing_is_shown(given: dict[str, str], field: str, case: Case) -> None:
    with pytest.raises(Refusal) as refused:
        reveal(case, **given)
    assert list(refused.value.fields) == [field]
    assert not Event.objects.exists()


def test_a_number_of_somebody_else_is_not_there(case: Case) -> None:
    other = make.make_debtor(case.creditor)
    point = make.make_contact_point(other, "+8613900139000")
    key = make.make_identity_key(other.person, "110105194912310038")
    for kind, value_id in ((RevealKind.CONTACT_POINT, point.pk), (RevealKind.IDENTITY, key.pk)):
        with pytest.raises(NotThere):
            reveal(case, kind=kind, value_id=value_id)
    stranger = make.make_actor(2, "m", {Role.MANAGER}, {case.creditor_id + 1})
    with pytest.raises(NotThere):
        reveal(case, actor=stranger)
    assert not Event.objects.exists()
