"""The terms that a paper sets down, read from what was agreed and paid: nobody types them.

An instalment agreement rests on a plan, a settlement's offer and confirmation on a waiver that was
approved, a receipt on a payment. Each speaks of the accounts and of the day on which it was agreed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.agreements.waiver_policy import WaiverKind
from kept.core.agreements.waivers import WaiverState
from kept.core.documents.kinds import KINDS, Rests
from kept.core.documents.terms import AgreementTerms, Instalment, ReceiptTerms, SettlementTerms
from kept.core.identities import fold_name
from kept.core.lending.rates import NANO
from kept.core.payments.ways import PayerRelation
from kept.store.cipher import CipherError
from kept.store.ledger import ALL_KNOWN
from kept.store.models import Case, Payment, PaymentAllocation, Plan, Waiver
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.payments import open_details
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal
from kept.work.waiver_ends import judged_by_ledger

if TYPE_CHECKING:
    from kept.work.document_papers import PaperRequest

__all__ = ["with_terms"]

#: Who pays without owing anything, seen from the debtor; of others nothing of it is said.
_FREE: Final = frozenset(PayerRelation) - {
    PayerRelation.SELF,
    PayerRelation.CO_DEBTOR,
    PayerRelation.GUARANTOR,
    PayerRelation.UNKNOWN,
}


def with_terms(actor: Actor, case: Case, request: PaperRequest) -> PaperRequest:
    """The request with the terms of its kind; those that a program gave stay as they are."""
    match KINDS[request.kind].rests_on:
        case Rests.AGREEMENT if request.agreement is None:
            return _of_plan(case, request)
        case Rests.SETTLEMENT if request.settlement is None:
            return _of_offer(case, request)
        case Rests.PAID_SETTLEMENT if request.settlement is None:
            return _of_closed(case, request)
        case Rests.PAYMENT:
            return _of_payment(actor, case, request)
    return request


def _day(case: Case, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(case.creditor.zone)).date()


# --- plans ----------------------------------------------------------------------------------------


def _of_plan(case: Case, request: PaperRequest) -> PaperRequest:
    """The plan that was named, else the one that runs, else the newest that is offered."""
    rows = Plan.objects.filter(case=case)
    if request.plan_id is not None:
        plan = rows.filter(pk=request.plan_id).first()
        if plan is None:
            raise not_there()
    else:
        standing = rows.filter(state__in=[Plan.State.ACTIVE, Plan.State.OFFERED])
        plan = standing.order_by("state", "-pk").first()  # active before offered
    if plan is None or plan.state not in (Plan.State.ACTIVE, Plan.State.OFFERED):
        raise Refusal(_("An instalment agreement needs its plan: offer one first."))
    agreed_on = _day(case, plan.offered_at)
    rate = plan.rate_nano * 100 / NANO
    instalments = tuple(
        Instalment(
            row.due_on,
            row.principal_minor + row.interest_minor,
            row.principal_minor,
            row.interest_minor,
        )
        for row in plan.instalments.order_by("number")
    )
    terms = AgreementTerms(
        agreed_on=agreed_on,
        currency=plan.currency,
        owed_minor=plan.owed_minor,
        total_minor=sum(row.amount_minor for row in instalments),
        instalments=instalments,
        interest_rate=f"{rate:g} %" if plan.rate_nano else None,
        tolerance_days=plan.tolerance_days,
    )
    return replace(
        request,
        plan_id=plan.pk,
        agreement=terms,
        account_ids=tuple(plan.account_ids),
        as_of=request.as_of or agreed_on,
    )


# --- settlements ----------------------------------------------------------------------------------


def _settlement(case: Case, request: PaperRequest, states: tuple[WaiverState, ...]) -> Waiver:
    rows = Waiver.objects.filter(case=case, kind=WaiverKind.SETTLEMENT.value)
    if request.waiver_id is not None:
        row = rows.filter(pk=request.waiver_id).first()
        if row is None:
            raise not_there()
    else:
        row = rows.filter(state__in=[each.value for each in states]).order_by("-pk").first()
    if row is None or row.state not in states:
        raise Refusal(
            _("No settlement is offered here: ask for one, and have it approved, first.")
            if WaiverState.OFFERED in states
            else _("No settlement was paid here: there is nothing to confirm.")
        )
    return row


def _terms(case: Case, row: Waiver) -> SettlementTerms:
    parts = tuple((date.fromisoformat(day), amount) for day, amount in row.parts)
    return SettlementTerms(
        offered_on=_day(case, row.requested_at),
        currency=row.currency,
        owed_minor=row.owed_minor,
        settles_minor=row.owed_minor - row.waived_minor,
        pay_by=parts[-1][0],
        approval_id=row.approval_id,
        answer_by=row.offer_until,
        parts=parts,
    )


def _of_offer(case: Case, request: PaperRequest) -> PaperRequest:
    row = _settlement(case, request, (WaiverState.OFFERED, WaiverState.ACCEPTED))
    terms = _terms(case, row)
    return replace(
        request,
        waiver_id=row.pk,
        settlement=terms,
        account_ids=tuple(row.account_ids),
        as_of=request.as_of or terms.offered_on,
    )


def _of_closed(case: Case, request: PaperRequest) -> PaperRequest:
    """Paid within its days of grace, as the ledger judged it when the rest was given up."""
    row = _settlement(case, request, (WaiverState.POSTED,))
    assert row.posted_on is not None
    met_on = judged_by_ledger(row, row.posted_on, ALL_KNOWN).met_on
    terms = _terms(case, row)
    paid = replace(terms, paid_on=met_on, pay_by=max(filter(None, (terms.pay_by, met_on))))
    return replace(request, waiver_id=row.pk, settlement=paid, account_ids=tuple(row.account_ids))


# --- receipts -------------------------------------------------------------------------------------


def _of_payment(actor: Actor, case: Case, request: PaperRequest) -> PaperRequest:
    """What of a payment stands on the accounts of the case, and who paid it, which is sealed."""
    within = require(actor, Permission.PAYMENT_READ)
    rows = visible_rows(PaymentAllocation, within).filter(
        account__case_accounts__case=case, reversal__isnull=True
    )
    if request.payment_id is None:
        raise Refusal(_("Say of which payment the receipt is."))
    if not visible_rows(Payment, within).filter(pk=request.payment_id).exists():
        raise not_there()
    found = {each.pk: each for each in rows.filter(payment_id=request.payment_id)}
    standing = [found[pk] for pk in sorted(found)]
    if not standing:
        raise Refusal(_("Nothing of this payment stands on the accounts of this case."))
    payment = standing[0].payment
    name, relation = _payer(payment), payment.payer_relation
    is_other = relation not in (PayerRelation.SELF, PayerRelation.UNKNOWN)
    if relation == PayerRelation.UNKNOWN and name:
        is_other = fold_name(name) != case.debtor.name_key
    name = name or ("" if is_other else case.debtor.name)
    if not name:
        raise Refusal(_("The payer's name is not known: a receipt bears a name."))
    terms = ReceiptTerms(
        payment_id=payment.pk,
        payer=name,
        is_other=is_other,
        amount_minor=sum(each.amount_minor for each in standing),
        currency=payment.currency,
        received_on=payment.received_on,
        way=payment.way,
        reference=payment.external_id,
        is_free=relation in _FREE,
    )
    accounts = tuple(dict.fromkeys(each.account_id for each in standing))
    return replace(request, receipt=terms, account_ids=accounts)


def _payer(payment: Payment) -> str:
    try:
        return str(json.loads(open_details(payment.details_cipher)).get("payer") or "")
    except CipherError:  # sealed under a key that is gone
        return ""
