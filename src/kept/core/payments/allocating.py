"""Where each cent of a payment goes: a pure function of what an account can take and the money.

An account takes money in steps, in order. First come falls of the creditor's file that nobody had
explained and that the payment explains (DESIGN.md 3.8: never a second credit), the oldest first;
then its components in the product's allocation order. A step takes so much that no component falls
below zero on any day from the payment's day on, so a payment that is entered late never reaches
into a charge that was made after it. Payments of one debtor are served one after the other, by
their day. What nothing takes is left. Amounts are minor units of one currency. The set-based twin
is `store/sql/payments.sql`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kept.core.ledger import Book, Posting

__all__ = ["Part", "Step", "allocate", "steps_of"]


@dataclass(frozen=True, slots=True)
class Step:
    """So much of a component can be taken; `explains` is the day of the file's fall, or None."""

    component: str
    capacity_minor: int
    explains: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What the payment gave to one step of one account, and what the step could have taken."""

    account_id: int
    component: str
    explains: date | None
    amount_minor: int
    capacity_minor: int


def steps_of(postings: Iterable[Posting], since: date, order: Sequence[str]) -> list[Step]:
    """What an account can take of a payment that counts from `since` on, in order.

    `order` is the product's allocation order; components beyond it come last, by their names.
    """
    moves: dict[str, dict[date, list[int]]] = {}
    for posting in postings:
        if posting.owed == 0:
            continue
        day = max(posting.effective_on, since)
        fall = _fall(posting) if posting.effective_on >= since else 0
        at = moves.setdefault(posting.component, {}).setdefault(day, [0, 0])
        at[0] += posting.owed
        at[1] += fall
    rank = {component: place for place, component in enumerate(order)}
    components = sorted(moves, key=lambda c: (rank.get(c, len(rank)), c))
    explained: list[tuple[date, int, Step]] = []
    plain: list[Step] = []
    for place, component in enumerate(components):
        falls, rest = _of_component(moves[component], since)
        explained += [(day, place, Step(component, cap, day)) for day, cap in falls]
        if rest:
            plain.append(Step(component, rest))
    return [step for _day, _place, step in sorted(explained, key=lambda x: x[:2])] + plain


def _fall(posting: Posting) -> int:
    if posting.to_book == Book.UNEXPLAINED:
        return posting.amount_minor
    return -posting.amount_minor if posting.from_book == Book.UNEXPLAINED else 0


def _of_component(
    days: Mapping[date, Sequence[int]], since: date
) -> tuple[list[tuple[date, int]], int]:
    """The falls that can be explained, with how much, and what can be taken beside them.

    `slack` is what would be left on the poorest day if every fall were explained.
    """
    falls = [(day, max(0, days[day][1])) for day in sorted(days) if days[day][1] > 0]
    later = sum(amount for _day, amount in falls)
    net = sum(fall for _owed, fall in days.values())
    last = falls[-1][0] if falls else None
    balance, poorest, slack = 0, 0 if since not in days else None, 0
    for day in sorted(days):
        owed, fall = days[day]
        balance += owed
        later -= max(0, fall)
        here = balance - later
        poorest = here if poorest is None else min(poorest, here)
        if last is not None and day < last:
            slack = min(slack, here)
    if last is not None and since not in days:
        slack = min(slack, -sum(amount for _day, amount in falls))
    whole = sum(amount for _day, amount in falls)
    left = max(0, min(whole + slack, net))
    found = []
    for day, amount in falls:
        cap = min(amount, left)
        left -= cap
        if cap:
            found.append((day, cap))
    return found, max(0, poorest or 0)


def allocate(
    amount_minor: int, accounts: Sequence[tuple[int, Sequence[Step]]]
) -> tuple[tuple[Part, ...], int]:
    """The parts of one payment over the steps of accounts in their order, and what is left."""
    parts = []
    for account_id, steps in accounts:
        for step in steps:
            take = min(amount_minor, step.capacity_minor)
            if take > 0:
                given = (account_id, step.component, step.explains, take, step.capacity_minor)
                parts.append(Part(*given))
                amount_minor -= take
    return tuple(parts), amount_minor
