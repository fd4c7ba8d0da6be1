"""A presumption of violation holds a contact back until an entitled person releases it, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kept.core.actors import Role
from kept.core.attempts import Outcome
from kept.store.models import Circumstance, Event, Permit
from kept.work.permits import do_release
from kept.work.presumptions import do_release_presumption
from kept.work.refusals import NotAllowed, Refusal
from tests import factories as make
from tests.work.test_permits import COLLECTOR, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]

OFFICER = make.make_actor(3, "officer", {Role.COMPLIANCE_OFFICER})
#: Ten in the morning in Los Angeles, on a Monday.
TEN = datetime(2026, 11, 23, 18, tzinfo=UTC)
COOLDOWN = "US.F.14b.cooldown"


@pytest.fixture
def world() -> World:
    creditor = make.make_creditor(
        cut_over_on=date(2026, 1, 1), country="US", zone="America/Los_Angeles", currency="USD"
    )
    entity = make.make_legal_entity(country="US", type="debt_collector")
    make.make_engagement(creditor, legal_entity=entity)
    debtor = make.make_debtor(creditor, country="US", zones=["America/Los_Angeles"])
    Circumstance.objects.create(
        debtor=debtor,
        kind="residence",
        country="US",
        region="US-CA",
        zone="America/Los_Angeles",
        received_at=TEN,
        recorded_at=TEN,
        recorded_by="test",
    )
    case = make.make_case(debtor)
    return World(case, entity, make.make_contact_point(debtor, "+12135550100"))


def ask(world: World, now: datetime = TEN) -> tuple[bool, tuple[str, ...], tuple[str, ...]]:
    """Whether it is permitted; the rules that hold it back; the duties nobody has done."""
    answer = world.ask(now, done=DUTIES)
    assert answer.weighed is not None
    return answer.is_permitted, answer.weighed.held, answer.weighed.missing


#: What the packs ask of a first call; a test below leaves them out.
DUTIES = (
    *("announce_recording", "initial_disclosure", "from_a_debt_collector"),
    *("validation_notice_within_5_days", "reassigned_number_check"),
)


def talk(world: World) -> None:
    first = world.ask(TEN, done=DUTIES)
    assert first.is_permitted, first.weighed
    world.use(first, TEN, done=DUTIES)
    world.settle(first, Outcome.CONVERSATION, TEN)


def release(world: World, **given: object) -> int:
    values = {
        "actor": OFFICER,
        "case_id": world.case.pk,
        "channel": "call",
        "rule_ids": [COOLDOWN],
        "reason": "dropped_call",
        "note": "The line was cut off.",
        "now": TEN,
        **given,
    }
    return do_release_presumption(**values)  # type: ignore[arg-type]


def test_after_a_conversation_a_call_is_held_until_it_is_released_for_one(world: World) -> None:
    talk(world)
    later = TEN + timedelta(minutes=5)
    assert ask(world, later) == (False, (COOLDOWN,), ())
    release(world)
    answer = world.ask(later, done=DUTIES)
    assert answer.is_permitted
    assert ask(world, later)[0] is False
    assert world.use(answer, later, done=DUTIES).is_permitted
    assert ask(world, later)[0] is False


def test_a_permit_given_back_leaves_the_release_for_the_next_one(world: World) -> None:
    talk(world)
    release(world)
    answer = world.ask(TEN, done=DUTIES)
    assert answer.permit_id is not None
    do_release(actor=COLLECTOR, permit_id=answer.permit_id, now=TEN)
    assert ask(world)[0] is True
    assert Permit.objects.filter(presumption_release__isnull=False).count() == 2


def test_a_release_is_for_its_channel_its_rules_and_its_time(world: World) -> None:
    talk(world)
    release(world, channel="ai_call")
    release(world, rule_ids=["US.F.14b.count"])
    assert ask(world)[0] is False
    release(world)
    assert ask(world, TEN + timedelta(hours=24))[0] is False


def test_duties_must_be_named_as_done(world: World) -> None:
    answer = world.ask(TEN)
    assert answer.weighed is not None
    assert answer.weighed.missing
    assert not answer.is_permitted
    assert set(answer.weighed.missing) <= set(DUTIES)
    assert not world.ask(TEN, done=answer.weighed.missing[1:]).is_permitted
    assert world.ask(TEN, done=answer.weighed.missing).is_permitted


def test_only_an_entitled_person_releases_with_a_reason_of_the_list(world: World) -> None:
    for role in (Role.COLLECTOR, Role.MANAGER, Role.ADMINISTRATOR):
        with pytest.raises(NotAllowed):
            release(world, actor=make.make_actor(4, "other", {role}))
    with pytest.raises(Refusal, match="reason"):
        release(world, reason="he will not mind")
    with pytest.raises(Refusal, match="note"):
        release(world, note=" ")
    with pytest.raises(Refusal, match="presume no violation"):
        release(world, rule_ids=["US.F.6b1i.default_hours"])
    release(world, actor=make.make_actor(5, "lead", {Role.TEAM_LEAD}))
    event = Event.objects.get(action="presumption.release")
    assert (event.chain_id, event.actor) == (world.case.pk, "lead")
    assert "cut off" not in event.body
