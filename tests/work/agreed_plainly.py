"""What promises, plans and conditions come to, told slowly: day by day, knowing no SQL and no rule
of kept but the words of docs/promises.md, docs/plans.md and docs/waivers.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

__all__ = ["Money", "Said", "condition_state", "days", "plan_state", "promise_states"]

DAY = timedelta(days=1)


@dataclass
class Money:
    """Money that reached an account; taken back from a day on, told at a moment."""

    entry_id: int
    account: int
    amount: int
    on: date
    told: datetime
    back_on: date | None = None
    back_told: datetime | None = None

    def known(self, known_at: datetime) -> Money | None:
        """As it looked at a moment; None where nobody knew of it."""
        if self.told > known_at:
            return None
        if self.back_told is None or self.back_told <= known_at:
            return self
        return Money(self.entry_id, self.account, self.amount, self.on, self.told)

    def stands(self, on: date) -> bool:
        return self.on <= on and (self.back_on is None or self.back_on > on)


@dataclass
class Said:
    """One promise; `ended_on` and `ended_at` where it was replaced, cancelled or outlived."""

    promise_id: int
    accounts: frozenset[int]
    amount: int
    made_on: date
    made_at: datetime
    due_on: date
    last_on: date
    may_lack: int
    ended_on: date | None = None
    ended_at: datetime | None = None

    def is_open(self, on: date, known_at: datetime) -> bool:
        has_ended = self.ended_on is not None and self.ended_at is not None
        gone = has_ended and self.ended_at <= known_at and self.ended_on <= on  # type: ignore[operator]
        return self.made_on <= on <= self.last_on and not gone


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def known_money(money: Sequence[Money], known_at: datetime) -> list[Money]:
    found = [each.known(known_at) for each in money]
    return sorted((each for each in found if each is not None), key=lambda each: each.entry_id)


def promise_states(
    said: Sequence[Said], money: Sequence[Money], as_of: date, known_at: datetime
) -> dict[int, tuple[str, int]]:
    """State and amount paid of every promise made by then, cent for cent in the order of days."""
    there = [each for each in said if each.made_on <= as_of and each.made_at <= known_at]
    there.sort(key=lambda each: (each.due_on, each.made_on, each.promise_id))
    paid = {each.promise_id: 0 for each in there}
    coming = [each for each in known_money(money, known_at) if each.stands(as_of)]
    first = min((each.made_on for each in there), default=as_of)
    for day in days(first, as_of):
        for each in coming:
            left = each.amount if each.on == day else 0
            for promise in there:
                is_new = day > promise.made_on or each.told >= promise.made_at
                if promise.is_open(day, known_at) and is_new and each.account in promise.accounts:
                    part = min(left, promise.amount - paid[promise.promise_id])
                    paid[promise.promise_id] += part
                    left -= part
    return {
        each.promise_id: (
            _state(each, paid[each.promise_id], as_of, known_at),
            paid[each.promise_id],
        )
        for each in there
    }


def _state(promise: Said, paid: int, as_of: date, known_at: datetime) -> str:
    if paid >= promise.amount - promise.may_lack:
        return "kept"
    if as_of <= promise.last_on:
        return "open" if promise.is_open(as_of, known_at) else "cancelled"
    if not promise.is_open(promise.last_on, known_at):
        return "cancelled"
    return "partial" if paid else "broken"


def plan_state(
    due: Sequence[tuple[date, int]],
    money: Sequence[Money],
    began_on: date,
    tolerance: tuple[int, int],
    as_of: date,
) -> str:
    """Broken on the first day on which more is missing of what is due than may be."""
    wait, may_lack = timedelta(days=tolerance[0]), tolerance[1]
    counted = [each for each in money if began_on <= each.on]
    for day in days(began_on, as_of):
        wanted = sum(amount for due_on, amount in due if due_on + wait < day)
        there = sum(
            each.amount
            for each in counted
            if each.on < day and (each.back_on is None or day <= each.back_on + wait)
        )
        if wanted - there > may_lack:
            return "breached"
    paid = sum(each.amount for each in counted if each.stands(as_of))
    return "performed" if paid >= sum(amount for _on, amount in due) - may_lack else "active"


def condition_state(
    parts: Sequence[tuple[date, int]],
    money: Sequence[Money],
    accepted_on: date,
    grace: int,
    as_of: date,
) -> str:
    """`met` when all parts are paid, `failed` from the day after the grace of one that is not."""
    coming = [each for each in money if each.on >= accepted_on and each.stands(as_of)]
    wanted = 0
    for due_on, amount in parts:
        wanted += amount
        last = due_on + timedelta(days=grace)
        if sum(each.amount for each in coming if each.on <= last) < wanted:
            return "open" if as_of <= last else "failed"
    return "met"
