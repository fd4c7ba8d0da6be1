"""Documents of a case: what was printed, printing another after a look at it, withdrawing one.

The pictures of a preview are shown to who asked and kept nowhere; the PDF is sent to be saved, not
shown inside a page.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.agreements.waiver_policy import WaiverKind
from kept.core.documents.kinds import KINDS, DocumentKind, Rests
from kept.desk.access import DeskRequest, page
from kept.desk.changing import number_of_form
from kept.store.models import PaymentAllocation
from kept.work.cases import CaseView, get_case
from kept.work.document_papers import PaperRequest
from kept.work.documents import (
    do_print_document,
    do_withdraw_document,
    get_document_file,
    get_document_preview,
    list_documents,
    printable_kinds,
)
from kept.work.payment_lists import list_case_payments
from kept.work.permissions import Permission, may
from kept.work.plan_lists import list_plans
from kept.work.refusals import NotAllowed, NotThere, Refusal, refuse
from kept.work.waiver_lists import list_waivers

__all__ = [
    "document_file",
    "documents",
    "offered_kinds",
    "preview_document",
    "print_document",
    "withdraw_document",
]

_FIELDS = ("kind", "account", "payment", "language", "as_of", "since")


def offered_kinds(request: DeskRequest, case_id: int) -> list[str]:
    """Kinds that this person can print of the case: what rests on a plan, a settlement or a payment
    only where there is one."""
    plans = {each.state for each in list_plans(actor=request.actor, case_id=case_id)}
    settled = {
        each.state
        for each in list_waivers(actor=request.actor, case_id=case_id)
        if each.kind == WaiverKind.SETTLEMENT
    }
    stands = {
        Rests.AGREEMENT: bool(plans & {"active", "offered"}),
        Rests.SETTLEMENT: bool(settled & {"offered", "accepted"}),
        Rests.PAID_SETTLEMENT: "posted" in settled,
        Rests.PAYMENT: bool(_receipts(request, case_id)),
    }
    return [
        kind.value
        for kind in printable_kinds(request.actor)
        if stands.get(KINDS[kind].rests_on, True)
    ]


def _receipts(request: DeskRequest, case_id: int) -> list[PaymentAllocation]:
    """What stands of payments on the accounts of the case, each payment once."""
    if not may(request.actor, Permission.PAYMENT_READ):
        return []
    found = list_case_payments(actor=request.actor, case_id=case_id)
    return list({each.payment_id: each for each in found if not each.reversal_id}.values())


@page(Permission.CASE_READ)
def documents(request: DeskRequest, case_id: int) -> HttpResponse:
    """The list, and the form that prints another one."""
    found = _case(request, case_id)
    printed = list_documents(actor=request.actor, case_id=case_id)
    context = {
        "case": found,
        "documents": printed,
        "kinds": offered_kinds(request, case_id),
        "payments": _receipts(request, case_id),
        "asked": request.GET,
        "today": found.as_of,
        "languages": ("zh", "en"),
        "may_read": may(request.actor, Permission.DOCUMENT_READ),
        "may_withdraw": may(request.actor, Permission.DOCUMENT_WITHDRAW),
    }
    return render(request, "desk/documents.html", context)


def _case(request: DeskRequest, case_id: int) -> CaseView:
    found = get_case(request.actor, case_id, now=request.now)
    if found is None:
        raise Http404
    return found


@page(Permission.CASE_READ)
def preview_document(request: DeskRequest, case_id: int) -> HttpResponse:
    """The pages as pictures, or why there is nothing to see. Sent as the form, and changes nothing:
    what was asked stands in no address and no log."""
    given = request.POST or request.GET
    back = {name: given.get(name, "") for name in _FIELDS}
    context: dict[str, Any] = {"case_id": case_id, "back": urlencode(back)}
    try:
        asked = _asked(given, case_id)
        pages = get_document_preview(actor=request.actor, request=asked, now=request.now)
        context["pages"] = [_picture(each) for each in pages]
        context["kind"] = asked.kind.value
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        context["told"] = refusal.message
    if request.htmx:
        return render(request, "desk/_document_preview.html", context)
    context["case"] = _case(request, case_id)
    return render(request, "desk/document_preview.html", context)


def _picture(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _asked(form: QueryDict, case_id: int) -> PaperRequest:
    kind, account = form.get("kind", ""), form.get("account", "")
    if kind not in set(DocumentKind):
        refuse({"kind": _("Choose what is printed.")})
    language = form.get("language", "")
    return PaperRequest(
        case_id=case_id,
        kind=DocumentKind(kind),
        account_id=number_of_form(account),
        payment_id=number_of_form(form.get("payment", "")),
        language=language if language in ("zh", "en") else "",
        as_of=_day(form, "as_of"),
        since=_day(form, "since"),
    )


def _day(form: Mapping[str, Any], name: str) -> date | None:
    text = str(form.get(name, ""))
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        refuse({name: _("Give a day.")})
        raise AssertionError from None


@require_POST
@page(Permission.CASE_READ)
def print_document(request: DeskRequest, case_id: int) -> HttpResponse:
    try:
        made = do_print_document(
            actor=request.actor, request=_asked(request.POST, case_id), now=request.now
        )
        messages.success(request, _("Printed: %(number)s.") % {"number": made.number})
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("documents", case_id)


@page(Permission.DOCUMENT_READ)
def document_file(request: DeskRequest, document_id: int) -> HttpResponse:
    """The PDF as it was printed."""
    try:
        pdf = get_document_file(actor=request.actor, document_id=document_id, now=request.now)
    except (NotAllowed, NotThere):
        raise
    except (Refusal, FileNotFoundError) as refusal:
        raise Http404 from refusal
    name = f"KD-{document_id:08d}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@require_POST
@page(Permission.DOCUMENT_WITHDRAW)
def withdraw_document(request: DeskRequest, case_id: int, document_id: int) -> HttpResponse:
    try:
        do_withdraw_document(
            actor=request.actor,
            document_id=document_id,
            reason=request.POST.get("reason", ""),
            now=request.now,
        )
        messages.success(request, _("Withdrawn: who checks its code is told so."))
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("documents", case_id)
