"""Where a rule asks that a person reviews all contacts, whoever makes the contact cannot say so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kept.core.actors import Role
from kept.store.models import ContactPoint, ContactReview, Event
from kept.work.contact_reviews import do_review_contacts
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make
from tests.work.test_permits import COLLECTOR, World
from tests.work.test_presumptions import DUTIES, OFFICER, TEN, world

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]

DUTY = "human_review_cumulative_effect"


@pytest.fixture
def mail(world: World) -> ContactPoint:
    """An address to write to, after seven calls and two messages without a word in return."""
    point = make.make_contact_point(world.case.debtor, "someone@example.org", kind="email")
    for day in range(7):
        at = TEN - timedelta(days=6 - day, hours=1)
        given = {"outcome": "ring_no_answer", "started_at": at, "contact_point": world.point}
        make.make_attempt(world.case, channel="call", **given)
    for day in (1, 2):
        at = TEN - timedelta(days=day, minutes=30)
        given = {"outcome": "sent", "started_at": at, "contact_point": point}
        make.make_attempt(world.case, channel="email", **given)
    return point


def missing(world: World, mail: ContactPoint, hours: int = 0) -> tuple[str, ...]:
    every = (*DUTIES, DUTY, "opt_out_statement")
    now = TEN + timedelta(hours=hours)
    answer = world.ask(now, channel="email", contact_point_id=mail.pk, done=every)
    assert answer.weighed is not None
    assert answer.weighed.denied == ()
    return answer.weighed.missing


def review(world: World, **given: object) -> int:
    return do_review_contacts(
        **{  # type: ignore[arg-type]
            "actor": OFFICER,
            "case_id": world.case.pk,
            "duty": DUTY,
            "note": "One letter with the plan that was asked for; no more this week.",
            "now": TEN,
            **given,
        }
    )


def test_the_caller_cannot_claim_it_and_a_review_does_it_for_a_day(
    world: World, mail: ContactPoint
) -> None:
    assert missing(world, mail) == (DUTY,)
    review(world)
    assert missing(world, mail) == ()
    ContactReview.objects.update(expires_at=TEN)
    assert missing(world, mail) == (DUTY,)
    event = Event.objects.get(action="contacts.review")
    assert "plan" not in event.body


def test_ones_own_review_is_none(world: World, mail: ContactPoint) -> None:
    lead = make.make_actor(1, COLLECTOR.name, {Role.TEAM_LEAD})
    review(world, actor=lead)
    assert missing(world, mail) == (DUTY,)


def test_a_review_of_contacts_with_another_person_is_none(world: World, mail: ContactPoint) -> None:
    related = make.make_related_person(world.case.debtor)
    review(world, related_person_id=related.pk)
    assert missing(world, mail) == (DUTY,)


def test_what_makes_no_sense_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match="asks for this review"):
        review(world, duty="opt_out_statement")
    with pytest.raises(Refusal, match="what you weighed"):
        review(world, note=" ")
    with pytest.raises(NotAllowed):
        review(world, actor=make.make_actor(5, "someone", {Role.COLLECTOR}))
    with pytest.raises(NotThere):
        review(world, related_person_id=10**9)
    assert not ContactReview.objects.exists()
