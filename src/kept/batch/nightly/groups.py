"""Nights of several creditors: those of a group as one run, and those of the whole house.

A group's night is a run of its own that works off the nights of its creditors, one after the other
in the order of their codes, each with its own run and business date. A creditor whose night is
refused is noted and the others go on. The capacities of the group are shared: each creditor is
priced with what those before it left; tried dry, with all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kept.batch.closing import begins_at
from kept.batch.nightly.elsewhere import Elsewhere
from kept.batch.nightly.running import (
    KIND,
    NightRefused,
    Sizes,
    business_date_of,
    refuse_unknown,
    run_night,
)
from kept.batch.seals import make_seal
from kept.batch.stages import Progress, RunBusy, only_here, open_run, say_nothing
from kept.core.actors import Actor
from kept.store.models import Creditor, NightGroup, Run
from kept.store.visibility import visible_rows
from kept.work.night_group_lists import GROUP_RUN, group_ids_of_creditors
from kept.work.permissions import Permission, require, require_house

__all__ = ["run_group", "run_nights"]

Results = dict[str, Mapping[str, Any]]


def run_nights(
    *,
    actor: Actor,
    now: datetime,
    as_of: date | None = None,
    creditor_codes: Collection[str] = (),
    group_code: str = "",
    dry_run: bool = False,
    progress: Progress = say_nothing,
    sizes: Sizes | None = None,
    elsewhere: Elsewhere | None = None,
) -> Results:
    """The night of each creditor (or of those named, or of a group), in the order of their codes.

    A seat that serves several creditors is filled in that order. Without names, creditors in no
    group come first, then group after group. One whose night is refused is noted as in a group;
    all of them refused is a refusal. `elsewhere` decides from Parquet in place of this process
    (`batch/nightly/elsewhere.py`), to the same plan. When a night wrote anything, all
    chains of events are sealed at the end.
    """
    within = require(actor, Permission.NIGHT_RUN)
    creditors = visible_rows(Creditor, within).order_by("code")
    if creditor_codes:
        refuse_unknown(creditor_codes, [creditor.code for creditor in creditors])
        creditors = creditors.filter(code__in=creditor_codes)
    groups = _groups(within.is_of_house and not creditor_codes, group_code)
    in_groups = {pk for pk, of in group_ids_of_creditors().items() if of in groups}
    results: Results = {}
    for creditor in () if group_code else creditors:
        if creditor.pk not in in_groups:
            try:
                results[creditor.code] = run_night(
                    actor=actor,
                    creditor=creditor,
                    now=now,
                    as_of=as_of,
                    dry_run=dry_run,
                    progress=progress,
                    sizes=sizes,
                    elsewhere=elsewhere,
                )
            except NightRefused as refused:
                results[creditor.code] = {"left_out": str(refused)}
    for group in groups.values():
        results |= run_group(
            actor=actor,
            group=group,
            now=now,
            on=as_of,
            dry_run=dry_run,
            progress=progress,
            sizes=sizes,
            elsewhere=elsewhere,
        )
    _refuse_where_all_are_left(results)
    if not dry_run and any(each.get("done_before") is False for each in results.values()):
        with suppress(RunBusy):  # somebody seals at this moment: that seal is as good
            make_seal(actor=actor, now=now)
    return results


def _refuse_where_all_are_left(results: Results) -> None:
    """One that was left beside others is a note; a call of which nothing came is refused."""
    left = [str(each["left_out"]) for each in results.values() if "left_out" in each]
    if left and len(left) == len(results):
        raise NightRefused("\n".join(dict.fromkeys(left)))


def _groups(all_of_them: bool, code: str) -> dict[int, NightGroup]:
    rows = NightGroup.objects.order_by("code")
    if code:
        found = rows.filter(code=code).first()
        if found is None:
            raise NightRefused(_("there is no night group %(code)s.") % {"code": code})
        return {found.pk: found}
    return (
        {row.pk: row for row in rows.filter(members__isnull=False).distinct()}
        if all_of_them
        else {}
    )


def run_group(
    *,
    actor: Actor,
    group: NightGroup,
    now: datetime,
    on: date | None = None,
    dry_run: bool = False,
    progress: Progress = say_nothing,
    sizes: Sizes | None = None,
    elsewhere: Elsewhere | None = None,
) -> Results:
    """Run or resume a group's night of a date (of its zone, today's unless said).

    Returns the results by creditor; one left out has `left_out`, the reason, in place of a result.
    Done before, the nights are only read.
    """
    require_house(actor, Permission.NIGHT_RUN)
    day = on or now.astimezone(ZoneInfo(group.zone)).date()
    closed = begins_at(day, ZoneInfo(group.zone), group.closes_at)
    creditors = list(Creditor.objects.filter(night_group_member__group=group).order_by("code"))
    if not creditors:
        raise NightRefused(
            _("the night group %(code)s has no creditor yet.") % {"code": group.code}
        )

    def work() -> Results:
        results: Results = {}
        for creditor in creditors:
            business_date = business_date_of(creditor, closed if on else now)
            try:
                results[creditor.code] = run_night(
                    actor=actor,
                    creditor=creditor,
                    now=now,
                    as_of=business_date,
                    dry_run=dry_run,
                    progress=progress,
                    sizes=sizes,
                    elsewhere=elsewhere,
                    group_night=f"{group.code} {day.isoformat()}",
                )
            except NightRefused as refused:
                results[creditor.code] = {"left_out": str(refused)}
        return results

    if dry_run:
        return work()
    run = open_run(
        actor=actor,
        kind=GROUP_RUN,
        key=f"{group.code} {day.isoformat()}",
        now=now,
        business_date=day,
        parameters={"group": group.code},
    )
    with only_here(run):
        results = work()
        Run.objects.filter(pk=run.pk).update(state=Run.State.DONE, result=_told(results))
    return results


def _told(results: Results) -> dict[str, Any]:
    """What the group's run keeps: each night's number and tasks, and who was left and why."""
    done = {code: found for code, found in results.items() if "left_out" not in found}
    keys = {f"{code} {found['business_date']}": code for code, found in done.items()}
    runs = Run.objects.filter(kind=KIND, key__in=keys).values_list("key", "pk")
    numbers = {keys[key]: run_id for key, run_id in runs}
    return {
        "nights": [
            {"creditor": code, "run_id": numbers[code], "tasks": found["tasks"]}
            for code, found in done.items()
        ],
        "left": {code: found["left_out"] for code, found in results.items() if code not in done},
    }
