"""Whether the condition of a waiver was met: by the payments alone, as of a day.

Each part of the condition is due on a day; with its days of grace over, all parts up to it must be
covered by the money that came since the offer was accepted. A payment that is taken back takes the
condition back with it. What was paid before a failure stays a payment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kept.core.agreements.promises import PaymentMade

__all__ = ["ConditionJudged", "ConditionState", "WaiverState", "judge_condition"]


class WaiverState(StrEnum):
    """`requested` waits for approvals, `offered` for the debtor, `accepted` for the money.

    `undone`: it was posted, and the payments that it hung on were taken back.
    """

    REQUESTED = "requested"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    POSTED = "posted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    COUNTERED = "countered"
    EXPIRED = "expired"
    FAILED = "failed"
    UNDONE = "undone"


class ConditionState(StrEnum):
    OPEN = "open"
    MET = "met"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ConditionJudged:
    """`met_on` is the day of the payment that met it; `failed_on` the day that was missed."""

    state: ConditionState
    paid_minor: int
    met_on: date | None = None
    failed_on: date | None = None


def judge_condition(
    parts: Sequence[tuple[date, int]],
    accounts: Collection[int],
    payments: Iterable[PaymentMade],
    *,
    accepted_on: date,
    grace_days: int,
    as_of: date,
) -> ConditionJudged:
    """`parts` are (due on, amount), rising in their days; payments of other accounts and of before
    the acceptance do not count, nor those that were taken back by the day."""
    last = parts[-1][0] + timedelta(days=grace_days)
    money = sorted(
        (each.effective_on, each.amount_minor)
        for each in payments
        if each.account in accounts
        and accepted_on <= each.effective_on <= min(last, as_of)
        and each.stands(as_of)
    )
    paid = sum(amount for _day, amount in money)
    for due_on, wanted in _rising(parts):
        test_on = due_on + timedelta(days=grace_days)
        in_time = sum(amount for day, amount in money if day <= test_on)
        if in_time < wanted:
            if as_of <= test_on:
                return ConditionJudged(ConditionState.OPEN, paid)
            return ConditionJudged(ConditionState.FAILED, paid, failed_on=due_on)
    return ConditionJudged(ConditionState.MET, paid, met_on=_met_on(money, parts))


def _rising(parts: Sequence[tuple[date, int]]) -> Iterable[tuple[date, int]]:
    so_far = 0
    for due_on, amount in parts:
        so_far += amount
        yield due_on, so_far


def _met_on(money: Sequence[tuple[date, int]], parts: Sequence[tuple[date, int]]) -> date | None:
    wanted, so_far = sum(amount for _day, amount in parts), 0
    for day, amount in money:
        so_far += amount
        if so_far >= wanted:
            return day
    return None
