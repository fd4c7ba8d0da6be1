"""Conditions that nothing can fulfil are found; nothing is claimed of the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.conditions import compile_condition
from kept.core.facts import CATALOGUE
from kept.core.reachable import never_holds


def never(text: str) -> bool:
    return never_holds(compile_condition(text), CATALOGUE)


@pytest.mark.parametrize(
    "text",
    [
        "dpd > 5 and dpd < 6",
        "dpd < 0",
        "dpd > 30 and not dpd > 20",
        "disputed and not disputed",
        'balance > money(500, "CNY") and balance < money(500, "CNY")',
        'balance > money(500, "CNY") and balance > money(500, "USD")',  # one currency a case
        'product == "CARD" and product == "LOAN"',
        'product in ("A", "B") and product not in ("A", "B", "C")',
        'last_payment_date > date("2026-03-01") and last_payment_date < date("2026-03-02")',
        "known(language) and is_unknown(language)",
        "attempts_7d > 3 and (attempts_7d < 2 or dpd < 0)",
        "not (dpd > 5 or disputed) and (dpd > 5 or (disputed and not deceased))",
        "balance > overdue_balance and dpd < 0",  # whatever the two amounts are
        'not (known(last_payment) or dpd > 3) and last_payment > money(1, "CNY")',
        "surely(dpd > 3) and dpd < 3",
        "surely(dpd > 3) and not surely(dpd > 3)",
        "not surely(dpd >= 0)",
        "days_until_due > 3 and not surely(days_until_due > 2)",
        'balance > money(5, "CNY") and not surely(balance > money(4, "CNY"))',
        "not surely(dpd > 5 or disputed) and (dpd > 5 or surely(disputed and not deceased))",
    ],
)
def test_what_contradicts_itself_never_holds(text: str) -> None:
    assert never(text)


@pytest.mark.parametrize(
    "text",
    [
        "6 <= dpd <= 6",
        "dpd > 30 or dpd < 0",
        'balance >= money(500, "CNY") and balance <= money(500, "CNY")',
        'product != "CARD"',
        "is_unknown(days_until_due)",
        "not surely(days_until_due > 3) and not surely(days_until_due <= 3)",  # it is unknown
        'not surely(balance > money(4, "CNY")) and not surely(balance < money(9, "CNY"))',
        'balance > money(5, "CNY") and not surely(balance > money(4, "USD"))',
        'last_payment_date > date("2026-03-01")',
        "balance > overdue_balance",
        "known(last_payment_date)",
        "known(last_payment) and dpd > 3",
        "known(product)",
        " and ".join(
            f"(dpd == {day} or bucket == {day} or attempts_7d > {day})" for day in range(15)
        ),
        "overdue_balance > balance and balance > overdue_balance",  # two facts: not decided
    ],
)
def test_what_can_hold_or_is_not_decided_is_left_alone(text: str) -> None:
    assert not never(text)


@given(
    bounds=st.lists(
        st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(0, 12)),
        min_size=1,
        max_size=4,
    )
)
def test_it_agrees_with_trying_every_day(bounds: list[tuple[str, int]]) -> None:
    text = " and ".join(f"dpd {sign} {day}" for sign, day in bounds)
    condition = compile_condition(text)
    some = any(condition.evaluate({"dpd": day}).surely_true for day in range(20))
    assert never_holds(condition, CATALOGUE) is not some


ATOMS = ("dpd > 2", "dpd == 1", "disputed", "days_until_due <= 2", "known(days_until_due)")
AMOUNTS = (
    *("disputed", 'balance > money(2, "CNY")', 'balance <= money(1, "CNY")'),
    *('balance > money(1, "USD")', 'balance == money(2, "USD")'),
)


def _joined(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        part.map(lambda one: f"not ({one})"),
        part.map(lambda one: f"surely({one})"),
        st.tuples(part, st.sampled_from(["and", "or"]), part).map(
            lambda three: f"({three[0]}) {three[1]} ({three[2]})"
        ),
    )


@given(st.recursive(st.sampled_from(ATOMS), _joined, max_leaves=8))
def test_it_agrees_with_trying_everything(text: str) -> None:
    condition = compile_condition(text)
    some = any(
        condition.evaluate({"dpd": dpd, "disputed": disputed, "days_until_due": due}).surely_true
        for dpd in range(5)
        for disputed in (True, False)
        for due in (None, 0, 2, 3)
    )
    assert never_holds(condition, CATALOGUE) is not some


@given(st.recursive(st.sampled_from(AMOUNTS), _joined, max_leaves=8))
def test_it_agrees_with_trying_every_amount_in_every_currency(text: str) -> None:
    condition = compile_condition(text)
    some = any(
        condition.evaluate({"balance": balance, "currency": code, "disputed": disputed}).surely_true
        for balance in (0, 100, 101, 150, 199, 200, 201)
        for code in ("CNY", "USD", "EUR")
        for disputed in (True, False)
    )
    assert never_holds(condition, CATALOGUE) is not some
