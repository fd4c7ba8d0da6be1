"""Which rules differ between two versions of a pack, in the words that they say. Pure."""

from __future__ import annotations

from kept.core.law.rules import LawPack
from kept.core.law.wording import rows_of_rule
from kept.core.said_changes import Row, SaidChange, said_changes

__all__ = ["rule_changes"]


def rule_changes(old: LawPack, new: LawPack, language: str) -> tuple[SaidChange, ...]:
    """By rule, in the order of the new pack and then of what is gone."""
    return said_changes(_said(old, language), _said(new, language))


def _said(pack: LawPack, language: str) -> dict[str, tuple[Row, ...]]:
    """All that a rule says, its head too; versions of one rule stand together."""
    found: dict[str, tuple[Row, ...]] = {}
    for rule in pack.rules:
        dates = f"{rule.valid_from or '…'} – {rule.valid_to or '…'}"
        head = (("id", rule.id), ("name", rule.called(language)), ("citation", rule.citation))
        sure = (("status", str(rule.status)), ("force", f"{rule.force}, {rule.modality}"))
        parts = [row for rows in rows_of_rule(rule, pack, language) for row in rows]
        rows = (*head, *sure, ("dates", dates), *parts)
        found[rule.id] = (*found.get(rule.id, ()), *rows)
    for each in pack.numbers:
        dates = f"{each.valid_from or '…'} – {each.valid_to or '…'}"
        row = (each.name, f"{each.value} ({dates})")
        found[each.rule_id] = (*found.get(each.rule_id, ()), row)
    return found
