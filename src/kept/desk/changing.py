"""A change asked for by a form: done and said, or refused and said why; and what forms type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from kept.desk.access import DeskRequest
from kept.store.models import Creditor
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require
from kept.work.refusals import NotAllowed, NotThere, Refusal

__all__ = [
    "creditor_given",
    "day_of_form",
    "number_of_form",
    "refused_text",
    "try_change",
    "whole_of_form",
]


def try_change(request: DeskRequest, change: Callable[[], object], told: str) -> object | None:
    """What the change returned, or None where it was refused; both are said on the next page."""
    try:
        found = change()
    except (NotAllowed, NotThere):
        raise
    except Refusal as refusal:
        messages.error(request, refused_text(refusal))
        return None
    messages.success(request, told)
    return found


def refused_text(refusal: Refusal) -> str:
    """Each fault with its case, where it is told by case."""
    parts = [
        f"#{name.removeprefix('case ')}: {fault}" if name.startswith("case ") else fault
        for name, fault in refusal.fields.items()
    ]
    return " ".join(parts[:5]) or refusal.message


def creditor_given(request: DeskRequest, code: str, permission: Permission) -> Creditor:
    rows = visible_rows(Creditor, require(request.actor, permission))
    found = rows.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def number_of_form(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def whole_of_form(text: str) -> int | None:
    """What was typed, None for nothing; what is no number is refused, it never lifts a limit."""
    found = number_of_form(text.strip())
    if found is None and text.strip():
        told = _("%(text)s is not a whole number, 0 or more.") % {"text": text.strip()[:40]}
        raise Refusal(told)
    return found


def day_of_form(given: QueryDict, name: str) -> date:
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        raise Refusal(_("Choose a day.")) from None
