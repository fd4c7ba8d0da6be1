"""What closed a contact, as a reader calls it: rules by name, and what stands in their place."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kept.work.intended_verdicts import ERASED, NO_ENGAGEMENT
from kept.work.law_books import rules_by_id

__all__ = ["rule_name"]


def rule_name(rule_id: str) -> str:
    """In the language of the reader; an id that is not known stays as it is."""
    rule = rules_by_id().get(rule_id)
    if rule is not None:
        return rule.called("zh" if (get_language() or "").startswith("zh") else "en")
    known = {
        NO_ENGAGEMENT: _("No company holds a mandate for these accounts"),
        ERASED: _("The debtor was erased"),
    }
    return known.get(rule_id, rule_id)
