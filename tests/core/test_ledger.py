"""Positions from postings: worked examples, and a day-by-day bookkeeper who knows no formulas."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.ledger import (
    NO_DUE_DATE,
    Book,
    EntryKind,
    Figures,
    Posting,
    bucket_changes,
    bucket_of,
    plan_snapshot,
    position_as_of,
    reverse,
    thresholded_dpd,
)

JAN, FEB, MAR = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)
EVER = 10**9


def charge(amount: int, due_on: date, at: date | None = None, recorded: int = 0) -> Posting:
    return Posting(
        "principal",
        Book.CREDITOR,
        Book.RECEIVABLE,
        amount,
        due_on,
        at or date(2026, 1, 1),
        recorded,
    )


def payment(amount: int, at: date, recorded: int = 0, component: str = "principal") -> Posting:
    return Posting(component, Book.RECEIVABLE, Book.CASH, amount, None, at, recorded)


THREE = [charge(100, JAN), charge(100, FEB), charge(100, MAR)]


@pytest.mark.parametrize(
    ("as_of", "dpd", "overdue", "oldest", "next_due"),
    [
        (date(2026, 1, 1), 0, 0, JAN, JAN),
        (JAN, 0, 0, JAN, JAN),  # on the day itself nothing is past due
        (JAN + timedelta(days=1), 1, 100, JAN, FEB),
        (FEB, 31, 100, JAN, FEB),
        (FEB + timedelta(days=1), 32, 200, JAN, MAR),
        (date(2026, 4, 10), 90, 300, JAN, None),
    ],
)
def test_days_past_due_count_from_the_oldest_uncovered_amount(
    as_of: date, dpd: int, overdue: int, oldest: date, next_due: date | None
) -> None:
    position = position_as_of(THREE, as_of, EVER)
    assert (position.dpd, position.overdue_minor) == (dpd, overdue)
    assert (position.oldest_due_on, position.next_due_on) == (oldest, next_due)


def test_a_payment_covers_the_oldest_amount_first() -> None:
    postings = [*THREE, payment(150, date(2026, 2, 20))]
    assert position_as_of(postings, date(2026, 2, 19), EVER).dpd == 40
    after = position_as_of(postings, date(2026, 2, 20), EVER)
    assert (after.dpd, after.overdue_minor, after.balance_minor) == (10, 50, 150)


def test_a_payment_entered_late_is_right_for_every_day_before_and_after() -> None:
    """lending #231, #251: back-dating must not leave old days past due behind."""
    first = payment(100, MAR, recorded=5)
    backdated = payment(100, date(2026, 2, 5), recorded=9)
    postings = [*THREE, first, backdated]
    assert position_as_of(postings, date(2026, 2, 20), known_at=9).dpd == 10
    assert position_as_of(postings, date(2026, 2, 20), known_at=8).dpd == 41
    assert position_as_of(postings, date(2026, 3, 9), known_at=9).dpd == 27
    assert position_as_of(postings, MAR, known_at=9).dpd == 0


def test_a_reversed_payment_gives_the_days_back() -> None:
    paid = payment(300, MAR)
    returned = reverse([paid], date(2026, 3, 20), recorded_at=3)
    assert position_as_of([*THREE, paid, *returned], date(2026, 3, 19), EVER).dpd == 0
    assert position_as_of([*THREE, paid, *returned], date(2026, 3, 20), EVER).dpd == 69


def test_an_amount_without_a_due_date_is_owed_and_never_past_due() -> None:
    position = position_as_of([charge(100, NO_DUE_DATE)], date(2030, 1, 1), EVER)
    assert (position.balance_minor, position.dpd, position.next_due_on) == (100, 0, None)


def test_a_due_amount_taken_back_covers_others() -> None:
    back = Posting("principal", Book.RECEIVABLE, Book.CREDITOR, 100, FEB, JAN, 0)
    position = position_as_of([charge(100, JAN), back], MAR, EVER)
    assert (position.balance_minor, position.overdue_minor, position.dpd) == (0, 0, 0)


@pytest.mark.parametrize(
    ("dpd", "grace", "bucket"),
    [
        (0, 0, 0),
        (1, 0, 1),
        (30, 0, 1),
        (31, 0, 2),
        (90, 0, 3),
        (91, 0, 4),
        (400, 0, 4),
        (3, 3, 0),
        (4, 3, 1),
    ],
)
def test_buckets(dpd: int, grace: int, bucket: int) -> None:
    assert bucket_of(dpd, [1, 31, 61, 91], grace) == bucket


@pytest.mark.parametrize(("small", "dpd"), [(99, 1), (100, 0), (101, 0)])
def test_the_small_balance_threshold(small: int, dpd: int) -> None:
    position = position_as_of([charge(100, JAN)], JAN + timedelta(days=1), EVER)
    assert thresholded_dpd(position, small) == dpd


