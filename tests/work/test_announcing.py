"""Subscribers are told what happened: signed, each case in its order, again until they take it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from kept.batch.announcing import announce
from kept.channels.webhooks import SIGNATURE, signature
from kept.core.actors import job
from kept.store.models import AnnouncementCursor, Case, Event, Subscriber
from kept.work.announcements import (
    claim_news,
    do_save_subscriber,
    list_subscribers,
    tell_news,
)
from kept.work.refusals import Refusal
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
ACTOR = job("test")
SECRET = "a secret of thirty-two characters"  # noqa: S105


@dataclass
class Receiver:
    """A system on this machine; `statuses` are its next answers, 200 when there is none left."""

    url: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def told(self) -> list[tuple[int, list[int]]]:
        return [
            (call["body"]["case_id"], [each["sequence"] for each in call["body"]["events"]])
            for call in self.calls
        ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            status = found.statuses.pop(0) if found.statuses else 200
            if status < 300:
                found.calls.append(
                    {"raw": raw, "body": json.loads(raw), "headers": dict(self.headers)}
                )
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "KEPT_WEBHOOKS_PRIVATE", True)


def subscribe(receiver: Receiver, **given: Any) -> Subscriber:
    return do_save_subscriber(
        **{"actor": ACTOR, "name": "S", "url": receiver.url, "secret": SECRET, "now": NOW, **given}
    )


def make_case() -> Case:
    return factories.make_case(factories.make_debtor(factories.make_creditor()))


def tell(now: datetime = NOW) -> int:
    return announce(clock=lambda: now, allows_private=True)


def test_what_happened_is_told_in_order_signed_and_without_bodies(receiver: Receiver) -> None:
    case, other = make_case(), make_case()
    factories.make_event(case)  # before anybody subscribed
    subscribe(receiver)
    for each in (case, other, case):
        factories.make_event(each, body={"note": "王小明"})
    assert tell() == 2
    assert sorted(receiver.told()) == sorted([(case.pk, [2, 3]), (other.pk, [1])])
    call = receiver.calls[0]
    at = int(NOW.timestamp())
    assert call["headers"][SIGNATURE] == signature(SECRET.encode(), at, call["raw"])
    event = Event.objects.get(chain_id=case.pk, sequence=2)
    told = next(c for c in receiver.calls if c["body"]["case_id"] == case.pk)["body"]["events"][0]
    assert told == {
        "sequence": 2,
        "action": event.action,
        "subject": event.subject,
        "recorded_at": event.recorded_at.isoformat(),
    }
    assert tell() == 0
    factories.make_event(case)
    assert tell() == 1
    assert receiver.told()[-1] == (case.pk, [4])


def test_nobody_is_told_of_what_was_taken_back(receiver: Receiver) -> None:
    case = make_case()
    subscribe(receiver)
    with transaction.atomic():
        factories.make_event(case)
        transaction.set_rollback(True)
    assert tell() == 0
    assert not AnnouncementCursor.objects.exists()


@pytest.mark.parametrize("status", [500, 404, 302])
def test_one_that_does_not_take_it_is_tried_again_later_and_in_order(
    receiver: Receiver, status: int
) -> None:
    case = make_case()
    subscribe(receiver)
    factories.make_event(case)
    receiver.statuses = [status, 503]
    assert tell() == 0
    factories.make_event(case)
    assert (tell(), receiver.calls) == (0, [])
    assert tell(NOW + timedelta(seconds=5)) == 0
    [state] = list_subscribers(ACTOR)
    assert (state.cases, state.attempts, state.reason) == (1, 2, "http_503")
    assert tell(NOW + timedelta(seconds=60)) == 1
    assert receiver.told() == [(case.pk, [1, 2])]
    assert list_subscribers(ACTOR)[0].cases == 0


def test_one_that_is_away_is_asked_once_a_round(receiver: Receiver) -> None:
    subscribe(receiver)
    for _ in range(5):
        factories.make_event(make_case())
    receiver.statuses = [503]
    assert tell() == 0
    assert receiver.calls == []
    assert tell(NOW + timedelta(seconds=60)) == 5


def test_only_what_was_asked_for(receiver: Receiver) -> None:
    own, other = make_case(), make_case()
    subscribe(receiver, actions=["case.wanted"], creditor_id=own.creditor_id)
    factories.make_event(own, action="case.wanted")
    factories.make_event(own, action="case.other")
    factories.make_event(other, action="case.wanted")
    tell()
    assert receiver.told() == [(own.pk, [1])]
    assert set(AnnouncementCursor.objects.values_list("case_id", "delivered", "newest")) == {
        (own.pk, 2, 2)
    }


def test_one_that_is_stopped_is_told_nothing_and_later_goes_on(receiver: Receiver) -> None:
    case = make_case()
    row = subscribe(receiver)
    factories.make_event(case)
    subscribe(receiver, subscriber_id=row.pk, secret="", active=False)
    assert tell() == 0
    subscribe(receiver, subscriber_id=row.pk, secret="", active=True)
    assert tell() == 1


def test_a_slow_teller_finishes_nothing_when_another_took_over(receiver: Receiver) -> None:
    case = make_case()
    subscribe(receiver)
    factories.make_event(case)
    slow = claim_news(now=NOW, limit=10)[0]
    assert claim_news(now=NOW, limit=10) == []
    quick = claim_news(now=NOW + timedelta(minutes=5), limit=10)[0]
    assert tell_news(slow, 1) is False
    assert tell_news(quick, 1) is True


def test_a_clock_that_went_back_stops_nobody(receiver: Receiver) -> None:
    subscribe(receiver)
    factories.make_event(make_case())
    claim_news(now=NOW, limit=10)
    assert tell(NOW - timedelta(hours=2)) == 1


@pytest.mark.parametrize(
    ("given", "field_name"),
    [
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"secret": "short"}, "secret"),
        ({"secret": ""}, "secret"),
        ({"actions": ["everything"]}, "actions"),
    ],
)
def test_a_wrong_subscriber_is_refused(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], field_name: str
) -> None:
    monkeypatch.setattr(settings, "KEPT_WEBHOOKS_PRIVATE", False)
    with pytest.raises(Refusal) as refused:
        subscribe(receiver, **{"url": "https://example.com/", **given})
    assert set(refused.value.fields) == {field_name}
    assert not Subscriber.objects.exists()


def test_the_secret_is_nowhere_in_plain(receiver: Receiver) -> None:
    row = subscribe(receiver)
    assert SECRET.encode() not in bytes(row.secret_cipher)
    assert SECRET not in "".join(Event.objects.values_list("body", flat=True))
