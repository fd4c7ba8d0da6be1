"""A history of attempts taken in as one set: what counts, what is left out, once only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from django.utils.translation import override

from kept.core.actors import Role, job
from kept.store.models import Attempt, ContactPoint, Creditor, Debtor, Event
from kept.work.attempts import HISTORY_COLUMNS, do_take_attempt_history
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make

pytestmark = pytest.mark.django_db

MANAGER = make.make_actor(1, "manager", frozenset({Role.MANAGER}), None)
MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


@pytest.fixture
def creditor() -> Creditor:
    make.make_partitions()
    return make.make_creditor()


def make_reachable(creditor: Creditor, name: str, **case: Any) -> Debtor:
    debtor = make.make_debtor(creditor, external_id=name)
    make.make_contact_point(debtor, "+8615400000001")
    make.make_contact_point(debtor, f"{name}@example.com", kind="email")
    make.make_case(debtor, **{"opened_on": date(2026, 11, 1), **case})
    return debtor


def history(*attempts: tuple[str, str, str, str, datetime]) -> pl.DataFrame:
    return pl.DataFrame(list(attempts), schema=list(HISTORY_COLUMNS), orient="row").with_columns(
        pl.col("started_at").cast(pl.Datetime("us", "UTC"))
    )


def take(creditor: Creditor, attempts: pl.DataFrame, **changes: Any) -> int:
    given = {"actor": MANAGER, "creditor_id": creditor.pk, "key": "first", "now": make.NOW}
    return do_take_attempt_history(attempts=attempts, **{**given, **changes})


def test_attempts_are_taken_in_once_with_an_event_a_case(creditor: Creditor) -> None:
    one, other = make_reachable(creditor, "D-1"), make_reachable(creditor, "D-2")
    attempts = history(
        ("D-1", "phone", "call", "ring_no_answer", MONDAY),
        ("D-1", "email", "email", "delivered", MONDAY + timedelta(days=1)),
        ("D-2", "phone", "call", "conversation", MONDAY),
    )
    assert take(creditor, attempts) == 3
    assert take(creditor, attempts) == 3
    found = list(Attempt.objects.order_by("started_at", "debtor_id"))
    assert [(each.debtor_id, each.channel, each.outcome) for each in found] == [
        (one.pk, "call", "ring_no_answer"),
        (other.pk, "call", "conversation"),
        (one.pk, "email", "delivered"),
    ]
    assert all(each.recorded_at == make.NOW for each in found)
    events = list(Event.objects.order_by("chain_id").values_list("action", "body"))
    assert events == [
        ("attempt.take_history", '{"attempts":2,"conversations":0}'),
        ("attempt.take_history", '{"attempts":1,"conversations":1}'),
    ]


def test_what_a_call_shows_of_a_number_is_learnt(creditor: Creditor) -> None:
    for name, outcome in (("D-1", "not_in_service"), ("D-2", "conversation"), ("D-3", "declined")):
        make_reachable(creditor, name)
        take(creditor, history((name, "phone", "call", outcome, MONDAY)), key=name)
    phones = ContactPoint.objects.filter(kind="phone").order_by("debtor__external_id")
    assert list(phones.values_list("validity", flat=True)) == ["invalid", "valid", "unknown"]


def test_the_latest_call_says_whether_a_number_is_in_service(creditor: Creditor) -> None:
    make_reachable(creditor, "D-1")
    attempts = history(
        ("D-1", "phone", "call", "not_in_service", MONDAY + timedelta(days=1)),
        ("D-1", "phone", "call", "conversation", MONDAY),
    )
    take(creditor, attempts)
    assert ContactPoint.objects.get(kind="phone").validity == "invalid"


def test_attempts_outside_a_case_or_under_a_hold_are_left_out(creditor: Creditor) -> None:
    make_reachable(creditor, "D-1", opened_on=date(2026, 11, 17))
    make_reachable(creditor, "D-2", closed_on=date(2026, 11, 16), close_reason="paid")
    held = make_reachable(creditor, "D-3")
    make.make_hold(held, reason="deceased", effects=["contact"], placed_at=MONDAY)
    attempts = history(
        *((name, "phone", "call", "declined", MONDAY) for name in ("D-1", "D-2", "D-3", "D-9"))
    )
    assert take(creditor, attempts) == 0
    assert Attempt.objects.count() == Event.objects.count() == 0


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (("D-1", "phone", "drone", "declined", MONDAY), "channel: drone"),
        (("D-1", "phone", "call", "shrugged", MONDAY), "outcome: shrugged"),
        (("D-1", "phone", "call", "declined", make.NOW + timedelta(minutes=1)), "past"),
    ],
)
def test_what_no_list_holds_is_refused(
    creditor: Creditor, attempt: tuple[str, str, str, str, datetime], words: str
) -> None:
    make_reachable(creditor, "D-1")
    with override("en"), pytest.raises(Refusal, match=words):
        take(creditor, history(attempt))
    assert Attempt.objects.count() == 0


def test_only_who_may_take_in_files_may_take_in_a_history(creditor: Creditor) -> None:
    make_reachable(creditor, "D-1")
    attempts = history(("D-1", "phone", "call", "declined", MONDAY))
    with pytest.raises(NotAllowed):
        take(creditor, attempts, actor=make.make_actor(1, "collector", {Role.COLLECTOR}))
    with pytest.raises(NotThere):
        take(creditor, attempts, actor=make.make_actor(1, "manager", {Role.MANAGER}, {0}))
    assert Attempt.objects.count() == 0
    assert take(creditor, attempts, actor=job("demo")) == 1