@pytest.mark.parametrize("amount", [0, -1])
def test_a_posting_has_a_positive_amount(amount: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        payment(amount, JAN)


def test_a_posting_goes_between_two_books() -> None:
    with pytest.raises(ValueError, match="another"):
        Posting("fee", Book.CASH, Book.CASH, 1, None, JAN, 0)


days = st.integers(0, 40).map(lambda d: date(2026, 1, 1) + timedelta(days=d))
charges = st.builds(charge, st.integers(1, 200), days, days, st.integers(0, 9))
costs = st.builds(
    lambda amount, due_on, at: Posting("cost", Book.INCOME, Book.RECEIVABLE, amount, due_on, at, 0),
    st.integers(1, 90),
    days,
    days,
)
payments = st.builds(payment, st.integers(1, 300), days, st.integers(0, 9))


def bookkeeper(postings: list[Posting], as_of: date, known_at: int) -> tuple[int, int, int]:
    """Pays off a list of bills coin by coin; knows neither sums nor windows."""
    seen = [p for p in postings if p.effective_on <= as_of and p.recorded_at <= known_at]
    bills = sorted([p.due_on, p.amount_minor] for p in seen if p.due_on is not None)  # type: ignore[list-item]
    coins = sum(p.amount_minor for p in seen if p.due_on is None)
    balance = sum(amount for _due, amount in bills) - coins
    while coins and any(amount for _due, amount in bills):
        next(bill for bill in bills if bill[1])[1] -= 1
        coins -= 1
    late = [(as_of - due).days for due, amount in bills if amount and due < as_of]
    overdue = sum(amount for due, amount in bills if due < as_of)
    return balance, overdue, max(late, default=0)


@given(st.lists(charges | payments, max_size=8), days, st.integers(0, 9))
def test_the_bookkeeper_agrees(postings: list[Posting], as_of: date, known_at: int) -> None:
    position = position_as_of(postings, as_of, known_at)
    assert (position.balance_minor, position.overdue_minor, position.dpd) == bookkeeper(
        postings, as_of, known_at
    )


@given(st.lists(charges | payments, max_size=6), st.lists(payments, max_size=3), days)
def test_what_is_reversed_was_never_there(
    postings: list[Posting], undone: list[Posting], as_of: date
) -> None:
    reversals = [p for u in undone for p in reverse([u], u.effective_on, u.recorded_at)]
    assert position_as_of([*postings, *undone, *reversals], as_of, EVER) == position_as_of(
        postings, as_of, EVER
    )


figures = st.builds(
    Figures,
    as_of=st.just(date(2026, 2, 1)),
    balances=st.fixed_dictionaries({"principal": st.integers(0, 500), "fee": st.integers(0, 50)}),
    due_on=st.none() | days,
    next_due_on=st.none() | st.integers(0, 30).map(lambda d: date(2026, 2, 1) + timedelta(days=d)),
    overdue_minor=st.none() | st.integers(0, 700),
)


@given(st.lists(charges | payments, max_size=6), figures)
def test_a_file_decides_the_balance_and_the_days(postings: list[Posting], file: Figures) -> None:
    postings = [p for p in postings if p.effective_on <= file.as_of]
    plan = plan_snapshot(postings, file, order=["fee", "principal"], recorded_at=99)
    after = [*postings, *(p for _kind, entry in plan for p in entry)]
    position = position_as_of(after, file.as_of, EVER)
    assert {c: position.balances.get(c, 0) for c in file.balances} == dict(file.balances)
    whole = sum(file.balances.values())
    overdue = whole if file.overdue_minor is None else min(file.overdue_minor, whole)
    past = file.due_on is not None and file.due_on < file.as_of
    assert position.overdue_minor == (overdue if past else 0)
    assert position.dpd == ((file.as_of - file.due_on).days if past and overdue else 0)  # type: ignore[operator]
    assert plan_snapshot(after, file, order=["fee", "principal"], recorded_at=100) == []


@given(st.lists(charges | payments | costs, max_size=6), figures, st.integers(0, 60))
def test_a_file_leaves_alone_what_it_does_not_name(
    postings: list[Posting], file: Figures, later: int
) -> None:
    postings = [p for p in postings if p.effective_on <= file.as_of]
    plan = plan_snapshot(postings, file, order=["fee", "principal"], recorded_at=99)
    after = [*postings, *(p for _kind, entry in plan for p in entry)]
    day = file.as_of + timedelta(days=later)
    costs_before = position_as_of(postings, day, EVER).balances.get("cost", 0)
    found = position_as_of(after, day, EVER).balances
    assert found.get("cost", 0) == costs_before
    assert sum(found.values()) == sum(file.balances.values()) + costs_before


def test_a_file_older_than_the_last_figures_is_refused() -> None:
    newer = charge(100, JAN, at=FEB)
    with pytest.raises(ValueError, match="newer figures"):
        plan_snapshot([newer], Figures(JAN, {"principal": 70}), order=[], recorded_at=1)


def test_a_later_file_never_counts_a_known_payment_twice() -> None:
    opening = charge(500, JAN)
    known = payment(200, FEB)
    file = Figures(FEB, {"principal": 300}, due_on=JAN)
    assert plan_snapshot([opening, known], file, order=["principal"], recorded_at=1) == []


def test_a_fall_that_no_payment_explains_is_of_unknown_source() -> None:
    file = Figures(FEB, {"principal": 300}, due_on=JAN)
    ((kind, postings),) = plan_snapshot(
        [charge(500, JAN)], file, order=["principal"], recorded_at=1
    )
    assert kind is EntryKind.ADJUSTMENT
    assert [(p.from_book, p.to_book, p.amount_minor) for p in postings] == [
        (Book.RECEIVABLE, Book.UNEXPLAINED, 200)
    ]


@given(st.lists(charges | payments, max_size=6), st.integers(0, 5), days)
def test_bucket_changes_are_those_of_looking_every_day(
    postings: list[Posting], grace: int, first: date
) -> None:
    boundaries, last = [1, 6, 18, 31], date(2026, 3, 31)
    walked = []
    before = None
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        dpd = position_as_of(postings, day, EVER).dpd
        bucket = bucket_of(dpd, boundaries, grace)
        if bucket != before:
            walked.append((day, before, bucket, dpd))
        before = bucket
    found = bucket_changes(postings, boundaries, grace, first, last, EVER)
    assert [(c.moved_on, c.from_bucket, c.to_bucket, c.dpd) for c in found] == walked
