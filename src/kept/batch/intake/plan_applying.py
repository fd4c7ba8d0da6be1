"""Writing the plans of a chunk of staged rows, and what begins with them.

As the debtor's agreement in `work/plans.py` does it: relief stands while the plan runs, open
promises over its accounts and other offers end, and the ledger judges it at once. Called within the
transaction of the chunk.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from kept.core.actors import job
from kept.core.lending.schedules import MONTHS_MOST
from kept.store.models import IntakeFile, Plan, Promise
from kept.store.queries import load
from kept.store.to_decide import Cause, mark_case
from kept.work.plan_ends import judge_plan_stored
from kept.work.plan_policies import policy_on
from kept.work.plans import end_plan
from kept.work.promise_ends import end_promises

__all__ = ["CHECKS", "begin_plans", "plan_terms", "write_plans"]

#: The statements that check plans, in their order. A refused plan does not stand in another's way.
CHECKS: Final = (
    "refuse_rows",
    "refuse_totals",
    "leave_alone",
    "refuse_differing",
    "refuse_incomplete",
    "refuse_running",
    "refuse_incomplete",
)


def plan_terms(file: IntakeFile) -> dict[str, Any]:
    """How plans of an older system are judged: by the creditor's policy of the day of the file."""
    assert file.run.business_date is not None
    policy = policy_on(file.creditor_id, file.run.business_date)
    day = timedelta(days=1)
    return {
        "months_most": MONTHS_MOST,
        "tolerance_days": policy.tolerance_days,
        "tolerance_minor": policy.tolerance_minor,
        # Figures whose day nobody told are those of the evening before.
        "paid_from": file.as_of + day if "as_of" in file.control else file.run.business_date,
    }


def write_plans(parameters: Mapping[str, Any]) -> int:
    """The plans of `chunk_records`; how many."""
    sql = load("loaded_plans")
    sql["lock_cases"].rows()
    for name in ("leave_late", "gather_plans", "pick_instalments"):
        sql[name].run(parameters)
    sql["pick_plans"].run(parameters)
    written = sql["write_hardships"].run(parameters)
    sql["write_plans"].run(parameters)
    return written


def begin_plans(file: IntakeFile) -> None:
    """End what the new plans take the place of, judge them, and have their cases decided anew."""
    assert file.run.business_date is not None
    actor, now, on = job(file.run.actor), file.run.now, file.run.business_date
    rows = load("loaded_plans")["list_plans"].rows()
    for row in rows:
        if row["has_offers"]:
            offered = Plan.objects.filter(case_id=row["case_id"], state=Plan.State.OFFERED)
            for offer in offered.select_for_update(of=("self",)).order_by("pk"):
                end_plan(actor, offer, on, Plan.EndReason.WITHDRAWN, now)
        if row["has_promises"]:
            end_promises(
                actor=actor,
                debtor_id=row["debtor_id"],
                account_ids=row["account_ids"],
                reason=Promise.EndReason.PLAN,
                now=now,
            )
        judge_plan_stored(actor=actor, plan_id=row["plan_id"], now=now)
    for row in rows:
        mark_case(row["case_id"], Cause.RECORD, now)
