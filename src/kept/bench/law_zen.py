"""The other side of the benchmark of the law: the same listed rules as a decision of `zen-engine`.

Each part of the plan for a call becomes one expression over the same facts: its condition, what its
kind compares at the asked minute, and what lifts it. The decision answers which parts fire now; the
times from when a contact is lawful are beyond it. Developers' machines only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import zen

from kept.bench.law_book import book, zone
from kept.core.calendar import local_minute
from kept.core.conditions import Condition, print_condition
from kept.core.law.lawbook import Plan, Planned, scope_key
from kept.core.law.rules import Exemption, Kind, Part

__all__ = ["Decision", "context_of", "decision_for", "fired_in"]

Decision = Any

_LISTED = re.compile(r" in \(([^()]*)\)")
"""A list of words, which zen writes in square brackets."""


def decision_for(row: Mapping[str, Any]) -> Decision:
    """The decision with the rules that are listed for calls like this one."""
    plan = book().plan(scope_key(row))
    expressions = [
        {"id": str(number), "key": f"p{number}", "value": _fires(planned)}
        for number, planned in enumerate(plan)
    ]
    nodes = [
        _node("in", "inputNode", {}),
        _node("rules", "expressionNode", {"expressions": expressions}),
        _node("out", "outputNode", {}),
    ]
    edges = [
        {"id": f"{one}-{other}", "type": "edge", "sourceId": one, "targetId": other}
        for one, other in (("in", "rules"), ("rules", "out"))
    ]
    content = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    return zen.ZenEngine().create_decision(json.dumps(content))


def context_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that the rules read, ready in memory: their local time and days are worked out."""
    plan = book().plan(scope_key(row))
    local = local_minute(row["asked"], zone(row["place"]))
    facts = {name: row[name] for name in _names(plan)}
    counts = {f"nth{number}": row[f"nth:{each.part.key}"] for number, each in _counted(plan)}
    return facts | counts | {"asked": row["asked"], "minute": local % 1440, "day": local // 1440}


def fired_in(plan: Plan, result: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the parts that a decision's result says fire."""
    found = result["result"]
    return frozenset(each.part.key for at, each in enumerate(plan) if found[f"p{at}"])


def _node(name: str, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "type": kind,
        "position": {"x": 0, "y": 0},
        "content": content,
    }


def _names(plan: Plan) -> list[str]:
    lifts = [lift for each in plan for lift in each.exemptions]
    moments = [(each.part.from_fact, each.part.until_fact) for each in plan]
    moments += [(lift.from_fact, lift.until_fact) for lift in lifts]
    named = [name for pair in moments for name in pair if name]
    return list(dict.fromkeys([*plan.reads, *named]))


def _counted(plan: Plan) -> list[tuple[int, Planned]]:
    counted = [each for each in plan if each.part.kind is Kind.SPACING]
    return list(enumerate(counted))


def _fires(planned: Planned) -> str:
    lifts = [f"not ({_lift(each)})" for each in planned.exemptions if each.windows is None]
    return " and ".join([_when(planned.part.when), _closed(planned.part), *lifts])


def _lift(exemption: Exemption) -> str:
    return f"{_when(exemption.when)} and {_between(exemption.from_fact, exemption.until_fact)}"


def _when(condition: Condition | None) -> str:
    if condition is None:
        return "true"
    text = _LISTED.sub(r" in [\1]", print_condition(condition.tree))
    return f"({text})"


def _between(start: str | None, end: str | None) -> str:
    since = f"asked >= {start}" if start else "true"
    return f"{since} and asked < {end}" if end else since


def _closed(part: Part) -> str:
    """What a kind compares; nobody of the made-up book named times of day of his own."""
    match part.kind:
        case Kind.BAR:
            return _between(part.from_fact, part.until_fact)
        case Kind.OPENING:
            window = part.windows[0]
            return f"not (minute >= {window.opens} and minute < {window.closes})"
        case Kind.SPACING:
            number = 0 if part.key.endswith("count") else 1
            return f"nth{number} + {part.days} > day"
    return "false"
