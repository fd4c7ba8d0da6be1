"""When one debtor's case opens, gathers and closes: a table of situations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kept.core.cases import (
    AccountStanding,
    CaseChange,
    Change,
    LeaveReason,
    Stay,
    enters,
    leave_reason,
    settle_debtor,
)

ON = date(2026, 11, 22)


def standing(account_id: int = 1, *, age: int | None = 5, **changes: object) -> AccountStanding:
    """An active account that is `age` days past its due date (negative: to come)."""
    due_on = None if age is None else ON - timedelta(days=age)
    delinquent = age is not None and age > 0
    account = AccountStanding(
        account_id,
        "active",
        10_000,
        10_000 if delinquent else 0,
        age if age is not None and delinquent else 0,
        due_on,
        entry_dpd=-3,
    )
    return replace(account, **changes)


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (standing(age=-4), False),
        (standing(age=-3), True),
        (standing(age=0), True),
        (standing(age=90), True),
        (standing(age=None), False),
        (standing(age=5, entry_dpd=6), False),
        (standing(age=6, entry_dpd=6), True),
        (standing(age=6, entry_dpd=None), False),
        (standing(age=6, balance_minor=0), False),
        (standing(age=6, balance_minor=-1), False),
        (standing(age=6, state="missing"), False),
        (standing(age=6, state="recalled"), False),
        (standing(age=6, state="closed"), False),
    ],
)
def test_an_account_enters_when_active_owing_and_old_enough(
    account: AccountStanding, expected: bool
) -> None:
    assert enters(account, ON) is expected


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (standing(age=5), None),
        (standing(age=-3), None),
        (standing(age=-4), LeaveReason.CURE),
        (standing(age=None), LeaveReason.CURE),
        (standing(age=-4, stay=Stay.GATHERED), None),
        (standing(age=4, entry_dpd=10), None),  # below entry again, but still delinquent
        (standing(age=4, entry_dpd=10, grace_days=3), None),
        (standing(age=4, entry_dpd=10, grace_days=4), LeaveReason.CURE),
        (standing(age=5, balance_minor=0), LeaveReason.PAID),
        (standing(age=5, balance_minor=-200), LeaveReason.PAID),
        (standing(age=5, balance_minor=0, state="recalled"), LeaveReason.RECALLED),
        (standing(age=5, state="closed"), LeaveReason.CLOSED),
        (standing(age=5, state="missing"), None),
        (standing(age=5, balance_minor=0, stay=Stay.GATHERED), LeaveReason.PAID),
        (standing(age=5, state="recalled", stay=Stay.GATHERED), LeaveReason.RECALLED),
    ],
)
def test_an_account_leaves_recalled_closed_paid_or_cured(
    account: AccountStanding, expected: LeaveReason | None
) -> None:
    in_case = account if account.stay is Stay.GATHERED else replace(account, stay=Stay.ENTERED)
    assert leave_reason(in_case, ON) is expected


def test_the_first_to_enter_opens_the_case_and_the_others_are_gathered() -> None:
    accounts = [
        standing(1, age=10),
        standing(2, age=-20),
        standing(3, age=-20, balance_minor=0),
        standing(4, age=-20, state="missing"),
        standing(5, age=2),
    ]
    assert settle_debtor(accounts, ON) == [
        CaseChange(Change.OPENED),
        CaseChange(Change.ENTERED, 1),
        CaseChange(Change.ENTERED, 5),
        CaseChange(Change.GATHERED, 2),
    ]


def test_nothing_happens_to_a_debtor_whose_accounts_are_in_order() -> None:
    assert settle_debtor([standing(1, age=-20), standing(2, age=None)], ON) == []


def test_a_case_stays_open_while_one_account_that_entered_is_in_it() -> None:
    accounts = [
        standing(1, age=-20, stay=Stay.ENTERED),
        standing(2, age=3, stay=Stay.ENTERED),
        standing(3, age=-20, stay=Stay.GATHERED),
    ]
    assert settle_debtor(accounts, ON) == [CaseChange(Change.LEFT, 1, LeaveReason.CURE)]


def test_what_cured_is_not_gathered_again_but_enters_by_its_own_age() -> None:
    other = standing(2, age=3, stay=Stay.ENTERED)
    assert settle_debtor([standing(1, age=-20, cured=True), other], ON) == []
    assert settle_debtor([standing(1, age=-3, cured=True), other], ON) == [
        CaseChange(Change.ENTERED, 1)
    ]


def test_gathered_accounts_go_with_the_case() -> None:
    accounts = [
        standing(1, age=3, balance_minor=0, stay=Stay.ENTERED),
        standing(2, age=-20, stay=Stay.GATHERED),
        standing(3, age=-20, state="recalled", stay=Stay.GATHERED),
    ]
    assert settle_debtor(accounts, ON) == [
        CaseChange(Change.LEFT, 1, LeaveReason.PAID),
        CaseChange(Change.LEFT, 2, LeaveReason.WITH_CASE),
        CaseChange(Change.LEFT, 3, LeaveReason.RECALLED),
        CaseChange(Change.CLOSED, reason=LeaveReason.PAID),
    ]


def test_a_gathered_account_that_falls_due_keeps_the_case_open() -> None:
    accounts = [
        standing(1, age=3, balance_minor=0, stay=Stay.ENTERED),
        standing(2, age=-3, stay=Stay.GATHERED),
    ]
    assert settle_debtor(accounts, ON) == [
        CaseChange(Change.ENTERED, 2),
        CaseChange(Change.LEFT, 1, LeaveReason.PAID),
    ]


def test_a_case_counts_as_paid_only_when_nothing_left_it_otherwise_that_day() -> None:
    paid = standing(1, age=3, balance_minor=0, stay=Stay.ENTERED)
    recalled = standing(2, age=3, state="recalled", stay=Stay.ENTERED)
    cured = standing(3, age=-9, stay=Stay.ENTERED)
    closing = settle_debtor([paid, cured, recalled], ON)[-1]
    assert closing == CaseChange(Change.CLOSED, reason=LeaveReason.RECALLED)
    assert settle_debtor([paid, cured], ON)[-1].reason is LeaveReason.CURE
    assert settle_debtor([paid], ON)[-1].reason is LeaveReason.PAID


def test_an_account_gone_from_a_case_that_is_not_open_is_left_alone() -> None:
    assert settle_debtor([standing(1, age=3, state="recalled")], ON) == []
