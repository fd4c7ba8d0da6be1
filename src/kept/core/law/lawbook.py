"""The rules that bind an attempt: packs united, switches applied, scopes matched once.

A scope is matched against a key of closed values (who acts, whom, by what, for what). Attempts of
one key share a plan, so that conditions and kinds run only for rules that can matter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, NamedTuple

from kept.core.calendar import date_of_day, day_of_date
from kept.core.law.numbers import NUMBERS, LawNumber, Numbers
from kept.core.law.rules import Effect, Exemption, Force, LawPack, Modality, Part, Rule, Scope
from kept.core.truth import FALSE, TRUE, UNKNOWN, Truth, both

__all__ = ["LawBook", "Plan", "Planned", "ScopeKey", "Switch", "scope_key"]


class ScopeKey(NamedTuple):
    """The closed values that scopes name; None is unknown."""

    actor_type: str | None
    own_name: bool
    channel: str | None
    target_role: str | None
    purpose: str | None
    business_debt: bool
    credit_card_debt: bool
    consumer_is_minor: bool
    consumer_deceased: bool


_read_key: Final = itemgetter(*ScopeKey._fields)


def scope_key(facts: Mapping[str, Any]) -> ScopeKey:
    """The key of an attempt's facts."""
    return ScopeKey._make(_read_key(facts))


