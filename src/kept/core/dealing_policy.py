"""The thresholds by which cases move between seats, and the grade of a case.

They are set by creditor and day (`work/dealing_policies.py`); these defaults hold otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from kept.core.algebra import greatest, is_in, stair, where

__all__ = [
    "GRADE_MOST",
    "DealingPolicy",
    "grade_of",
    "policy_fault",
    "policy_of",
    "policy_values",
]

GRADE_MOST: Final = 9
_DAYS_MOST: Final = 3650


@dataclass(frozen=True, slots=True)
class DealingPolicy:
    """When a case leaves its seat, and from which amounts on it takes a higher grade.

    `idle_days`: nothing was done on it by its seat for so many days. `tries` attempts in `try_days`
    days without the debtor on the line, or a payment: no progress. 0 switches either off.
    `stages`: on entering one of these it is dealt anew. `absence_days`: a seat that is back within
    so many days keeps its cases; they wait for it. `grade_from_minor`: amounts (minor units of the
    creditor's currency, rising); a balance that reaches the first has grade 2, the second 3…
    `grade_of_treatment`: at least this grade, whatever the balance.
    """

    idle_days: int = 21
    tries: int = 15
    try_days: int = 30
    stages: tuple[str, ...] = ("visit", "legal")
    absence_days: int = 3
    grade_from_minor: tuple[int, ...] = ()
    grade_of_treatment: tuple[tuple[str, int], ...] = ()


def policy_of(values: Mapping[str, Any]) -> DealingPolicy:
    """The defaults with what was set; a name that is none is left out."""
    names = {each.name for each in fields(DealingPolicy)}
    given = {name: value for name, value in values.items() if name in names}
    for name in ("stages", "grade_from_minor"):
        if name in given:
            given[name] = tuple(given[name])
    if "grade_of_treatment" in given:
        given["grade_of_treatment"] = tuple(sorted(dict(given["grade_of_treatment"]).items()))
    return DealingPolicy(**given)


def policy_values(policy: DealingPolicy) -> dict[str, Any]:
    """The policy as JSON."""
    found = asdict(policy)
    return {
        **found,
        "stages": list(policy.stages),
        "grade_from_minor": list(policy.grade_from_minor),
        "grade_of_treatment": dict(policy.grade_of_treatment),
    }


def policy_fault(policy: DealingPolicy) -> str | None:
    """The name of the first value that makes no sense."""
    for name in ("idle_days", "tries", "try_days", "absence_days"):
        if not 0 <= getattr(policy, name) <= _DAYS_MOST:
            return name
    limits = policy.grade_from_minor
    if (
        len(limits) >= GRADE_MOST
        or list(limits) != sorted(set(limits))
        or min(limits, default=1) < 1
    ):
        return "grade_from_minor"
    if any(not 1 <= grade <= GRADE_MOST for _code, grade in policy.grade_of_treatment):
        return "grade_of_treatment"
    return None


def grade_of(
    policy: DealingPolicy, house: str, *, currency: Any, balance_minor: Any, treatment: Any
) -> Any:
    """The grade of one case or of columns of cases, 1 and up: by its balance, and at least that of
    its treatment. An amount that is not in the house's currency cannot be compared: it takes the
    highest grade that amounts give."""
    limits = policy.grade_from_minor
    by_amount = stair(balance_minor, limits, range(1, len(limits) + 2))
    found = where(is_in(currency, [house]), by_amount, len(limits) + 1)
    for code, grade in policy.grade_of_treatment:
        found = greatest(found, where(is_in(treatment, [code]), grade, 1))
    return found
