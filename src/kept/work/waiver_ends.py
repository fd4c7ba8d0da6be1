"""How waivers end by themselves: offers that ran out, and conditions judged by the ledger.

A condition that is met is posted; a settlement then takes out all that the payments left, so that
the debt is closed. One that is missed leaves every payment what it was: a payment. If payments that
a posted waiver hung on are taken back, its entries are reversed: the ledger owes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.core.agreements.promises import PaymentMade
from kept.core.agreements.waiver_policy import WaiverKind
from kept.core.agreements.waivers import (
    ConditionJudged,
    ConditionState,
    WaiverState,
    judge_condition,
)
from kept.core.ledger import position_as_of
from kept.store.events import microseconds
from kept.store.ledger import ALL_KNOWN, postings_of
from kept.store.models import Account, Waiver
from kept.store.queries import load
from kept.work.accruals import charge_accrued
from kept.work.ledger import undo_waived
from kept.work.refusals import NotAllowed
from kept.work.waivers import end_waiver, post_lines

__all__ = ["do_judge_waivers", "judged_by_ledger", "waivers_wait"]

_BATCH: Final = 200


def waivers_wait(now: datetime) -> bool:
    """Whether something may have come of a waiver."""
    return bool(load("waivers")["waiting"].rows({"now": now, "limit": 1}))


def do_judge_waivers(*, actor: Actor, now: datetime) -> int:
    """Judge every waiver of which something may have come; returns how many. For a job."""
    if actor.kind is not ActorKind.JOB:
        raise NotAllowed(_("Only a job of kept does this."))
    done = 0
    while True:
        rows = load("waivers")["waiting"].rows({"now": now, "limit": _BATCH})
        judged = sum(_judge(actor, row["id"], now) for row in rows)
        done += judged
        if len(rows) < _BATCH or not judged:
            return done


@transaction.atomic
def _judge(actor: Actor, waiver_id: int, now: datetime) -> bool:
    rows = Waiver.objects.select_for_update(of=("self",), skip_locked=True)
    row = rows.select_related("creditor").filter(pk=waiver_id).first()
    if row is None:
        return False
    on = now.astimezone(ZoneInfo(row.creditor.zone)).date()
    if row.state == WaiverState.OFFERED and on > row.offer_until:
        end_waiver(actor, row, WaiverState.EXPIRED, now)
    elif row.state in (WaiverState.ACCEPTED, WaiverState.POSTED) and row.parts:
        _judge_condition(actor, row, on, now)
    return True


def _judge_condition(actor: Actor, row: Waiver, on: date, now: datetime) -> None:
    given = {"account_ids": row.account_ids, "first": row.accepted_on}
    row.seen_postings = load("waivers")["seen"].rows(given)[0]["found"]
    row.judged_on = on
    found = judged_by_ledger(row, on, ALL_KNOWN)
    row.paid_minor = found.paid_minor
    if row.state == WaiverState.ACCEPTED:
        _settle_accepted(actor, row, found, on, now)
    elif found.state is not ConditionState.MET:
        for made in row.entries.select_related("entry__account"):
            undo_waived(actor, made.entry, on, now, row.pk)
        end_waiver(actor, row, WaiverState.UNDONE, now, paid=found.paid_minor)
    else:
        row.save()


def _settle_accepted(
    actor: Actor, row: Waiver, found: ConditionJudged, on: date, now: datetime
) -> None:
    if found.state is ConditionState.MET:
        for account in Account.objects.filter(pk__in=row.account_ids).order_by("pk"):
            charge_accrued(actor=actor, account=account, on=on, now=now)
        post_lines(actor, row, _to_post(row, on), on, now)
    elif found.state is ConditionState.FAILED:
        missed = None if found.failed_on is None else found.failed_on.isoformat()
        end_waiver(actor, row, WaiverState.FAILED, now, paid=found.paid_minor, missed=missed)
    else:
        row.save()


def judged_by_ledger(row: Waiver, on: date, known_at: datetime) -> ConditionJudged:
    """What the condition of an accepted waiver has come to as of a day, as known at a moment."""
    assert row.accepted_on is not None
    given = {"account_ids": row.account_ids, "first": row.accepted_on, "known_at": known_at}
    payments = [
        PaymentMade(
            each["id"],
            each["account_id"],
            each["amount_minor"],
            each["effective_on"],
            each["reversed_on"],
        )
        for each in load("waivers")["payments"].rows(given)
    ]
    return judge_condition(
        [(date.fromisoformat(day), amount) for day, amount in row.parts],
        frozenset(row.account_ids),
        payments,
        accepted_on=row.accepted_on,
        grace_days=row.grace_days,
        as_of=on,
    )


def _to_post(row: Waiver, on: date) -> Mapping[int, Mapping[str, int]]:
    """What is waived of what is still owed. A settlement takes all that is left, up to what was
    approved and the charges that came after; another waiver its lines, as far as they are owed."""
    left = {pk: _owed(pk, on) for pk in row.account_ids}
    if row.kind == WaiverKind.SETTLEMENT:
        return _cut(left, row.waived_minor + _charged_since(row))
    found: dict[int, dict[str, int]] = {}
    for line in row.lines.all():
        part = min(line.amount_minor, left.get(line.account_id, {}).get(line.component, 0))
        found.setdefault(line.account_id, {})[line.component] = part
    return found


def _owed(account_id: int, on: date) -> dict[str, int]:
    position = position_as_of(postings_of(account_id), on, microseconds(ALL_KNOWN))
    return {name: amount for name, amount in position.balances.items() if amount > 0}


def _charged_since(row: Waiver) -> int:
    given = {"account_ids": row.account_ids, "since": row.requested_at}
    rows: list[dict[str, Any]] = load("waivers")["charged_since"].rows(given)
    return max(int(rows[0]["amount_minor"]), 0)


def _cut(left: Mapping[int, Mapping[str, int]], most: int) -> dict[int, dict[str, int]]:
    """Of what is left, no more than this in all, what was lent last."""
    found: dict[int, dict[str, int]] = {}
    for account_id, parts in left.items():
        for name in sorted(parts, key=lambda each: (each == "principal", each)):
            part = min(parts[name], most)
            if part:
                found.setdefault(account_id, {})[name] = part
                most -= part
    return found
