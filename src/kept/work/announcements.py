"""Subscribers: other systems that are told what happened to cases, and how far each was told.

What is told are the case's events, in their order, without their bodies: who wants to know more
asks the interface. Sending is `batch/announcing.py`; a subscriber that does not answer is tried
again with growing pauses, and meanwhile its cases wait.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kept.channels.webhooks import UrlRefused, check_url
from kept.core.actors import Actor
from kept.core.intents import PAUSE_MAX, pause_seconds
from kept.store.cipher import house_cipher
from kept.store.events import append_event
from kept.store.models import Creditor, Subscriber
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.changes import not_there, row_to_change, save_with_event
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import refuse

__all__ = [
    "SECRET_KIND",
    "ClaimedNews",
    "SubscriberState",
    "claim_news",
    "do_save_subscriber",
    "do_set_subscriber_secret",
    "list_subscribers",
    "postpone_news",
    "read_news",
    "tell_news",
]

SECRET_KIND: Final = "subscriber_secret"  # noqa: S105
SECRET_MIN: Final = 32
LEASE_SECONDS: Final = 300  # longer than a batch of calls takes when nobody answers
EVENTS_AT_ONCE: Final = 100
_ACTION = re.compile(r"[a-z_]+\.[a-z_]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClaimedNews:
    """One case with news for one subscriber, under a lease."""

    id: int
    case_id: int
    delivered: int
    fence: int
    attempts: int
    subscriber_id: int
    url: str
    actions: tuple[str, ...]
    secret: bytes


@dataclass(frozen=True, slots=True)
class SubscriberState:
    """How many cases wait for a subscriber; `reason` is the code of the last failure."""

    id: int
    name: str
    active: bool
    cases: int
    attempts: int
    reason: str


@transaction.atomic
def do_save_subscriber(
    *,
    actor: Actor,
    name: str,
    url: str,
    secret: str = "",
    actions: Sequence[str] = (),
    creditor_id: int | None = None,
    active: bool = True,
    subscriber_id: int | None = None,
    now: datetime,
) -> Subscriber:
    """Add or change a subscriber; it is told what happens from then on.

    A new one needs a secret of at least 32 characters, which signs every call; for one that is
    there an empty secret stays as it is.
    """
    reach = require_house(actor, Permission.SUBSCRIBER_CHANGE)
    refuse(_faults(url, secret, actions, is_new=subscriber_id is None))
    if creditor_id is not None and not Creditor.objects.filter(pk=creditor_id).exists():
        raise not_there()
    row = row_to_change(Subscriber, subscriber_id, reach)
    if subscriber_id is None:
        row.secret_cipher = _sealed(secret)
    values = {
        "name": name,
        "url": url,
        "creditor_id": creditor_id,
        "actions": list(actions),
        "active": active,
    }
    saved = save_with_event(actor=actor, noun="subscriber", row=row, values=values, now=now)
    _note_news_or_not()
    if secret and subscriber_id is not None:
        do_set_subscriber_secret(actor=actor, subscriber_id=saved.pk, secret=secret, now=now)
    return saved


@transaction.atomic
def do_set_subscriber_secret(
    *, actor: Actor, subscriber_id: int, secret: str, now: datetime
) -> None:
    """Sign with another secret from now on; it is in no event."""
    reach = require_house(actor, Permission.SUBSCRIBER_CHANGE)
    row = row_to_change(Subscriber, subscriber_id, reach)
    refuse(_faults(row.url, secret, (), is_new=True))
    row.secret_cipher = _sealed(secret)
    row.save(update_fields=["secret_cipher"])
    append_event(
        actor=actor,
        action="subscriber.set_secret",
        subject=f"subscriber:{row.pk}",
        body={},
        now=now,
    )


def list_subscribers(actor: Actor) -> list[SubscriberState]:
    reach = require(actor, Permission.JOB_READ)
    visible = list(visible_rows(Subscriber, reach).values_list("pk", flat=True))
    rows = load("announcements")["waiting"].rows({"subscriber_ids": visible})
    return [SubscriberState(**row) for row in rows]


def _note_news_or_not() -> None:
    """The database notes news only while there is somebody to be told."""
    state = load("announcements")["has_news"].rows()[0]
    if state["is_on"] != state["wanted"]:
        load("announcements")["begin_news" if state["wanted"] else "end_news"].run()


# --- for the worker that tells --------------------------------------------------------------------


def claim_news(*, now: datetime, limit: int) -> list[ClaimedNews]:
    """Lease cases with news, the longest waiting first."""
    rows = load("announcements")["claim"].rows(
        {
            "now": now,
            "limit": limit,
            "lease_seconds": LEASE_SECONDS,
            "pause_seconds_max": PAUSE_MAX,
        }
    )
    return [_claimed(row) for row in rows]


def read_news(news: ClaimedNews) -> list[Mapping[str, Any]]:
    """The next events of the case that nobody told it, at most `EVENTS_AT_ONCE`."""
    return list(
        load("announcements")["pending"].rows(
            {"case_id": news.case_id, "delivered": news.delivered, "limit": EVENTS_AT_ONCE}
        )
    )


def tell_news(news: ClaimedNews, delivered: int) -> bool:
    """Told up to this event; False where somebody else holds the case by now."""
    given = {"id": news.id, "fence": news.fence, "delivered": delivered}
    return bool(load("announcements")["told"].run(given))


def postpone_news(news: ClaimedNews, reason: str, *, now: datetime) -> None:
    """Not taken; again after a pause that grows with every try, an hour at most, for ever."""
    due_at = now + timedelta(seconds=pause_seconds(news.attempts, news.id))
    given = {"id": news.id, "fence": news.fence, "due_at": due_at, "reason": reason[:64]}
    load("announcements")["postpone"].run(given)


def _claimed(row: Mapping[str, Any]) -> ClaimedNews:
    secret = house_cipher().open(SECRET_KIND, row["secret_cipher"]).encode()
    rest = {name: value for name, value in row.items() if name != "secret_cipher"}
    return ClaimedNews(**{**rest, "actions": _actions(row["actions"])}, secret=secret)


def _actions(stored: Any) -> tuple[str, ...]:
    return tuple(json.loads(stored) if isinstance(stored, str) else stored)


def _sealed(secret: str) -> bytes:
    return house_cipher().seal(SECRET_KIND, [secret])[0]


def _faults(url: str, secret: str, actions: Sequence[str], *, is_new: bool) -> dict[str, str]:
    faults = {}
    try:
        check_url(url, allows_private=settings.KEPT_WEBHOOKS_PRIVATE)
    except UrlRefused:
        faults["url"] = _("Give an address that begins with https://, with a public host name.")
    if (is_new or secret) and len(secret) < SECRET_MIN:
        faults["secret"] = _("A secret has at least %(least)s characters.") % {"least": SECRET_MIN}
    if not all(_ACTION.fullmatch(each) for each in actions):
        faults["actions"] = _("Actions are written like task.close, with commas between.")
    return faults
