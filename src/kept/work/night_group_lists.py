"""Night groups as they are read: by pages and by the night, which asks what is left for a creditor.

Groups are set in `work/night_groups.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from kept.core.actors import Actor
from kept.store.models import (
    Creditor,
    NightGroup,
    NightGroupCapacity,
    NightGroupMember,
    Run,
    RunChunk,
    Seat,
)
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require, require_house

__all__ = [
    "DEFAULT_GROUP",
    "GROUP_RUN",
    "GroupNightView",
    "GroupView",
    "capacities_left",
    "group_code_of",
    "group_ids_of_creditors",
    "groups_that_share_seats",
    "list_group_nights",
    "list_night_groups",
]

#: The number that stands for all creditors in no group.
DEFAULT_GROUP: Final = 0
#: The kind of a group's runs.
GROUP_RUN: Final = "night_group"
_NIGHT: Final = "nightly"
_WHOLE_STAGE: Final = -1
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class GroupView:
    """`creditors` are (id, code, name); `capacities` (resource, amount, from) hold now or later."""

    group_id: int
    code: str
    name: str
    zone: str
    closes_at: time
    creditors: tuple[tuple[int, str, str], ...]
    capacities: tuple[tuple[str, int | None, date], ...]


@dataclass(frozen=True, slots=True)
class GroupNightView:
    """One night of a group: (creditor, run, tasks) of each, and by creditor why one was left."""

    on: date | None
    state: str
    now: datetime
    nights: tuple[tuple[str, int, int], ...]
    left: Mapping[str, str]


def list_night_groups(*, actor: Actor, on: date) -> tuple[GroupView, ...]:
    """The groups with a creditor in reach, with those creditors; the house sees all groups."""
    within = require(actor, Permission.NIGHT_READ)
    creditors: dict[int, list[tuple[int, str, str]]] = {}
    members = NightGroupMember.objects.filter(creditor__in=visible_rows(Creditor, within))
    columns = ("group_id", "creditor_id", "creditor__code", "creditor__name")
    for group_id, pk, code, name in members.order_by("creditor__code").values_list(*columns):
        creditors.setdefault(group_id, []).append((pk, code, name))
    return tuple(
        GroupView(
            row.pk,
            row.code,
            row.name,
            row.zone,
            row.closes_at,
            tuple(creditors.get(row.pk, ())),
            _capacities(row.pk, on),
        )
        for row in NightGroup.objects.order_by("code")
        if within.is_of_house or row.pk in creditors
    )


def _capacities(group_id: int, on: date) -> tuple[tuple[str, int | None, date], ...]:
    rows = NightGroupCapacity.objects.filter(group_id=group_id)
    columns = ("resource", "amount", "valid_from")
    current = rows.filter(valid_from__lte=on).order_by("resource", "-valid_from")
    found = list(current.distinct("resource").values_list(*columns))
    later = rows.filter(valid_from__gt=on).values_list(*columns)
    return tuple(sorted([*found, *later], key=lambda row: (row[0], row[2])))


def list_group_nights(*, actor: Actor, group_code: str) -> tuple[GroupNightView, ...]:
    """The last nights of a group, the newest first; for who sees the whole house."""
    require_house(actor, Permission.NIGHT_READ)
    rows = Run.objects.filter(kind=GROUP_RUN, parameters__group=group_code).order_by("-pk")
    return tuple(
        GroupNightView(
            row.business_date,
            row.state,
            row.now,
            tuple(
                (each["creditor"], each["run_id"], each["tasks"])
                for each in row.result.get("nights", ())
            ),
            row.result.get("left", {}),
        )
        for row in rows[:_SHOWN]
    )


# --- for the night itself -------------------------------------------------------------------------


def group_code_of(creditor_id: int) -> str:
    """The code of a creditor's group; "" for the default."""
    found = NightGroup.objects.filter(members__creditor_id=creditor_id).first()
    return found.code if found else ""


def group_ids_of_creditors() -> dict[int, int]:
    """Every creditor that is in a group, with the group's id."""
    return dict(NightGroupMember.objects.values_list("creditor_id", "group_id"))


def groups_that_share_seats(group_id: int) -> frozenset[int]:
    """The other groups that have a seat in common with one: their nights fill the same minutes.

    A seat that names no creditors serves them all, so it joins every group.
    """
    group_of = group_ids_of_creditors()
    every = frozenset({DEFAULT_GROUP, *group_of.values()})
    served: dict[int, set[int]] = defaultdict(set)
    seats = Seat.objects.filter(active=True).values_list("pk", "creditors__pk")
    for seat_id, creditor_id in seats:
        if creditor_id is None:
            return every - {group_id}
        served[seat_id].add(group_of.get(creditor_id, DEFAULT_GROUP))
    shared = [groups for groups in served.values() if group_id in groups]
    return frozenset().union(*shared) - {group_id}


def capacities_left(run: Run, own: Mapping[str, int]) -> dict[str, int]:
    """A creditor's capacities, each at most what its group's night has left.

    Those of the group hold on the group's date, which may not be the creditor's. What the other
    nights of the same group night (`parameters["group_night"]`) use by their plans is taken off,
    whoever of them was first.
    """
    group_night = run.parameters.get("group_night")
    if not group_night:
        return dict(own)
    code, _space, on = str(group_night).partition(" ")
    rows = NightGroupCapacity.objects.filter(
        group__code=code, valid_from__lte=date.fromisoformat(on)
    )
    newest = rows.order_by("resource", "-valid_from").distinct("resource")
    found = dict(own)
    used = _used(run, str(group_night))
    for resource, amount in newest.values_list("resource", "amount"):
        if amount is not None:
            left = max(0, amount - used.get(resource, 0))
            found[resource] = min(left, own.get(resource, left))
    return found


def _used(run: Run, group_night: str) -> Mapping[str, int]:
    """By resource, what the plans of the group's other nights use."""
    others = RunChunk.objects.filter(
        run__kind=_NIGHT,
        run__parameters__group_night=group_night,
        stage="priced",
        chunk=_WHOLE_STAGE,
    ).exclude(run=run)
    used: dict[str, int] = defaultdict(int)
    results: Sequence[Mapping[str, Any]] = list(others.values_list("result", flat=True))
    for result in results:
        for row in result.get("resources", ()):
            used[row["resource"]] += row["use"]
    return used
