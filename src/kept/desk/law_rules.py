"""The rules of law as they stand in this house: by place, day and status; switching one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kept.core.law.rule_words import rule_word
from kept.core.law.rules import LawPack, Status
from kept.core.law.wording import Row, rows_of_rule
from kept.desk.access import DeskRequest, page
from kept.desk.verdicts import law_language
from kept.packs.law_packs import load_law_packs
from kept.store.models import RuleSwitch
from kept.work.law_books import do_switch_rule
from kept.work.law_rules import AWAITS, RuleFilter, RuleView, list_rules
from kept.work.permissions import Permission, may, may_house
from kept.work.refusals import NotAllowed, NotThere, Refusal

__all__ = ["law_rules", "law_tabs", "switch_rule"]


@dataclass(frozen=True, slots=True)
class ShownRule:
    view: RuleView
    effects: tuple[str, ...]
    parts: tuple[tuple[Row, ...], ...]
    choices: tuple[tuple[str, str], ...]


@page(Permission.LAW_READ)
def law_rules(request: DeskRequest) -> HttpResponse:
    today = timezone.localtime(request.now).date()
    wanted = _wanted(request.GET, today)
    found = list_rules(actor=request.actor, wanted=wanted)
    context = {
        "packs": _by_pack(found),
        "count": len(found),
        "awaiting": sum(view.rule.awaits_counsel for view in found),
        "wanted": wanted,
        "all_packs": [(pack.name, _title(pack)) for pack in load_law_packs()],
        "statuses": _statuses(),
        "states": RuleSwitch.State.choices,
        "may_switch": may_house(request.actor, Permission.LAW_SWITCH),
        "query": request.GET.urlencode(),
        **law_tabs(request),
    }
    template = "desk/_law_rules.html" if request.htmx.target == "results" else "desk/law_rules.html"
    return render(request, template, context)


def law_tabs(request: DeskRequest) -> Mapping[str, Any]:
    """Which pages about the law the reader has."""
    return {
        "counts_contacts": may(request.actor, Permission.CONTACT_COUNT),
        "sees_refusals": may(request.actor, Permission.PERMIT_READ),
    }


def _wanted(given: QueryDict, today: date) -> RuleFilter:
    """Rules of today, unless another day is given; an empty day is any."""
    return RuleFilter(
        pack=given.get("pack", ""),
        on=_day(given.get("on", "")) if "on" in given else today,
        status=given.get("status", ""),
        state=given.get("state", ""),
        text=given.get("text", "")[:200],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _statuses() -> list[tuple[str, str]]:
    known = [(each.value, rule_word(each, "status", law_language())) for each in Status]
    return [(AWAITS, _("awaiting counsel")), *known]


def _title(pack: LawPack) -> str:
    return pack.title_zh if law_language() == "zh" else pack.title_en


def _by_pack(found: tuple[RuleView, ...]) -> list[tuple[LawPack, str, list[ShownRule]]]:
    packs: dict[str, tuple[LawPack, str, list[ShownRule]]] = {}
    for view in found:
        group = packs.setdefault(view.pack.name, (view.pack, _title(view.pack), []))
        group[2].append(_shown(view))
    return list(packs.values())


def _shown(view: RuleView) -> ShownRule:
    language = law_language()
    effects = dict.fromkeys(str(part.effect) for part in view.rule.parts)
    names = dict(RuleSwitch.State.choices)
    return ShownRule(
        view,
        tuple(effects),
        rows_of_rule(view.rule, view.pack, language),
        tuple((state, str(names[state])) for state in view.states if state != view.state),
    )


@require_POST
@page(Permission.LAW_SWITCH)
def switch_rule(request: DeskRequest, rule_id: str) -> HttpResponse:
    try:
        do_switch_rule(
            actor=request.actor,
            rule_id=rule_id,
            state=request.POST.get("state", ""),
            reason=request.POST.get("reason", "")[:500],
            now=request.now,
        )
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, " ".join(refusal.fields.values()) or refusal.message)
    else:
        messages.success(request, _("The rule %(rule)s is switched.") % {"rule": rule_id})
    query = QueryDict(request.POST.get("query", "")).urlencode()
    return redirect(f"{reverse('law_rules')}{'?' if query else ''}{query}#{rule_id}")
