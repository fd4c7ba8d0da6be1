"""Promises to pay: what they come to as of a day, by the payments alone.

Money counts once. A payment keeps those promises on its account that were open on its day, the one
that falls due first before the others, each up to what was promised; a promise that was replaced or
cancelled takes nothing from that day on. A payment that was reversed has kept nothing as of the
days from its reversal on, and everything as of the days before. Which payments were known is the
caller's choice, so that the answer of a past day can be said again.

The measures' definitions are those of the metric dictionary (rules 1, 2, 8 and 9).
Amounts are integer minor units of the promise's one currency.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

__all__ = [
    "Judged",
    "JudgingTerms",
    "PaymentMade",
    "PromiseState",
    "Promised",
    "judge_promises",
    "promise_rates",
    "wanted_minor",
]

#: Tolerances are in parts of a million of the promised amount.
WHOLE: Final = 1_000_000


class PromiseState(StrEnum):
    """`open` until the last day of grace is over, unless it is kept before."""

    OPEN = "open"
    KEPT = "kept"
    PARTIAL = "partial"
    BROKEN = "broken"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JudgingTerms:
    """How strictly promises are judged; with both 0 not a cent less is kept, and not a day later.

    `tolerance_ppm` is the part of a million of the promised amount that may be missing.
    """

    tolerance_ppm: int = 0
    grace_days: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance_ppm < WHOLE or self.grace_days < 0:
            raise ValueError("a tolerance is below the whole amount, a grace is not negative")


@dataclass(frozen=True, slots=True)
class Promised:
    """What a debtor promised: an amount over these accounts, by a day.

    `ended_on` is the day from which it counts no more: replaced, or cancelled by a hold or dispute.
    `made_at` is a reading of the clock by which payments are recorded; only its order counts.
    `takes_unexplained`: a fall of the balance that no known payment explains keeps it too.
    """

    id: int
    accounts: frozenset[int]
    amount_minor: int
    made_on: date
    due_on: date
    terms: JudgingTerms
    ended_on: date | None = None
    made_at: int = 0
    takes_unexplained: bool = True

    @property
    def test_on(self) -> date:
        """The last day on which money keeps it."""
        return self.due_on + timedelta(days=self.terms.grace_days)

    def takes(self, payment: PaymentMade) -> bool:
        """Money of its days. What was in the book before it was made was not promised any more."""
        ends = min(self.test_on, (self.ended_on or date.max) - timedelta(days=1))
        in_time = self.made_on <= payment.effective_on <= ends
        is_new = payment.effective_on > self.made_on or payment.recorded_at >= self.made_at
        counts = payment.is_explained or self.takes_unexplained
        return payment.account in self.accounts and in_time and is_new and counts


@dataclass(frozen=True, slots=True)
class PaymentMade:
    """Money that reached an account; `reversed_on` is the day from which it counts no more."""

    id: int
    account: int
    amount_minor: int
    effective_on: date
    reversed_on: date | None = None
    recorded_at: int = 0
    is_explained: bool = True

    def stands(self, as_of: date) -> bool:
        reversed_by_then = self.reversed_on is not None and self.reversed_on <= as_of
        return self.effective_on <= as_of and not reversed_by_then


@dataclass(frozen=True, slots=True)
class Judged:
    """What a promise has come to: `paid_minor` of it, by (payment, amount) in `by_payment`.

    `matured` says that its state is final but for reversals: the rates count only those.
    """

    promise: Promised
    state: PromiseState
    paid_minor: int
    by_payment: tuple[tuple[int, int], ...]
    matured: bool

    @property
    def missing_minor(self) -> int:
        return self.promise.amount_minor - self.paid_minor


def wanted_minor(promise: Promised) -> int:
    """The least that keeps it: the promised amount less the tolerance, a fraction rounded up."""
    share = promise.amount_minor * (WHOLE - promise.terms.tolerance_ppm)
    return -(-share // WHOLE)


def judge_promises(
    promises: Iterable[Promised], payments: Iterable[PaymentMade], as_of: date
) -> dict[int, Judged]:
    """By the promise's id, of those made by the day: each promise by the payments that stood."""
    known = sorted(
        (each for each in promises if each.made_on <= as_of),
        key=lambda each: (each.due_on, each.made_on, each.id),
    )
    taken: dict[int, list[tuple[int, int]]] = {each.id: [] for each in known}
    missing = {each.id: each.amount_minor for each in known}
    standing = [each for each in payments if each.stands(as_of)]
    for payment in sorted(standing, key=lambda each: (each.effective_on, each.id)):
        _spread(payment, known, missing, taken)
    return {each.id: _judge(each, taken[each.id], as_of) for each in known}


def _spread(
    payment: PaymentMade,
    promises: Sequence[Promised],
    missing: dict[int, int],
    taken: Mapping[int, list[tuple[int, int]]],
) -> None:
    left = payment.amount_minor
    for promise in promises:
        part = min(left, missing[promise.id])
        if part and promise.takes(payment):
            missing[promise.id] -= part
            taken[promise.id].append((payment.id, part))
            left -= part


def _judge(promise: Promised, taken: Sequence[tuple[int, int]], as_of: date) -> Judged:
    paid = sum(amount for _payment, amount in taken)
    state = _state(promise, paid, as_of)
    matured = promise.test_on <= as_of and state is not PromiseState.CANCELLED
    return Judged(promise, state, paid, tuple(taken), matured)


def _state(promise: Promised, paid: int, as_of: date) -> PromiseState:
    """Kept as soon as it is; ended before its last day it is neither kept nor broken."""
    ended = promise.ended_on
    if paid >= wanted_minor(promise):
        return PromiseState.KEPT
    if ended is not None and ended <= min(as_of, promise.test_on):
        return PromiseState.CANCELLED
    if as_of <= promise.test_on:
        return PromiseState.OPEN
    return PromiseState.PARTIAL if paid else PromiseState.BROKEN


def promise_rates(
    judged: Collection[Judged], first: date, last: date
) -> dict[str, Fraction | int | None]:
    """The rates of the promises due in a period, both days included; None where nothing matured.

    `kept_rate`, `partial_kept_rate` and `broken_rate` add up to one. Amounts are of one currency.
    """
    due = [each for each in judged if first <= each.promise.due_on <= last]
    states = PromiseState
    cancelled = [each for each in due if each.state is states.CANCELLED]
    matured = [each for each in due if each.matured]

    def count(state: PromiseState) -> int:
        return sum(_final(each) is state for each in matured)

    promised = sum(each.promise.amount_minor for each in matured)
    kept = [each for each in matured if _final(each) is states.KEPT]
    return {
        "kept_rate": _over(count(states.KEPT), len(matured)),
        "partial_kept_rate": _over(count(states.PARTIAL), len(matured)),
        "broken_rate": _over(count(states.BROKEN), len(matured)),
        "kept_amount_rate": _over(sum(each.paid_minor for each in kept), promised),
        "promise_cash_rate": _over(sum(each.paid_minor for each in matured), promised),
        "pending_count": len(due) - len(matured) - len(cancelled),
        "cancelled_count": len(cancelled),
    }


def _final(judged: Judged) -> PromiseState:
    """A promise tested on its last day of grace: what is open then has not been kept."""
    if judged.state is not PromiseState.OPEN:
        return judged.state
    return PromiseState.PARTIAL if judged.paid_minor else PromiseState.BROKEN


def _over(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
