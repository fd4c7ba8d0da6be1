"""How promises end by what else happens, and how they are judged at once after money moved.

For use cases that have decided, in their transaction: nothing here asks for a permission. An end
has its event; judging has one where something changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from kept.core.actors import Actor
from kept.core.events import ChainKind
from kept.store.events import append_event
from kept.store.models import Account, Creditor, Hold, Promise
from kept.store.promises import judge_stored
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require

__all__ = [
    "do_judge_promises",
    "end_promise",
    "end_promises",
    "end_promises_of_hold",
    "judge_accounts",
]


@transaction.atomic
def do_judge_promises(*, actor: Actor, creditor_id: int, now: datetime) -> int:
    """Judge every promise of a creditor again, as the night does; how many came to something else.

    For a house that runs no nights, or after the ledger was mended by hand.
    """
    within = require(actor, Permission.NIGHT_RUN)
    creditor = visible_rows(Creditor, within).filter(pk=creditor_id).first()
    if creditor is None or not within.reaches_creditor(creditor.pk):
        raise not_there()
    given = {"creditor_ids": [creditor.pk], "first": date.min, "last": date.max}
    today = _day(creditor.zone, now)
    return len(judge_stored("due", given, actor=actor, as_of=today, now=now))


def judge_accounts(*, actor: Actor, account_ids: Iterable[int], now: datetime) -> int:
    """Judge the promises over these accounts again; how many came to something else.

    To be called by whatever posts or takes back money, in its transaction, after the posting.
    """
    ids = sorted(set(account_ids))
    promised = Promise.objects.filter(accounts__account_id__in=ids)
    zones = set(promised.values_list("creditor_id", "creditor__zone"))
    changed = 0
    for creditor_id, zone in sorted(zones):
        mine = Account.objects.filter(pk__in=ids, creditor_id=creditor_id)
        given = {"account_ids": list(mine.values_list("pk", flat=True))}
        changed += len(judge_stored("accounts", given, actor=actor, as_of=_day(zone, now), now=now))
    return changed


def end_promises_of_hold(hold: Hold, *, actor: Actor, now: datetime) -> int:
    """A hold that stops treatment ends the open promises over what it is about; how many."""
    if Hold.Effect.TREATMENT not in hold.effects:
        return 0
    is_dispute = hold.reason == Hold.Reason.DISPUTED
    reason = Promise.EndReason.DISPUTE if is_dispute else Promise.EndReason.HOLD
    only = None if hold.account_id is None else [hold.account_id]
    return end_promises(
        actor=actor, debtor_id=hold.debtor_id, account_ids=only, reason=reason, now=now
    )


def end_promises(
    *,
    actor: Actor,
    debtor_id: int,
    account_ids: Collection[int] | None,
    reason: str,
    now: datetime,
) -> int:
    """End the open promises of a debtor over any of the accounts (None: over any at all).

    A plan that is agreed calls this with `Promise.EndReason.PLAN`. Returns how many ended.
    """
    found = Promise.objects.filter(
        debtor_id=debtor_id, state=Promise.State.OPEN, ended_on__isnull=True
    )
    if account_ids is not None:
        found = found.filter(accounts__account_id__in=list(account_ids)).distinct()
    ids = sorted(found.values_list("pk", flat=True))
    ended = 0
    rows = Promise.objects.filter(pk__in=ids).select_related("creditor").order_by("pk")
    for promise in rows.select_for_update(of=("self",)):
        today = _day(promise.creditor.zone, now)
        if promise.test_on >= today:
            end_promise(promise, actor=actor, reason=reason, on=today, now=now)
            ended += 1
    if ended:
        today = _day(rows[0].creditor.zone, now)
        judge_stored("debtors", {"debtor_ids": [debtor_id]}, actor=actor, as_of=today, now=now)
    return ended


def end_promise(
    promise: Promise, *, actor: Actor, reason: str, on: date, now: datetime, **more: object
) -> None:
    """The end of one promise and its event; the caller judges afterwards."""
    promise.ended_on = max(on, promise.made_on)
    promise.ended_at, promise.ended_by, promise.end_reason = now, actor.name, str(reason)
    promise.save(update_fields=["ended_on", "ended_at", "ended_by", "end_reason", "replaced_by"])
    append_event(
        actor=actor,
        action="promise.end",
        subject=f"promise:{promise.pk}",
        body={"reason": str(reason), "ended_on": promise.ended_on.isoformat(), **more},
        now=now,
        chain=ChainKind.CASE,
        chain_id=promise.case_id,
    )


def _day(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()
