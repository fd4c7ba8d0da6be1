"""Reading the rules of law: every rule of every pack, as it stands in this house on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kept.core.actors import Actor
from kept.core.law.rules import LawPack, Rule
from kept.packs.law_packs import load_law_packs
from kept.work.law_books import SwitchView, list_switches, possible_states
from kept.work.permissions import Permission, require

__all__ = ["AWAITS", "RuleFilter", "RuleView", "list_rules"]

#: In a filter by status: whatever a lawyer has not confirmed yet.
AWAITS = "awaits_counsel"


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """What to look for; what is empty narrows nothing. `on`: in force on this day."""

    pack: str = ""
    on: date | None = None
    status: str = ""
    state: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with its pack. `states` are those that it may be switched to; the first is its own."""

    rule: Rule
    pack: LawPack
    state: str
    states: tuple[str, ...]
    switch: SwitchView | None

    @property
    def is_switched(self) -> bool:
        return self.state != self.states[0]


def list_rules(*, actor: Actor, wanted: RuleFilter) -> tuple[RuleView, ...]:
    """The rules that fit, by pack, in the order of the pack."""
    require(actor, Permission.LAW_READ)
    switches = {each.rule_id: each for each in list_switches(actor=actor)}
    return tuple(view for view in _views(switches) if _fits(view, wanted))


def _views(switches: dict[str, SwitchView]) -> Iterable[RuleView]:
    for pack in load_law_packs():
        for rule in pack.rules:
            states = tuple(map(str, possible_states(rule)))
            switch = switches.get(rule.id)
            # A switch that the rule does not allow any more says nothing.
            state = switch.state if switch and switch.state in states else states[0]
            yield RuleView(rule, pack, state, states, switch)


def _fits(view: RuleView, wanted: RuleFilter) -> bool:
    return (
        wanted.pack in ("", view.pack.name)
        and (wanted.on is None or _is_in_force(view.rule, wanted.on))
        and _has_status(view.rule, wanted.status)
        and wanted.state in ("", view.state)
        and all(word in _words(view) for word in wanted.text.casefold().split())
    )


def _is_in_force(rule: Rule, on: date) -> bool:
    return (rule.valid_from or date.min) <= on <= (rule.valid_to or date.max)


def _has_status(rule: Rule, status: str) -> bool:
    return rule.awaits_counsel if status == AWAITS else status in ("", rule.status)


def _words(view: RuleView) -> str:
    rule, pack = view.rule, view.pack
    parts = (rule.id, rule.name_en, rule.name_zh, rule.citation, rule.note, pack.title_en)
    return " ".join((*parts, pack.title_zh)).casefold()
