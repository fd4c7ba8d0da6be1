"""Night groups as they are set: creditors with one closing time, and what their night may use.

A creditor in no group has its night by itself, at the house's time of day (`KEPT_NIGHT_AT`).
Running a group is `kept.batch.nightly.groups`, reading them `work/night_group_lists.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.store.events import append_event
from kept.store.models import Creditor, NightGroup, NightGroupCapacity, NightGroupMember
from kept.work.capacities import capacity_faults
from kept.work.changes import not_there, row_to_change, save_with_event
from kept.work.creditors import zone_error
from kept.work.permissions import Permission, require_house
from kept.work.refusals import refuse, refuse_invalid

__all__ = ["do_end_night_group", "do_save_night_group", "do_set_group_capacity"]

_BUDGET: Final = "budget"


@transaction.atomic
def do_save_night_group(
    *,
    actor: Actor,
    code: str,
    name: str,
    zone: str,
    closes_at: time,
    creditor_ids: Collection[int],
    group_id: int | None = None,
    now: datetime,
) -> NightGroup:
    """Add a group or change one; a creditor that was in another group leaves that one."""
    require_house(actor, Permission.CREDITOR_CHANGE)
    wrong = zone_error(zone)
    refuse({"zone": wrong} if wrong else {})
    wanted = sorted(set(creditor_ids))
    creditors = list(Creditor.objects.filter(pk__in=wanted))
    if len(creditors) < len(wanted):
        raise not_there()
    row = row_to_change(NightGroup, group_id)
    before = {} if row.pk is None else _plain(row)
    row.code, row.name, row.zone, row.closes_at = code, name.strip(), zone, closes_at
    refuse_invalid(row)
    row.save()
    if NightGroupCapacity.objects.filter(group=row, resource=_BUDGET).exists():
        _refuse_currencies(creditors)
    _set_members(row, wanted)
    _tell(actor, row, "change" if before else "add", before, now)
    return row


@transaction.atomic
def do_end_night_group(*, actor: Actor, group_id: int, now: datetime) -> None:
    """Its creditors have their nights by themselves again; what its nights did stays."""
    require_house(actor, Permission.CREDITOR_CHANGE)
    row = row_to_change(NightGroup, group_id)
    append_event(
        actor=actor,
        action="night_group.end",
        subject=f"night_group:{row.pk}",
        body={"before": _plain(row)},
        now=now,
    )
    row.delete()


@transaction.atomic
def do_set_group_capacity(
    *,
    actor: Actor,
    group_id: int,
    resource: str,
    amount: int | None,
    valid_from: date,
    now: datetime,
) -> NightGroupCapacity:
    """What a night of the whole group may use of a resource from a day on; None: no limit."""
    require_house(actor, Permission.CAPACITY_CHANGE)
    group = row_to_change(NightGroup, group_id)
    refuse(capacity_faults(resource, amount))
    if resource == _BUDGET:
        _refuse_currencies(list(Creditor.objects.filter(night_group_member__group=group)))
    rows = NightGroupCapacity.objects.filter(group=group, resource=resource, valid_from=valid_from)
    values = {
        "group_id": group.pk,
        "resource": resource,
        "valid_from": valid_from,
        "amount": amount,
    }
    row = rows.first() or NightGroupCapacity()
    return save_with_event(actor=actor, noun="group_capacity", row=row, values=values, now=now)


def _refuse_currencies(creditors: Sequence[Creditor]) -> None:
    """A budget of a group is one sum, so its creditors count in one money."""
    if len({each.currency for each in creditors}) > 1:
        told = _("A group with a budget has creditors of one currency only.")
        refuse({"creditors": told})


def _set_members(row: NightGroup, wanted: Sequence[int]) -> None:
    members = NightGroupMember.objects
    members.filter(group=row).exclude(creditor_id__in=wanted).delete()
    members.filter(creditor_id__in=wanted).exclude(group=row).delete()
    there = set(members.filter(group=row).values_list("creditor_id", flat=True))
    members.bulk_create(
        [NightGroupMember(group=row, creditor_id=each) for each in wanted if each not in there]
    )


def _plain(row: NightGroup) -> Mapping[str, Any]:
    found = row.members.order_by("creditor_id").values_list("creditor_id", flat=True)
    return {
        "code": row.code,
        "name": row.name,
        "zone": row.zone,
        "closes_at": row.closes_at.isoformat("minutes"),
        "creditors": list(found),
    }


def _tell(
    actor: Actor, row: NightGroup, action: str, before: Mapping[str, Any], now: datetime
) -> None:
    append_event(
        actor=actor,
        action=f"night_group.{action}",
        subject=f"night_group:{row.pk}",
        body={"before": before, "after": _plain(row)},
        now=now,
    )
