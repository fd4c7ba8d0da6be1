"""Which rules of law bind: the packs of all places and licences united, and what was switched.

Packs come with kept (`packs/law_packs.py`). The law of the residence, of the present place and of
the licences of creditor and company stand together; where a residence is not known, every pack
does. A compliance officer switches single rules: a draft on, a recommendation down to a warning, a
rule of the house off. What a law demands is never switched off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.law.lawbook import LawBook, Switch
from kept.core.law.rules import STRICTNESS, Effect, Force, LawPack, Modality, Rule, Status
from kept.packs.law_packs import load_law_packs
from kept.store.events import append_event
from kept.store.models import RuleSwitch
from kept.work.changes import not_there
from kept.work.permissions import Permission, require, require_house
from kept.work.refusals import Refusal, refuse

__all__ = [
    "SwitchView",
    "binding_packs",
    "do_switch_rule",
    "law_book",
    "licence_codes",
    "list_switches",
    "possible_states",
    "rules_by_id",
    "stored_switches",
    "switches_of",
]

# Places within a place that has a code of its own in ISO 3166-2.
_LIES_IN: Final[Mapping[str, str]] = {"US-NYC": "US-NY"}


def binding_packs(
    places: Collection[str] | None, licences: Collection[str] = ()
) -> tuple[LawPack, ...]:
    """The packs that bind at these places (codes such as CN or US-MA), and by these licences.

    None: the place is not known, and every pack binds. A country without its region counts as any
    of its regions; a licence of a country is one of the whole country only.
    """
    packs = load_law_packs()
    if places is None:
        return packs
    return tuple(
        pack
        for pack in packs
        if pack.country is None
        or any(_binds_at(pack, code) for code in places)
        or any(_binds_by_licence(pack, code) for code in licences)
    )


def _binds_at(pack: LawPack, code: str) -> bool:
    return _binds_by_licence(pack, code) or (pack.country == code)


def _binds_by_licence(pack: LawPack, code: str) -> bool:
    if pack.country != code[:2]:
        return False
    whole = "-" not in pack.jurisdiction
    return whole or code in (pack.jurisdiction, _LIES_IN.get(pack.jurisdiction))


def licence_codes(country: str, licences: Iterable[str]) -> frozenset[str]:
    """The places of a company: its country, and those that licences (`US-MA: DC1`) begin with."""
    named = (text.partition(":")[0].strip().upper() for text in licences)
    return frozenset({country} | {name for name in named if _is_code(name)}) - {""}


def _is_code(text: str) -> bool:
    country, dash, region = text.partition("-")
    return len(country) == 2 and country.isalpha() and (not dash or 0 < len(region) < 4)


def law_book(packs: Sequence[LawPack], switches: Sequence[Switch] = ()) -> LawBook:
    """The book of these packs and switches; the same ones give the same book with its plans."""
    return _book(tuple(pack.name for pack in packs), tuple(switches))


@lru_cache(maxsize=256)
def _book(names: tuple[str, ...], switches: tuple[Switch, ...]) -> LawBook:
    wanted = set(names)
    return LawBook(tuple(pack for pack in load_law_packs() if pack.name in wanted), switches)


@cache
def rules_by_id() -> Mapping[str, Rule]:
    return {rule.id: rule for pack in load_law_packs() for rule in pack.rules}


# --- switches -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SwitchView:
    rule_id: str
    state: str
    reason: str
    switched_at: datetime
    switched_by: str


def possible_states(rule: Rule) -> tuple[str, ...]:
    """To what a rule may be switched; the first is how it stands by itself."""
    if rule.force is Force.DRAFT:
        return (RuleSwitch.State.OFF, RuleSwitch.State.ON)
    if rule.force is Force.POLICY or rule.status is Status.POLICY:
        return (RuleSwitch.State.ON, RuleSwitch.State.OFF)
    if rule.modality is Modality.SHOULD:
        return (RuleSwitch.State.ON, RuleSwitch.State.WARN)
    return (RuleSwitch.State.ON,)


def stored_switches() -> tuple[Switch, ...]:
    """The switches as a law book takes them."""
    return switches_of(
        RuleSwitch.objects.order_by("rule_id").values_list("rule_id", "state", "reason")
    )


def switches_of(rows: Iterable[Sequence[str]]) -> tuple[Switch, ...]:
    """From rows of (rule, state, reason); one of a rule that is not there any more says nothing."""
    rules = rules_by_id()
    found = []
    for rule_id, state, reason in rows:
        rule = rules.get(rule_id)
        if rule is not None and state in possible_states(rule):
            found.append(Switch(rule_id, _effect(rule, state), reason))
    return tuple(each for each in found if not _is_plain(rules[each.rule_id], each))


def _effect(rule: Rule, state: str) -> Effect | None:
    if state == RuleSwitch.State.OFF:
        return None
    if state == RuleSwitch.State.WARN:
        return Effect.WARN
    return min((part.effect for part in rule.parts), key=STRICTNESS.__getitem__)


def _is_plain(rule: Rule, switch: Switch) -> bool:
    """Whether it says what the rule does anyway."""
    as_it_is = _effect(rule, possible_states(rule)[0])
    return switch.effect == as_it_is


def list_switches(*, actor: Actor) -> tuple[SwitchView, ...]:
    """Every decision about a rule as it stands, by rule."""
    require(actor, Permission.LAW_READ)
    rows = RuleSwitch.objects.order_by("rule_id").values_list(
        "rule_id", "state", "reason", "switched_at", "switched_by"
    )
    return tuple(SwitchView(*row) for row in rows)


@transaction.atomic
def do_switch_rule(*, actor: Actor, rule_id: str, state: str, reason: str, now: datetime) -> None:
    """Switch a rule, for the whole house, saying why; refused where the law leaves no choice."""
    require_house(actor, Permission.LAW_SWITCH)
    rule = rules_by_id().get(rule_id)
    if rule is None:
        raise not_there()
    _refuse_state(rule, state, reason)
    before = RuleSwitch.objects.select_for_update().filter(rule_id=rule_id).first()
    was = before.state if before else str(possible_states(rule)[0])
    if was == state:
        raise Refusal(_("This rule stands so already."))
    RuleSwitch.objects.update_or_create(
        rule_id=rule_id,
        defaults={
            "state": state,
            "reason": reason.strip(),
            "switched_at": now,
            "switched_by": actor.name,
        },
    )
    append_event(
        actor=actor,
        action="rule.switch",
        subject="house:0",
        body={"rule": rule_id, "before": was, "after": state, "reason": reason.strip()},
        now=now,
    )


def _refuse_state(rule: Rule, state: str, reason: str) -> None:
    possible = possible_states(rule)
    if state not in possible:
        if len(possible) == 1:
            raise Refusal(
                _("This rule is binding law (%(citation)s); it is not switched.")
                % {"citation": rule.citation}
            )
        refuse({"state": _("Choose one of: %s.") % ", ".join(possible)})
    if not reason.strip():
        refuse({"reason": _("Say why the rule is switched.")})
