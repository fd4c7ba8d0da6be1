"""What may be waived: a matrix over facts, and what it says to one request; pure functions.

A rule holds for the cases that its condition describes. It names the largest share of each
component, perhaps a largest amount, and by whom what is asked for has to be approved. What was
waived before counts: half of the fees once is not half of the rest once more. What no rule holds
is not to be promised, by anybody. Amounts are integer minor units, shares parts of a million.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from kept.core.approvals import Levels
from kept.core.conditions import Condition
from kept.core.currencies import UnknownCurrency, currency
from kept.core.money import Money
from kept.core.said import Said

__all__ = [
    "WHOLE",
    "Allowance",
    "Answer",
    "Band",
    "WaiverKind",
    "WaiverPolicy",
    "WaiverRule",
    "WaiverText",
    "allowances",
    "answer_to",
    "split_settlement",
]

WHOLE: Final = 1_000_000
#: What a settlement gives up first: charges before what was lent.
_CHARGES: Final = ("penalty", "cost", "fee", "interest")
_LENT: Final = "principal"
_NAMES: Final = {"fee": "fees", "cost": "costs"}


class WaiverKind(StrEnum):
    """`plain`: at once. `conditional`: once an amount is paid by its days. `settlement`: the same,
    and what is left then closes the debt."""

    PLAIN = "plain"
    CONDITIONAL = "conditional"
    SETTLEMENT = "settlement"


class WaiverText(StrEnum):
    """Why a request is beyond policy; faces translate."""

    NOTHING = "The policy holds no waiver of this kind for this case."
    COMPONENT = "{component}: the policy holds no waiver of it for this case."
    SHARE = "{component}: the policy holds at most {most}, not {asked}."
    AMOUNT = "The policy holds at most {most} in all, not {asked}."
    BALANCE = "{component}: {asked} is more than the {balance} that is owed."
    POSITIVE = "A waiver is an amount above 0."


@dataclass(frozen=True, slots=True)
class Band:
    """Up to this amount or share of what is owed (both None: any), these levels approve."""

    levels: Levels
    up_to: Money | None = None
    up_to_share: int | None = None

    def holds(self, asked_minor: int, owed_minor: int, code: str) -> bool:
        if self.up_to is not None:
            return self.up_to.currency.code == code and asked_minor <= self.up_to.amount_minor
        return self.up_to_share is None or asked_minor * WHOLE <= owed_minor * self.up_to_share


@dataclass(frozen=True, slots=True)
class WaiverRule:
    code: str
    name_en: str
    name_zh: str
    when: Condition
    kinds: frozenset[WaiverKind]
    shares: tuple[tuple[str, int], ...]
    bands: tuple[Band, ...]
    amount_most: Money | None = None

    def holds(self, facts: Mapping[str, Any], kind: WaiverKind, code: str) -> bool:
        """An amount in another currency cannot be compared: the rule then holds nothing."""
        if self.amount_most is not None and self.amount_most.currency.code != code:
            return False
        return kind in self.kinds and self.when.evaluate(facts).surely_true


@dataclass(frozen=True, slots=True)
class WaiverPolicy:
    """`offer_days`: how long an offer stands. `pay_days_most`, `payments_most`: until when and in
    how many parts a condition is paid. `rounds_most`: offers to one debtor before it takes a new
    talk. `counts_days`: for how long an earlier waiver counts against the shares."""

    code: str
    name_en: str
    name_zh: str
    valid_from: date
    rules: tuple[WaiverRule, ...]
    offer_days: int = 14
    pay_days_most: int = 60
    payments_most: int = 6
    grace_days: int = 0
    rounds_most: int = 3
    counts_days: int = 365

    @property
    def label(self) -> str:
        return f"{self.code}:{self.valid_from.isoformat()}"

    def rule(self, code: str) -> WaiverRule | None:
        return next((each for each in self.rules if each.code == code), None)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one rule holds for a case: the most of each component, and the most in all."""

    rule: WaiverRule
    most_minor: Mapping[str, int]
    total_minor: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A rule that holds what was asked for, with its levels; or why none does."""

    rule: WaiverRule | None
    levels: Levels = ()
    faults: tuple[Said, ...] = field(default_factory=tuple)


def allowances(
    policy: WaiverPolicy,
    facts: Mapping[str, Any],
    owed: Mapping[str, int],
    waived: Mapping[str, int],
    code: str,
    kind: WaiverKind,
) -> tuple[Allowance, ...]:
    """Of every rule that holds. `waived` is what was waived before and still counts."""
    rules = [each for each in policy.rules if each.holds(facts, kind, code)]
    found = [_allowance(rule, owed, waived) for rule in rules]
    return tuple(each for each in found if each.total_minor > 0)


def _allowance(rule: WaiverRule, owed: Mapping[str, int], waived: Mapping[str, int]) -> Allowance:
    most = {}
    for component, share in rule.shares:
        before = waived.get(component, 0)
        left = (owed.get(component, 0) + before) * share // WHOLE - before
        if min(left, owed.get(component, 0)) > 0:
            most[component] = min(left, owed[component])
    total = sum(most.values())
    if rule.amount_most is not None:
        total = min(total, rule.amount_most.amount_minor - sum(waived.values()))
    return Allowance(rule, most, total)


def answer_to(
    policy: WaiverPolicy,
    facts: Mapping[str, Any],
    owed: Mapping[str, int],
    waived: Mapping[str, int],
    asked: Mapping[str, int],
    code: str,
    kind: WaiverKind,
) -> Answer:
    """The rule with the fewest levels that holds all that is asked for; never more than is owed."""
    faults = _above_balance(owed, asked, code)
    if faults:
        return Answer(None, (), faults)
    held = allowances(policy, facts, owed, waived, code, kind)
    fitting = [(each, _beyond(each, asked, code)) for each in held]
    good = [each.rule for each, beyond in fitting if not beyond]
    if good:
        total, whole = sum(asked.values()), sum(max(each, 0) for each in owed.values())
        answers = [Answer(rule, _levels(rule, total, whole, code)) for rule in good]
        return min(answers, key=lambda each: len(each.levels))
    if not fitting:
        return Answer(None, (), (Said(WaiverText.NOTHING),))
    largest = max(fitting, key=lambda each: each[0].total_minor)
    return Answer(None, (), largest[1])


def _above_balance(
    owed: Mapping[str, int], asked: Mapping[str, int], code: str
) -> tuple[Said, ...]:
    if not asked or min(asked.values()) <= 0:
        return (Said(WaiverText.POSITIVE),)
    return tuple(
        Said(
            WaiverText.BALANCE,
            component=_named(component),
            asked=_money(amount, code),
            balance=_money(owed.get(component, 0), code),
        )
        for component, amount in asked.items()
        if amount > owed.get(component, 0)
    )


def _beyond(held: Allowance, asked: Mapping[str, int], code: str) -> tuple[Said, ...]:
    faults = []
    for component, amount in asked.items():
        most = held.most_minor.get(component)
        if most is None:
            faults.append(Said(WaiverText.COMPONENT, component=_named(component)))
        elif amount > most:
            given = {"most": _money(most, code), "asked": _money(amount, code)}
            faults.append(Said(WaiverText.SHARE, component=_named(component), **given))
    total = sum(asked.values())
    if not faults and total > held.total_minor:
        given = {"most": _money(held.total_minor, code), "asked": _money(total, code)}
        faults.append(Said(WaiverText.AMOUNT, **given))
    return tuple(faults)


def _levels(rule: WaiverRule, asked_minor: int, owed_minor: int, code: str) -> Levels:
    """Those of the first band that holds it; the last one, which has no bound, where none does."""
    held = (each for each in rule.bands if each.holds(asked_minor, owed_minor, code))
    return next(held, rule.bands[-1]).levels


def _named(component: str) -> Said:
    """The component as a face names it: a text that it translates."""
    return Said(_NAMES.get(component, component))


def _money(minor: int, code: str) -> str:
    try:
        return str(Money(minor, currency(code)))
    except UnknownCurrency:
        return f"{minor} {code}"


def split_settlement(
    held: Iterable[Allowance], owed: Mapping[str, int], waived_minor: int
) -> dict[str, int]:
    """What a settlement gives up of each component: charges first, what was lent last, each as far
    as one rule holds it; where none holds it all, of what is owed, so that the answer says why.

    The matrix is asked about this; what the closing entry takes out is what the payments left.
    """
    for each in held:
        if waived_minor <= each.total_minor:
            return _split(each.most_minor, waived_minor)
    return _split(owed, waived_minor)


def _split(most: Mapping[str, int], waived_minor: int) -> dict[str, int]:
    charges = [each for each in _CHARGES if each in most]
    others = sorted(each for each in most if each not in (*_CHARGES, _LENT))
    found: dict[str, int] = {}
    left = waived_minor
    for component in (*charges, *others, *([_LENT] if _LENT in most else [])):
        part = min(max(most[component], 0), left)
        if part:
            found[component] = part
            left -= part
    return found
