"""Reading a strategy out of a nested mapping of texts; every problem is found in one pass.

Where the mapping comes from (a file of packs, later a page) is the caller's. A strategy that names
a protected attribute is refused by its condition, whose error says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Final

from kept.core.attempts import Channel
from kept.core.conditions import Condition, ConditionError
from kept.core.currencies import UnknownCurrency
from kept.core.facts import CATALOGUE, Catalogue, FactDeclarationError
from kept.core.intake.nodes import Node, Problem, nearest
from kept.core.money import Money, MoneyError, parse_money
from kept.core.reachable import never_holds
from kept.core.strata_reading import read_strata
from kept.core.strategies import (
    DESK,
    Priority,
    Stage,
    Strategy,
    Treatment,
    catalogue_of,
    guarded,
    too_soon,
)
from kept.core.strategy_faults import StrategyText
from kept.core.strategy_parts import (
    NEVER,
    Scope,
    code_of,
    condition_of,
    names_of,
    read_arms,
    read_segments,
)

__all__ = ["StrategyError", "read_strategy"]

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_TREATMENTS_MOST: Final = 100
_WEIGHT_MOST: Final = 1_000
_STRATEGY_KEYS: Final = (
    "code",
    "version",
    "valid_from",
    "valid_to",
    "name",
    "segments",
    "arms",
    "stratify_by",
    "treatments",
)
_TREATMENT_KEYS: Final = (
    "code",
    "name",
    "stage",
    "when",
    "channel",
    "skill",
    "minutes",
    "repeat_after_days",
    "due_in_days",
    "due_time",
    "priority",
    "unit_cost",
    "value",
    "waiver",
    "segments",
    "arms",
    "stop_when",
    "required",
    "text",
    "escalate_in_days",
)
_OPTIONAL: Final = {
    "valid_to",
    "unit_cost",
    "value",
    "waiver",
    "segments",
    "arms",
    "stratify_by",
    "stop_when",
    "required",
    "text",
    "escalate_in_days",
}


class StrategyError(ValueError):
    """What is wrong with a strategy: each problem with its path and what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_strategy(data: object) -> Strategy:
    """The strategy of a mapping; raises `StrategyError` with all its problems."""
    problems: list[Problem] = []
    found = _strategy(Node(data, "", problems))
    if problems:
        first = {problem.path: problem for problem in reversed(problems)}
        raise StrategyError(list(reversed(first.values())))
    return found


def _strategy(node: Node) -> Strategy:
    keys = _keys(node, _STRATEGY_KEYS)
    rows = keys["treatments"].children()
    if not 1 <= len(rows) <= _TREATMENTS_MOST:
        keys["treatments"].wrong(StrategyText.NO_TREATMENTS, most=_TREATMENTS_MOST, found=len(rows))
    parts = [_keys(row, _TREATMENT_KEYS) for row in rows]
    catalogue = _catalogue([part["code"] for part in parts], keys["treatments"])
    scope = Scope(catalogue, read_segments(keys["segments"], catalogue), read_arms(keys["arms"]))
    treatments = [_treatment(part, scope) for part in parts]
    first, last = _date(keys["valid_from"]), _date(keys["valid_to"])
    if first and last and last < first:
        keys["valid_to"].wrong(StrategyText.DATES, last=last, first=first)
    name_en, name_zh = names_of(keys["name"])
    return Strategy(
        code=code_of(keys["code"]),
        version=keys["version"].whole(1, 1_000_000),
        valid_from=first or date.min,
        valid_to=last,
        name_en=name_en,
        name_zh=name_zh,
        treatments=tuple(treatments),
        catalogue=catalogue,
        segments=scope.segments,
        arms=scope.arms,
        strata=read_strata(keys["stratify_by"], CATALOGUE, bool(scope.arms)),
    )


def _keys(node: Node, known: tuple[str, ...]) -> dict[str, Node]:
    """All the known children; a missing one that is needed is a problem and stands in empty."""
    found = node.fields(known)
    for key in known:
        if key not in found:
            found[key] = node.at(key, None)
            if key not in _OPTIONAL:
                found[key].wrong(StrategyText.MISSING)
    return found


def _catalogue(codes: list[Node], node: Node) -> Catalogue:
    texts = [code_of(code) for code in codes if code.value is not None]
    for code, times in Counter(texts).items():
        if times > 1:
            node.wrong(StrategyText.TREATMENT_TWICE, code=repr(code), times=times)
    try:
        return catalogue_of(tuple(dict.fromkeys(filter(None, texts))))
    except FactDeclarationError:
        taken = [code for code in texts if f"days_since_{code}" in CATALOGUE]
        node.wrong(StrategyText.CODE_TAKEN, code=repr(taken[0]), fact=f"days_since_{taken[0]}")
        return CATALOGUE


