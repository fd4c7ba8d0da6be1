"""Which pages stand in the navigation of whom."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kept.core.actors import Actor
from kept.work.permissions import Permission, may

__all__ = ["Link", "links_of"]


@dataclass(frozen=True, slots=True)
class Link:
    """`key` is pressed after g; `is_here` marks the section that the page belongs to."""

    name: str
    text: str | Promise
    icon: str
    key: str
    permission: Permission | None
    url: str = ""
    is_here: bool = False


_LINKS = (
    Link("today", _("Today"), "today", "t", None),
    Link("worklist", _("Worklist"), "worklist", "w", Permission.WORKLIST_READ),
    Link("timeliness", _("Timeliness"), "clock", "k", Permission.WORKLIST_READ_ALL_SEATS),
    Link("promises", _("Promises"), "approval", "o", Permission.PROMISE_MEASURE),
    Link("intake_files", _("Intake"), "intake", "i", Permission.INTAKE_READ),
    Link("payments", _("Payments"), "money", "m", Permission.PAYMENT_READ),
    Link("nights", _("Nights"), "night", "n", Permission.NIGHT_READ),
    Link("strategies", _("Strategies"), "strategy", "p", Permission.STRATEGY_READ),
    Link("texts", _("Texts"), "message", "x", Permission.TEXT_READ),
    Link("dealings", _("Dealing"), "next", "d", Permission.CASE_DEAL),
    Link("capacities", _("Dealing"), "next", "d", Permission.NIGHT_READ),
    Link("seats", _("Seats"), "person", "e", Permission.SEAT_READ),
    Link("approvals", _("Approvals"), "approval", "a", Permission.APPROVAL_DECIDE),
    Link("approvals", _("Approvals"), "approval", "a", Permission.LEDGER_POST),
    Link("approvals", _("Approvals"), "approval", "a", Permission.APPROVAL_READ),
    Link("approvals", _("Approvals"), "approval", "a", Permission.ACCESS_READ),
    Link("approvals", _("Approvals"), "approval", "a", Permission.ACCESS_REQUEST),
    Link("law_rules", _("Law"), "legal", "l", Permission.LAW_READ),
    Link("jobs", _("Jobs"), "jobs", "b", Permission.JOB_READ),
    Link("health", _("Health"), "health", "h", Permission.HEALTH_READ),
    Link("operators:index", _("Settings"), "settings", "s", Permission.CREDITOR_CHANGE),
    Link("operators:index", _("Records"), "settings", "s", Permission.LEDGER_READ),
)
# Pages below a section, by the name of their address.
_SECTIONS = {
    "case": "worklist",
    "move_case": "worklist",
    "search": "worklist",
    "intake_file": "intake_files",
    "intake_rejects": "intake_files",
    "receive_file": "intake_files",
    "payment": "payments",
    "suspense": "payments",
    "night": "nights",
    "night_groups": "nights",
    "strategy": "strategies",
    "edit_strategy": "strategies",
    "try_strategy": "strategies",
    "strategy_trial": "strategies",
    "text": "texts",
    "text_version": "texts",
    "edit_text": "texts",
    "seat": "seats",
    "dealing": "dealings",
    "pile": "dealings",
    "dealing_policies": "dealings",
    "capacities": "dealings",
    "conflicts": "dealings",
    "entries": "worklist",
    "documents": "worklist",
    "preview_document": "worklist",
    "waivers": "worklist",
    "plans": "worklist",
    "waiver_budgets": "dealings",
    "accesses": "approvals",
    "approval": "approvals",
    "approval_policies": "approvals",
    "law_trial": "law_rules",
    "refusals": "law_rules",
    "histories": "law_rules",
    "contact_counts": "law_rules",
    "contact_days": "law_rules",
}


def links_of(actor: Actor, view_name: str) -> list[Link]:
    """The navigation of an actor on a page."""
    here = _SECTIONS.get(view_name, view_name)
    found: dict[str, Link] = {}
    for each in _LINKS:
        if each.permission is None or may(actor, each.permission):
            is_here = _SECTIONS.get(each.name, each.name) == here
            found.setdefault(each.key, replace(each, url=reverse(each.name), is_here=is_here))
    return list(found.values())
