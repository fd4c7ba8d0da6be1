"""The set-based allocation against the plain model: the same parts, payment by payment."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.actors import job
from kept.core.ledger import Book
from kept.core.payments.allocating import allocate, steps_of
from kept.core.payments.policies import PaymentPolicy
from kept.store.ledger import postings_of
from kept.store.models import Account, Entry, PaymentAllocation, Posting
from kept.store.payments import Line, Writing, fill_lines, make_payment_tables, take_payments
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 20)
ORDER = ("cost", "fee", "penalty", "interest", "principal")
BOOKS = {
    "owe": (Book.CREDITOR, Book.RECEIVABLE),
    "pay": (Book.RECEIVABLE, Book.CASH),
    "fall": (Book.RECEIVABLE, Book.UNEXPLAINED),
}
Move = tuple[str, str, int, int]
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["owe", "owe", "pay", "fall"]),
        st.sampled_from(["fee", "principal"]),
        st.integers(1, 60),
        st.integers(-8, 8),
    ),
    min_size=1,
    max_size=10,
)
PAYMENTS = st.lists(st.tuples(st.integers(1, 90), st.integers(-3, 9)), min_size=1, max_size=4)


def make_account(moves: list[Move]) -> Account:
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor))
    make.make_entry(account, {"principal": 40}, effective_on=DAY - timedelta(days=9))
    for kind, component, amount, on in sorted(moves, key=lambda move: move[3]):
        day = DAY + timedelta(days=on)
        owed = sum(p.owed for p in postings_of(account.pk) if p.component == component)
        amount = amount if kind == "owe" else min(amount, owed)
        if amount <= 0:
            continue
        entry = Entry.objects.create(
            account=account, kind="adjustment", effective_on=day, recorded_at=make.NOW, actor="t"
        )
        from_book, to_book = BOOKS[kind]
        Posting.objects.create(
            entry=entry,
            account=account,
            component=component,
            from_book=from_book.value,
            to_book=to_book.value,
            amount_minor=amount,
            due_on=day if kind == "owe" else None,
            effective_on=day,
            recorded_at=make.NOW,
        )
    return account


class _TakenBack(Exception):
    pass


@settings(max_examples=25)
@given(MOVES, PAYMENTS)
def test_sets_allocate_as_the_plain_model(
    moves: list[Move], payments: list[tuple[int, int]]
) -> None:
    make.make_partitions()
    with pytest.raises(_TakenBack):
        _compare(moves, payments)


def _compare(moves: list[Move], payments: list[tuple[int, int]]) -> None:
    with transaction.atomic():
        account = make_account(moves)
        lines = [
            Line(
                line_no=n,
                channel="file",
                external_id=str(n),
                amount_minor=amount,
                currency="CNY",
                received_on=DAY + timedelta(days=on),
                accounts=[account.external_id],
            )
            for n, (amount, on) in enumerate(payments, 1)
        ]
        expected = _plainly(account, lines)
        make_payment_tables()
        fill_lines(lines)
        take_payments(Writing(job("test"), make.NOW, account.creditor_id), PaymentPolicy())
        rows = PaymentAllocation.objects.filter(account=account).select_related("payment")
        found = {
            int(row.payment.external_id): [
                (t["component"], t["amount_minor"], t["could_take_minor"], t["explains"])
                for t in row.trace
            ]
            for row in rows
        }
        assert found == expected
        raise _TakenBack


def _plainly(account: Account, lines: list[Line]) -> dict[int, list[tuple[object, ...]]]:
    """Each payment after the other, by the core, posted in memory."""
    postings = postings_of(account.pk)
    found: dict[int, list[tuple[object, ...]]] = {}
    for line in sorted(lines, key=lambda each: (each.received_on, each.line_no)):
        steps = steps_of(postings, line.received_on, ORDER)
        parts, _left = allocate(line.amount_minor, [(account.pk, steps)])
        for part in parts:
            kind = type(postings[0])
            day, amount = line.received_on, part.amount_minor
            paid = (Book.RECEIVABLE, Book.CASH, amount, None, day, 1)
            postings.append(kind(part.component, *paid))
            if part.explains is not None:
                back = (Book.UNEXPLAINED, Book.RECEIVABLE, amount, None, part.explains, 1)
                postings.append(kind(part.component, *back))
            told = part.explains and part.explains.isoformat()
            shown = (part.component, amount, part.capacity_minor, told)
            found.setdefault(line.line_no, []).append(shown)
    return found
