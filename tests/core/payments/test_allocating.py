"""Each cent of a payment: table cases of the order, of unexplained falls, and what must hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.ledger import Book, Posting
from kept.core.payments.allocating import Part, Step, allocate, steps_of

DAY = date(2026, 10, 20)
ORDER = ("fee", "interest", "principal")


def owe(component: str, amount: int, day: int = -30) -> Posting:
    on = DAY + timedelta(days=day)
    return Posting(component, Book.CREDITOR, Book.RECEIVABLE, amount, on, on, 1)


def credit(component: str, amount: int, day: int, book: Book = Book.CASH) -> Posting:
    on = DAY + timedelta(days=day)
    return Posting(component, Book.RECEIVABLE, book, amount, None, on, 1)


def fall(component: str, amount: int, day: int) -> Posting:
    return credit(component, amount, day, Book.UNEXPLAINED)


def on(day: int) -> date:
    return DAY + timedelta(days=day)


@pytest.mark.parametrize(
    ("postings", "expected"),
    [
        ([], []),
        (
            [owe("principal", 500), owe("fee", 5)],
            [Step("fee", 5), Step("principal", 500)],
        ),
        # A component beyond the order comes last.
        ([owe("cost", 3), owe("principal", 2)], [Step("principal", 2), Step("cost", 3)]),
        # What is charged later is not there on the day; what is paid later is spoken for.
        ([owe("fee", 5, 3), owe("principal", 9)], [Step("principal", 9)]),
        ([owe("principal", 9), credit("principal", 4, 2)], [Step("principal", 5)]),
        ([owe("principal", 4, 3)], []),
        # A fall on the day or after it can be explained, one before cannot.
        (
            [owe("principal", 500), fall("principal", 80, 5)],
            [Step("principal", 80, on(5)), Step("principal", 420)],
        ),
        (
            [owe("principal", 500), fall("principal", 80, 0)],
            [Step("principal", 80, on(0)), Step("principal", 420)],
        ),
        ([owe("principal", 500), fall("principal", 80, -1)], [Step("principal", 420)]),
        # The oldest fall first, whatever its component; a whole balance may have fallen.
        (
            [
                owe("principal", 100),
                owe("fee", 7),
                fall("principal", 60, 3),
                fall("principal", 40, 9),
                fall("fee", 7, 5),
            ],
            [
                Step("principal", 60, on(3)),
                Step("fee", 7, on(5)),
                Step("principal", 40, on(9)),
            ],
        ),
        # Of a fall only so much as was owed on the payment's day: the rest was charged after it.
        (
            [owe("principal", 10), owe("principal", 90, 2), fall("principal", 100, 5)],
            [Step("principal", 10, on(5))],
        ),
        # What a payment explained before is not explained again.
        (
            [
                owe("principal", 500),
                fall("principal", 80, 5),
                Posting("principal", Book.UNEXPLAINED, Book.RECEIVABLE, 50, None, on(5), 1),
            ],
            [Step("principal", 30, on(5)), Step("principal", 420 + 50)],
        ),
    ],
)
def test_what_an_account_can_take(postings: list[Posting], expected: list[Step]) -> None:
    assert steps_of(postings, DAY, ORDER) == expected


def test_the_steps_of_accounts_are_walked_in_order() -> None:
    first, second = [Step("fee", 5), Step("principal", 20)], [Step("principal", 100)]
    parts, left = allocate(30, [(1, first), (2, second)])
    assert parts == (
        Part(1, "fee", None, 5, 5),
        Part(1, "principal", None, 20, 20),
        Part(2, "principal", None, 5, 100),
    )
    assert left == 0
    assert allocate(200, [(1, first), (2, second)])[1] == 75
    assert allocate(7, []) == ((), 7)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["owe", "pay", "fall"]),
        st.sampled_from(ORDER),
        st.integers(1, 50),
        st.integers(-10, 10),
    ),
    max_size=12,
)


def balances(postings: Sequence[Posting], component: str) -> list[int]:
    days = [on(n) for n in range(-12, 13)]
    return [
        sum(p.owed for p in postings if p.component == component and p.effective_on <= day)
        for day in days
    ]


@settings(max_examples=300)
@given(MOVES, st.integers(1, 200))
def test_nothing_falls_below_what_it_was_and_no_cent_is_lost(
    moves: list[tuple[str, str, int, int]], amount: int
) -> None:
    make = {"owe": owe, "pay": lambda c, a, d: credit(c, a, d), "fall": fall}
    postings: list[Posting] = []
    for kind, component, size, day in sorted(moves, key=lambda move: move[3]):
        posting = make[kind](component, size, day)
        if kind == "owe" or min(balances([*postings, posting], component)) >= 0:
            postings.append(posting)
    steps = steps_of(postings, DAY, ORDER)
    parts, left = allocate(amount, [(1, steps)])
    assert sum(part.amount_minor for part in parts) + left == amount
    after = list(postings)
    for part in parts:
        after.append(credit(part.component, part.amount_minor, 0))
        if part.explains is not None:
            back = (Book.UNEXPLAINED, Book.RECEIVABLE, part.amount_minor, None, part.explains, 1)
            after.append(Posting(part.component, *back))
    for component in ORDER:
        assert min(balances(after, component)) >= 0
