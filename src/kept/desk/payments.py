"""Payments: the list, the queue of what waits, one with how each cent went, and what people do.

What policy gives to a second person is asked for instead of done, with the reason given. The payer
may be another than the debtor: the form says that it is of free will and never asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.money import MoneyError, parse_money
from kept.desk.access import DeskRequest, page
from kept.packs.payments import load_return_codes
from kept.store.models import Account, Creditor, Payment, PaymentReturn
from kept.store.visibility import visible_rows
from kept.work.approvals import NeedsApproval, do_request_approval
from kept.work.business_dates import business_date
from kept.work.cases import AccountView, get_case
from kept.work.payment_lists import (
    PAGE_ROWS,
    get_payment,
    list_case_payments,
    list_payments,
    list_suspense,
)
from kept.work.payment_moves import (
    Share,
    do_assign_payment,
    do_reverse_payment,
    do_send_payment_back,
    do_withdraw_payment,
)
from kept.work.payments import PaymentGiven, do_record_payment
from kept.work.permissions import Permission, may, reach
from kept.work.refusals import NotThere, Refusal, refuse

__all__ = ["act_on_payment", "case_payments", "payment", "payments", "record_payment", "suspense"]

_SHARES = 3


@page(Permission.PAYMENT_READ)
def payments(request: DeskRequest) -> HttpResponse:
    """The newest first, a page at a time."""
    asked = {name: request.GET.get(name, "")[:140] for name in ("state", "creditor", "q", "before")}
    before = int(asked["before"]) if asked["before"].isdecimal() else None
    found = list_payments(
        actor=request.actor,
        state=asked["state"] if asked["state"] in Payment.State.values else "",
        creditor=asked["creditor"],
        sought=asked["q"].strip(),
        before_id=before,
    )
    context = {
        "payments": found,
        "asked": asked,
        "states": Payment.State.choices,
        "creditors": _creditors(request),
        "following": found[-1].pk if len(found) == PAGE_ROWS else None,
    }
    return render(request, "desk/payments.html", context)


@page(Permission.PAYMENT_READ)
def suspense(request: DeskRequest) -> HttpResponse:
    """What waits for a person, the oldest first."""
    creditor = request.GET.get("creditor", "")[:32]
    context = {
        "payments": list_suspense(actor=request.actor, creditor=creditor),
        "asked": {"creditor": creditor},
        "creditors": _creditors(request),
    }
    return render(request, "desk/suspense.html", context)


def _creditors(request: DeskRequest) -> list[tuple[str, str]]:
    rows = visible_rows(Creditor, reach(request.actor, Permission.PAYMENT_READ))
    return list(rows.order_by("name").values_list("code", "name"))


@page(Permission.PAYMENT_READ)
def payment(request: DeskRequest, payment_id: int) -> HttpResponse:
    found = get_payment(actor=request.actor, payment_id=payment_id, now=request.now)
    row = found.payment
    likely = found.likely[0].external_id if found.likely else ""
    context = {
        "payment": row,
        "payer": found.payer,
        "text": found.text,
        "allocations": found.allocations,
        "returns": found.returns,
        "likely": found.likely,
        "share_rows": [(1, likely, _major(row)), *((n, "", "") for n in range(2, _SHARES + 1))],
        "may_record": may(request.actor, Permission.PAYMENT_RECORD),
        "kinds": PaymentReturn.Kind.choices[:3],
        "codes": sorted(load_return_codes().values(), key=lambda each: each.code),
        "today": business_date(row.creditor_id, request.now),
    }
    return render(request, "desk/payment.html", context)


def _major(row: Payment) -> str:
    from kept.core.currencies import currency
    from kept.core.money import Money

    return Money(row.unallocated_minor, currency(row.currency)).text


@require_POST
@page(Permission.PAYMENT_RECORD)
def act_on_payment(request: DeskRequest, payment_id: int) -> HttpResponse:
    """Assign, withdraw, send back or reverse; the next of the queue follows what left it."""
    acts: dict[str, Callable[[DeskRequest, int], None]] = {
        "assign": _assign,
        "withdraw": _withdraw,
        "send_back": _send_back,
        "reverse": _reverse,
    }
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    done = _do_or_ask(request, lambda: act(request, payment_id))
    if done and request.POST["act"] in ("assign", "send_back"):
        return redirect("suspense")
    return redirect("payment", payment_id)


def _assign(request: DeskRequest, payment_id: int) -> None:
    found = get_payment(actor=request.actor, payment_id=payment_id, now=request.now).payment
    shares = []
    for number, amount in zip(
        request.POST.getlist("account"), request.POST.getlist("amount"), strict=False
    ):
        if number.strip():
            account_id = _account_id(found.creditor_id, number.strip())
            shares.append(Share(account_id, _minor(amount, found.currency)))
    do_assign_payment(
        actor=request.actor,
        payment_id=payment_id,
        shares=shares,
        reason=request.POST.get("reason", ""),
        now=request.now,
    )


def _account_id(creditor_id: int, number: str) -> int:
    rows = Account.objects.filter(creditor_id=creditor_id, external_id=number[:64])
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        refuse({"account": _("The creditor has no such account.")})
    return int(found or 0)


def _minor(text: str, currency: str) -> int:
    try:
        return parse_money(text.strip(), currency).amount_minor
    except MoneyError:
        refuse({"amount": _("Give an amount such as 1234.50.")})
        return 0


def _withdraw(request: DeskRequest, payment_id: int) -> None:
    do_withdraw_payment(
        actor=request.actor,
        payment_id=payment_id,
        reason=request.POST.get("reason", ""),
        now=request.now,
    )


def _send_back(request: DeskRequest, payment_id: int) -> None:
    do_send_payment_back(
        actor=request.actor,
        payment_id=payment_id,
        reason=request.POST.get("reason", ""),
        now=request.now,
    )


def _reverse(request: DeskRequest, payment_id: int) -> None:
    do_reverse_payment(
        actor=request.actor,
        payment_id=payment_id,
        kind=request.POST.get("kind", ""),
        returned_on=_day(request.POST, "returned_on"),
        code=request.POST.get("code", ""),
        reason=request.POST.get("reason", ""),
        now=request.now,
    )


def _day(form: QueryDict, name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError:
        refuse({name: _("Give a day.")})
        return date.max


def case_payments(request: DeskRequest, case_id: int) -> dict[str, Any]:
    """What the case page shows of payments."""
    return {
        "allocations": list_case_payments(actor=request.actor, case_id=case_id)[:5],
        "may_record": may(request.actor, Permission.PAYMENT_RECORD),
        "may_read": may(request.actor, Permission.PAYMENT_READ),
        "may_print": may(request.actor, Permission.PAYMENT_READ)
        and may(request.actor, Permission.DOCUMENT_PRINT),
        "ways": Payment.Way.choices,
        "relations": Payment.Relation.choices,
    }


@require_POST
@page(Permission.PAYMENT_RECORD)
def record_payment(request: DeskRequest, case_id: int) -> HttpResponse:
    """Record money for an account of a case, or ask for the approval that it needs."""
    found = get_case(request.actor, case_id, now=request.now)
    accounts = {} if found is None else {str(each.account_id): each for each in found.accounts}
    account = accounts.get(request.POST.get("account", ""))
    if found is None or account is None:
        raise Http404
    creditor_id = Account.objects.values_list("creditor_id", flat=True).get(pk=account.account_id)

    def record() -> None:
        given = _given(request.POST, creditor_id, account)
        do_record_payment(actor=request.actor, given=given, now=request.now)

    _do_or_ask(request, record)
    return redirect("case", case_id)


def _given(form: QueryDict, creditor_id: int, account: AccountView) -> PaymentGiven:
    return PaymentGiven(
        creditor_id=creditor_id,
        external_id=form.get("receipt", "").strip()[:140],
        amount_minor=_minor(form.get("amount", ""), account.currency),
        currency=account.currency,
        received_on=_day(form, "received_on"),
        way=form.get("way", ""),
        payer=form.get("payer", "").strip(),
        payer_relation=form.get("payer_relation", ""),
        accounts=(account.external_id,),
    )


def _do_or_ask(request: DeskRequest, act: Callable[[], None]) -> bool:
    """Whether it was done at once, or is asked for now."""
    try:
        try:
            act()
        except NeedsApproval as needed:
            do_request_approval(
                actor=request.actor,
                kind=needed.kind,
                command=needed.command,
                reason=request.POST.get("reason", "") or _("payment recorded"),
                now=request.now,
            )
            messages.success(request, _("Asked for: somebody else decides. Nothing is posted yet."))
        else:
            messages.success(request, _("Done."))
    except NotThere:
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
        return False
    return True
