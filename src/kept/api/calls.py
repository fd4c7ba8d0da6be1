"""A call: who makes it, by their key; when; and, for one that writes, once.

A write names its idempotency key in a header. The first answer is stored and given again; a call
that was refused may come again with the same key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header
from ninja.security import HttpBearer

from kept.core.actors import Actor
from kept.core.commands import KEY_MAX, KEY_MIN
from kept.work.api_keys import actor_of_key
from kept.work.once import once

__all__ = ["BearerKey", "Call", "IdempotencyKey", "write_once"]

REPLAYED = "Idempotency-Replayed"

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=KEY_MIN,
        max_length=KEY_MAX,
        pattern=r"^[A-Za-z0-9_.:+/=-]+$",
        description="A random text of your own for this one call, such as a UUID. The same call"
        " with the same key is done once and answered again for 30 days.",
    ),
]


class Call(HttpRequest):
    """What an operation gets: the request with its actor and the instant at which it came."""

    actor: Actor
    now: datetime


class BearerKey(HttpBearer):
    """`Authorization: Bearer <key>`. A session cookie signs nobody in here."""

    openapi_description = "An API key, made by an administrator."

    def authenticate(self, request: Any, token: str) -> Actor | None:
        request.now = timezone.now()
        actor = actor_of_key(token, now=request.now)
        request.actor = actor
        return actor


def write_once(
    call: Call,
    response: HttpResponse,
    key: str,
    use_case: str,
    given: Mapping[str, object],
    change: Callable[[], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """The answer of the change, or of the first call with this key and input."""
    done = once(
        scope=f"api {call.actor.kind.value}:{call.actor.id}",
        key=key,
        use_case=use_case,
        given=given,
        now=call.now,
        change=change,
    )
    if done.is_repeat:
        response.headers[REPLAYED] = "true"
    return done.answer
