"""Entries by hand: posted once, reversed once, refused with nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from kept.core.actors import Actor, Role
from kept.core.ledger import EntryKind
from kept.store.models import Account, Entry, Event, Posting
from kept.work.actors import actor_of
from kept.work.approvals import do_request_approval
from kept.work.ledger import (
    Line,
    do_post_entry,
    do_reverse_entry,
    entry_command,
    get_bucket_history,
    get_position,
    list_entries,
)
from kept.work.refusals import NotAllowed, NotThere, Refusal
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 20)


def cashier(creditor_id: int, *roles: Role) -> Actor:
    return make.make_actor(
        1, "cashier", frozenset(roles or {Role.CASHIER}), frozenset({creditor_id})
    )


@pytest.fixture
def account() -> Account:
    make.make_partitions()
    make.make_free("manual_payment", "reversal")
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    account = make.make_account(product, make.make_debtor(creditor))
    make.make_entry(account, {"principal": 500_00}, due_on=date(2026, 10, 5))
    return account


def pay(account: Account, reference: str = "R1", amount: int = 500_00, **changes: object) -> int:
    given: dict[str, object] = {
        "actor": cashier(account.creditor_id),
        "account_id": account.pk,
        "kind": EntryKind.PAYMENT,
        "lines": [Line("principal", amount)],
        "effective_on": DAY,
        "reference": reference,
        "now": make.NOW,
    }
    return do_post_entry(**{**given, **changes})  # type: ignore[arg-type]


def dpd(account: Account, day: date) -> int:
    found = get_position(
        actor=cashier(account.creditor_id), account_id=account.pk, as_of=day, known_at=make.NOW
    )
    assert found is not None
    return found.dpd


def test_a_payment_cures_from_its_day_on(account: Account) -> None:
    pay(account)
    assert dpd(account, DAY - timedelta(days=1)) == 14
    assert dpd(account, DAY) == 0


def test_a_reversal_gives_the_days_back_and_happens_once(account: Account) -> None:
    actor = cashier(account.creditor_id)
    payment = pay(account)
    do_reverse_entry(
        actor=actor,
        entry_id=payment,
        effective_on=date(2026, 11, 1),
        reason="returned",
        now=make.NOW,
    )
    assert dpd(account, date(2026, 10, 31)) == 0
    assert dpd(account, date(2026, 11, 1)) == 27
    with pytest.raises(Refusal, match="already"):
        do_reverse_entry(
            actor=actor,
            entry_id=payment,
            effective_on=date(2026, 11, 2),
            reason="again",
            now=make.NOW,
        )
    assert Entry.objects.filter(kind="reversal").count() == 1


def test_each_entry_leaves_its_event_on_the_debtors_chain(account: Account) -> None:
    pay(account)
    event = Event.objects.get(action="ledger.payment")
    assert (event.chain_kind, event.chain_id) == ("debtor", account.debtor_id)


def test_the_case_has_the_event_once_the_account_is_in_one(account: Account) -> None:
    case = make.make_case(account.debtor, account)
    pay(account)
    event = Event.objects.get(action="ledger.payment")
    assert (event.chain_kind, event.chain_id) == ("case", case.pk)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reference": ""}, "reference"),
        ({"lines": []}, "at least one"),
        ({"lines": [Line("gold", 1)]}, "no component gold"),
        ({"lines": [Line("principal", 0)]}, "positive"),
        ({"lines": [Line("principal", 5, DAY)]}, "due date"),
        ({"kind": EntryKind.OPENING}, "by hand"),
        ({"kind": EntryKind.CHARGE}, "due date"),
        ({"effective_on": date(1999, 1, 1)}, "no terms"),
        ({"effective_on": make.NOW.date() + timedelta(days=2)}, "day to come"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    account: Account, changes: dict[str, object], words: str
) -> None:
    before = (Entry.objects.count(), Posting.objects.count(), Event.objects.count())
    with pytest.raises(Refusal, match=words):
        pay(account, **changes)
    assert before == (Entry.objects.count(), Posting.objects.count(), Event.objects.count())


def test_the_same_reference_counts_once(account: Account) -> None:
    pay(account, amount=1)
    with pytest.raises(Refusal, match="already"):
        pay(account, amount=1)
    assert Entry.objects.filter(kind="payment").count() == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CASHIER, Role.ADMINISTRATOR}))
def test_other_roles_post_nothing(account: Account, role: Role) -> None:
    with pytest.raises(NotAllowed):
        pay(account, actor=cashier(account.creditor_id, role))
    assert not Entry.objects.filter(kind="payment").exists()


def test_another_creditors_account_is_not_found(account: Account) -> None:
    stranger = cashier(account.creditor_id + 1)
    calls: list[Callable[[], object]] = [
        lambda: pay(account, actor=stranger),
        lambda: get_position(actor=stranger, account_id=account.pk, as_of=DAY, known_at=make.NOW),
        lambda: list_entries(actor=stranger, account_id=account.pk),
        lambda: do_reverse_entry(
            actor=stranger,
            entry_id=Entry.objects.get().pk,
            effective_on=DAY,
            reason="x",
            now=make.NOW,
        ),
    ]
    for call in calls:
        with pytest.raises(NotThere):
            call()
    assert Entry.objects.count() == 1


def test_bucket_history_is_rebuilt_after_a_late_entry(account: Account) -> None:
    def history() -> list[tuple[date, int]]:
        found = get_bucket_history(
            actor=cashier(account.creditor_id),
            account_id=account.pk,
            first=date(2026, 10, 4),
            last=date(2026, 11, 20),
            known_at=make.NOW,
        )
        return [(change.moved_on, change.to_bucket) for change in found]

    assert history() == [(date(2026, 10, 4), 0), (date(2026, 10, 6), 1), (date(2026, 11, 5), 2)]
    pay(account)
    assert history() == [(date(2026, 10, 4), 0), (date(2026, 10, 6), 1), (DAY, 0)]


def test_more_than_is_owed_is_refused_to_the_cent_and_nothing_is_posted(account: Account) -> None:
    with pytest.raises(Refusal, match=r"0\.01.*principal"):
        pay(account, amount=500_01)
    assert Entry.objects.filter(account=account).count() == 1
    pay(account, amount=500_00)
    with pytest.raises(Refusal, match="less"):
        pay(account, "R2", amount=1)


def test_a_charge_that_was_paid_is_not_taken_back_before_its_payment(account: Account) -> None:
    make.make_free("manual_charge")
    actor = cashier(account.creditor_id)
    lines = [Line("fee", 10_00, date(2026, 10, 5))]
    charge = pay(account, "F1", kind=EntryKind.CHARGE, lines=lines)
    payment = pay(account, "R1", lines=[Line("fee", 4_00)])

    def reverse(entry_id: int, on: date = DAY) -> None:
        do_reverse_entry(
            actor=actor, entry_id=entry_id, effective_on=on, reason="wrong", now=make.NOW
        )

    with pytest.raises(Refusal, match=r"4\.00.*fee.*first"):
        reverse(charge)
    with pytest.raises(Refusal, match="day to come"):
        reverse(payment, make.NOW.date() + timedelta(days=2))
    reverse(payment)
    reverse(charge)


def test_terms_that_allow_a_credit_balance_take_more(account: Account) -> None:
    product = make.make_product(account.creditor)
    make.make_terms(product, allows_credit_balance=True)
    other = make.make_account(product, account.debtor)
    make.make_entry(other, {"principal": 500_00}, due_on=date(2026, 10, 5))
    assert pay(account, account_id=other.pk, amount=600_00)


def test_nobody_posts_a_waiver_by_hand_not_even_with_a_yes(account: Account) -> None:
    with pytest.raises(Refusal, match="never posted by hand"):
        pay(account, "", kind=EntryKind.WAIVER)
    head = make.make_user("head", roles={Role.CASHIER: None, Role.APPROVER: None})
    lines = [Line("fee", 1_00)]
    command = entry_command(account.pk, EntryKind.WAIVER, lines, date(2026, 10, 20), "")
    for kind in ("waiver", "manual_payment"):
        with pytest.raises(Refusal):
            do_request_approval(
                actor=actor_of(head, now=make.NOW),
                kind=kind,
                command=command,
                reason="hardship",
                now=make.NOW,
            )
    assert not Entry.objects.filter(kind="waiver").exists()
