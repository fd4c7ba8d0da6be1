"""A masked value is shown for a reason, with an event, and only so many in an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from kept.core.actors import Actor, Role
from kept.core.reveals import RevealKind
from kept.store.models import Event
from kept.work.actors import actor_of
from kept.work.refusals import Refusal
from kept.work.reveals import do_reveal_value
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
HOUR = NOW.replace(minute=10)


@pytest.fixture
def shown(settings: Any) -> Any:
    settings.KEPT = replace(django_settings.KEPT, reveals_per_hour=2)
    debtor = factories.make_debtor(factories.make_creditor())
    case = factories.make_case(debtor)
    point = factories.make_contact_point(debtor, "13800138000")

    def show(who: Actor, now: datetime = HOUR) -> str:
        return do_reveal_value(
            actor=who,
            case_id=case.pk,
            kind=RevealKind.CONTACT_POINT,
            value_id=point.pk,
            reason="contact",
            now=now,
        )

    return show


def manager(name: str) -> Actor:
    return actor_of(
        factories.make_user(name, roles={Role.COLLECTOR: None, Role.MANAGER: None}), now=NOW
    )


def test_so_many_in_an_hour_and_no_more(shown: Any) -> None:
    first = manager("first")
    assert [shown(first), shown(first)] == ["13800138000"] * 2
    with pytest.raises(Refusal, match="You were shown 2 values in this hour"):
        shown(first)
    assert Event.objects.filter(action="number.reveal").count() == 2


def test_others_and_the_next_hour_are_counted_anew(shown: Any) -> None:
    first, second = manager("first"), manager("second")
    for _ in range(2):
        shown(first)
    assert shown(second) == "13800138000"
    assert shown(first, HOUR + timedelta(hours=1)) == "13800138000"
