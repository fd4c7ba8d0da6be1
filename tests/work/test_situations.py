"""From a stored case to a situation, and to its verdict: allowing, refusing, at the boundary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kept.core.actors import Actor, Role
from kept.core.attempts import Channel
from kept.core.calendar import instant_of, utc_datetime
from kept.core.law.rules import Effect
from kept.store.models import Case, Circumstance, Consent, ContactPoint, LegalEntity, Stop
from kept.work.permissions import Permission, require
from kept.work.places import Place, whereabouts_of_related
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.situations import (
    Considered,
    IntendedContact,
    NoEngagement,
    consider,
    get_situation,
    get_verdict,
)
from tests import factories as make

pytestmark = pytest.mark.django_db

OFFICER = make.make_actor(1, "officer", {Role.COMPLIANCE_OFFICER})
#: Ten in the morning in Shanghai, on a Monday.
TEN = instant_of(datetime(2026, 11, 23, 2, tzinfo=UTC))
US = ("US-RegF", "US-recording")
PHONE = "+8613800138000"


@dataclass
class World:
    case: Case
    entity: LegalEntity
    point: ContactPoint

    def considered(self, **given: Any) -> Considered:
        wanted = IntendedContact(
            **{
                "case_id": self.case.pk,
                "channel": "call",
                "minute": TEN,
                "contact_point_id": self.point.pk,
                **given,
            }
        )
        return consider(require(OFFICER, Permission.CASE_READ), wanted)

    def call(self, minutes_ago: int, outcome: str = "conversation", **given: Any) -> None:
        make.make_attempt(
            self.case,
            **{
                "started_at": utc_datetime(TEN - minutes_ago),
                "outcome": outcome,
                "contact_point": self.point,
                "legal_entity": self.entity,
                **given,
            },
        )


@pytest.fixture
def world() -> World:
    make.make_partitions()
    creditor = make.make_creditor(cut_over_on=date(2026, 1, 1))
    entity = make.make_legal_entity()
    make.make_engagement(creditor, legal_entity=entity)
    debtor = make.make_debtor(creditor)
    case = make.make_case(debtor)
    return World(case, entity, make.make_contact_point(debtor, PHONE))


def make_stop(world: World, kind: str, **given: Any) -> Stop:
    return Stop.objects.create(
        debtor=given.pop("debtor", world.case.debtor),
        kind=kind,
        received_at=utc_datetime(TEN - 60),
        recorded_at=utc_datetime(TEN - 60),
        recorded_by="test",
        **given,
    )


def make_circumstance(world: World, kind: str, **given: Any) -> Circumstance:
    return Circumstance.objects.create(
        debtor=world.case.debtor,
        kind=kind,
        received_at=utc_datetime(TEN - 60),
        recorded_at=utc_datetime(TEN - 60),
        recorded_by="test",
        **given,
    )


def test_a_call_at_ten_in_the_morning_is_lawful(world: World) -> None:
    found = world.considered()
    verdict = found.judge().verdict
    assert verdict.outcome in (Effect.ALLOW, Effect.WARN, Effect.REQUIRE)
    assert verdict.lawful_from == TEN
    assert [pack.name for pack in found.book.packs] == ["CN", *house()]
    assert found.situation.actor.id == str(world.entity.pk)
    assert found.lacks == ()


def house() -> list[str]:
    from kept.packs.law_packs import load_law_packs

    return [pack.name for pack in load_law_packs() if pack.country is None]


def test_at_night_it_is_not_and_from_eight_it_is(world: World) -> None:
    night = instant_of(datetime(2026, 11, 23, 15, tzinfo=UTC))
    verdict = world.considered(minute=night).judge().verdict
    assert verdict.outcome is Effect.DENY
    assert verdict.lawful_from == instant_of(datetime(2026, 11, 24, 0, tzinfo=UTC))


def test_one_query_count_whatever_the_history(world: World) -> None:
    for ago in range(60, 600, 60):
        world.call(ago * 24)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = world.considered()
    assert len(asked) == 3
    assert len(found.situation.history) == 9


def test_a_creditor_without_an_engagement_fails_closed(world: World) -> None:
    world.case.creditor.engagements.all().delete()
    with pytest.raises(NoEngagement, match="No company holds a mandate"):
        world.considered()


def test_a_mandate_that_ran_out_or_is_of_another_product_is_none(world: World) -> None:
    world.case.creditor.engagements.update(valid_to=date(2026, 11, 22))
    with pytest.raises(NoEngagement):
        world.considered()
    world.case.creditor.engagements.update(valid_to=date(2026, 11, 23))
    assert world.considered().legal_entity_id == world.entity.pk
    world.case.creditor.engagements.update(product=make.make_product(world.case.creditor))
    with pytest.raises(NoEngagement, match="holds no mandate for these accounts"):
        world.considered()


def test_of_several_companies_the_one_that_acts_is_said(world: World) -> None:
    other = make.make_legal_entity()
    make.make_engagement(world.case.creditor, legal_entity=other)
    with pytest.raises(NoEngagement, match="say which"):
        world.considered()
    assert world.considered(legal_entity_id=other.pk).situation.actor.id == str(other.pk)
    seat = make.make_seat(team=make.make_team(legal_entity=world.entity))
    Case.objects.filter(pk=world.case.pk).update(seat=seat)
    assert world.considered().legal_entity_id == world.entity.pk


def test_calls_of_every_case_of_the_person_by_the_company_count(world: World) -> None:
    abroad = make.make_creditor(cut_over_on=date(2026, 1, 1))
    make.make_engagement(abroad, legal_entity=world.entity)
    twin = make.make_debtor(abroad, person=world.case.debtor.person)
    other = make.make_case(twin)
    point = make.make_contact_point(twin, PHONE)
    make.make_attempt(
        other,
        started_at=utc_datetime(TEN - 100),
        outcome="conversation",
        contact_point=point,
        legal_entity=world.entity,
    )
    stranger = make.make_case(make.make_debtor(abroad))
    make.make_attempt(stranger, started_at=utc_datetime(TEN - 90), outcome="conversation")
    history = world.considered().situation.history
    assert [each.person for each in history] == [f"consumer:p{world.case.debtor.person_id}"]
    assert history[0].address == world.considered().situation.attempt.address
    assert history[0].actor == str(world.entity.pk)


def test_an_attempt_of_nobody_known_is_taken_at_its_worst(world: World) -> None:
    world.call(100, outcome="", legal_entity=None)
    only = world.considered().situation.history[0]
    assert only.actor == str(world.entity.pk)
    assert only.outcome == "unknown"
    assert only.debts == world.considered().situation.attempt.debts


def test_three_effective_calls_a_day_close_the_day(world: World) -> None:
    for ago in (10, 20, 30):
        assert world.considered().judge().verdict.lawful_from == TEN
        world.call(ago)
    verdict = world.considered().judge().verdict
    assert verdict.outcome is Effect.DENY
    assert verdict.lawful_from is not None
    assert verdict.lawful_from > TEN + 12 * 60


def test_a_cut_over_hides_history_until_it_is_declared(world: World) -> None:
    creditor = world.case.creditor
    creditor.cut_over_on = None
    creditor.save()
    found = world.considered()
    assert found.lacks == ("cut_over",)
    assert found.judge().verdict.outcome is Effect.DENY
    assert found.judge().verdict.lawful_from is None
    creditor.cut_over_on = date(2026, 11, 24)
    creditor.save()
    next_day = instant_of(datetime(2026, 11, 24, 0, tzinfo=UTC))
    assert world.considered().judge().verdict.lawful_from == next_day
    creditor.no_history_before = True
    creditor.save()
    assert world.considered().judge().verdict.lawful_from == TEN


def test_an_opt_out_closes_its_channel_or_its_number(world: World) -> None:
    stop = make_stop(world, "opt_out", channel="sms")
    assert world.considered().judge().verdict.lawful_from == TEN
    assert world.considered(channel="sms").situation.known.opted_out == {"sms"}
    stop.delete()
    make_stop(world, "opt_out", channel="call", contact_point=world.point)
    known = world.considered(channel="ai_call").situation.known
    assert known.blocked_addresses == {bytes(world.point.value_hash).hex()}
    assert world.considered(channel="sms").situation.known.blocked_addresses == frozenset()
    other = make.make_contact_point(world.case.debtor, "+8613800138111")
    assert world.considered(contact_point_id=other.pk).situation.attempt.address not in (
        known.blocked_addresses
    )


def test_a_stop_holds_at_every_creditor_of_the_person(world: World) -> None:
    twin = make.make_debtor(make.make_creditor(), person=world.case.debtor.person)
    make_stop(world, "cease_request", debtor=twin, medium="letter")
    assert world.considered().situation.known.cease_from == TEN - 60
    stranger = make.make_debtor(make.make_creditor())
    Stop.objects.update(debtor=stranger)
    assert world.considered().situation.known.cease_from > TEN


def test_a_written_request_by_a_medium_that_is_not_taken_is_only_a_refusal(world: World) -> None:
    make_stop(world, "cease_request", medium="email", accepted=False)
    known = world.considered().situation.known
    assert (known.cease_from > TEN, known.prior_refusal) == (True, True)


def test_a_related_person_who_refused_is_left_alone(world: World) -> None:
    friend = make.make_related_person(world.case.debtor, relation="friend")
    point = make.make_contact_point(world.case.debtor, "+8613900139000", related_person=friend)
    asked = {"contact_point_id": point.pk, "purpose": "ask_debtor_contact_or_relay"}
    found = world.considered(**asked)
    assert (found.situation.attempt.role, found.related_person_id) == ("contact", friend.pk)
    assert not any(each.outcome == "contact_refused" for each in found.situation.history)
    make_stop(world, "refusal", related_person=friend)
    refused = world.considered(**asked)
    assert [each.outcome for each in refused.situation.history] == ["contact_refused"]
    assert world.considered().situation.history == ()


def test_a_representation_gives_the_role(world: World) -> None:
    from kept.store.models import Representation

    friend = make.make_related_person(world.case.debtor, relation="family")
    Representation.objects.create(
        debtor=world.case.debtor,
        related_person=friend,
        kind="executor",
        received_at=make.NOW,
        recorded_at=make.NOW,
        recorded_by="test",
    )
    found = world.considered(contact_point_id=None, related_person_id=friend.pk)
    assert found.situation.attempt.role == "executor"


def test_consent_counts_for_whom_it_was_given_to(world: World) -> None:
    other = make.make_legal_entity()
    given: dict[str, Any] = {
        "debtor": world.case.debtor,
        "kind": "more_calls",
        "received_at": utc_datetime(TEN - 60),
        "recorded_at": utc_datetime(TEN - 60),
        "recorded_by": "test",
    }
    Consent.objects.create(directly_to=other, **given)
    assert world.considered().situation.known.call_consent is None
    mine = Consent.objects.create(directly_to=world.entity, only_on=[date(2026, 11, 24)], **given)
    consent = world.considered().situation.known.call_consent
    assert consent is not None
    assert (consent.directly_to, consent.received) == (str(world.entity.pk), TEN - 60)
    assert consent.only_on == {20_781}
    mine.ended_at, mine.ended_by = utc_datetime(TEN - 5), "test"
    mine.save()
    assert world.considered().situation.known.call_consent.revoked == TEN - 5  # type: ignore[union-attr]


def test_where_nobody_knows_a_residence_every_pack_binds(world: World) -> None:
    debtor = world.case.debtor
    debtor.country, debtor.zones = "", []
    debtor.save()
    found = world.considered(contact_point_id=None)
    assert found.lacks == ("residence",)
    assert len(found.book.packs) == len(load_all())
    assert [table.zone for table in found.situation.candidates] == ["Asia/Shanghai"]
    make_circumstance(world, "residence", country="US", region="US-CA", zone="America/Los_Angeles")
    found = world.considered(contact_point_id=None)
    assert {pack.name for pack in found.book.packs} == {"CN", *US, *house()}
    make_circumstance(world, "residence", country="US", zone="America/Los_Angeles")
    names = {pack.name for pack in world.considered().book.packs}
    assert names == {"CN", *US, "US-MA", "US-NYC", *house()}


def test_a_related_person_is_where_the_evidence_says(world: World) -> None:
    """A friend of a debtor in China is not judged by the law of every country."""
    debtor = world.case.debtor
    friend = make.make_related_person(debtor, relation="friend")
    here = make.make_contact_point(debtor, "+8613900139000", related_person=friend)
    abroad = make.make_contact_point(debtor, "+442079460000", related_person=friend)

    def packs(point: ContactPoint) -> set[str]:
        found = world.considered(contact_point_id=point.pk, channel="sms")
        assert found.lacks == ()
        return {pack.name for pack in found.book.packs}

    assert packs(here) == {"CN", *house()}
    assert packs(abroad) == {"CN", "UK", *house()}
    zones = world.considered(contact_point_id=abroad.pk).situation.candidates
    assert [table.zone for table in zones] == ["Asia/Shanghai", "Europe/London"]
    make_circumstance(world, "present_place", country="PH", zone="Asia/Manila")
    assert packs(here) == {"CN", "PH", *house()}
    make_circumstance(world, "residence", country="GB", zone="Europe/London", related_person=friend)
    assert packs(here) == {"CN", "UK", *house()}


def test_without_other_evidence_a_related_person_is_in_the_creditors_country(world: World) -> None:
    debtor = world.case.debtor
    debtor.country, debtor.zones = "", []
    debtor.save()
    friend = make.make_related_person(debtor, relation="friend")
    asked = {"contact_point_id": None, "related_person_id": friend.pk}
    assert {pack.name for pack in world.considered(**asked).book.packs} == {"CN", *house()}
    nowhere = whereabouts_of_related(
        residence=None, present=None, number=None, debtor=[Place()], creditor=Place()
    )
    assert (nowhere.codes, nowhere.zones) == (None, ())


def load_all() -> tuple[Any, ...]:
    from kept.packs.law_packs import load_law_packs

    return load_law_packs()


def test_a_number_of_another_zone_adds_it_and_a_stated_place_beats_both(world: World) -> None:
    debtor = world.case.debtor
    debtor.country, debtor.zones = "US", ["America/Los_Angeles"]
    debtor.save()
    point = make.make_contact_point(debtor, "+12125550123")
    zones = [
        table.zone for table in world.considered(contact_point_id=point.pk).situation.candidates
    ]
    assert zones == ["America/Los_Angeles", "America/New_York"]
    make_circumstance(world, "present_place", country="US", zone="America/Denver")
    zones = [
        table.zone for table in world.considered(contact_point_id=point.pk).situation.candidates
    ]
    assert zones == ["America/Denver"]


def test_a_wrong_number_is_no_contact_from_when_it_was_learned(world: World) -> None:
    world.call(100)
    world.call(50, outcome="wrong_number_learned")
    first, _second = world.considered().situation.history
    assert first.misdirected_from == TEN - 50


def test_what_is_not_of_the_case_is_not_there(world: World) -> None:
    strange = make.make_contact_point(make.make_debtor(world.case.creditor), "+8613700137000")
    for given in (
        {"contact_point_id": strange.pk},
        {"account_ids": [10**9]},
        {"account_ids": []},
        {"contact_point_id": None, "related_person_id": 10**9},
        {"case_id": 10**9},
    ):
        with pytest.raises(NotThere):
            world.considered(**given)


def test_an_address_of_the_wrong_kind_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="no address for email"):
        world.considered(channel="email")


def test_it_asks_who_asks(world: World) -> None:
    wanted = IntendedContact(case_id=world.case.pk, channel="call", minute=TEN)
    nobody: Actor = make.make_actor(2, "nobody", ())
    with pytest.raises(NotAllowed):
        get_situation(actor=nobody, wanted=wanted)
    elsewhere = make.make_actor(3, "other", {Role.MANAGER}, {10**9})
    with pytest.raises(NotThere):
        get_verdict(actor=elsewhere, wanted=wanted)
    assert get_situation(actor=OFFICER, wanted=wanted).attempt.minute == TEN
    assert get_verdict(actor=OFFICER, wanted=replace(wanted)).verdict.asked == TEN


@pytest.mark.parametrize("channel", [str(each) for each in Channel])
def test_every_channel_has_an_answer(world: World, channel: str) -> None:
    found = world.considered(channel=channel, contact_point_id=None)
    assert found.judge().verdict.asked == TEN


def test_machines_are_always_in_issue(world: World) -> None:
    known = world.considered(channel="ai_call").situation.known
    assert (known.artificial_voice, known.autodialled, known.express_consent) == (True, True, False)
    known = world.considered().situation.known
    assert (known.artificial_voice, known.autodialled) == (False, False)
    assert world.considered(by_machine=True).situation.known.autodialled is True
    talked_away = world.considered(channel="ai_call", by_machine=False, artificial_voice=False)
    known = talked_away.situation.known
    assert (known.artificial_voice, known.autodialled) == (True, True)


def test_a_known_death_is_known_at_every_creditor(world: World) -> None:
    twin = make.make_debtor(make.make_creditor(), person=world.case.debtor.person)
    row = make_circumstance(world, "death")
    Circumstance.objects.filter(pk=row.pk).update(debtor=twin)
    assert world.considered().situation.known.deceased is True


def test_the_minute_of_the_mandate_is_the_creditors_day(world: World) -> None:
    world.case.creditor.engagements.update(valid_from=date(2026, 11, 24))
    last = instant_of(datetime(2026, 11, 23, 15, 59, tzinfo=UTC))
    with pytest.raises(NoEngagement):
        world.considered(minute=last)
    assert world.considered(minute=last + 1).situation.attempt.minute == last + 1