def _treatment(keys: Mapping[str, Node], scope: Scope) -> Treatment:
    code = str(keys["code"].value or "")
    channel = _channel(keys["channel"])
    repeat = keys["repeat_after_days"].whole(0, 3_650)
    required = keys["required"].value is not None and keys["required"].flag()
    segments = scope.segments_named(keys["segments"])
    arms = scope.arms_named(keys["arms"], required)
    written = condition_of(keys["when"], scope.catalogue)
    cost = _cost(keys["unit_cost"])
    stop = _stop(keys["stop_when"], scope.catalogue)
    more = [*scope.conditions(segments, arms), *([f"not ({stop})"] if stop else [])]
    name_en, name_zh = names_of(keys["name"])
    return Treatment(
        code=code,
        name_en=name_en,
        name_zh=name_zh,
        stage=keys["stage"].choice(Stage, Stage.REMIND),
        when=_guarded(keys["when"], str(written), channel, scope.catalogue, more, required),
        too_soon=_soon(code, repeat, scope.catalogue),
        channel=channel,
        skill=code_of(keys["skill"]),
        minutes=keys["minutes"].whole(1, 1_440),
        repeat_after_days=repeat,
        due_in_days=keys["due_in_days"].whole(0, 365),
        due_minute=_minute(keys["due_time"]),
        priority=_priority(keys["priority"]),
        unit_cost=cost,
        value=_worth(keys["value"], cost, required),
        waiver=_cost(keys["waiver"]),
        written=written,
        stop_when=stop,
        segments=segments,
        arms=arms,
        required=required,
        text=code_of(keys["text"]) if keys["text"].value is not None else "",
        escalate_in_days=_days(keys["escalate_in_days"]),
    )


def _channel(node: Node) -> Channel | None:
    if node.value is None or node.value == DESK:
        return None
    if node.value not in set(Channel):
        near = nearest(str(node.value), (*Channel, DESK))
        fault = StrategyText.NO_CHANNEL_NEAR if near else StrategyText.NO_CHANNEL
        node.wrong(fault, found=repr(node.value), near=", ".join(near), desk=DESK)
        return None
    return Channel(str(node.value))


def _guarded(
    node: Node,
    written: str,
    channel: Channel | None,
    catalogue: Catalogue,
    more: list[str],
    required: bool,
) -> Condition:
    """The whole condition; too long only where segments and stops make it so."""
    try:
        found = guarded(written, channel, catalogue, more, required=required)
    except ConditionError as error:
        node.wrong(StrategyText.TOGETHER, why=error.said)
        return NEVER
    if never_holds(found, catalogue):
        node.wrong(StrategyText.NEVER_HOLDS)
    return found


def _stop(node: Node, catalogue: Catalogue) -> Condition | None:
    return None if node.value is None else condition_of(node, catalogue)


def _days(node: Node) -> int | None:
    return None if node.value is None else node.whole(0, 365)


def _soon(code: str, repeat: int, catalogue: Catalogue) -> Condition:
    return too_soon(code, repeat, catalogue) if f"days_since_{code}" in catalogue else NEVER


def _date(node: Node) -> date | None:
    if node.value is None:
        return None
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.wrong(StrategyText.NO_DAY, found=repr(node.value))
        return None


def _minute(node: Node) -> int:
    found = _TIME.fullmatch(str(node.value))
    if found is None:
        if node.value is not None:
            node.wrong(StrategyText.NO_TIME, found=repr(node.value))
        return 0
    return int(found[1]) * 60 + int(found[2])


def _priority(node: Node) -> Priority:
    parts = node.fields(("base", "per_day", "per_amount"))
    if node.value is not None and "base" not in parts:
        node.wrong(StrategyText.NO_BASE)
    most = {"base": 1_000_000_000, "per_day": _WEIGHT_MOST, "per_amount": _WEIGHT_MOST}
    return Priority(**{"base": 0, **{key: part.whole(0, most[key]) for key, part in parts.items()}})


def _cost(node: Node) -> Money | None:
    if node.value is None:
        return None
    amount, _, code = node.text().partition(" ")
    try:
        found = parse_money(amount, code.strip())
    except (MoneyError, UnknownCurrency) as error:
        node.wrong(StrategyText.NO_MONEY, why=error.said)
        return None
    if found.amount_minor < 0:
        node.wrong(StrategyText.BELOW_NOTHING, found=str(found))
    return found


def _worth(node: Node, cost: Money | None, required: bool) -> Money | None:
    """A treatment's own value; one that its cost eats up is never the best for anybody."""
    found = _cost(node)
    if found is None or required:
        return found
    spent = 0 if cost is None or cost.currency != found.currency else cost.amount_minor
    if found.amount_minor <= spent:
        node.wrong(StrategyText.NEVER_CHOSEN, cost="0" if cost is None else str(cost))
    return found
