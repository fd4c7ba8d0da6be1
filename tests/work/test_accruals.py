"""Accrual in the book: read as of any day, charged before money is posted, never by night."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kept.core.actors import Actor, Role
from kept.core.ledger import EntryKind
from kept.core.lending.caps import Charged
from kept.store.accruals import accrual_of, read_accrued
from kept.store.facts import facts_of_case
from kept.store.models import Account, Case, Entry, Posting, ProductTerms
from kept.work.accruals import do_record_judgment, do_withdraw_judgment, get_accrual
from kept.work.cases import get_case
from kept.work.ledger import Line, do_post_entry, do_reverse_entry, get_position
from kept.work.products import do_add_terms
from kept.work.refusals import NotAllowed, Refusal
from tests import factories as make

pytestmark = pytest.mark.django_db

OPENED = date(2026, 10, 1)
DUE = date(2026, 10, 11)
DAY = date(2026, 10, 21)
TERMS = {
    "day_count": "ACT/365F",
    "interest": {"rates": {"yearly": "18.25%"}, "base": ["principal"]},
    "penalty": {"rates": {"daily": "0.05%"}, "base": ["principal"]},
    "late_fee": {"amount": "10.00", "base": ["principal"], "grace_days": 2},
    "judgment": {"daily": "0.0175%", "base": ["principal"]},
    "stops": {"holds": ["disputed"]},
}


def cashier(account: Account, *roles: Role) -> Actor:
    return make.make_actor(
        1, "cashier", frozenset(roles or {Role.CASHIER}), frozenset({account.creditor_id})
    )


def account_of(authority: str, interest: object = TERMS) -> Account:
    """10,000.00 lent on the 1st: 5.00 of interest a day; overdue from the 11th, 5.00 of penalty."""
    make.make_partitions()
    make.make_free("manual_payment", "reversal", "manual_charge")
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product, balance_authority=authority, interest=interest)
    found = make.make_account(product, make.make_debtor(creditor), opened_on=OPENED)
    make.make_entry(found, {"principal": 1_000_000}, due_on=DUE, effective_on=OPENED)
    return found


@pytest.fixture
def account() -> Account:
    return account_of("kept")


def figures(account: Account, on: date) -> tuple[int, ...]:
    found = get_position(actor=cashier(account), account_id=account.pk, as_of=on)
    assert found is not None
    return (
        found.balance_minor,
        found.interest_minor,
        found.penalty_minor,
        found.fee_minor,
        found.accrued_minor,
    )


def pay(account: Account, on: date, *lines: tuple[str, int], reference: str = "R1") -> int:
    return do_post_entry(
        actor=cashier(account),
        account_id=account.pk,
        kind=EntryKind.PAYMENT,
        lines=[Line(*each) for each in lines],
        effective_on=on,
        reference=reference,
        now=make.NOW,
    )


def test_a_position_holds_what_accrued_and_nothing_is_written(account: Account) -> None:
    before = Posting.objects.count()
    assert figures(account, DUE) == (1_005_000, 5_000, 0, 0, 5_000)
    assert figures(account, DAY) == (1_016_000, 10_000, 5_000, 1_000, 16_000)
    assert Posting.objects.count() == before
    found = get_position(actor=cashier(account), account_id=account.pk, as_of=DAY)
    assert found is not None
    # Past due is what fell due; total due is that and what accrued since.
    assert (found.overdue_minor, found.total_due_minor, found.dpd) == (1_000_000, 1_016_000, 10)


def test_with_the_creditors_word_nothing_accrues() -> None:
    account = account_of("creditor")
    assert figures(account, DAY) == (1_000_000, 0, 0, 0, 0)
    pay(account, DAY, ("principal", 100))
    assert not Entry.objects.filter(kind="accrual").exists()
    assert accrual_of(account.pk, DAY) is None


def test_a_payment_charges_first_and_changes_no_later_figure(account: Account) -> None:
    untouched = figures(account, DAY + timedelta(days=9))
    pay(account, DAY, ("interest", 10_000), ("penalty", 5_000), ("fee", 1_000))
    entry = Entry.objects.get(kind="accrual")
    rows = {p.component: (p.amount_minor, p.due_on) for p in entry.postings.all()}
    assert rows == {"interest": (10_000, DAY), "penalty": (5_000, DAY), "fee": (1_000, DAY)}
    assert entry.effective_on == DAY
    later = figures(account, DAY + timedelta(days=9))
    assert later == (untouched[0] - 16_000, 4_500, 4_500, 0, 9_000)
    assert figures(account, DAY) == (1_000_000, 0, 0, 0, 0)


def test_principal_paid_bears_nothing_from_its_day(account: Account) -> None:
    pay(account, DAY, ("principal", 600_000))
    # 10 days more on 4,000.00: 2.00 of each a day.
    assert figures(account, DAY + timedelta(days=10)) == (
        400_000 + 16_000 + 4_000,
        12_000,
        7_000,
        1_000,
        4_000,
    )


def test_a_second_entry_of_the_day_charges_nothing_again(account: Account) -> None:
    pay(account, DAY, ("interest", 100))
    pay(account, DAY, ("interest", 100), reference="R2")
    assert Entry.objects.filter(kind="accrual").count() == 1
    # Back-dated before what is charged: the later charge has it in it.
    pay(account, DUE, ("interest", 100), reference="R3")
    assert Entry.objects.filter(kind="accrual").count() == 1


def test_a_back_dated_payment_is_given_back_in_what_accrued(account: Account) -> None:
    pay(account, DAY, ("interest", 1))
    pay(account, OPENED, ("principal", 500_000), reference="R2")
    # Half of everything but the fee, which is an amount.
    assert figures(account, DAY)[1:4] == (5_000 - 1, 2_500, 1_000)
    assert figures(account, DAY)[4] == -7_500
    pay(account, DAY + timedelta(days=1), ("fee", 1), reference="R3")
    back = Entry.objects.filter(kind="accrual").latest("pk").postings.get(component="interest")
    # One day more of 2.50, less the 50.00 too much.
    assert (back.from_book, back.to_book, back.amount_minor) == ("receivable", "accrued", 4_750)
    assert figures(account, DAY + timedelta(days=1))[4] == 0


def test_a_reversed_charge_accrues_again(account: Account) -> None:
    pay(account, DAY, ("principal", 1))
    charged = Entry.objects.get(kind="accrual")
    do_reverse_entry(
        actor=cashier(account),
        entry_id=charged.pk,
        effective_on=DAY,
        reason="wrong day",
        now=make.NOW,
    )
    assert figures(account, DAY) == (1_016_000 - 1, 10_000, 5_000, 1_000, 16_000)


def test_holds_and_judgments_of_the_book(account: Account) -> None:
    make.make_hold(account.debtor, reason="disputed", effects=["contact"])
    # The hold began on 22 November in Shanghai; a month of 31 and 21 days ran before it.
    assert figures(account, date(2026, 12, 31))[1] == 52 * 500
    judgment = do_record_judgment(
        actor=cashier(account),
        account_id=account.pk,
        judged_on=DUE,
        reference="(2026) 1",
        now=make.NOW,
    )
    assert figures(account, DAY)[1:4] == (5_000 + 1_750, 0, 0)
    with pytest.raises(Refusal, match="withdraw it first"):
        do_record_judgment(
            actor=cashier(account),
            account_id=account.pk,
            judged_on=DUE,
            reference="2",
            now=make.NOW,
        )
    do_withdraw_judgment(actor=cashier(account), judgment_id=judgment, now=make.NOW)
    assert figures(account, DAY)[1:4] == (10_000, 5_000, 1_000)


def test_a_judgment_is_not_of_tomorrow_and_needs_its_number(account: Account) -> None:
    given = {"actor": cashier(account), "account_id": account.pk, "now": make.NOW}
    tomorrow = make.TODAY + timedelta(days=1)
    with pytest.raises(Refusal):
        do_record_judgment(judged_on=tomorrow, reference="1", **given)  # type: ignore[arg-type]
    with pytest.raises(Refusal):
        do_record_judgment(judged_on=DUE, reference=" ", **given)  # type: ignore[arg-type]
    given["actor"] = cashier(account, Role.COLLECTOR)
    with pytest.raises(NotAllowed):
        do_record_judgment(judged_on=DUE, reference="1", **given)  # type: ignore[arg-type]


def test_facts_of_the_night_and_of_a_case_hold_it(account: Account) -> None:
    case = make.make_case(account.debtor, account)
    facts = facts_of_case(case.pk, as_of=DAY, known_at=make.NOW)
    assert facts is not None
    names = ("balance", "interest_balance", "penalty_balance", "fee_balance", "overdue_balance")
    assert [facts[name] for name in names] == [1_016_000, 10_000, 5_000, 1_000, 1_000_000]
    assert facts["principal_balance"] == 1_000_000
    view = get_case(cashier(account), Case.objects.get().pk, now=make.NOW)
    assert view is not None
    assert dict(view.accounts[0].components)["interest"] == 52 * 500


def test_the_trace_is_read_by_who_may_see_the_case(account: Account) -> None:
    found = get_accrual(actor=cashier(account), account_id=account.pk, as_of=DAY)
    assert found is not None
    assert {each: found.totals[each] for each in Charged} == {
        Charged.INTEREST: 10_000,
        Charged.PENALTY: 5_000,
        Charged.FEE: 1_000,
    }
    assert read_accrued([account.pk], DAY) == {account.pk: found.accrued}


def test_terms_are_read_before_they_are_kept(account: Account) -> None:
    actor = make.make_actor(2, "boss", frozenset({Role.ADMINISTRATOR}))
    given = {
        "actor": actor,
        "product_id": account.product_id,
        "valid_from": date(2026, 11, 1),
        "balance_authority": "kept",
        "bucket_boundaries": [1, 31],
        "components": ["principal", "interest"],
        "allocation_order": ["interest", "principal"],
        "now": make.NOW,
    }
    wrong = {"day_count": "ACT/365", "interest": {"rates": {"yearly": "18"}, "base": "capital"}}
    with pytest.raises(Refusal) as caught:
        do_add_terms(interest=wrong, **given)  # type: ignore[arg-type]
    said = caught.value.fields["interest"]
    for place in ("day_count: 'ACT/365' is not known", "interest.rates.yearly", "interest.base"):
        assert place in said
    assert ProductTerms.objects.count() == 1
    right = {"day_count": "ACT/360", "interest": {"rates": {"yearly": "18%"}, "base": "principal"}}
    do_add_terms(interest=right, **given)  # type: ignore[arg-type]
    # 31 days of 5.00 by the old version, then one day of 18 % of 360.
    assert read_accrued([account.pk], date(2026, 11, 2))[account.pk][Charged.INTEREST] == 16_000
