"""Night groups: closing time, zone, creditors and capacities of each, and how its nights went."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.desk.access import DeskRequest, page
from kept.desk.changing import day_of_form, number_of_form, try_change
from kept.desk.dealing_rules import RESOURCES, amount_text, typed_amount
from kept.desk.prices import resource_name
from kept.desk.worklists import house_day
from kept.store.models import Creditor
from kept.store.visibility import visible_rows
from kept.work.night_group_lists import (
    GroupView,
    group_ids_of_creditors,
    list_group_nights,
    list_night_groups,
)
from kept.work.night_groups import (
    do_end_night_group,
    do_save_night_group,
    do_set_group_capacity,
)
from kept.work.permissions import Permission, may_house, require
from kept.work.refusals import Refusal

__all__ = ["end_night_group", "night_groups", "save_night_group", "set_group_capacity"]


@page(Permission.NIGHT_READ)
def night_groups(request: DeskRequest) -> HttpResponse:
    today = house_day(request.now)
    groups = list_night_groups(actor=request.actor, on=today)
    creditors = list(
        visible_rows(Creditor, require(request.actor, Permission.NIGHT_READ)).order_by("code")
    )
    grouped = group_ids_of_creditors()
    sees_runs = may_house(request.actor, Permission.NIGHT_READ)
    currencies = {each.pk: each.currency for each in creditors}
    context = {
        "groups": [
            (
                each,
                {pk for pk, _code, _name in each.creditors},
                _capacities(each, currencies),
                list_group_nights(actor=request.actor, group_code=each.code) if sees_runs else (),
            )
            for each in groups
        ],
        "alone": [each for each in creditors if each.pk not in grouped],
        "creditors": creditors,
        "night_at": settings.KEPT_NIGHT_AT,
        "resources": [(each, resource_name(each)) for each in RESOURCES],
        "today": today,
        "may_change": may_house(request.actor, Permission.CREDITOR_CHANGE),
        "may_limit": may_house(request.actor, Permission.CAPACITY_CHANGE),
    }
    return render(request, "desk/night_groups.html", context)


def _capacities(group: GroupView, currencies: dict[int, str]) -> list[tuple[str, str, object]]:
    house = next((currencies[pk] for pk, _code, _name in group.creditors if pk in currencies), "")
    return [
        (resource_name(resource), amount_text(resource, amount, house or "CNY"), since)
        for resource, amount, since in group.capacities
    ]


@require_POST
@page(Permission.CREDITOR_CHANGE)
def save_night_group(request: DeskRequest) -> HttpResponse:
    given = request.POST

    def change() -> object:
        return do_save_night_group(
            actor=request.actor,
            code=given.get("code", "").strip().upper(),
            name=given.get("name", "")[:200],
            zone=given.get("zone", "").strip(),
            closes_at=_time(given.get("closes_at", "")),
            creditor_ids=[number_of_form(each) or 0 for each in given.getlist("creditors")],
            group_id=number_of_form(given.get("group_id", "")),
            now=request.now,
        )

    try_change(request, change, _("The night group is saved."))
    return redirect("night_groups")


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise Refusal(_("Write the closing time as 22:30.")) from None


@require_POST
@page(Permission.CREDITOR_CHANGE)
def end_night_group(request: DeskRequest, group_id: int) -> HttpResponse:
    def change() -> object:
        do_end_night_group(actor=request.actor, group_id=group_id, now=request.now)
        return True

    told = _("The group has ended; its creditors have their nights by themselves again.")
    try_change(request, change, told)
    return redirect("night_groups")


@require_POST
@page(Permission.CAPACITY_CHANGE)
def set_group_capacity(request: DeskRequest, group_id: int) -> HttpResponse:
    given = request.POST

    def change() -> object:
        resource = given.get("resource", "")
        if resource not in RESOURCES:
            raise Refusal(_("Choose what is limited."))
        first = Creditor.objects.filter(night_group_member__group_id=group_id).first()
        house = first.currency if first else "CNY"
        return do_set_group_capacity(
            actor=request.actor,
            group_id=group_id,
            resource=resource,
            amount=typed_amount(given.get("amount", ""), resource, house),
            valid_from=day_of_form(given, "valid_from"),
            now=request.now,
        )

    try_change(request, change, _("The capacity is set."))
    return redirect("night_groups")
