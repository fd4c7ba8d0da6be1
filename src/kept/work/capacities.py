"""Capacities of a creditor's nights beside minutes: letters, visits, money, whatever has a name.

The price reads `capacities_of`. What a seat has in minutes is in `work/seats.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.attempts import Channel
from kept.core.deciding import BUDGET, COUNTED, WAIVERS
from kept.core.strategies import DESK
from kept.store.models import Capacity, Creditor
from kept.store.to_decide import Cause, mark_tasks
from kept.store.visibility import visible_rows
from kept.work.changes import creditor_to_change, save_with_event
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse
from kept.work.waiver_budgets import waivers_left

__all__ = [
    "KNOWN_RESOURCES",
    "RESOURCES",
    "CapacityView",
    "capacities_of",
    "capacity_faults",
    "do_set_capacity",
    "list_capacities",
]

KNOWN_RESOURCES: Final = ("letters", "visits", "budget", "waivers")
#: All that may be limited: the known ones, and what goes by one channel or is done at the desk.
RESOURCES: Final = (*KNOWN_RESOURCES, *(channel.value for channel in Channel), DESK)
_MOST: Final = 10**15


@dataclass(frozen=True, slots=True)
class CapacityView:
    """What holds on a day; `amount` None is no limit any more."""

    creditor_code: str
    resource: str
    amount: int | None
    valid_from: date


def capacities_of(creditor_id: int, on: date) -> Mapping[str, int]:
    """The amount a night of each resource that is limited on the day; what is missing has none.

    Of `waivers` never more than the month's budgets have left.
    """
    rows = Capacity.objects.filter(creditor_id=creditor_id, valid_from__lte=on)
    newest = rows.order_by("resource", "-valid_from").distinct("resource")
    found = newest.values_list("resource", "amount")
    limits = {resource: amount for resource, amount in found if amount is not None}
    code = Creditor.objects.values_list("currency", flat=True).get(pk=creditor_id)
    left = waivers_left(creditor_id, code, on)
    if left is not None:
        limits[WAIVERS] = min(left, limits.get(WAIVERS, left))
    return limits


def list_capacities(*, actor: Actor, on: date) -> tuple[CapacityView, ...]:
    """The capacities that hold on the day or from a later one, of each creditor in reach."""
    rows = visible_rows(Capacity, require(actor, Permission.NIGHT_READ))
    columns = ("creditor__code", "resource", "amount", "valid_from")
    now = rows.filter(valid_from__lte=on).order_by("creditor_id", "resource", "-valid_from")
    current = now.distinct("creditor_id", "resource").values_list(*columns)
    later = rows.filter(valid_from__gt=on).values_list(*columns)
    found = [CapacityView(*row) for row in (*current, *later)]
    return tuple(
        sorted(found, key=lambda each: (each.creditor_code, each.resource, each.valid_from))
    )


def capacity_faults(resource: str, amount: int | None) -> dict[str, str]:
    """What is wrong with a capacity; one that no night reads would limit nothing."""
    faults = {}
    if resource not in RESOURCES:
        told = _("%(found)s limits nothing; there are: %(known)s.")
        faults["resource"] = told % {"found": resource, "known": ", ".join(RESOURCES)}
    if amount is not None and not 0 <= amount <= _MOST:
        faults["amount"] = _("A capacity is a whole number, 0 or more.")
    return faults


@transaction.atomic
def do_set_capacity(
    *,
    actor: Actor,
    creditor_id: int,
    resource: str,
    amount: int | None,
    valid_from: date,
    now: datetime,
) -> Capacity:
    """What a night may use of a resource from a day on; None: no limit. The same day again
    replaces it. Zero is a limit too: nothing of it is planned."""
    creditor = creditor_to_change(require(actor, Permission.CAPACITY_CHANGE), creditor_id)
    today = now.astimezone(ZoneInfo(creditor.zone)).date()
    refuse(capacity_faults(resource, amount))
    rows = Capacity.objects.filter(creditor=creditor, resource=resource, valid_from=valid_from)
    row = rows.first() or Capacity()
    values = {
        "creditor_id": creditor.pk,
        "resource": resource,
        "valid_from": valid_from,
        "amount": amount,
    }
    if valid_from <= today:
        _decide_again(creditor.pk, resource, now)
    return save_with_event(actor=actor, noun="capacity", row=row, values=values, now=now)


def _decide_again(creditor_id: int, resource: str, now: datetime) -> None:
    """The open tasks that use the resource: where it is less now, the least urgent go first."""
    channels = None if resource in (BUDGET, WAIVERS) else [str(COUNTED.get(resource, resource))]
    mark_tasks(
        Cause.CAPACITY,
        now,
        creditor_id=creditor_id,
        channels=channels,
        least_urgent_first=True,
    )
