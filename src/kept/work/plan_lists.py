"""Plans of a case to read, and the content of a plan's agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kept.core.actors import Actor
from kept.core.agreements.plan_agreement import PlanAgreement
from kept.core.lending.schedules import Instalment
from kept.store.models import Account, Plan
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.permissions import Permission, require
from kept.work.plans import instalments_of

__all__ = ["PlanView", "get_plan_agreement", "list_plans"]

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PlanView:
    plan_id: int
    case_id: int
    shape: str
    state: str
    currency: str
    owed_minor: int
    paid_minor: int
    overdue_minor: int
    instalments: Sequence[Instalment]
    began_on: date | None
    offer_until: date
    next_due_on: date | None
    breached_on: date | None
    ended_on: date | None
    end_reason: str
    replaces_id: int | None

    @property
    def total_minor(self) -> int:
        return sum(row.amount_minor for row in self.instalments)


def list_plans(
    *, actor: Actor, case_id: int | None = None, state: str = ""
) -> tuple[PlanView, ...]:
    """The newest first; of one case, or of everything in reach in one state."""
    rows = visible_rows(Plan, require(actor, Permission.CASE_READ))
    if case_id is not None:
        rows = rows.filter(case_id=case_id)
    if state:
        rows = rows.filter(state=state)
    return tuple(_view(row) for row in rows.order_by("-offered_at", "-pk")[:_SHOWN])


def _view(row: Plan) -> PlanView:
    return PlanView(
        plan_id=row.pk,
        case_id=row.case_id,
        shape=row.shape,
        state=row.state,
        currency=row.currency,
        owed_minor=row.owed_minor,
        paid_minor=row.paid_minor,
        overdue_minor=row.overdue_minor,
        instalments=instalments_of(row),
        began_on=row.began_on,
        offer_until=row.offer_until,
        next_due_on=row.next_due_on,
        breached_on=row.breached_on,
        ended_on=row.ended_on,
        end_reason=row.end_reason,
        replaces_id=row.replaces_id,
    )


def get_plan_agreement(*, actor: Actor, plan_id: int) -> PlanAgreement:
    """What the agreement of a plan has to say; for its document."""
    rows = visible_rows(Plan, require(actor, Permission.CASE_READ)).select_related("creditor")
    plan = rows.filter(pk=plan_id).first()
    if plan is None:
        raise not_there()
    accounts = Account.objects.filter(pk__in=plan.account_ids).order_by("pk")
    return PlanAgreement(
        plan_id=plan.pk,
        creditor_name=plan.creditor.name,
        account_numbers=tuple(accounts.values_list("external_id", flat=True)),
        currency=plan.currency,
        owed_minor=plan.owed_minor,
        instalments=instalments_of(plan),
        rate_nano=plan.rate_nano,
        agreed_on=plan.began_on or plan.offered_at.date(),
        offer_until=plan.offer_until,
        tolerance_days=plan.tolerance_days,
        tolerance_minor=plan.tolerance_minor,
        replaces=plan.replaces_id,
    )
