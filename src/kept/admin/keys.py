"""API keys: made, shown once, and revoked; never changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import display, register
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kept.admin.forms import LIMITS, UseCaseForm, limits_of
from kept.admin.site import actor_of_request, now_of, site
from kept.admin.tables import SavedByUseCase
from kept.store.models import ApiKey
from kept.work.api_keys import NOT_FOR_KEYS, NewKey, do_make_key, do_revoke_key
from kept.work.limits import Limits
from kept.work.permissions import Permission

__all__ = ["ApiKeyTable"]


class ApiKeyForm(UseCaseForm):
    permissions = forms.MultipleChoiceField(
        label=_("permissions"),
        choices=[(each.value, each.value) for each in Permission if each not in NOT_FOR_KEYS],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ApiKey
        fields = ("name", "permissions", *LIMITS, "valid_until")

    def apply(self, given: dict[str, Any]) -> Model:
        return ApiKey(pk=self.make(given).key_id)

    def make(self, given: dict[str, Any]) -> NewKey:
        return do_make_key(
            actor=self.actor,
            name=given["name"],
            permissions=[Permission(each) for each in given["permissions"]],
            limits=Limits(**limits_of(given), valid_until=given["valid_until"]),
            now=self.now,
        )


@register(ApiKey, site=site)
class ApiKeyTable(SavedByUseCase):
    permission = Permission.KEY_CHANGE
    is_of_house = True
    form = ApiKeyForm
    list_display = (
        "name",
        "begins",
        "creditor",
        "made_by",
        "valid_until",
        "last_used",
        "revoked_at",
    )
    list_select_related = ("creditor", "made_by")
    ordering = ("-id",)

    @display(description=_("begins with"))
    def begins(self, key: ApiKey) -> str:
        return f"kept_{key.prefix}…"

    @display(description=_("last used"))
    def last_used(self, key: ApiKey) -> Any:
        return key.last_used_at

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        made = form.make(form.cleaned_data)
        obj.pk = made.key_id
        request.new_token = made.token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        """The key itself, on a page that no cache keeps and no message carries on."""
        context = {
            **self.admin_site.each_context(request),
            "title": _now("The new key"),
            "token": getattr(request, "new_token", ""),
        }
        response = TemplateResponse(request, "operators/key.html", context)
        add_never_cache_headers(response)
        response.is_done_once = True  # type: ignore[attr-defined]
        return response

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Revoking: the row stays, so that what the key did still has a name."""
        do_revoke_key(
            actor=actor_of_request(request),
            key_id=obj.pk,
            reason="operators' page",
            now=now_of(request),
        )
