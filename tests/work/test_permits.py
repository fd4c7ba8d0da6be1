"""The permit: verdict and reservation in one, judged again at use, at its worst until settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kept.core.actors import Role, job
from kept.core.attempts import Outcome
from kept.core.law.rules import Effect
from kept.store.models import (
    Attempt,
    Case,
    Circumstance,
    ContactPoint,
    Event,
    LegalEntity,
    Permit,
    PermitRefusal,
)
from kept.work.once import KeyReused
from kept.work.permit_ends import do_expire_permits, do_note_overdue_permits, permits_wait
from kept.work.permit_lists import list_open_permits, list_overdue_permits, list_refusals
from kept.work.permits import PermitAnswer, do_permit, do_release, do_settle, do_use
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.situations import IntendedContact
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]

COLLECTOR = make.make_actor(1, "collector", {Role.MANAGER})
#: Ten in the morning in Shanghai, on a Monday.
TEN = datetime(2026, 11, 23, 2, tzinfo=UTC)
PHONE = "+8613800138000"


@dataclass
class World:
    case: Case
    entity: LegalEntity
    point: ContactPoint

    def wanted(self, **given: Any) -> IntendedContact:
        return IntendedContact(
            **{
                "case_id": self.case.pk,
                "channel": "call",
                "minute": 0,
                "contact_point_id": self.point.pk,
                **given,
            }
        )

    def ask(self, now: datetime = TEN, **given: Any) -> PermitAnswer:
        more = {name: given.pop(name) for name in ("done", "minutes", "key") if name in given}
        return do_permit(actor=COLLECTOR, wanted=self.wanted(**given), now=now, **more)

    def use(self, answer: PermitAnswer, now: datetime = TEN, **given: Any) -> PermitAnswer:
        assert answer.permit_id is not None
        more = {name: given.pop(name) for name in ("done", "key") if name in given}
        return do_use(
            actor=COLLECTOR,
            permit_id=answer.permit_id,
            leaving=self.wanted(**given),
            now=now,
            **more,
        )

    def settle(self, answer: PermitAnswer, outcome: str, now: datetime = TEN, **given: Any) -> None:
        assert answer.permit_id is not None
        do_settle(actor=COLLECTOR, permit_id=answer.permit_id, outcome=outcome, now=now, **given)


@pytest.fixture
def world() -> World:
    creditor = make.make_creditor(cut_over_on=date(2026, 1, 1))
    entity = make.make_legal_entity()
    make.make_engagement(creditor, legal_entity=entity)
    case = make.make_case(make.make_debtor(creditor))
    return World(case, entity, make.make_contact_point(case.debtor, PHONE))


def test_a_permit_reserves_the_attempt_and_its_use_writes_it(world: World) -> None:
    answer = world.ask()
    assert answer.is_permitted
    assert answer.expires_at == TEN + timedelta(minutes=15)
    assert answer.verdict is not None
    assert answer.verdict.outcome is Effect.ALLOW
    used = world.use(answer, TEN + timedelta(minutes=3, seconds=7))
    permit, attempt = Permit.objects.get(), Attempt.objects.get()
    assert used.attempt_id == attempt.id == permit.attempt_id
    assert (permit.state, permit.used_at) == ("used", TEN + timedelta(minutes=3, seconds=7))
    assert (attempt.started_at, attempt.outcome, attempt.channel) == (permit.used_at, "", "call")
    assert (attempt.legal_entity, attempt.permit) == (world.entity, permit)
    assert attempt.account_ids == permit.account_ids
    world.settle(answer, Outcome.CONVERSATION, TEN + timedelta(minutes=9))
    permit.refresh_from_db()
    assert (permit.state, permit.outcome) == ("settled", "conversation")
    assert Attempt.objects.get().outcome == "conversation"
    world.point.refresh_from_db()
    assert world.point.validity == "valid"
    assert actions(world) == ["permit.issue", "permit.use", "permit.settle"]


def actions(world: World) -> list[str]:
    rows = Event.objects.filter(chain_kind="case", chain_id=world.case.pk).order_by("sequence")
    return list(rows.values_list("action", flat=True))


def test_open_permits_count_at_their_worst(world: World) -> None:
    """Three conversations a day (CN.GB.voice_daily): three open permits leave no fourth."""
    permits = [world.ask() for _ in range(3)]
    assert [each.is_permitted for each in permits] == [True] * 3
    fourth = world.ask()
    assert not fourth.is_permitted
    assert fourth.weighed is not None
    assert "CN.GB.voice_daily" in fourth.weighed.denied
    assert fourth.verdict is not None
    # Eight in the morning of the next day in Shanghai.
    assert (
        fourth.verdict.lawful_from
        == int(datetime(2026, 11, 24, 0, 0, tzinfo=UTC).timestamp()) // 60
    )
    refusal = PermitRefusal.objects.get()
    assert (refusal.outcome, refusal.rule_id) == ("deny", "CN.GB.voice_daily")
    assert refusal.lawful_from == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    assert actions(world) == ["permit.issue"] * 3 + ["permit.refuse"]


@pytest.mark.parametrize(
    ("end", "opens"),
    [("release", True), ("expiry", True), ("busy", True), ("talk", False), ("nothing", False)],
)
def test_what_became_of_a_permit_counts_as_what_it_was(world: World, end: str, opens: bool) -> None:
    permits = [world.ask() for _ in range(3)]
    last = permits[-1]
    assert last.permit_id is not None
    later = TEN + timedelta(minutes=1)
    if end == "release":
        do_release(actor=COLLECTOR, permit_id=last.permit_id, now=later)
    elif end == "expiry":
        later = TEN + timedelta(minutes=15)
    else:
        world.use(last)
        if end == "busy":
            world.settle(last, Outcome.BUSY_SIGNAL)
        if end == "talk":
            world.settle(last, Outcome.CONVERSATION)
    assert world.ask(later).is_permitted is opens


def test_a_permit_holds_until_its_minute_and_not_longer(world: World) -> None:
    answer = world.ask(minutes=5)
    with pytest.raises(Refusal, match="expired"):
        world.use(answer, TEN + timedelta(minutes=5))
    assert Attempt.objects.count() == 0
    assert world.use(answer, TEN + timedelta(minutes=4, seconds=59)).is_permitted


def test_at_use_the_law_is_asked_anew(world: World) -> None:
    """What was recorded in between counts; the permit stays open until it ends."""
    answer = world.ask()
    Circumstance.objects.create(
        debtor=world.case.debtor,
        kind="illegal_debt",
        received_at=TEN,
        recorded_at=TEN,
        recorded_by="test",
    )
    used = world.use(answer, TEN + timedelta(minutes=1))
    assert not used.is_permitted
    assert used.weighed is not None
    assert used.weighed.denied
    assert (Attempt.objects.count(), Permit.objects.get().state) == (0, "reserved")
    assert PermitRefusal.objects.get().permit_id == answer.permit_id


def test_hours_are_asked_for_the_minute_at_which_it_leaves(world: World) -> None:
    """Five to ten in the evening is open, ten is not."""
    late = datetime(2026, 11, 23, 13, 55, tzinfo=UTC)
    answer = world.ask(late)
    assert world.use(answer, late + timedelta(minutes=4)).is_permitted
    other = world.ask(late)
    assert not world.use(other, late + timedelta(minutes=5)).is_permitted


def test_what_leaves_is_what_was_permitted(world: World) -> None:
    other = make.make_contact_point(world.case.debtor, "+8613900139000")
    answer = world.ask()
    with pytest.raises(Refusal, match="another address"):
        world.use(answer, contact_point_id=other.pk)
    with pytest.raises(Refusal, match="another address or channel"):
        world.use(answer, channel="sms")
    with pytest.raises(Refusal, match="content"):
        world.use(answer, content_flags=frozenset({"mentions_debt"}))
    with pytest.raises(Refusal, match="content"):
        world.use(answer, purpose="demand_payment")
    assert Attempt.objects.count() == 0
    assert world.use(answer).is_permitted


def test_a_permit_is_used_once(world: World) -> None:
    answer = world.ask()
    world.use(answer)
    with pytest.raises(Refusal, match="not open any more"):
        world.use(answer)
    with pytest.raises(Refusal, match="was used"):
        do_release(actor=COLLECTOR, permit_id=answer.permit_id or 0, now=TEN)
    assert Attempt.objects.count() == 1


def test_an_outcome_is_of_the_closed_list_and_of_the_channel(world: World) -> None:
    answer = world.ask()
    with pytest.raises(Refusal, match="was not used"):
        world.settle(answer, Outcome.BUSY_SIGNAL)
    world.use(answer)
    for wrong in ("answered", "sent", "conversation_in_progress", "STOP", ""):
        with pytest.raises(Refusal, match="Choose one of"):
            world.settle(answer, wrong)
    world.settle(answer, Outcome.BUSY_SIGNAL)
    world.settle(answer, Outcome.BUSY_SIGNAL)
    with pytest.raises(Refusal, match="settled already"):
        world.settle(answer, Outcome.CONVERSATION)
    assert actions(world).count("permit.settle") == 1


def test_a_message_that_was_sent_may_come_back(world: World) -> None:
    answer = world.ask(channel="sms")
    assert answer.is_permitted, answer
    world.use(answer, channel="sms")
    world.settle(answer, Outcome.SENT)
    world.settle(answer, Outcome.DELIVERED)
    assert Attempt.objects.get().outcome == "delivered"
    with pytest.raises(Refusal, match="settled already"):
        world.settle(answer, Outcome.SENT)


def test_talk_is_about_accounts_of_the_permit(world: World) -> None:
    answer = world.ask()
    world.use(answer)
    with pytest.raises(Refusal, match="Only accounts of the permit"):
        world.settle(answer, Outcome.CONVERSATION, talked_account_ids=[10**9])
    accounts = Permit.objects.get().account_ids
    world.settle(answer, Outcome.CONVERSATION, talked_account_ids=accounts)
    assert Attempt.objects.get().talked_account_ids == accounts


def test_the_same_call_twice_is_one_permit(world: World) -> None:
    key = "11112222333344445555"
    first, second = world.ask(key=key), world.ask(key=key)
    assert (first.permit_id, first.expires_at) == (second.permit_id, second.expires_at)
    with pytest.raises(KeyReused):
        world.ask(key=key, purpose="demand_payment")
    used = world.use(first, key="use-" + key)
    again = world.use(first, key="use-" + key)
    assert used.attempt_id == again.attempt_id is not None
    assert (Permit.objects.count(), Attempt.objects.count()) == (1, 1)


def test_a_refusal_leaves_the_key_free_and_is_on_record(world: World) -> None:
    night = datetime(2026, 11, 23, 15, tzinfo=UTC)
    key = "11112222333344445555"
    assert not world.ask(night, key=key).is_permitted
    assert PermitRefusal.objects.count() == 1
    assert world.ask(key=key).is_permitted


def test_a_hold_on_contact_stops_it(world: World) -> None:
    answer = world.ask()
    hold = make.make_hold(world.case.debtor)
    refused = world.ask()
    assert (refused.is_permitted, refused.hold_reason) == (False, "complaint")
    assert PermitRefusal.objects.get().rule_id == "hold.complaint"
    assert not world.use(answer).is_permitted
    hold.released_at, hold.released_by = TEN, "test"
    hold.save()
    assert world.use(answer).is_permitted


def test_without_a_mandate_nobody_acts(world: World) -> None:
    world.case.creditor.engagements.all().delete()
    with pytest.raises(Refusal, match="mandate"):
        world.ask()


def test_input_that_makes_no_sense_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="Choose one of"):
        world.ask(channel="telegram")
    with pytest.raises(Refusal, match="1 to 15 minutes"):
        world.ask(minutes=16)
    with pytest.raises(Refusal, match="no address"):
        world.ask(channel="email")
    with pytest.raises(NotThere):
        do_release(actor=COLLECTOR, permit_id=10**9, now=TEN)
    with pytest.raises(NotAllowed):
        do_permit(
            actor=make.make_actor(2, "auditor", {Role.AUDITOR}), wanted=world.wanted(), now=TEN
        )


def test_others_of_the_same_person_count_over_creditors(world: World) -> None:
    """Six dials a person a day (HOUSE.dials), whoever of the creditors asks."""
    other = make.make_creditor(cut_over_on=date(2026, 1, 1))
    make.make_engagement(other)
    debtor = make.make_debtor(other, person=world.case.debtor.person)
    case = make.make_case(debtor)
    point = make.make_contact_point(debtor, PHONE)
    there = World(case, world.entity, point)
    for _ in range(3):
        assert there.ask().is_permitted
    assert not world.ask().is_permitted


def test_what_another_clock_wrote_in_the_future_counts_now(world: World) -> None:
    """A process whose clock runs ahead used its permits; one that is behind still sees them."""
    ahead = TEN + timedelta(minutes=10)
    for _ in range(3):
        world.use(world.ask(ahead), ahead)
    assert not world.ask(TEN).is_permitted


def test_ends_are_written_by_the_job(world: World) -> None:
    answers = [world.ask(), world.ask()]
    world.use(answers[1])
    sweep = job("sweep")
    assert not permits_wait(TEN)
    assert do_expire_permits(actor=sweep, now=TEN + timedelta(minutes=14)) == 0
    assert do_expire_permits(actor=sweep, now=TEN + timedelta(minutes=15)) == 1
    assert do_expire_permits(actor=sweep, now=TEN + timedelta(minutes=15)) == 0
    assert Permit.objects.get(pk=answers[0].permit_id).state == "expired"
    assert do_note_overdue_permits(actor=sweep, now=TEN + timedelta(minutes=119)) == 0
    assert do_note_overdue_permits(actor=sweep, now=TEN + timedelta(minutes=120)) == 1
    assert do_note_overdue_permits(actor=sweep, now=TEN + timedelta(minutes=120)) == 0
    assert [each.pk for each in list_overdue_permits(COLLECTOR)] == [answers[1].permit_id]
    assert actions(world)[-2:] == ["permit.expire", "permit.miss_outcome"]
    with pytest.raises(NotAllowed):
        do_expire_permits(actor=COLLECTOR, now=TEN)


def test_an_attempt_without_an_outcome_keeps_counting_at_its_worst(world: World) -> None:
    for _ in range(3):
        world.use(world.ask())
    evening = TEN + timedelta(hours=10)
    do_note_overdue_permits(actor=job("sweep"), now=evening)
    assert not world.ask(evening).is_permitted
    assert len(list_open_permits(COLLECTOR, case_id=world.case.pk, now=evening)) == 3


def test_refusals_can_be_listed(world: World) -> None:
    night = datetime(2026, 11, 23, 15, tzinfo=UTC)
    world.ask(night)
    found = list_refusals(COLLECTOR, case_id=world.case.pk, outcomes=["deny"], since=TEN)
    assert [each.asked_at for each in found] == [night]
    assert list_refusals(COLLECTOR, outcomes=["hold"]) == []
