"""Charge-off, sale and the general ledger: the debt is still owed, and every day balances."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kept.core.actors import Actor, Role, job
from kept.store.ledger import read_positions
from kept.store.models import Account
from kept.work.charge_offs import do_buy_account_back, do_charge_account_off, do_sell_account
from kept.work.journals import Journal, get_journal
from kept.work.payment_moves import do_reverse_payment
from kept.work.payments import PaymentGiven, do_take_payment
from kept.work.refusals import Refusal
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 20)
FREE = ("charge_off", "sale", "buy_back", "payment_reversal")


def cashier(account: Account) -> Actor:
    roles = frozenset({Role.CASHIER})
    return make.make_actor(1, "cashier", roles, frozenset({account.creditor_id}))


@pytest.fixture
def account() -> Account:
    make.make_partitions()
    make.make_free(*FREE)
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor))
    make.make_entry(account, {"principal": 500_00, "interest": 20_00}, due_on=date(2026, 10, 5))
    return account


def asked(account: Account, day: date, **more: Any) -> dict[str, Any]:
    plain = {"actor": cashier(account), "account_id": account.pk, "effective_on": day}
    return {**plain, "reason": "as agreed", "now": make.NOW, **more}


def pay(account: Account, number: str, day: date, amount: int = 50_00) -> int:
    given = PaymentGiven(
        account.creditor_id, number, amount, "CNY", day, accounts=(account.external_id,)
    )
    return do_take_payment(actor=job("bank"), given=given, now=make.NOW).payment_id


def standing(account: Account, day: date) -> tuple[int, int]:
    found = read_positions([account.pk], day)
    row = found.get(account.pk)
    return (0, 0) if row is None else (row.balance_minor, row.dpd)


def journal(first: date = date(2026, 9, 1), last: date = make.TODAY) -> Journal:
    return get_journal(actor=job("export"), first=first, last=last)


def test_a_charge_off_changes_nothing_that_is_owed_and_later_money_is_a_recovery(
    account: Account,
) -> None:
    pay(account, "1", date(2026, 10, 10))
    do_charge_account_off(**asked(account, DAY))
    assert standing(account, make.TODAY) == (470_00, 48)
    pay(account, "2", date(2026, 10, 25))
    assert standing(account, make.TODAY) == (420_00, 48)
    books = {
        (row["effective_on"].day, row["book"]): (int(row["debit_minor"]), int(row["credit_minor"]))
        for row in journal().lines
        if row["book"] in ("loss", "carried", "cash", "recovery")
        and row["component"] == "principal"
    }
    assert books == {
        (10, "cash"): (30_00, 0),
        (20, "loss"): (470_00, 0),
        (20, "carried"): (0, 470_00),
        (25, "recovery"): (50_00, 0),
    }
    with pytest.raises(Refusal, match="charged off already"):
        do_charge_account_off(**asked(account, DAY))


def test_a_sold_account_owes_nothing_here_and_its_money_waits(account: Account) -> None:
    do_sell_account(**asked(account, DAY))
    assert (standing(account, date(2026, 10, 19)), standing(account, DAY)) == (
        (520_00, 14),
        (0, 0),
    )
    given = PaymentGiven(
        account.creditor_id, "1", 5_00, "CNY", DAY, accounts=(account.external_id,)
    )
    taken = do_take_payment(actor=job("bank"), given=given, now=make.NOW)
    assert taken.suspense_reason == "account_sold"
    do_buy_account_back(**asked(account, date(2026, 11, 1)))
    assert standing(account, date(2026, 11, 4)) == (520_00, 30)
    with pytest.raises(Refusal, match="not sold"):
        do_buy_account_back(**asked(account, date(2026, 11, 1)))
    do_sell_account(**asked(account, date(2026, 11, 5)))


def test_every_day_of_the_journal_balances_and_adds_up_to_the_books(account: Account) -> None:
    pay(account, "1", date(2026, 10, 10))
    bounced = pay(account, "2", date(2026, 10, 12), amount=600_00)
    nobody = PaymentGiven(account.creditor_id, "3", 7_00, "CNY", date(2026, 10, 13))
    do_take_payment(actor=job("bank"), given=nobody, now=make.NOW)
    do_reverse_payment(
        actor=cashier(account),
        payment_id=bounced,
        kind="reversal",
        returned_on=date(2026, 10, 15),
        code="AM04",
        reason="bounced",
        now=make.NOW,
    )
    do_charge_account_off(**asked(account, DAY))
    pay(account, "4", date(2026, 10, 25))
    whole = journal()
    days = {row["effective_on"] for row in whole.lines}
    for day in days:
        mine = [row for row in whole.lines if row["effective_on"] == day]
        assert sum(r["debit_minor"] for r in mine) == sum(r["credit_minor"] for r in mine)
    for split in sorted(days):
        before, after = _held(journal(last=split)), journal(first=split + timedelta(days=1))
        moved, end = _by_book(after.lines), _held(whole)
        for book in end.keys() | before.keys():
            assert end.get(book, 0) - before.get(book, 0) == moved.get(book, 0)
    cash = sum(_signed(row) for row in whole.lines if row["book"] in ("cash", "recovery"))
    assert cash == 50_00 + 7_00 + 50_00


def _signed(row: dict[str, Any]) -> int:
    return int(row["debit_minor"] - row["credit_minor"])


def _by_book(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Of the accounts' ledger; what lies in suspense is no account's. A recovery is cash."""
    found: dict[str, int] = {}
    for row in rows:
        if row["product"]:
            book = "cash" if row["book"] == "recovery" else row["book"]
            found[book] = found.get(book, 0) + _signed(row)
    return found


def _held(found: Journal) -> dict[str, int]:
    held: dict[str, int] = {}
    for row in found.balances:
        held[row["book"]] = held.get(row["book"], 0) + int(row["balance_minor"])
    return held