@dataclass(frozen=True, slots=True)
class Switch:
    """A compliance officer's decision about a rule, with its reason; `effect` None is off."""

    rule_id: str
    effect: Effect | None
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A part that can matter for a key. One whose scope is unknown fires whatever else holds."""

    rule: Rule
    part: Part
    exemptions: tuple[Exemption, ...]
    scope_is_unknown: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts for a key, and the facts that their conditions and exemptions read.

    `known` is for what was worked out from those facts, by their values.
    """

    parts: tuple[Planned, ...]
    reads: tuple[str, ...] = field(init=False)
    known: dict[tuple[Any, ...], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        lifts = (each.when for planned in self.parts for each in planned.exemptions)
        conditions = [*(planned.part.when for planned in self.parts), *lifts]
        names = dict.fromkeys(name for each in conditions if each for name in each.facts)
        object.__setattr__(self, "reads", tuple(names))

    def __iter__(self) -> Iterator[Planned]:
        return iter(self.parts)


@dataclass(frozen=True)
class LawBook:
    """Packs united: the strictest of all their rules stands.

    `drafts`: rules that are not law yet fire too. Equal books give equal plans.
    """

    packs: tuple[LawPack, ...]
    switches: tuple[Switch, ...] = ()
    drafts: bool = False
    _plans: dict[ScopeKey, Plan] = field(default_factory=dict, repr=False, compare=False)
    _numbers: dict[int, Numbers] = field(default_factory=dict, repr=False, compare=False)

    def plan(self, key: ScopeKey) -> Plan:
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = Plan(tuple(self._planned(key)))
        return found

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule that is on, with the effect it has here."""
        return tuple(self._switched(rule) for rule in self._all() if self._is_on(rule))

    @cached_property
    def parts(self) -> tuple[tuple[Rule, Part], ...]:
        """Every part of the rules that are on; its place here is its number."""
        return tuple((rule, part) for rule in self.rules for part in rule.parts)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each part in `parts`, by its key."""
        return {part.key: place for place, (_rule, part) in enumerate(self.parts)}

    def __post_init__(self) -> None:
        """Raises `ValueError` where two packs give a number different values for the same days."""
        given = [(pack.name, each) for pack in self.packs for each in pack.numbers]
        for place, (name, one) in enumerate(given):
            for other_name, other in given[:place]:
                if one.name == other.name and one.value != other.value and _overlap(one, other):
                    raise ValueError(f"{name} and {other_name} give {one.name} different values")

    @cached_property
    def number_days(self) -> tuple[int, ...]:
        """The local days on which a number begins or ends to hold, rising."""
        given = [each for pack in self.packs for each in pack.numbers]
        starts = {day_of_date(each.valid_from) for each in given if each.valid_from}
        ends = {day_of_date(each.valid_to) + 1 for each in given if each.valid_to}
        return tuple(sorted(starts | ends))

    def numbers_at(self, day: int) -> Numbers:
        """The numbers that hold on a local day; what no pack gives is 0 and read by no rule."""
        version = bisect_right(self.number_days, day)
        if version not in self._numbers:
            held = date_of_day(self.number_days[version - 1]) if version else date.min
            self._numbers[version] = dict.fromkeys(NUMBERS, 0) | {
                each.name: each.value
                for pack in self.packs
                for each in pack.numbers
                if (each.valid_from or date.min) <= held <= (each.valid_to or date.max)
            }
        return self._numbers[version]

    @property
    def clocks(self) -> frozenset[str]:
        """The zones that rules name beside the place of the person."""
        named = {part.clock for rule in self._all() for part in rule.parts}
        return frozenset(clock for clock in named if "/" in clock)

    def not_applicable(self, facts: Mapping[str, Any]) -> str | None:
        """The citation by which a pack does not apply to the attempt, if one says so."""
        for pack in self.packs:
            for _prefix, citation, condition in pack.gates:
                if condition.evaluate(facts).surely_true:
                    return citation
        return None

    def _all(self) -> Iterable[Rule]:
        return (rule for pack in self.packs for rule in pack.rules)

    def _is_on(self, rule: Rule) -> bool:
        if any(each.rule_id == rule.id and each.effect is None for each in self.switches):
            return False
        switched_on = any(each.rule_id == rule.id for each in self.switches)
        return rule.force is not Force.DRAFT or self.drafts or switched_on

    def _switched(self, rule: Rule) -> Rule:
        lowered = [each.effect for each in self.switches if each.rule_id == rule.id]
        if Effect.WARN not in lowered or rule.modality is not Modality.SHOULD:
            return rule
        return replace(rule, parts=tuple(replace(part, effect=Effect.WARN) for part in rule.parts))

    def _planned(self, key: ScopeKey) -> Iterable[Planned]:
        for pack in self.packs:
            closed = _closed_prefixes(pack, key)
            rules = [rule for rule in pack.rules if self._is_on(rule)]
            for rule in rules:
                if not rule.id.startswith(closed):
                    yield from _parts(pack, self._switched(rule), key)


def _overlap(one: LawNumber, other: LawNumber) -> bool:
    starts = max(one.valid_from or date.min, other.valid_from or date.min)
    return starts <= min(one.valid_to or date.max, other.valid_to or date.max)


def _parts(pack: LawPack, rule: Rule, key: ScopeKey) -> Iterable[Planned]:
    for part in rule.parts:
        truth = _matches(part.scope, key, pack)
        if not truth.surely_false:
            exemptions = tuple(pack.exemptions[name] for name in part.unless)
            yield Planned(rule, part, exemptions, not truth.surely_true)


def _closed_prefixes(pack: LawPack, key: ScopeKey) -> tuple[str, ...]:
    """Prefixes of the rules that a gate takes out; a gate must be shown, never guessed."""
    facts = key._asdict()
    return tuple(
        prefix
        for prefix, _citation, condition in pack.gates
        if condition.evaluate(facts).surely_true
    )


def _matches(scope: Scope, key: ScopeKey, pack: LawPack) -> Truth[bool]:
    parts = (
        _among(scope.actors, _actor_types(key, pack)),
        _among(scope.targets, _targets(key, pack.groups)),
        _not_among(scope.not_targets, _targets(key, pack.groups)),
        _among(scope.channels, _one(key.channel)),
        _among(scope.purposes, _one(key.purpose)),
        _not_among(scope.not_purposes, _one(key.purpose)),
        _among(scope.debt_types, frozenset({"credit_card"} if key.credit_card_debt else ())),
    )
    truth: Truth[bool] = TRUE
    for each in parts:
        truth = Truth._make(both(truth, each))
    return truth


def _among(named: frozenset[str] | None, values: frozenset[str] | None) -> Truth[bool]:
    if named is None:
        return TRUE
    if values is None:
        return UNKNOWN
    return TRUE if named & values else FALSE


def _not_among(named: frozenset[str] | None, values: frozenset[str] | None) -> Truth[bool]:
    if named is None:
        return TRUE
    if values is None:
        return UNKNOWN
    return FALSE if named & values else TRUE


def _one(value: str | None) -> frozenset[str] | None:
    return None if value is None else frozenset({value})


def _actor_types(key: ScopeKey, pack: LawPack) -> frozenset[str] | None:
    """What the pack takes the company for: one of a kind that it does not know is all of its kinds.

    An agency, and a creditor under another name, is a debt collector, 15 USC 1692a(6).
    """
    if key.actor_type is None:
        return None
    if key.actor_type not in pack.actors:
        return pack.actors | {key.actor_type}
    other_name = not key.own_name and key.actor_type in (
        "original_creditor",
        "servicer_not_in_default",
    )
    collects = other_name or key.actor_type == "third_party_agency"
    return frozenset({key.actor_type, "debt_collector"} if collects else {key.actor_type})


def _targets(
    key: ScopeKey, groups: Mapping[str, tuple[tuple[str, str | None], ...]]
) -> frozenset[str] | None:
    """The role and every group of the pack that holds it now."""
    if key.target_role is None:
        return None
    facts = key._asdict()
    held = {
        name
        for name, members in groups.items()
        if any(role == key.target_role and (fact is None or facts[fact]) for role, fact in members)
    }
    return frozenset(held | {key.target_role})
