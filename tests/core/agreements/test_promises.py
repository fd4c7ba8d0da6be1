"""Promises by the ledger: the metric dictionary's example, and a bookkeeper who counts coins."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.agreements.promises import (
    JudgingTerms,
    PaymentMade,
    Promised,
    PromiseState,
    judge_promises,
    promise_rates,
    wanted_minor,
)

TERMS = JudgingTerms(tolerance_ppm=50_000, grace_days=2)
STRICT = JudgingTerms()
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def promised(number: int, made: str, due: str, amount: int, ended: str | None = None) -> Promised:
    return Promised(
        number,
        frozenset({number}),
        amount,
        day(made),
        day(due),
        TERMS,
        None if ended is None else day(ended),
    )


#: Worked example 1 of the metric dictionary; each promise stands on an account of its own.
PROMISES = [
    promised(1, "10-01", "10-05", 10_000),
    promised(2, "10-03", "10-10", 20_000),
    promised(3, "10-08", "10-15", 8_000),
    promised(4, "10-12", "10-20", 12_000),
    promised(5, "10-20", "10-31", 15_000),
    promised(6, "10-28", "11-10", 9_000),
    promised(7, "09-20", "09-28", 5_000),
    promised(8, "10-15", "10-25", 7_000, ended="10-22"),
]
PAYMENTS = [
    PaymentMade(1, 1, 10_000, day("10-04")),
    PaymentMade(2, 2, 19_000, day("10-12")),
    PaymentMade(3, 3, 3_000, day("10-15")),
    PaymentMade(5, 5, 15_000, day("11-04")),
    PaymentMade(6, 6, 9_000, day("10-30")),
    PaymentMade(7, 7, 5_000, day("09-28")),
]


def test_the_dictionarys_example_comes_out_to_the_fraction() -> None:
    judged = judge_promises(PROMISES, PAYMENTS, day("11-05"))
    assert [judged[number].state.value for number in range(1, 9)] == [
        "kept",
        "kept",
        "partial",
        "broken",
        "broken",
        "kept",
        "kept",
        "cancelled",
    ]
    assert promise_rates(judged.values(), FIRST, LAST) == {
        "kept_rate": Fraction(2, 5),
        "partial_kept_rate": Fraction(1, 5),
        "broken_rate": Fraction(2, 5),
        "kept_amount_rate": Fraction(29_000, 65_000),
        "promise_cash_rate": Fraction(32_000, 65_000),
        "pending_count": 0,
        "cancelled_count": 1,
    }


def test_a_promise_that_has_not_matured_is_pending_and_in_no_rate() -> None:
    rates = promise_rates(judge_promises(PROMISES, PAYMENTS, day("11-01")).values(), FIRST, LAST)
    assert (rates["kept_rate"], rates["pending_count"]) == (Fraction(1, 2), 1)


def test_without_a_matured_promise_a_rate_is_not_defined() -> None:
    rates = promise_rates([], FIRST, LAST)
    assert rates["kept_rate"] is None
    assert rates["promise_cash_rate"] is None


@pytest.mark.parametrize(
    ("paid", "on", "as_of", "state"),
    [
        (9_999, "10-05", "10-06", "partial"),  # not a cent less
        (10_000, "10-05", "10-05", "kept"),
        (10_000, "10-06", "10-06", "broken"),  # not a day later
        (0, "10-05", "10-05", "open"),
        (9_999, "10-05", "10-05", "open"),
        (10_000, "09-30", "10-06", "broken"),  # paid before it was promised
    ],
)
def test_the_strict_rule(paid: int, on: str, as_of: str, state: str) -> None:
    promise = Promised(1, frozenset({1}), 10_000, day("10-01"), day("10-05"), STRICT)
    payments = [PaymentMade(1, 1, paid, day(on))] if paid else []
    assert judge_promises([promise], payments, day(as_of))[1].state.value == state


def test_a_tolerance_is_rounded_for_the_creditor() -> None:
    promise = Promised(1, frozenset({1}), 101, day("10-01"), day("10-05"), TERMS)
    assert wanted_minor(promise) == 96  # 95.95


def test_a_reversed_payment_kept_it_before_and_not_from_then_on() -> None:
    promise = Promised(1, frozenset({1}), 100, day("10-01"), day("10-05"), STRICT)
    payment = PaymentMade(1, 1, 100, day("10-03"), reversed_on=day("12-01"))
    states = [
        judge_promises([promise], [payment], day(each))[1].state.value
        for each in ("10-02", "10-03", "11-30", "12-01")
    ]
    assert states == ["open", "kept", "kept", "broken"]


def test_money_counts_once_and_for_what_falls_due_first() -> None:
    later = Promised(1, frozenset({1, 2}), 100, day("10-01"), day("10-20"), STRICT)
    sooner = Promised(2, frozenset({1}), 100, day("10-02"), day("10-10"), STRICT)
    judged = judge_promises([later, sooner], [PaymentMade(9, 1, 150, day("10-03"))], day("10-21"))
    assert judged[2].by_payment == ((9, 100),)
    assert judged[1].by_payment == ((9, 50),)
    assert judged[1].state is PromiseState.PARTIAL


def test_a_replaced_promise_takes_nothing_from_that_day_on() -> None:
    old = Promised(1, frozenset({1}), 100, day("10-01"), day("10-20"), STRICT, day("10-05"))
    new = Promised(2, frozenset({1}), 100, day("10-05"), day("10-25"), STRICT)
    judged = judge_promises([old, new], [PaymentMade(1, 1, 100, day("10-05"))], day("10-30"))
    assert judged[1].state is PromiseState.CANCELLED
    assert judged[2].state is PromiseState.KEPT


def test_terms_without_meaning_are_refused() -> None:
    with pytest.raises(ValueError, match="tolerance"):
        JudgingTerms(tolerance_ppm=1_000_000)
    with pytest.raises(ValueError, match="grace"):
        JudgingTerms(grace_days=-1)


days = st.integers(0, 12).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
terms = st.builds(JudgingTerms, st.sampled_from([0, 250_000]), st.integers(0, 2))
accounts = st.integers(1, 2)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Promised], list[PaymentMade], date]:
    promises = []
    for number in range(draw(st.integers(0, 4))):
        made, due = sorted((draw(days), draw(days)))
        ended = draw(st.none() | days)
        promises.append(
            Promised(
                number,
                frozenset(draw(st.sets(accounts, min_size=1))),
                draw(st.integers(1, 6)),
                made,
                due,
                draw(terms),
                ended if ended is None or ended >= made else None,
            )
        )
    payments = []
    for number in range(draw(st.integers(0, 5))):
        paid, back = sorted((draw(days), draw(days)))
        kept = draw(st.booleans())
        payments.append(
            PaymentMade(
                number, draw(accounts), draw(st.integers(1, 6)), paid, None if kept else back
            )
        )
    return promises, payments, draw(days)


def coins(promises: list[Promised], payments: list[PaymentMade], as_of: date) -> dict[int, int]:
    """Each coin, in the order of its payment, goes to the promise that may take it and is due
    first; it knows nothing of parts of payments."""
    taken = {each.id: 0 for each in promises}
    for payment in sorted(payments, key=lambda each: (each.effective_on, each.id)):
        if payment.effective_on > as_of or (payment.reversed_on or date.max) <= as_of:
            continue
        for _coin in range(payment.amount_minor):
            open_to_it = [
                each
                for each in promises
                if taken[each.id] < each.amount_minor
                and payment.account in each.accounts
                and each.made_on <= payment.effective_on
                and payment.effective_on <= each.due_on + timedelta(days=each.terms.grace_days)
                and (each.ended_on is None or payment.effective_on < each.ended_on)
            ]
            if open_to_it:
                first = min(open_to_it, key=lambda each: (each.due_on, each.made_on, each.id))
                taken[first.id] += 1
    return taken


@given(worlds())
def test_it_is_what_a_bookkeeper_counts_coin_by_coin(
    world: tuple[list[Promised], list[PaymentMade], date],
) -> None:
    promises, payments, as_of = world
    judged = judge_promises(promises, payments, as_of)
    expected = coins([each for each in promises if each.made_on <= as_of], payments, as_of)
    assert {number: each.paid_minor for number, each in judged.items()} == expected


@given(worlds())
def test_no_more_is_counted_than_was_paid_and_the_rates_add_up(
    world: tuple[list[Promised], list[PaymentMade], date],
) -> None:
    promises, payments, as_of = world
    judged = judge_promises(promises, payments, as_of)
    for payment in payments:
        used = sum(
            amount
            for each in judged.values()
            for number, amount in each.by_payment
            if number == payment.id
        )
        assert used <= (payment.amount_minor if payment.stands(as_of) else 0)
    rates = promise_rates(judged.values(), date.min, date.max)
    if rates["kept_rate"] is not None:
        parts = ("kept_rate", "partial_kept_rate", "broken_rate")
        assert sum(rates[name] or 0 for name in parts) == 1


@given(worlds(), days)
def test_what_comes_later_changes_no_past_answer(
    world: tuple[list[Promised], list[PaymentMade], date], as_of: date
) -> None:
    promises, payments, _asked = world
    later = [
        *payments,
        PaymentMade(99, 1, 6, as_of + timedelta(days=1)),
    ]
    cut = [
        PaymentMade(p.id, p.account, p.amount_minor, p.effective_on, p.reversed_on)
        if p.reversed_on is None or p.reversed_on <= as_of
        else PaymentMade(p.id, p.account, p.amount_minor, p.effective_on)
        for p in later
        if p.effective_on <= as_of
    ]
    assert judge_promises(promises, later, as_of) == judge_promises(promises, cut, as_of)


def test_what_was_paid_before_it_was_made_does_not_keep_it() -> None:
    """The morning's payment is known when the rest is promised in the afternoon."""
    made = Promised(1, frozenset({1}), 100, day("10-01"), day("10-05"), STRICT, made_at=15)
    paid = [
        PaymentMade(1, 1, 100, day("10-01"), recorded_at=9),
        PaymentMade(2, 1, 40, day("10-01"), recorded_at=15),
        PaymentMade(3, 1, 30, day("10-02"), recorded_at=1),
    ]
    assert judge_promises([made], paid, day("10-03"))[1].by_payment == ((2, 40), (3, 30))


def test_a_fall_that_nobody_explains_keeps_a_promise_where_the_policy_says_so() -> None:
    fall = [PaymentMade(1, 1, 100, day("10-02"), is_explained=False)]
    for takes, state in ((True, PromiseState.KEPT), (False, PromiseState.OPEN)):
        made = Promised(
            1, frozenset({1}), 100, day("10-01"), day("10-05"), STRICT, takes_unexplained=takes
        )
        assert judge_promises([made], fall, day("10-03"))[1].state is state
