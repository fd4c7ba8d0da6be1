"""The operators' site: who may enter, how its tables are grouped, and the record of events.

Signing in is allauth's; permissions are those of `kept.work`, never Django's own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kept.core.actors import Actor
from kept.work.actors import actor_of
from kept.work.events import list_events
from kept.work.permissions import Permission, may, may_house
from kept.work.refusals import NotAllowed

__all__ = ["OperatorsSite", "actor_of_request", "site"]

#: Addresses of Django's own site that are not ours: passwords are the desk's, and no row has a page
#: elsewhere.
_NOT_OURS = {"password_change", "password_change_done", "view_on_site"}
_ENTER = (Permission.CREDITOR_CHANGE, Permission.LEDGER_READ, Permission.EVENT_READ)


def now_of(request: Any) -> datetime:
    """The instant at which the request came, the same for all that it does."""
    if not hasattr(request, "now"):
        request.now = timezone.now()
    now: datetime = request.now
    return now


def actor_of_request(request: Any) -> Actor:
    """The actor of who is signed in, read once a request."""
    if not hasattr(request, "actor"):
        request.actor = actor_of(request.user, now=now_of(request))
    actor: Actor = request.actor
    return actor


class OperatorsSite(AdminSite):
    site_header = _("kept settings")
    site_title = _("kept settings")
    index_title = _("Settings")
    enable_nav_sidebar = True

    #: Headings and the models under them, in the order in which a house is set up.
    groups: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
        (
            _("Creditors"),
            ("Creditor", "Product", "ProductTerms", "LegalEntity", "Engagement"),
        ),
        (_("People"), ("User", "RoleGrant", "Team", "Seat", "ApiKey")),
        (_("Other systems"), ("Subscriber",)),
        (_("Records"), ("Entry", "BucketMove")),
    )

    def has_permission(self, request: HttpRequest) -> bool:
        if not request.user.is_authenticated:
            return False
        actor = actor_of_request(request)
        return any(may(actor, permission) for permission in _ENTER)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Nobody signs in here; one who is signed in and not allowed finds nothing."""
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path(), reverse("account_login"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Signing out is the desk's; Django asks for this address by name."""
        raise Http404

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        found = {
            model["object_name"]: model
            for app in self._build_app_dict(request, app_label).values()
            for model in app["models"]
        }
        shown = [(name, [found[m] for m in models if m in found]) for name, models in self.groups]
        return [
            {
                "name": str(name),
                "app_label": f"group-{place}",
                "app_url": "",
                "has_module_perms": True,
                "models": models,
            }
            for place, (name, models) in enumerate(shown)
            if models
        ]

    def get_urls(self) -> list[Any]:
        own = [path("events/", self.admin_view(self.events), name="events")]
        django = [url for url in super().get_urls() if getattr(url, "name", "") not in _NOT_OURS]
        return [*own, *django]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """What is refused is not there, as everywhere else: nobody learns which."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def found(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            try:
                return guarded(request, *args, **kwargs)
            except PermissionDenied as refusal:
                raise Http404 from refusal

        return found

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        sees_events = self.has_permission(request) and _sees_events(actor_of_request(request))
        return {**super().each_context(request), "sees_events": sees_events}

    def events(self, request: HttpRequest) -> HttpResponse:
        try:
            found = list_events(actor_of_request(request), before=request.GET.get("before", ""))
        except NotAllowed as refusal:
            raise Http404 from refusal
        context = {**self.each_context(request), "title": _("Events of the house"), "page": found}
        return TemplateResponse(request, "operators/events.html", context)


def _sees_events(actor: Actor) -> bool:
    return may_house(actor, Permission.EVENT_READ)


site = OperatorsSite(name="operators")
