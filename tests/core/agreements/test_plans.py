"""Plans are judged by their schedule, with tolerance, from payments alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.agreements.plan_policy import PlanPolicy, plan_policy_fault, plan_policy_of
from kept.core.agreements.plans import PlanJudged, PlanState, Scheduled, Tolerance, judge_plan
from kept.core.agreements.promises import PaymentMade

DAY = date(2026, 1, 1)
SCHEDULE = [Scheduled(n, DAY + timedelta(days=30 * n), 100) for n in (1, 2, 3)]


def paid(day: int, amount: int, back: int | None = None) -> PaymentMade:
    reversed_on = None if back is None else DAY + timedelta(days=back)
    return PaymentMade(day, 1, amount, DAY + timedelta(days=day), reversed_on)


def judge(money: list[PaymentMade], on: int, days: int = 3, amount: int = 5) -> PlanJudged:
    return judge_plan(
        SCHEDULE,
        {1},
        money,
        began_on=DAY,
        tolerance=Tolerance(days, amount),
        as_of=DAY + timedelta(days=on),
    )


def day(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.mark.parametrize(
    ("money", "on", "state", "broken"),
    [
        ([], 33, PlanState.ACTIVE, None),
        ([], 34, PlanState.BREACHED, day(34)),
        ([paid(33, 95)], 40, PlanState.ACTIVE, None),
        ([paid(33, 94)], 40, PlanState.BREACHED, day(34)),
        ([paid(34, 100)], 40, PlanState.BREACHED, day(34)),
        ([paid(10, 200)], 63, PlanState.ACTIVE, None),
        ([paid(10, 200)], 94, PlanState.BREACHED, day(94)),
        ([paid(10, 295)], 11, PlanState.PERFORMED, None),
        ([paid(-1, 300)], 34, PlanState.BREACHED, day(34)),
        ([paid(30, 100, back=40)], 43, PlanState.ACTIVE, None),
        ([paid(30, 100, back=40)], 44, PlanState.BREACHED, day(44)),
        ([paid(30, 100, back=40), paid(43, 100)], 60, PlanState.ACTIVE, None),
    ],
)
def test_schedule_not_balance_decides(
    money: list[PaymentMade], on: int, state: PlanState, broken: date | None
) -> None:
    found = judge(money, on)
    assert (found.state, found.breached_on) == (state, broken)


def test_money_pays_the_oldest_instalment_first() -> None:
    found = judge([paid(5, 130)], 31)
    assert [row.paid_minor for row in found.instalments] == [100, 30, 0]
    assert (found.next_due_on, found.overdue_minor) == (day(60), 0)
    assert judge([paid(5, 130)], 61).overdue_minor == 70


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 200)), max_size=6),
    st.integers(0, 120),
    st.integers(0, 120),
)
def test_a_breach_stays_and_more_money_never_breaks(
    money: list[tuple[int, int]], one: int, other: int
) -> None:
    payments = [PaymentMade(n, 1, amount, day(on)) for n, (on, amount) in enumerate(money)]
    early, late = (judge(payments, on) for on in sorted((one, other)))
    if early.breached_on is not None:
        assert late.breached_on == early.breached_on
    more = judge([*payments, PaymentMade(99, 1, 50, day(0))], one)
    if more.state is PlanState.BREACHED:
        assert judge(payments, one).state is PlanState.BREACHED


def test_no_policy_is_longer_than_the_law_allows() -> None:
    assert plan_policy_fault(PlanPolicy()) is None
    assert plan_policy_fault(plan_policy_of({"months_most": 61})) == "months_most"
    assert plan_policy_fault(plan_policy_of({"share_nano": 0})) == "share_nano"
