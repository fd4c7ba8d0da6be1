"""Who asks for a page: signed in or sent to sign in; holding the permission, or nothing is there.

A page that an actor may not see is not found, as a row that is not theirs is not found.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from kept.core.actors import Actor
from kept.work.actors import actor_of
from kept.work.permissions import Permission, may
from kept.work.refusals import NotAllowed, NotThere

__all__ = ["DeskRequest", "actor_of_request", "page"]

View = Callable[..., HttpResponse]


class DeskRequest(HttpRequest):
    """What a view gets: the request with its actor and the instant at which it came."""

    actor: Actor
    now: datetime
    htmx: Any


def page(permission: Permission | None = None) -> Callable[[View], View]:
    """A view for those who hold the permission, or for everybody who is signed in."""

    def guard(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            request.now = timezone.now()
            actor = actor_of_request(request)
            if permission is not None and not may(actor, permission):
                return _kept_out(request)
            try:
                response = view(request, *args, **kwargs)
            except NotAllowed:
                return _kept_out(request)
            except NotThere as refusal:
                raise Http404 from refusal
            # Whoever sits down after a sign-out finds no page of a debtor on the way back.
            response.headers.setdefault("Cache-Control", "no-store, private")
            return response

        return guarded

    return guard


def _kept_out(request: Any) -> HttpResponse:
    """A page is not there; a form of a page that was open says that nothing was done."""
    if request.method == "POST":
        raise PermissionDenied
    raise Http404


def actor_of_request(request: Any) -> Actor:
    """The actor of who is signed in, read once a request."""
    if not hasattr(request, "actor"):
        if not hasattr(request, "now"):
            request.now = timezone.now()
        request.actor = actor_of(request.user, now=request.now)
    actor: Actor = request.actor
    return actor
