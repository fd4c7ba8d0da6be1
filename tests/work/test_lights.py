"""The lights of a case: what each verdict alone says, in few queries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kept.core.actors import Role
from kept.core.calendar import instant_of
from kept.store.models import Case, Circumstance, Engagement, Stop
from kept.work.lights import Light, list_lights
from kept.work.permissions import Permission, require
from kept.work.refusals import NotAllowed, NotThere
from kept.work.situations import IntendedContact, consider
from tests import factories as make

pytestmark = pytest.mark.django_db

OFFICER = make.make_actor(1, "officer", {Role.COMPLIANCE_OFFICER})
#: Ten in the morning in Shanghai, on a Monday.
TEN = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture
def case() -> Case:
    """A debtor with every kind of contact point, a friend, and a surety who owes elsewhere too."""
    make.make_partitions()
    creditor = make.make_creditor(cut_over_on=date(2026, 1, 1))
    make.make_engagement(creditor, legal_entity=make.make_legal_entity())
    debtor = make.make_debtor(creditor)
    found = make.make_case(debtor)
    make.make_contact_point(debtor, "+8613800138000")
    make.make_contact_point(debtor, "+862150000000", usage="work")
    make.make_contact_point(debtor, "wang@example.com", kind="email")
    make.make_contact_point(debtor, "1 Road", kind="address")
    friend = make.make_related_person(debtor, relation="friend")
    make.make_contact_point(debtor, "+8613900139000", related_person=friend)
    twin = make.make_debtor(make.make_creditor())
    surety = make.make_related_person(debtor, relation="guarantor", person=twin.person)
    make.make_contact_point(debtor, "+8613700137000", related_person=surety)
    for of, kind, ago in ((found, "conversation", 3), (make.make_case(twin), "conversation", 2)):
        for hours in range(ago):
            make.make_attempt(of, outcome=kind, started_at=TEN - timedelta(hours=1 + hours))
    Stop.objects.create(
        debtor=twin,
        kind="opt_out",
        channel="sms",
        received_at=TEN,
        recorded_at=TEN,
        recorded_by="x",
    )
    Circumstance.objects.create(
        debtor=twin, kind="death", received_at=TEN, recorded_at=TEN, recorded_by="x"
    )
    return found


def lights(case: Case, now: datetime = TEN) -> dict[tuple[int, str], Light]:
    return {
        (each.contact_point_id, each.channel): each
        for each in list_lights(OFFICER, case.pk, now=now)
    }


def test_each_light_is_the_verdict_on_that_contact_alone(case: Case) -> None:
    found = lights(case)
    assert len(found) == 11
    for (point, channel), light in found.items():
        wanted = IntendedContact(
            case_id=case.pk,
            channel=channel,
            minute=instant_of(TEN),
            contact_point_id=point,
            purpose=light.purpose,
        )
        alone = consider(require(OFFICER, Permission.CASE_READ), wanted)
        assert light.verdict == alone.judge().verdict
        assert light.place == alone.situation.place


def test_how_many_queries_it_takes(case: Case, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        list_lights(OFFICER, case.pk, now=TEN)


def test_which_way_leads_where_and_for_what(case: Case) -> None:
    by_point: dict[int, list[tuple[str, str]]] = {}
    for each in list_lights(OFFICER, case.pk, now=TEN):
        by_point.setdefault(each.contact_point_id, []).append((each.channel, each.purpose))
    assert list(by_point.values()) == [
        [("call", "collect"), ("sms", "collect")],
        [("workplace_call", "collect"), ("sms", "collect")],
        [("email", "collect")],
        [("letter", "collect"), ("field_visit", "collect")],
        [("call", "ask_debtor_contact_or_relay"), ("sms", "ask_debtor_contact_or_relay")],
        [("call", "collect"), ("sms", "collect")],
    ]


def test_three_conversations_today_close_the_telephone_and_not_the_letter(case: Case) -> None:
    found = {channel: light for (_point, channel), light in reversed(lights(case).items())}
    call, letter = found["call"], found["letter"]
    assert not call.is_green
    assert call.verdict is not None
    assert call.verdict.lawful_from == instant_of(datetime(2026, 11, 24, 0, tzinfo=UTC))
    assert letter.is_green
    assert not letter.is_held


def test_without_a_mandate_there_is_a_sentence_and_no_verdict(case: Case) -> None:
    Engagement.objects.all().delete()
    for light in lights(case).values():
        assert (light.verdict, light.is_green, light.is_held) == (None, False, False)
        assert light.refusal.startswith("No company holds a mandate")


def test_who_may_not_see_the_case_sees_no_light(case: Case) -> None:
    with pytest.raises(NotThere):
        list_lights(make.make_actor(2, "x", {Role.MANAGER}, {10**9}), case.pk, now=TEN)
    with pytest.raises(NotAllowed):
        list_lights(make.make_actor(3, "y", ()), case.pk, now=TEN)
