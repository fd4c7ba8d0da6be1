"""Intents: written with their change, claimed in order under a lease, finished by one holder."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from kept.batch.effects import Effect, carry_out
from kept.core.actors import Actor, Role, job
from kept.core.intents import ATTEMPTS_MAX, Ending, Outcome, pause_seconds
from kept.store.models import Event, Intent
from kept.work.intents import (
    LEASE_SECONDS,
    ClaimedIntent,
    NewIntent,
    claim_intents,
    do_retry_intent,
    finish_intents,
    forget_intents,
    lapse_intents,
    list_failed_intents,
    write_intent,
    write_intents,
)
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
DONE = Outcome(Ending.DONE)
LAPSED = NOW + timedelta(seconds=LEASE_SECONDS)


def write(key: str, lane: str = "", kind: str = "test.send") -> int:
    with transaction.atomic():
        return write_intent(kind=kind, key=key, subject="case:1", lane=lane, now=NOW)


def claim(now: datetime = NOW, limit: int = 10) -> list[ClaimedIntent]:
    return claim_intents(kinds=["test.send"], now=now, limit=limit)


def state_of(intent_id: int) -> tuple[str, bool]:
    return Intent.objects.values_list("state", "in_doubt").get(pk=intent_id)


@pytest.mark.django_db(transaction=True)
def test_it_is_written_only_within_the_transaction_of_its_change() -> None:
    with pytest.raises(RuntimeError, match="transaction of the change"):
        write_intent(kind="test.send", key="a", subject="case:1", now=NOW)


def test_the_same_key_is_the_same_intent_and_goes_with_its_change() -> None:
    assert write("a") == write("a")
    with transaction.atomic():
        write("b")
        transaction.set_rollback(True)
    assert [each.key for each in claim()] == ["a"]


def test_many_are_written_at_once_each_key_once() -> None:
    with transaction.atomic():
        new = [NewIntent(f"k{n}", "case:1", lane="case:1", payload={"n": n}) for n in range(3)]
        assert write_intents(kind="test.send", intents=new, now=NOW) == 3
        assert (
            write_intents(kind="test.send", intents=[*new, NewIntent("k3", "case:1")], now=NOW) == 1
        )
        assert write_intents(kind="test.send", intents=[], now=NOW) == 0
    assert [(each.key, each.payload) for each in claim()] == [("k0", {"n": 0}), ("k3", {})]


def test_a_lane_gives_one_at_a_time_in_order() -> None:
    ids = [write("a", "case:1"), write("b", "case:1"), write("c", "case:2"), write("d")]
    first = claim()
    assert [each.id for each in first] == [ids[0], ids[2], ids[3]]
    assert claim() == []
    finish_intents([(first[0], DONE)], now=NOW)
    assert [each.id for each in claim()] == [ids[1]]


def test_a_failed_one_lets_its_lane_go_on_and_one_tried_again_does_not() -> None:
    write("a", "case:1")
    write("b", "case:1")
    finish_intents([(claim()[0], Outcome(Ending.AGAIN, "busy"))], now=NOW)
    assert claim(NOW + timedelta(seconds=1)) == []
    again = claim(NOW + timedelta(seconds=5))
    assert [(each.key, each.attempts, each.fence) for each in again] == [("a", 2, 2)]
    finish_intents([(again[0], Outcome(Ending.FAILED, "refused"))], now=NOW)
    assert [each.key for each in claim(NOW + timedelta(seconds=5))] == ["b"]


def test_a_holder_whose_lease_ran_out_finishes_nothing() -> None:
    intent_id = write("a")
    slow = claim()[0]
    assert lapse_intents(now=LAPSED - timedelta(seconds=1)) == 0
    assert lapse_intents(now=LAPSED) == 1
    assert state_of(intent_id) == ("unknown", True)
    assert finish_intents([(slow, DONE)], now=LAPSED) == frozenset()
    quick = claim(LAPSED)[0]
    assert (quick.in_doubt, quick.fence) == (True, slow.fence + 1)
    assert finish_intents([(slow, Outcome(Ending.FAILED, "late"))], now=LAPSED) == frozenset()
    assert finish_intents([(quick, DONE)], now=LAPSED) == {intent_id}
    assert state_of(intent_id) == ("done", False)


def test_a_clock_that_went_back_an_hour_leaves_no_lease_standing_for_an_hour() -> None:
    intent_id = write("a")
    claim()
    back = NOW - timedelta(hours=1)
    assert lapse_intents(now=back) == 1
    assert [each.id for each in claim(back)] == [intent_id]


def test_what_was_tried_too_often_is_failed() -> None:
    intent_id = write("a")
    Intent.objects.filter(pk=intent_id).update(attempts=ATTEMPTS_MAX - 1)
    finish_intents([(claim()[0], Outcome(Ending.AGAIN, "busy"))], now=NOW)
    assert state_of(intent_id) == ("failed", False)


def test_pauses_grow_to_an_hour_and_are_spread() -> None:
    assert [pause_seconds(n, 0) for n in (1, 2, 3, 10, 11, 12, 99)] == [
        5, 10, 20, 2560, 3600, 3600, 3600,
    ]  # fmt: skip
    assert {pause_seconds(11, n) for n in range(16)} == {3600 - 3600 * n // 64 for n in range(16)}


def test_in_doubt_the_peer_is_asked_before_it_is_tried_again() -> None:
    """A worker that was ended after the effect, and one that was ended before it."""
    sent: list[str] = ["a"]
    asked: list[str] = []

    def ask(intent: ClaimedIntent) -> Outcome | None:
        asked.append(intent.key)
        return DONE if intent.key in sent else None

    def perform(intent: ClaimedIntent) -> Outcome:
        sent.append(intent.key)
        return DONE

    for key in ("a", "b"):
        write(key)
    claim()
    write("c")
    done = carry_out(clock=lambda: LAPSED, effects={"test.send": Effect(perform, ask)})
    assert (done, sent, asked) == (3, ["a", "b", "c"], ["a", "b"])


@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_each_once() -> None:
    for n in range(60):
        write(f"k{n}", lane=f"case:{n % 20}")
    sent: list[str] = []

    def perform(intent: ClaimedIntent) -> Outcome:
        sent.append(intent.key)
        return DONE

    def work() -> None:
        while carry_out(clock=lambda: NOW, effects={"test.send": Effect(perform, lambda _: None)}):
            pass
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    while carry_out(clock=lambda: NOW, effects={"test.send": Effect(perform, lambda _: None)}):
        pass
    assert sorted(sent) == sorted(f"k{n}" for n in range(60))
    for lane in range(20):
        assert [key for key in sent if int(key[1:]) % 20 == lane] == [
            f"k{n}" for n in range(lane, 60, 20)
        ]


def failed(creditor_id: int | None = None) -> int:
    with transaction.atomic():
        intent_id = write_intent(
            kind="test.send", key="x", subject="case:1", creditor_id=creditor_id, now=NOW
        )
    finish_intents([(claim()[0], Outcome(Ending.FAILED, "no_such_number"))], now=NOW)
    return intent_id


def test_a_person_has_a_failed_one_carried_out_again() -> None:
    intent_id = failed()
    actor = job("test")
    assert [each.reason for each in list_failed_intents(actor)] == ["no_such_number"]
    do_retry_intent(actor=actor, intent_id=intent_id, now=NOW)
    assert [each.id for each in claim()] == [intent_id]
    assert Event.objects.get().action == "intent.retry"
    with pytest.raises(Refusal, match="not failed any more"):
        do_retry_intent(actor=actor, intent_id=intent_id, now=NOW)


def test_not_yours_is_not_found_and_without_the_permission_nothing_changes() -> None:
    creditor = factories.make_creditor()
    intent_id = failed(creditor.pk)

    def person(role: Role, creditor_id: int) -> Actor:
        return factories.make_actor(7, "p", frozenset({role}), frozenset({creditor_id}))

    with pytest.raises(NotThere):
        do_retry_intent(actor=person(Role.MANAGER, 0), intent_id=intent_id, now=NOW)
    with pytest.raises(NotAllowed):
        do_retry_intent(actor=person(Role.AUDITOR, creditor.pk), intent_id=intent_id, now=NOW)
    assert list_failed_intents(person(Role.AUDITOR, 0)) == []
    assert state_of(intent_id) == ("failed", False)


def test_done_ones_are_forgotten_after_a_while_and_failed_ones_stay() -> None:
    failed()
    write("a")
    finish_intents([(claim()[0], DONE)], now=NOW)
    assert forget_intents(now=NOW + timedelta(days=90)) == 0
    assert forget_intents(now=NOW + timedelta(days=91)) == 1
    assert Intent.objects.get().state == "failed"
