"""What plans come to: judged by their schedule from the ledger, and offers that ran out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, ActorKind
from kept.core.agreements.plans import PlanJudged, PlanState, Scheduled, Tolerance, judge_plan
from kept.core.agreements.promises import PaymentMade
from kept.store.ledger import ALL_KNOWN
from kept.store.models import Plan
from kept.store.queries import load
from kept.work.plans import end_plan, end_relief, instalments_of, tell_plan
from kept.work.refusals import NotAllowed

__all__ = ["do_judge_plans", "judge_plan_stored", "judged_plan", "plans_wait"]

_BATCH: Final = 200


def plans_wait(now: datetime) -> bool:
    """Whether something may have come of a plan."""
    return bool(load("plans")["waiting"].rows({"now": now, "limit": 1}))


def do_judge_plans(*, actor: Actor, now: datetime) -> int:
    """Judge every plan of which something may have come; returns how many. For a job."""
    if actor.kind is not ActorKind.JOB:
        raise NotAllowed(_("Only a job of kept does this."))
    done = 0
    while True:
        rows = load("plans")["waiting"].rows({"now": now, "limit": _BATCH})
        judged = sum(_judge(actor, row["id"], now) for row in rows)
        done += judged
        if len(rows) < _BATCH or not judged:
            return done


@transaction.atomic
def _judge(actor: Actor, plan_id: int, now: datetime) -> bool:
    rows = Plan.objects.select_for_update(of=("self",), skip_locked=True)
    plan = rows.select_related("creditor", "case").filter(pk=plan_id).first()
    if plan is None:
        return False
    on = now.astimezone(ZoneInfo(plan.creditor.zone)).date()
    if plan.state == PlanState.OFFERED and on > plan.offer_until:
        end_plan(actor, plan, on, Plan.EndReason.EXPIRED, now)
    elif plan.state == PlanState.ACTIVE:
        _copy(actor, plan, on, now)
    return True


def judge_plan_stored(*, actor: Actor, plan_id: int, now: datetime) -> None:
    """Judge one plan by the ledger in the transaction of the write that calls for it."""
    _judge(actor, plan_id, now)


def _copy(actor: Actor, plan: Plan, on: date, now: datetime) -> None:
    given = {"account_ids": plan.account_ids, "first": plan.began_on}
    plan.seen_postings = load("waivers")["seen"].rows(given)[0]["found"]
    found = judged_plan(plan, on, ALL_KNOWN)
    plan.judged_on, plan.state = on, found.state.value
    plan.paid_minor, plan.overdue_minor = found.paid_minor, found.overdue_minor
    plan.next_due_on, plan.breached_on = found.next_due_on, found.breached_on
    if found.state is not PlanState.ACTIVE:
        plan.ended_on = on
    plan.save()
    if found.state is PlanState.BREACHED:
        end_relief(actor, plan, "breached", now, broken=True)
        tell_plan(actor, plan, "breach", now, overdue=found.overdue_minor)
    elif found.state is PlanState.PERFORMED:
        end_relief(actor, plan, "performed", now)
        tell_plan(actor, plan, "perform", now, paid=found.paid_minor)


def judged_plan(plan: Plan, as_of: date, known_at: datetime) -> PlanJudged:
    """What a plan had come to as of a day, by what was known at a moment."""
    began = plan.began_on or as_of
    given = {"account_ids": plan.account_ids, "first": began, "known_at": known_at}
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
    return judge_plan(
        [Scheduled(row.number, row.due_on, row.amount_minor) for row in instalments_of(plan)],
        frozenset(plan.account_ids),
        payments,
        began_on=began,
        tolerance=Tolerance(plan.tolerance_days, plan.tolerance_minor),
        as_of=as_of,
    )
