"""One payment: matched, allocated with its trace, in suspense with a reason, reversed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kept.core.actors import Actor, Grant, Role, Scope, job
from kept.store.ledger import read_positions
from kept.store.models import (
    Account,
    ApprovalPolicy,
    Entry,
    Event,
    Payment,
    PaymentAllocation,
    PaymentReturn,
    Posting,
    Promise,
)
from kept.work.approvals import NeedsApproval
from kept.work.ledger import do_reverse_entry, get_position
from kept.work.payment_moves import (
    Share,
    do_assign_payment,
    do_reverse_payment,
    do_send_payment_back,
    do_withdraw_payment,
)
from kept.work.payment_policies import do_give_reference, do_set_payment_policy
from kept.work.payments import PaymentGiven, PaymentTaken, do_record_payment, do_take_payment
from kept.work.refusals import NotAllowed, Refusal
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 20)
FREE = (
    "payment",
    "payment_withdrawal",
    "payment_reversal",
    "payment_return",
    "payment_policy",
)


def cashier(creditor_id: int, person: int = 1) -> Actor:
    roles = frozenset({Role.CASHIER, Role.MANAGER})
    return make.make_actor(person, "cashier", roles, frozenset({creditor_id}))


@pytest.fixture
def account() -> Account:
    make.make_partitions()
    make.make_free(*FREE)
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor))
    amounts = {"principal": 500_00, "interest": 20_00, "fee": 5_00}
    make.make_entry(account, amounts, due_on=date(2026, 10, 5))
    return account


def given(account: Account, **changes: Any) -> PaymentGiven:
    plain: dict[str, Any] = {
        "creditor_id": account.creditor_id,
        "external_id": "R1",
        "amount_minor": 100_00,
        "currency": "CNY",
        "received_on": DAY,
        "accounts": (account.external_id,),
    }
    return PaymentGiven(**{**plain, **changes})


def pay(account: Account, **changes: Any) -> PaymentTaken:
    return do_record_payment(
        actor=cashier(account.creditor_id), given=given(account, **changes), now=make.NOW
    )


def balance(account: Account, day: date = make.TODAY) -> int:
    found = read_positions([account.pk], day)
    return found[account.pk].balance_minor if account.pk in found else 0


def test_each_cent_goes_by_the_products_order_and_says_how(account: Account) -> None:
    taken = pay(account)
    assert (taken.state, taken.allocated_minor, taken.is_new) == ("allocated", 100_00, True)
    row = PaymentAllocation.objects.get(payment_id=taken.payment_id)
    assert [(t["component"], t["amount_minor"], t["could_take_minor"]) for t in row.trace] == [
        ("fee", 5_00, 5_00),
        ("interest", 20_00, 20_00),
        ("principal", 75_00, 500_00),
    ]
    assert balance(account) == 425_00
    postings = Posting.objects.filter(entry=row.entry).order_by("component")
    assert [(p.component, p.from_book, p.to_book, p.amount_minor) for p in postings] == [
        ("fee", "receivable", "cash", 5_00),
        ("interest", "receivable", "cash", 20_00),
        ("principal", "receivable", "cash", 75_00),
    ]
    assert row.entry.effective_on == DAY
    assert Event.objects.filter(action="payment.allocate").count() == 1


def test_the_same_reference_again_is_the_same_payment(account: Account) -> None:
    first = pay(account)
    again = pay(account)
    assert (again.payment_id, again.is_new) == (first.payment_id, False)
    assert Entry.objects.filter(kind="payment").count() == 1
    with pytest.raises(Refusal, match="another amount"):
        pay(account, amount_minor=99_00)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_minor": 0}, "amount"),
        ({"amount_minor": -5}, "amount"),
        ({"received_on": date(2026, 11, 23)}, "received_on"),
        ({"received_on": date(2024, 2, 29)}, "received_on"),
        ({"currency": "XYZ"}, "currency"),
        ({"currency": "USD"}, "currency"),
        ({"external_id": ""}, "external_id"),
        ({"way": "gold"}, "way"),
        ({"payer_relation": "neighbour"}, "payer_relation"),
        ({"accounts": ("nothing",)}, "account"),
    ],
)
def test_what_a_cashier_may_not_record(
    account: Account, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        pay(account, **changes)
    assert field in refused.value.fields
    assert not Payment.objects.exists()


def test_a_cashier_needs_a_second_person(account: Account) -> None:
    ApprovalPolicy.objects.filter(kind="payment").delete()
    actor = cashier(account.creditor_id)
    with pytest.raises(NeedsApproval) as needed:
        do_record_payment(actor=actor, given=given(account, payer="王五"), now=make.NOW)
    assert "王五" not in str(needed.value.command)
    assert not Payment.objects.exists()


def tell(account: Account, **changes: Any) -> PaymentTaken:
    return do_take_payment(
        actor=job("bank"), given=given(account, **{"external_id": "B1", **changes}), now=make.NOW
    )


def suspended(account: Account, reason: str, **changes: Any) -> Payment:
    taken = tell(account, **changes)
    assert (taken.state, taken.suspense_reason) == ("suspense", reason)
    return Payment.objects.get(pk=taken.payment_id)


def test_people_do_not_tell_as_programs_do(account: Account) -> None:
    actor = make.make_actor(
        1, "admin", frozenset({Role.ADMINISTRATOR}), frozenset({account.creditor_id})
    )
    with pytest.raises(NotAllowed):
        do_take_payment(actor=actor, given=given(account), now=make.NOW)


def test_over_payment_waits(account: Account) -> None:
    row = suspended(account, "over_payment", amount_minor=600_00)
    assert (row.allocated_minor, row.unallocated_minor) == (525_00, 75_00)
    assert balance(account) == 0


def test_over_payment_may_go_to_the_debtors_other_accounts(account: Account) -> None:
    other = make.make_account(account.product, account.debtor)
    make.make_entry(other, {"principal": 300_00})
    do_set_payment_policy(
        actor=cashier(account.creditor_id),
        creditor_id=account.creditor_id,
        body={"over_payment": "other_accounts"},
        valid_from=date(2026, 1, 1),
        now=make.NOW,
    )
    taken = tell(account, amount_minor=600_00)
    assert (taken.state, balance(account), balance(other)) == ("allocated", 0, 225_00)
    rows = PaymentAllocation.objects.filter(payment_id=taken.payment_id).order_by("account_id")
    assert [(r.account_id, r.amount_minor) for r in rows] == [
        (account.pk, 525_00),
        (other.pk, 75_00),
    ]


def test_money_for_a_debtor_pays_the_oldest_account_first(account: Account) -> None:
    older = make.make_account(account.product, account.debtor)
    make.make_entry(older, {"principal": 50_00}, due_on=date(2026, 9, 1))
    taken = tell(account, accounts=(), debtor=account.debtor.external_id)
    assert (taken.state, balance(older), balance(account)) == ("allocated", 0, 475_00)


@pytest.mark.parametrize(
    ("state", "reason"), [("closed", "account_closed"), ("recalled", "account_recalled")]
)
def test_money_for_an_account_that_left_waits(account: Account, state: str, reason: str) -> None:
    Account.objects.filter(pk=account.pk).update(state=state)
    suspended(account, reason)
    assert balance(account) == 525_00


def test_other_currency_and_a_day_before_the_account_wait(account: Account) -> None:
    suspended(account, "other_currency", currency="USD")
    suspended(account, "before_account", external_id="B2", received_on=date(2026, 9, 30))


def test_the_bank_tells_what_a_cashier_recorded(account: Account) -> None:
    first = pay(account, bank_reference="TX9")
    taken = tell(account, bank_reference="TX9")
    assert (taken.state, balance(account)) == ("duplicate", 425_00)
    assert Payment.objects.get(pk=taken.payment_id).duplicate_of_id == first.payment_id


def test_the_same_amount_by_another_door_asks_a_person(account: Account) -> None:
    pay(account)
    suspended(account, "possible_duplicate", received_on=date(2026, 10, 22))
    assert tell(account, external_id="B2", received_on=date(2026, 10, 24)).state == "allocated"


def test_references_virtual_accounts_and_texts_are_matched(account: Account) -> None:
    actor = cashier(account.creditor_id)
    for kind, number in (("reference", "KP-0001-77"), ("virtual_account", "6222 0212 3456")):
        do_give_reference(
            actor=actor, account_id=account.pk, kind=kind, number=number, now=make.NOW
        )
    told = [
        tell(account, accounts=(), amount_minor=1_00, external_id="1", reference="kp000177"),
        tell(
            account, accounts=(), amount_minor=2_00, external_id="2", virtual_account="622202123456"
        ),
        tell(account, accounts=(), amount_minor=3_00, external_id="3", text="还款 KP-0001-77 谢谢"),
        tell(account, accounts=(), amount_minor=4_00, external_id="4", text=account.external_id),
    ]
    rows = Payment.objects.in_bulk([each.payment_id for each in told])
    assert [rows[each.payment_id].matched_by for each in told] == [
        "reference",
        "virtual_account",
        "reference",
        "account",
    ]
    assert balance(account) == 515_00


def test_a_likely_payer_is_confirmed_by_a_person(account: Account) -> None:
    row = suspended(account, "unsure", accounts=(), payer=account.debtor.name)
    assert (row.account_id, row.confidence_per_mille) == (account.pk, 600)
    do_assign_payment(
        actor=cashier(account.creditor_id),
        payment_id=row.pk,
        shares=[Share(account.pk, 100_00)],
        reason="told on the phone",
        now=make.NOW,
    )
    row.refresh_from_db()
    assert (row.state, row.matched_by, balance(account)) == ("allocated", "person", 425_00)


def promised(account: Account, *others: Account, amount: int, due: date, **more: Any) -> Promise:
    case = make.make_case(account.debtor, account, *others)
    days = {"made_on": date(2026, 10, 12), "due_on": due, "judged_on": due}
    state = more.pop("state", "broken")
    accounts = (account, *others)
    return make.make_promise(case, *accounts, amount_minor=amount, state=state, **days, **more)


def test_the_promised_amount_around_its_day_tells_who_paid(account: Account) -> None:
    promised(account, amount=123_00, due=date(2026, 10, 17))
    money = {"accounts": (), "payer": account.debtor.name, "amount_minor": 123_00}
    taken = tell(account, **money)
    row = Payment.objects.get(pk=taken.payment_id)
    assert (row.matched_by, row.confidence_per_mille, taken.state) == (
        "likeness",
        950,
        "allocated",
    )


def test_a_promise_of_another_day_or_amount_tells_nothing(account: Account) -> None:
    promised(account, amount=123_00, due=date(2026, 10, 14))
    money = {"accounts": (), "payer": account.debtor.name}
    suspended(account, "unsure", external_id="day", amount_minor=123_00, **money)
    suspended(
        account,
        "unsure",
        external_id="amount",
        amount_minor=122_99,
        received_on=date(2026, 10, 15),
        **money,
    )


def test_money_for_a_promise_over_two_accounts_goes_to_both(account: Account) -> None:
    other = make.make_account(account.product, account.debtor)
    make.make_entry(other, {"principal": 40_00}, due_on=date(2026, 10, 4))
    promised(account, other, amount=100_00, due=DAY)
    taken = tell(account, accounts=(), payer=account.debtor.name)
    rows = PaymentAllocation.objects.filter(payment_id=taken.payment_id)
    assert {each.account_id: each.amount_minor for each in rows} == {
        other.pk: 40_00,
        account.pk: 60_00,
    }
    assert taken.state == "allocated"


def test_nobody_is_guessed_for_money_of_nobody(account: Account) -> None:
    row = suspended(account, "unmatched", accounts=(), payer="nobody here")
    assert row.account_id is None


def test_suspense_is_split_over_accounts_all_or_none(account: Account) -> None:
    other = make.make_account(account.product, make.make_debtor(account.creditor))
    make.make_entry(other, {"principal": 30_00})
    row = suspended(account, "unmatched", accounts=())
    actor = cashier(account.creditor_id)

    def assign(*shares: Share) -> None:
        do_assign_payment(
            actor=actor, payment_id=row.pk, shares=shares, reason="split", now=make.NOW
        )

    with pytest.raises(Refusal, match="cannot take so much"):
        assign(Share(account.pk, 60_00), Share(other.pk, 40_00))
    assert balance(account) == 525_00
    with pytest.raises(Refusal) as refused:
        assign(Share(account.pk, 101_00))
    assert "amount" in refused.value.fields
    assign(Share(account.pk, 60_00), Share(other.pk, 30_00))
    row.refresh_from_db()
    assert (row.state, row.unallocated_minor) == ("suspense", 10_00)
    assert (balance(account), balance(other)) == (465_00, 0)


def test_a_wrong_match_is_withdrawn_and_given_again(account: Account) -> None:
    taken = pay(account)
    actor = cashier(account.creditor_id)
    do_withdraw_payment(actor=actor, payment_id=taken.payment_id, reason="not theirs", now=make.NOW)
    row = Payment.objects.get(pk=taken.payment_id)
    assert (row.state, row.suspense_reason, balance(account, DAY)) == (
        "suspense",
        "withdrawn",
        525_00,
    )
    do_assign_payment(
        actor=actor,
        payment_id=row.pk,
        shares=[Share(account.pk, 100_00)],
        reason="theirs after all",
        now=make.NOW,
    )
    assert balance(account) == 425_00


def test_a_chargeback_months_later_gives_the_debt_back(account: Account) -> None:
    taken = pay(account, received_on=date(2026, 10, 2))
    reverse: dict[str, Any] = {
        "actor": cashier(account.creditor_id),
        "payment_id": taken.payment_id,
        "kind": "chargeback",
        "returned_on": date(2026, 11, 20),
        "code": "MD06",
        "reason": "refund asked for",
        "now": make.NOW,
    }
    with pytest.raises(Refusal, match="did not go back yet"):
        do_reverse_payment(**{**reverse, "returned_on": make.NOW.date() + timedelta(days=2)})
    assert Payment.objects.get(pk=taken.payment_id).state == "allocated"
    do_reverse_payment(**reverse)
    assert (balance(account, date(2026, 11, 19)), balance(account, date(2026, 11, 20))) == (
        425_00,
        525_00,
    )
    row = Payment.objects.get(pk=taken.payment_id)
    assert (row.state, row.returned_minor, row.allocated_minor) == ("returned", 100_00, 0)
    assert PaymentReturn.objects.get().code == "MD06"
    with pytest.raises(Refusal, match="went back before"):
        do_reverse_payment(**reverse)


def test_an_entry_of_a_payment_goes_back_with_its_payment_alone(account: Account) -> None:
    make.make_free("reversal")
    taken = pay(account)
    entry = PaymentAllocation.objects.get(payment_id=taken.payment_id).entry
    with pytest.raises(Refusal, match=f"of payment {taken.payment_id}: reverse or withdraw"):
        do_reverse_entry(
            actor=cashier(account.creditor_id),
            entry_id=entry.pk,
            effective_on=DAY,
            reason="typed twice",
            now=make.NOW,
        )
    assert balance(account) == 425_00


def test_money_of_nobody_is_sent_back(account: Account) -> None:
    row = suspended(account, "unmatched", accounts=())
    send: dict[str, Any] = {
        "actor": cashier(account.creditor_id),
        "payment_id": row.pk,
        "reason": "unknown payer",
        "now": make.NOW,
    }
    do_send_payment_back(**send)
    row.refresh_from_db()
    assert (row.state, row.unallocated_minor) == ("returned", 0)
    with pytest.raises(Refusal):
        do_send_payment_back(**send)


def fall(account: Account, amount: int, day: date) -> None:
    entry = Entry.objects.create(
        account=account, kind="adjustment", effective_on=day, recorded_at=make.NOW, actor="file"
    )
    Posting.objects.create(
        entry=entry,
        account=account,
        component="principal",
        from_book="receivable",
        to_book="unexplained",
        amount_minor=amount,
        effective_on=day,
        recorded_at=make.NOW,
    )


def test_a_fall_of_the_creditors_file_is_explained_and_never_credited_twice(
    account: Account,
) -> None:
    fall(account, 80_00, date(2026, 10, 25))
    taken = tell(account, amount_minor=80_00)
    assert taken.state == "allocated"
    assert balance(account, date(2026, 10, 24)) == 445_00
    assert balance(account) == 445_00
    row = PaymentAllocation.objects.get()
    assert row.trace == [
        {
            "component": "principal",
            "amount_minor": 80_00,
            "could_take_minor": 80_00,
            "explains": "2026-10-25",
        }
    ]
    more = tell(account, external_id="B2", amount_minor=10_00)
    assert (more.state, balance(account)) == ("allocated", 435_00)


def test_a_payment_after_a_fall_does_not_explain_it(account: Account) -> None:
    fall(account, 80_00, date(2026, 10, 15))
    tell(account, amount_minor=80_00)
    assert balance(account) == 365_00


def test_withdrawn_money_leaves_the_fall_unexplained_again(account: Account) -> None:
    fall(account, 80_00, date(2026, 10, 25))
    taken = tell(account, amount_minor=80_00)
    actor = cashier(account.creditor_id)
    do_withdraw_payment(actor=actor, payment_id=taken.payment_id, reason="wrong", now=make.NOW)
    assert (balance(account, date(2026, 10, 24)), balance(account)) == (525_00, 445_00)
    share = [Share(account.pk, 80_00)]
    do_assign_payment(
        actor=actor, payment_id=taken.payment_id, shares=share, reason="right", now=make.NOW
    )
    assert balance(account) == 445_00


def test_a_payment_never_reaches_into_a_later_charge(account: Account) -> None:
    entry = Entry.objects.create(
        account=account,
        kind="charge",
        effective_on=date(2026, 10, 28),
        recorded_at=make.NOW,
        actor="test",
        reference="late",
    )
    Posting.objects.create(
        entry=entry,
        account=account,
        component="fee",
        from_book="income",
        to_book="receivable",
        amount_minor=9_00,
        due_on=date(2026, 10, 28),
        effective_on=entry.effective_on,
        recorded_at=make.NOW,
    )
    row = suspended(account, "over_payment", amount_minor=534_00)
    assert row.unallocated_minor == 9_00
    found = get_position(actor=cashier(account.creditor_id), account_id=account.pk, as_of=DAY)
    assert found is not None
    assert found.fee_minor == 0


def test_who_is_limited_to_a_portfolio_gives_money_to_its_accounts_alone(account: Account) -> None:
    waiting = pay(account, accounts=(), external_id="W1")
    other = make.make_account(make.make_product(account.creditor), account.debtor)
    Payment.objects.filter(pk=waiting.payment_id).update(account=account)
    own = frozenset({account.creditor_id})
    grant = Grant(Role.CASHIER, Scope(own, frozenset({account.product_id}), None))
    limited = replace(cashier(account.creditor_id), grants=(grant,))

    def give(to: Account) -> None:
        do_assign_payment(
            actor=limited,
            payment_id=waiting.payment_id,
            shares=[Share(to.pk, 100_00)],
            reason="asked the payer",
            now=make.NOW,
        )

    with pytest.raises(Refusal, match="no such account"):
        give(other)
    give(account)
    assert balance(account) == 425_00
