"""Subscribers: other systems that are told what happens to cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import register
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from kept.admin.forms import UseCaseForm
from kept.admin.site import site
from kept.admin.tables import SavedByUseCase
from kept.store.models import Subscriber
from kept.work.announcements import do_save_subscriber
from kept.work.permissions import Permission

__all__ = ["SubscriberForm", "SubscriberTable"]


class SubscriberForm(UseCaseForm):
    secret = forms.CharField(
        label=_("secret"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("at least 32 characters, known to both sides; empty: it stays as it is"),
    )
    actions = SimpleArrayField(
        forms.CharField(max_length=48),
        label=_("actions"),
        required=False,
        help_text=_("such as task.close, with commas between; empty: all"),
    )

    class Meta:
        model = Subscriber
        fields = ("name", "url", "creditor", "actions", "active")

    def apply(self, given: dict[str, Any]) -> Model:
        creditor = given["creditor"]
        return do_save_subscriber(
            actor=self.actor,
            name=given["name"],
            url=given["url"],
            secret=given["secret"],
            actions=given["actions"] or [],
            creditor_id=creditor.pk if creditor else None,
            active=given["active"],
            subscriber_id=self.instance.pk,
            now=self.now,
        )


@register(Subscriber, site=site)
class SubscriberTable(SavedByUseCase):
    permission = Permission.SUBSCRIBER_CHANGE
    is_of_house = True
    form = SubscriberForm
    list_display = ("name", "url", "creditor", "active")
    list_select_related = ("creditor",)
    ordering = ("name",)
