"""When accounts enter and leave collection, and when a debtor's case opens, gathers and closes.

Decides for one debtor from values; the set-based form of the same rules is `store/sql/cases.sql`,
and a property test holds the two together. Days are `datetime.date`s of the creditor's calendar.
Nothing here says who works a case or what is done about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = [
    "CLOSE_REASON_ORDER",
    "AccountStanding",
    "CaseChange",
    "Change",
    "LeaveReason",
    "Stay",
    "enters",
    "leave_reason",
    "settle_debtor",
]


class Stay(StrEnum):
    """How an account stands to its debtor's open case."""

    NONE = "none"
    ENTERED = "entered"  # in the case by its own age; keeps it open
    GATHERED = "gathered"  # came along with another account; does not keep it open


class LeaveReason(StrEnum):
    RECALLED = "recalled"
    CLOSED = "closed"
    PAID = "paid"
    CURE = "cure"
    WITH_CASE = "with_case"  # gathered only: the accounts that had entered are gone


class Change(StrEnum):
    OPENED = "opened"
    ENTERED = "entered"
    GATHERED = "gathered"
    LEFT = "left"
    CLOSED = "closed"


#: When the last accounts leave on one day for several reasons, the case takes the first of these:
#: it counts as paid only when nothing left it otherwise that day.
CLOSE_REASON_ORDER = (
    LeaveReason.RECALLED,
    LeaveReason.CLOSED,
    LeaveReason.CURE,
    LeaveReason.PAID,
)


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """One account on one day, and its stay in the debtor's open case.

    `due_on` is the oldest unpaid due date, or the next one when nothing is unpaid, or None.
    `entry_dpd` is from the product's terms of the day; None when the product has none that day.
    `cured` says that the account has left the debtor's open case by a cure.
    """

    account_id: int
    state: str
    balance_minor: int
    overdue_minor: int
    dpd: int
    due_on: date | None
    entry_dpd: int | None
    grace_days: int = 0
    stay: Stay = Stay.NONE
    cured: bool = False


@dataclass(frozen=True, slots=True, order=True)
class CaseChange:
    """What happens to the case (`account_id` None) or to one account of it."""

    change: Change
    account_id: int | None = None
    reason: LeaveReason | None = None


def _old_enough(standing: AccountStanding, on: date) -> bool:
    if standing.due_on is None or standing.entry_dpd is None:
        return False
    return (on - standing.due_on).days >= standing.entry_dpd


def enters(standing: AccountStanding, on: date) -> bool:
    """Whether the account belongs into collection by itself on this day."""
    owing = standing.state == "active" and standing.balance_minor > 0
    return owing and _old_enough(standing, on)


def _delinquent(standing: AccountStanding) -> bool:
    return standing.overdue_minor > 0 and standing.dpd > standing.grace_days


def leave_reason(standing: AccountStanding, on: date) -> LeaveReason | None:
    """Why an account that is in a case leaves it, or None while it stays.

    Cure is for accounts that entered: a gathered account was never ill. An account missing from
    the creditor's file stays, held, until the creditor has answered.
    """
    if standing.state == "recalled":
        return LeaveReason.RECALLED
    if standing.state == "closed":
        return LeaveReason.CLOSED
    if standing.balance_minor <= 0:
        return LeaveReason.PAID
    cured = not _delinquent(standing) and not _old_enough(standing, on)
    return LeaveReason.CURE if cured and standing.stay is Stay.ENTERED else None


def settle_debtor(standings: Sequence[AccountStanding], on: date) -> list[CaseChange]:
    """The changes that bring one debtor's case up to date; empty when it is."""
    leaving = _leaving(standings, on)
    anchors = [s for s in standings if s.account_id not in leaving and _anchors(s, on)]
    is_open = any(s.stay is not Stay.NONE for s in standings)
    if not anchors:
        return _closing(standings, leaving) if is_open else []
    changes = [] if is_open else [CaseChange(Change.OPENED)]
    changes += [
        CaseChange(Change.ENTERED, s.account_id) for s in anchors if s.stay is not Stay.ENTERED
    ]
    changes += [
        CaseChange(Change.GATHERED, s.account_id)
        for s in standings
        if s.stay is Stay.NONE and s not in anchors and _gatherable(s)
    ]
    return changes + _left(leaving)


def _leaving(standings: Sequence[AccountStanding], on: date) -> dict[int, LeaveReason]:
    reasons = {s.account_id: leave_reason(s, on) for s in standings if s.stay is not Stay.NONE}
    return {account: reason for account, reason in reasons.items() if reason is not None}


def _anchors(standing: AccountStanding, on: date) -> bool:
    return standing.stay is Stay.ENTERED or enters(standing, on)


def _gatherable(standing: AccountStanding) -> bool:
    """Whether another account brings this one along.

    Not when it has cured in this same case: it would come back the moment it left. It returns
    by its own age only.
    """
    return standing.state == "active" and standing.balance_minor > 0 and not standing.cured


def _left(leaving: dict[int, LeaveReason]) -> list[CaseChange]:
    return [CaseChange(Change.LEFT, account, leaving[account]) for account in sorted(leaving)]


def _closing(
    standings: Sequence[AccountStanding], leaving: dict[int, LeaveReason]
) -> list[CaseChange]:
    """Every account leaves; the case closes for the reason of those that had entered."""
    stays = [s for s in standings if s.stay is not Stay.NONE]
    own = {leaving[s.account_id] for s in stays if s.stay is Stay.ENTERED}
    everyone = {s.account_id: leaving.get(s.account_id, LeaveReason.WITH_CASE) for s in stays}
    reason = next(reason for reason in CLOSE_REASON_ORDER if reason in own)
    return [*_left(everyone), CaseChange(Change.CLOSED, reason=reason)]
