"""Reading a waiver policy out of a nested mapping of texts; every problem is found in one pass."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from kept.core.actors import Role
from kept.core.agreements.waiver_policy import WHOLE, Band, WaiverKind, WaiverPolicy, WaiverRule
from kept.core.approvals import Levels
from kept.core.currencies import UnknownCurrency
from kept.core.facts import CATALOGUE
from kept.core.intake.nodes import Node, Problem
from kept.core.money import Money, MoneyError, parse_money
from kept.core.strategy_faults import StrategyText
from kept.core.strategy_parts import NEVER, code_of, condition_of, names_of

__all__ = ["WaiverFault", "WaiverPolicyError", "read_waiver_policy"]

_KEYS: Final = ("code", "name", "valid_from", "rules")
_NUMBERS: Final = {
    "offer_days": (1, 365),
    "pay_days_most": (1, 1_826),
    "payments_most": (1, 60),
    "grace_days": (0, 30),
    "rounds_most": (1, 20),
    "counts_days": (0, 3_650),
}
_RULE: Final = ("code", "name", "when", "kinds", "components", "approval")
_RULES_MOST: Final = 50
_SHARE: Final = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?%", re.ASCII)
_COMPONENT: Final = re.compile(r"[a-z][a-z0-9_]{0,23}")


class WaiverFault(StrEnum):
    NO_RULES = "lists 1 to {most} rules, not {found}"
    NO_SHARE = "{found} is no share; write it as 30% or 12.5%, above 0 and at most 100%"
    NO_COMPONENT = "{found} is no component; use small letters, digits and _, a letter first"
    NO_COMPONENTS = "names no component; give the largest share of at least one"
    NO_BAND = "lists no band; give at least one, the last without up_to"
    OPEN_BAND = "every band but the last has an up_to, and the last has none"
    FALLS = "asks for fewer levels than the band before it; let them rise with the amount"
    NO_ROLE = "names no role; a level is decided by at least one"
    NO_KIND = "names no kind; use {known}"
    ALONE = "what gives up something lent needs a second person; name a level"


class WaiverPolicyError(ValueError):
    """What is wrong with a policy: each problem with its path and what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_waiver_policy(data: object) -> WaiverPolicy:
    """The policy of a mapping; raises `WaiverPolicyError` with all its problems."""
    problems: list[Problem] = []
    found = _policy(Node(data, "", problems))
    if problems:
        first = {problem.path: problem for problem in reversed(problems)}
        raise WaiverPolicyError(list(reversed(first.values())))
    return found


def _policy(node: Node) -> WaiverPolicy:
    keys = node.fields((*_KEYS, *_NUMBERS), _KEYS)
    rows = keys["rules"].children() if "rules" in keys else []
    if "rules" in keys and not 1 <= len(rows) <= _RULES_MOST:
        keys["rules"].wrong(WaiverFault.NO_RULES, most=_RULES_MOST, found=len(rows))
    rules = [_rule(row) for row in rows]
    for place, rule in enumerate(rules):
        if rule.code and rule.code in [each.code for each in rules[:place]]:
            rows[place].wrong(StrategyText.CODE_TWICE, code=repr(rule.code), times=2)
    numbers: dict[str, Any] = {
        name: keys[name].whole(*within) for name, within in _NUMBERS.items() if name in keys
    }
    name_en, name_zh = names_of(keys["name"]) if "name" in keys else ("", "")
    return replace(
        WaiverPolicy(
            code_of(keys["code"]) if "code" in keys else "",
            name_en,
            name_zh,
            _day(keys.get("valid_from")),
            tuple(rules),
        ),
        **numbers,
    )


def _rule(node: Node) -> WaiverRule:
    keys = node.fields((*_RULE, "amount_most"), _RULE)
    there = {name: keys.get(name, node.at(name, None)) for name in (*_RULE, "amount_most")}
    kinds = frozenset(there["kinds"].choices(WaiverKind, WaiverKind.PLAIN))
    if "kinds" in keys and not kinds:
        there["kinds"].wrong(WaiverFault.NO_KIND, known=", ".join(WaiverKind))
    shares = _shares(there["components"]) if "components" in keys else ()
    bands = _bands(there["approval"]) if "approval" in keys else ()
    if any(component == "principal" for component, _share in shares):
        for band, row in zip(bands, there["approval"].children(), strict=False):
            if not band.levels:
                row.wrong(WaiverFault.ALONE)
    return WaiverRule(
        code=code_of(there["code"]) if "code" in keys else "",
        name_en=(names := names_of(there["name"]) if "name" in keys else ("", ""))[0],
        name_zh=names[1],
        when=condition_of(there["when"], CATALOGUE) if "when" in keys else NEVER,
        kinds=kinds,
        shares=shares,
        bands=bands,
        amount_most=_money(there["amount_most"]) if "amount_most" in keys else None,
    )


def _shares(node: Node) -> tuple[tuple[str, int], ...]:
    found = []
    for component, child in node.entries().items():
        if not _COMPONENT.fullmatch(component):
            child.wrong(WaiverFault.NO_COMPONENT, found=repr(component))
        found.append((component, _share(child)))
    if not found:
        node.wrong(WaiverFault.NO_COMPONENTS)
    return tuple(found)


def _share(node: Node) -> int:
    found = _SHARE.fullmatch(str(node.value))
    share = int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0")) if found else 0
    if not 0 < share <= WHOLE:
        node.wrong(WaiverFault.NO_SHARE, found=repr(node.value))
    return share


def _bands(node: Node) -> tuple[Band, ...]:
    rows = node.children()
    if not rows:
        node.wrong(WaiverFault.NO_BAND)
        return (Band(()),)
    found: list[Band] = []
    for place, row in enumerate(rows, 1):
        keys = row.fields(("up_to", "levels"), ("levels",))
        if ("up_to" in keys) == (place == len(rows)):
            row.wrong(WaiverFault.OPEN_BAND)
        levels = _levels(keys["levels"]) if "levels" in keys else ()
        if found and len(levels) < len(found[-1].levels):
            row.wrong(WaiverFault.FALLS)
        found.append(_band(levels, keys.get("up_to")))
    return tuple(found)


def _band(levels: Levels, up_to: Node | None) -> Band:
    if up_to is None:
        return Band(levels)
    if str(up_to.value).endswith("%"):
        return Band(levels, None, _share(up_to))
    return Band(levels, _money(up_to))


def _levels(node: Node) -> Levels:
    return tuple(_roles(child) for child in node.children())


def _roles(node: Node) -> frozenset[Role]:
    roles = frozenset(node.choices(Role, Role.MANAGER))
    if not roles:
        node.wrong(WaiverFault.NO_ROLE)
    return roles


def _money(node: Node) -> Money | None:
    amount, _space, code = node.text().partition(" ")
    try:
        found = parse_money(amount, code.strip())
    except (MoneyError, UnknownCurrency) as error:
        node.wrong(StrategyText.NO_MONEY, why=getattr(error, "said", str(error)))
        return None
    return found


def _day(node: Node | None) -> date:
    if node is None:
        return date.min
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.wrong(StrategyText.NO_DAY, found=repr(node.value))
        return date.min
