"""What a promise to pay must look like to be taken, and how strictly it will be judged.

A policy is data of a creditor, dated; this says what is a policy, what it allows on a day and what
breaks it. What no policy can allow (a day that is past, more than is owed) is a fault of the
promise itself. Words for people are found in `work/promise_policies.py`. Amounts are integer minor
units of the promise's one currency, shares are parts of a million.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from kept.core.actors import Role
from kept.core.agreements.promises import WHOLE, JudgingTerms

__all__ = [
    "Allowed",
    "Breach",
    "Fault",
    "PromisePolicy",
    "Standing",
    "Wanted",
    "allowed_by",
    "breaches_of",
    "faults_of",
    "policy_fault",
    "policy_of",
    "policy_values",
]

_DAYS_MOST: Final = 365
_COUNT_MOST: Final = 99


@dataclass(frozen=True, slots=True)
class PromisePolicy:
    """`least_minor` or `least_share_ppm` of what is past due, the greater of both, but never more
    than is past due; at most `days_ahead_most` days after the creditor's date on which it is made
    (T+3 is 3). `broken_most` promises may have been broken in `broken_days` days. `is_strict`: not
    a cent less, not a day later, whatever tolerance and grace say. `counts_unexplained`: a fall of
    the balance in a creditor's file that no payment explains keeps promises. `exceed_roles` may
    take a promise that breaks the policy, saying why.
    """

    least_minor: int = 0
    least_share_ppm: int = 0
    days_ahead_most: int = 7
    open_most: int = 1
    broken_most: int = 2
    broken_days: int = 30
    tolerance_ppm: int = 0
    grace_days: int = 0
    is_strict: bool = False
    counts_unexplained: bool = True
    exceed_roles: tuple[str, ...] = (Role.TEAM_LEAD.value, Role.MANAGER.value)

    @property
    def terms(self) -> JudgingTerms:
        """What is frozen into a promise when it is made."""
        if self.is_strict:
            return JudgingTerms()
        return JudgingTerms(self.tolerance_ppm, self.grace_days)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the accounts of a promise stand on the creditor's date `today`.

    `open_count` are the promises that stay open beside the new one; `broken_count` those broken in
    the policy's days.
    """

    today: date
    past_due_minor: int
    balance_minor: int
    open_count: int = 0
    broken_count: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The promise that is to be taken."""

    amount_minor: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Allowed:
    """What could be promised within the policy; `may_take` False: nothing, whatever the bounds."""

    least_minor: int
    most_minor: int
    first_on: date
    last_on: date
    suggested_minor: int
    may_take: bool


class Fault(StrEnum):
    """What no policy allows."""

    NOT_POSITIVE = "not_positive"
    IN_THE_PAST = "in_the_past"
    ABOVE_BALANCE = "above_balance"
    BEYOND_A_YEAR = "beyond_a_year"


class Breach(StrEnum):
    """What the policy does not allow, but somebody entitled may."""

    TOO_LITTLE = "too_little"
    TOO_FAR = "too_far"
    TOO_MANY_OPEN = "too_many_open"
    TOO_MANY_BROKEN = "too_many_broken"


def allowed_by(policy: PromisePolicy, standing: Standing) -> Allowed:
    """The bounds of a promise on this day; what is past due is suggested, or else the balance."""
    past_due = max(min(standing.past_due_minor, standing.balance_minor), 0)
    share = -(-past_due * policy.least_share_ppm // WHOLE)
    least = min(max(policy.least_minor, share, 1), max(past_due, 1))
    return Allowed(
        least_minor=min(least, max(standing.balance_minor, 1)),
        most_minor=standing.balance_minor,
        first_on=standing.today,
        last_on=standing.today + timedelta(days=policy.days_ahead_most),
        suggested_minor=past_due or max(standing.balance_minor, 0),
        may_take=not _counted_breaches(policy, standing),
    )


def faults_of(wanted: Wanted, standing: Standing) -> list[Fault]:
    found = [
        (Fault.NOT_POSITIVE, wanted.amount_minor <= 0),
        (Fault.IN_THE_PAST, wanted.due_on < standing.today),
        (Fault.ABOVE_BALANCE, wanted.amount_minor > max(standing.balance_minor, 0)),
        (Fault.BEYOND_A_YEAR, (wanted.due_on - standing.today).days > _DAYS_MOST),
    ]
    return [fault for fault, is_so in found if is_so]


def breaches_of(policy: PromisePolicy, wanted: Wanted, standing: Standing) -> list[Breach]:
    allowed = allowed_by(policy, standing)
    found = [
        (Breach.TOO_LITTLE, wanted.amount_minor < allowed.least_minor),
        (Breach.TOO_FAR, wanted.due_on > allowed.last_on),
    ]
    return [each for each, is_so in found if is_so] + _counted_breaches(policy, standing)


def _counted_breaches(policy: PromisePolicy, standing: Standing) -> list[Breach]:
    found = [
        (Breach.TOO_MANY_OPEN, standing.open_count >= policy.open_most),
        (Breach.TOO_MANY_BROKEN, standing.broken_count > policy.broken_most),
    ]
    return [each for each, is_so in found if is_so]


def policy_of(values: Mapping[str, Any]) -> PromisePolicy:
    """A policy from JSON; what is left out has its default, a name that is none is left out."""
    names = {each.name for each in fields(PromisePolicy)}
    given = {name: value for name, value in values.items() if name in names}
    if "exceed_roles" in given:
        given["exceed_roles"] = tuple(given["exceed_roles"])
    return PromisePolicy(**given)


def policy_values(policy: PromisePolicy) -> dict[str, Any]:
    """The policy as JSON, whole."""
    return {**asdict(policy), "exceed_roles": list(policy.exceed_roles)}


def policy_fault(policy: PromisePolicy) -> str | None:
    """The name of the first value that makes no sense."""
    bounds: Mapping[str, tuple[int, int]] = {
        "least_minor": (0, 10**15),
        "least_share_ppm": (0, WHOLE),
        "days_ahead_most": (0, _DAYS_MOST),
        "open_most": (1, _COUNT_MOST),
        "broken_most": (0, _COUNT_MOST),
        "broken_days": (1, _DAYS_MOST),
        "tolerance_ppm": (0, WHOLE - 1),
        "grace_days": (0, _DAYS_MOST),
    }
    for name, (least, most) in bounds.items():
        value = getattr(policy, name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            return name
    for name in ("is_strict", "counts_unexplained"):
        if not isinstance(getattr(policy, name), bool):
            return name
    if not set(policy.exceed_roles) <= {each.value for each in Role}:
        return "exceed_roles"
    return None
