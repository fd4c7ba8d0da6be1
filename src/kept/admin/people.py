"""Users and their roles, teams and seats."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import display, register
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from kept.admin.forms import RoleGrantForm, SeatForm, TeamForm, UserForm
from kept.admin.site import actor_of_request, now_of, site
from kept.admin.tables import SavedByUseCase
from kept.core.actors import Role
from kept.store.models import RoleGrant, Seat, Team, User
from kept.work.grants import do_revoke_role
from kept.work.permissions import ROLE_NAMES, Permission
from kept.work.refusals import Refusal

__all__ = ["RoleGrantTable", "SeatTable", "TeamTable", "UserTable"]


@register(User, site=site)
class UserTable(SavedByUseCase):
    permission = Permission.USER_CHANGE
    is_of_house = True
    form = UserForm
    list_display = ("username", "first_name", "last_name", "email", "is_active", "last_login")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)


@register(RoleGrant, site=site)
class RoleGrantTable(SavedByUseCase):
    """Grants are given and revoked, never changed."""

    permission = Permission.USER_CHANGE
    is_of_house = True
    form = RoleGrantForm
    list_display = (
        "user",
        "role_name",
        "creditor",
        "product",
        "team",
        "agency",
        "valid_until",
        "granted_at",
    )
    list_select_related = ("user", "creditor", "product", "team", "agency")
    search_fields = ("user__username",)
    ordering = ("user__username", "role")

    @display(description=_("role"), ordering="role")
    def role_name(self, grant: RoleGrant) -> str:
        return str(ROLE_NAMES[Role(grant.role)])

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        if obj.pk is not None:
            response: HttpResponse = super().response_add(request, obj, post_url_continue)
            return response
        messages.success(request, _("Asked for: a further administrator needs a second person."))
        return redirect("operators:store_rolegrant_changelist")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        do_revoke_role(actor=actor_of_request(request), grant_id=obj.pk, now=now_of(request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        try:
            response: HttpResponse = super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect("operators:store_rolegrant_changelist")
        return response


@register(Team, site=site)
class TeamTable(SavedByUseCase):
    permission = Permission.SEAT_CHANGE
    is_of_house = True
    form = TeamForm
    list_display = ("code", "name")
    ordering = ("code",)


@register(Seat, site=site)
class SeatTable(SavedByUseCase):
    permission = Permission.SEAT_CHANGE
    is_of_house = True
    form = SeatForm
    list_display = ("code", "team", "user", "skills", "minutes_per_day", "active")
    list_select_related = ("team", "user")
    search_fields = ("code", "user__username")
    ordering = ("code",)
