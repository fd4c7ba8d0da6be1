"""Contacts that were refused, and presumptions of violation that wait for a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.law.rules import Rule
from kept.core.law.tongues import label
from kept.core.permits import REVIEWS
from kept.desk.access import DeskRequest, page
from kept.desk.law_rules import law_tabs
from kept.desk.verdicts import law_language
from kept.desk.words import word
from kept.store.models import PermitRefusal, PresumptionRelease
from kept.work.contact_reviews import do_review_contacts
from kept.work.law_books import rules_by_id
from kept.work.permissions import Permission, may
from kept.work.permit_lists import list_refusals, list_waiting_refusals
from kept.work.presumptions import do_release_presumption
from kept.work.refusals import NotAllowed, NotThere, Refusal
from kept.work.rule_names import rule_name

__all__ = ["refusals", "release_presumption", "review_contacts"]

SHOWN: Final = 100
_HOLD: Final = "hold."


@dataclass(frozen=True, slots=True)
class ShownRefusal:
    """`why` are the rules that stood against it, or the hold of the house; `missing` the duties,
    `review` the one of them that an entitled person does by a review."""

    row: PermitRefusal
    why: tuple[tuple[str, str], ...]
    missing: str
    is_releasable: bool
    review: str


@page(Permission.PERMIT_READ)
def refusals(request: DeskRequest) -> HttpResponse:
    waiting = request.GET.get("which") == "holds"
    unanswered = list_waiting_refusals(request.actor, limit=SHOWN)
    rows = unanswered if waiting else list_refusals(request.actor, limit=SHOWN)
    open_ids = {row.pk for row in unanswered}
    context = {
        "waiting": waiting,
        "waiting_count": len(unanswered),
        "refusals": [_shown(row, row.pk in open_ids) for row in rows],
        "may_release": may(request.actor, Permission.PRESUMPTION_RELEASE),
        "reasons": PresumptionRelease.Reason.choices,
        "now": request.now,
        **law_tabs(request),
    }
    return render(request, "desk/refusals.html", context)


def _shown(row: PermitRefusal, is_releasable: bool) -> ShownRefusal:
    language = law_language()
    rules = rules_by_id()
    return ShownRefusal(
        row,
        tuple(_named(rule_id, rules.get(rule_id), language) for rule_id in row.rule_ids),
        ("、" if language == "zh" else ", ").join(label(each, language) for each in row.missing),
        is_releasable,
        next((duty for duty in row.missing if duty in REVIEWS), ""),
    )


def _named(rule_id: str, rule: Rule | None, language: str) -> tuple[str, str]:
    """A rule's name and citation; a hold of the house by its reason."""
    if rule_id.startswith(_HOLD):
        return word(rule_id.removeprefix(_HOLD), "hold"), _("hold")
    if rule is None:
        return rule_name(rule_id), ""
    return rule.called(language), rule.citation


@require_POST
@page(Permission.PRESUMPTION_RELEASE)
def release_presumption(request: DeskRequest, case_id: int) -> HttpResponse:
    """Release what these rules presume, for one attempt within a day."""
    given: Any = request.POST
    related = given.get("related_person", "")
    try:
        do_release_presumption(
            actor=request.actor,
            case_id=case_id,
            channel=given.get("channel", ""),
            rule_ids=given.getlist("rule"),
            reason=given.get("reason", ""),
            note=given.get("note", "")[:500],
            related_person_id=int(related) if related.isascii() and related.isdigit() else None,
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    else:
        messages.success(request, _("Released for one attempt within 24 hours."))
    return redirect("refusals")


@require_POST
@page(Permission.PRESUMPTION_RELEASE)
def review_contacts(request: DeskRequest, case_id: int) -> HttpResponse:
    """Say that all contacts with this person were reviewed."""
    related = request.POST.get("related_person", "")
    try:
        do_review_contacts(
            actor=request.actor,
            case_id=case_id,
            duty=request.POST.get("duty", ""),
            note=request.POST.get("note", "")[:500],
            related_person_id=int(related) if related.isascii() and related.isdigit() else None,
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    else:
        messages.success(request, _("Reviewed; contacts may go on for 24 hours."))
    return redirect("refusals")
