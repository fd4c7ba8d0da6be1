"""Schedules to the cent: published tables, sums that add up, and what changes a running plan."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.lending.day_counts import DayCount
from kept.core.lending.faults import LendingFault
from kept.core.lending.rates import NANO, Rate, RateUnit
from kept.core.lending.schedule_changes import (
    early_settlement,
    overdue_part,
    payment_holiday,
    re_age,
    restructure,
    unpaid,
)
from kept.core.lending.schedules import (
    Every,
    Instalment,
    ScheduleError,
    ScheduleTerms,
    annuity,
    due_dates,
    equal_principal,
    first_pay_day,
    irregular,
    level_instalment,
)

START = date(2026, 1, 5)


def yearly(percent: str) -> Rate:
    return Rate(int(Fraction(percent) * NANO / 100), RateUnit.YEARLY)


def terms(rate: Rate = Rate(0, RateUnit.YEARLY), **more: object) -> ScheduleTerms:  # noqa: B008
    return ScheduleTerms(START, date(2026, 2, 5), rate, **more)  # type: ignore[arg-type]


def cents(exact: Fraction) -> int:
    return int(exact * 100 + Fraction(1, 2))


# Reserve Bank of India, FAQ on housing loans, "Example of EMI calculation (pure fixed loan)":
# 1,000,000 at 15 % in 120 payments. Number, interest, principal, balance; shown rounded, carried on
# exactly.
RESERVE_BANK = {
    1: ("12500.00", "3633.50", "996366.50"),
    2: ("12454.58", "3678.91", "992687.59"),
    3: ("12408.59", "3724.90", "988962.69"),
    4: ("12362.03", "3771.46", "985191.23"),
    5: ("12314.89", "3818.61", "981372.62"),
    6: ("12267.16", "3866.34", "977506.28"),
    12: ("11967.97", "4165.53", "953271.93"),
    18: ("11645.63", "4487.87", "927162.25"),
    24: ("11298.34", "4835.15", "899032.12"),
    27: ("11114.75", "5018.75", "884160.98"),
}


def test_the_reserve_banks_table() -> None:
    month = Fraction(15, 100) / 12
    level = level_instalment(1_000_000, [month] * 120)
    assert cents(level) == 1_613_350
    balance = Fraction(1_000_000)
    for number in range(1, 121):
        interest = balance * month
        balance += interest - level
        if number in RESERVE_BANK:
            shown = tuple(cents(Fraction(each)) for each in RESERVE_BANK[number])
            assert (cents(interest), cents(level - interest), cents(balance)) == shown
    assert balance == 0


# sapling.com, "How to Calculate Reducing Balance Interest Rate": 1,000 at 2 % a month in 6.
def test_a_table_of_six_months_in_whole_cents() -> None:
    rows = annuity(100_000, 6, terms(yearly("24")))
    assert [row.amount_minor for row in rows[:5]] == [17_853] * 5
    assert [(row.interest_minor, row.principal_minor) for row in rows[:2]] == [
        (2_000, 15_853),
        (1_683, 16_170),
    ]
    # The page adds unrounded interest, 71.15; in whole cents it is one more, and the last takes it.
    assert cents(level_instalment(1_000, [Fraction(2, 100)] * 6) * 6 - 1_000) == 7_115
    assert sum(row.interest_minor for row in rows) == 7_116
    assert rows[-1].amount_minor == 107_116 - 5 * 17_853


def test_equal_principal() -> None:
    rows = equal_principal(100_000, 3, terms(yearly("12")))
    assert [(row.principal_minor, row.interest_minor) for row in rows] == [
        (33_333, 1_000),
        (33_333, 667),
        (33_334, 333),
    ]


def test_without_interest_the_last_takes_the_rest() -> None:
    assert [row.amount_minor for row in annuity(1_000, 3, terms())] == [333, 333, 334]
    assert [row.amount_minor for row in annuity(100_000, 3, terms(unit_minor=1_000))] == [
        33_000,
        33_000,
        34_000,
    ]


def test_months_without_the_day_take_their_last() -> None:
    found = due_dates(date(2026, 1, 31), 4, Every.MONTH)
    assert found == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert due_dates(date(2026, 1, 31), 3, Every.FORTNIGHT)[2] == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("on", "pay_day", "found"),
    [
        ("2026-01-10", 15, "2026-01-15"),
        ("2026-01-15", 15, "2026-01-15"),
        ("2026-01-16", 15, "2026-02-15"),
        ("2026-02-10", 31, "2026-02-28"),
    ],
)
def test_the_first_pay_day(on: str, pay_day: int, found: str) -> None:
    assert first_pay_day(date.fromisoformat(on), pay_day) == date.fromisoformat(found)


def refused(call: object) -> str:
    with pytest.raises(ScheduleError) as caught:
        call()  # type: ignore[operator]
    return caught.value.said.source


def test_what_cannot_be_a_plan() -> None:
    assert refused(lambda: annuity(1_000, 61, terms())) == LendingFault.TOO_LONG
    assert len(annuity(100_000, 60, terms())) == 60
    assert len(annuity(100_000, 61, terms(months_most=None))) == 61
    assert refused(lambda: annuity(1_000, 0, terms())) == LendingFault.NO_INSTALMENTS
    assert refused(lambda: annuity(0, 3, terms())) == LendingFault.NOTHING_TO_PAY
    early = ScheduleTerms(START, date(2026, 1, 4))
    assert refused(lambda: annuity(1_000, 3, early)) == LendingFault.BEFORE_START


def test_irregular_instalments_must_add_up() -> None:
    days = (date(2026, 2, 5), date(2026, 3, 15))
    rows = irregular(100_000, [(days[0], 40_000), (days[1], 60_000)], terms())
    assert [row.principal_minor for row in rows] == [40_000, 60_000]
    with pytest.raises(ScheduleError) as caught:
        irregular(100_000, [(days[0], 40_000), (days[1], 59_999)], terms())
    assert caught.value.said.values == {"found": 99_999, "expected": 100_000}
    same = [(days[0], 40_000), (days[0], 60_000)]
    assert refused(lambda: irregular(100_000, same, terms())) == LendingFault.DATES_RISE
    none = [(days[0], 0), (days[1], 100_000)]
    assert refused(lambda: irregular(100_000, none, terms())) == LendingFault.NOT_POSITIVE
    small = [(days[0], 10), (days[1], 100_000)]
    dear = terms(yearly("24"))
    assert refused(lambda: irregular(100_000, small, dear)) == LendingFault.BELOW_INTEREST
    # 31 days of 365 at 24 %: 20.38; then 38 days on 620.38: 15.50.
    rows = irregular(100_000, [(days[0], 40_000), (days[1], 63_588)], dear)
    assert [(row.interest_minor, row.principal_minor) for row in rows] == [
        (2_038, 37_962),
        (1_550, 62_038),
    ]


PLAN = annuity(120_000, 12, terms(yearly("12")))


def test_what_is_unpaid_pays_interest_first() -> None:
    left = unpaid(PLAN, PLAN[0].amount_minor + 500)
    assert left[0] == Instalment(
        2, PLAN[1].due_on, PLAN[1].principal_minor, PLAN[1].interest_minor - 500
    )
    assert unpaid(PLAN, sum(row.amount_minor for row in PLAN)) == ()
    assert overdue_part(PLAN, 0, date(2026, 2, 6)) == PLAN[0].amount_minor
    assert overdue_part(PLAN, 0, date(2026, 2, 5)) == 0


def test_early_settlement_by_hand() -> None:
    # The first is paid. On 19 February 14 of 28 days of the second period are gone.
    paid = PLAN[0].amount_minor
    found = early_settlement(PLAN, paid, terms(yearly("12")), date(2026, 2, 19))
    assert found.principal_minor == 120_000 - PLAN[0].principal_minor
    assert found.interest_minor == (PLAN[1].interest_minor + 1) // 2
    rest = sum(row.interest_minor for row in PLAN[1:])
    assert found.saved_minor == rest - found.interest_minor
    last = early_settlement(PLAN, 0, terms(yearly("12")), PLAN[-1].due_on)
    assert (last.amount_minor, last.saved_minor) == (sum(row.amount_minor for row in PLAN), 0)


def test_re_age_moves_what_was_missed_behind_the_last() -> None:
    found = re_age(PLAN, PLAN[0].amount_minor, date(2026, 4, 10))
    assert [row.due_on for row in found[-2:]] == [date(2027, 2, 5), date(2027, 3, 5)]
    assert found[0].due_on == date(2026, 5, 5)
    assert overdue_part(found, 0, date(2026, 4, 10)) == 0
    assert refused(lambda: re_age(PLAN, 0, date(2026, 1, 20))) == LendingFault.NOT_UNPAID


def test_a_payment_holiday() -> None:
    given_up = payment_holiday(PLAN, 0, date(2026, 3, 1), 2)
    assert [row.due_on for row in given_up[:2]] == [date(2026, 2, 5), date(2026, 5, 5)]
    assert sum(row.amount_minor for row in given_up) == sum(row.amount_minor for row in PLAN)
    runs = payment_holiday(PLAN, 0, date(2026, 3, 1), 2, terms=terms(yearly("12")))
    principal = 120_000 - PLAN[0].principal_minor
    assert runs[1].interest_minor == PLAN[1].interest_minor + round(principal * 2 / 100)


def test_a_restructure_spreads_what_was_due() -> None:
    new = ScheduleTerms(date(2026, 4, 10), date(2026, 5, 5), yearly("6"))
    found = restructure(PLAN, PLAN[0].amount_minor, 24, new, forgiven_interest_minor=100)
    due = sum(row.interest_minor for row in PLAN[1:3]) - 100
    principal = 120_000 - PLAN[0].principal_minor
    assert sum(row.principal_minor for row in found) == principal
    plain = annuity(principal, 24, new)
    assert sum(row.interest_minor for row in found) == due + sum(r.interest_minor for r in plain)


rates = st.integers(0, 400_000_000).map(lambda nano: Rate(nano, RateUnit.YEARLY))


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 10**9),
    st.integers(1, 60),
    rates,
    st.sampled_from((None, DayCount.ACT_365F, DayCount.THIRTY_360)),
    st.sampled_from((1, 100)),
    st.booleans(),
)
def test_every_schedule_adds_up_and_none_is_negative(
    principal: int, number: int, rate: Rate, count: DayCount | None, unit: int, equal: bool
) -> None:
    make = equal_principal if equal else annuity
    rows = make(principal, number, terms(rate, day_count=count, unit_minor=unit))
    assert sum(row.principal_minor for row in rows) == principal
    assert all(row.principal_minor >= 0 and row.interest_minor >= 0 for row in rows)
    assert len(rows) <= number


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 130_000), st.dates(START, date(2027, 3, 1)))
def test_settling_early_never_costs_more_than_the_plan(paid: int, on: date) -> None:
    found = early_settlement(PLAN, paid, terms(yearly("12")), on)
    left = sum(row.amount_minor for row in unpaid(PLAN, paid))
    assert found.amount_minor + found.saved_minor == left
    assert found.saved_minor >= 0
    assert found.interest_minor >= 0
