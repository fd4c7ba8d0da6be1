"""Which rules differ between two versions of a pack, in the words that they say. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from kept.core.law.rules import LawPack
from kept.core.law.wording import Row, rows_of_rule

__all__ = ["RuleChange", "rule_changes"]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that is in one pack only, or says something else; rows are what it says."""

    rule_id: str
    before: tuple[Row, ...]
    after: tuple[Row, ...]

    @property
    def kind(self) -> str:
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


def rule_changes(old: LawPack, new: LawPack, language: str) -> tuple[RuleChange, ...]:
    """By rule, in the order of the new pack and then of what is gone."""
    before, after = _said(old, language), _said(new, language)
    return tuple(
        RuleChange(rule_id, before.get(rule_id, ()), after.get(rule_id, ()))
        for rule_id in dict.fromkeys([*after, *before])
        if before.get(rule_id) != after.get(rule_id)
    )


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
