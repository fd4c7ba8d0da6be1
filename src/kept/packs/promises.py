"""The policies of promises that ship with kept, by the day from which they hold."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from kept.core.actors import Role
from kept.core.agreements.promise_policy import PromisePolicy, policy_fault
from kept.core.intake.nodes import Node
from kept.packs.values import read_table

__all__ = ["load_promise_policies", "parse_promise_policies", "shipped_promise_policy"]

_KEYS: Final = (
    "valid_from",
    "least_share",
    "days_ahead_most",
    "open_most",
    "broken_most",
    "broken_days",
    "tolerance",
    "grace_days",
    "strict",
    "counts_unexplained",
    "exceed_roles",
)
_SHARE: Final = re.compile(r"(\d{1,3})(?:\.(\d{1,4}))?%")
_MOST: Final = 100_000


def shipped_promise_policy(on: date) -> PromisePolicy:
    """The shipped policy of a day; of a day before the first one, the first."""
    policies = load_promise_policies()
    found = [policy for valid_from, policy in policies if valid_from <= on]
    return (found or [policies[0][1]])[-1]


@cache
def load_promise_policies() -> tuple[tuple[date, PromisePolicy], ...]:
    file = files("kept.packs").joinpath("money").joinpath("promises.yaml")
    return parse_promise_policies(file.read_text(encoding="utf-8"), "promises.yaml")


def parse_promise_policies(text: str, file_name: str) -> tuple[tuple[date, PromisePolicy], ...]:
    """Oldest first; raises `ValuesFileError` with every problem of the text."""
    return read_table(text, file_name, "money/promises.yaml", _policies)


def _policies(node: Node) -> tuple[tuple[date, PromisePolicy], ...]:
    fields = node.fields(("policies",), ("policies",))
    rows = fields["policies"].children() if "policies" in fields else []
    found = [_policy(row) for row in rows]
    days = [valid_from for valid_from, _policy in found]
    if not found or days != sorted(set(days)):
        node.wrong("give at least one policy, each from a later day than the one before")
    return tuple(found)


def _policy(node: Node) -> tuple[date, PromisePolicy]:
    fields = node.fields(_KEYS, _KEYS)
    if set(fields) != set(_KEYS):
        return date.min, PromisePolicy()
    whole: dict[str, Any] = {
        name: fields[name].whole(0, _MOST)
        for name in ("days_ahead_most", "open_most", "broken_most", "broken_days", "grace_days")
    }
    policy = PromisePolicy(
        least_share_ppm=_share(fields["least_share"]),
        tolerance_ppm=_share(fields["tolerance"]),
        is_strict=_flag(fields["strict"]),
        counts_unexplained=_flag(fields["counts_unexplained"]),
        exceed_roles=tuple(
            each.value for each in fields["exceed_roles"].choices(Role, Role.MANAGER)
        ),
        **whole,
    )
    fault = policy_fault(policy)
    if fault is not None:
        node.wrong(f"{fault} has no value that a policy can use")
    return _day(fields["valid_from"]), policy


def _share(node: Node) -> int:
    """Parts of a million."""
    found = _SHARE.fullmatch(node.text())
    if found is None:
        node.wrong(f"{node.value!r} is no share; write it as 5%, at most four decimals")
        return 0
    return int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0"))


def _flag(node: Node) -> bool:
    if isinstance(node.value, bool):
        return node.value
    if node.value in ("true", "false"):
        return node.value == "true"
    node.wrong(f"{node.value!r} is neither true nor false")
    return False


def _day(node: Node) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.wrong(f"{node.value!r} is no day; write it as 2026-01-31")
        return date.min
