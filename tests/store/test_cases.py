"""Cases settled in sets agree with the plain rules of `core/cases.py`, day after day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.core.cases import AccountStanding, Change, LeaveReason, Stay, settle_debtor
from kept.store.cases import CaseCounts, settle_cases, touch_accounts
from kept.store.ledger import read_positions
from kept.store.models import (
    Account,
    Case,
    CaseAccount,
    Creditor,
    Debtor,
    Entry,
    Person,
    Posting,
    Product,
    ProductTerms,
    Run,
    Task,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("db")]  # "db": invariants are checked

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def make_product(entry_dpd: int = -3, grace_days: int = 0) -> Product:
    creditor = Creditor.objects.create(
        code="BANK", name="Bank", country="CN", zone="Asia/Shanghai", currency="CNY"
    )
    product = Product.objects.create(
        creditor=creditor, code="CARD", name="Card", debt_type="credit_card", currency="CNY"
    )
    ProductTerms.objects.create(
        product=product,
        version=1,
        valid_from=date(2020, 1, 1),
        balance_authority="creditor",
        bucket_boundaries=[1, 31, 61, 91],
        components=["principal"],
        allocation_order=["principal"],
        entry_dpd=entry_dpd,
        grace_days=grace_days,
    )
    return product


def make_debtor(product: Product, number: int) -> Debtor:
    return Debtor.objects.create(
        creditor=product.creditor,
        person=Person.objects.create(kind="person"),
        external_id=f"D{number}",
        kind="person",
        name=f"张{number}",
        name_key=f"张{number}",
        created_at=NOW,
    )


def make_account(product: Product, debtor: Debtor, number: int) -> Account:
    return Account.objects.create(
        creditor=product.creditor,
        product=product,
        debtor=debtor,
        external_id=f"A{number}",
        currency=product.currency,
        state_since=DAY,
        created_at=NOW,
    )


def post(account: Account, amount: int, day: date, due_on: date | None = None) -> None:
    """A charge due on a day (amount above 0), or a payment that takes the oldest due first."""
    books = ("creditor", "receivable") if amount > 0 else ("receivable", "cash")
    kind = "charge" if amount > 0 else "payment"
    entry = Entry.objects.create(
        account=account, kind=kind, effective_on=day, recorded_at=NOW, actor="test"
    )
    Posting.objects.create(
        entry=entry,
        account=account,
        component="principal",
        from_book=books[0],
        to_book=books[1],
        amount_minor=abs(amount),
        due_on=due_on,
        effective_on=day,
        recorded_at=NOW,
    )


def settle(accounts: list[Account], on: date) -> CaseCounts:
    touch_accounts([account.pk for account in accounts])
    return settle_cases(now=FAR, on=on)


def changes() -> set[tuple[int, int | None, str, str | None]]:
    """What was left for the events: (debtor, account, change, reason)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.debtor_id, x.account_id, x.change, x.reason"
            " FROM case_changes x JOIN cases c ON c.id = x.case_id"
        )
        return set(cursor.fetchall())


def expected_changes(
    debtors: list[list[Account]], on: date, terms: tuple[int, int]
) -> set[tuple[int, int | None, str, str | None]]:
    found = set()
    for accounts in debtors:
        standings = [standing_of(account, on, terms) for account in accounts]
        for change in settle_debtor(standings, on):
            reason = change.reason.value if change.reason else None
            found.add((accounts[0].debtor_id, change.account_id, change.change.value, reason))
    return found


def standing_of(account: Account, on: date, terms: tuple[int, int]) -> AccountStanding:
    position = read_positions([account.pk], on, FAR).get(account.pk)
    stay = CaseAccount.objects.filter(account=account, left_on=None).first()
    kind = Stay.NONE if stay is None else Stay.GATHERED if stay.gathered else Stay.ENTERED
    account.refresh_from_db()
    return AccountStanding(
        account.pk,
        account.state,
        position.balance_minor if position else 0,
        position.overdue_minor if position else 0,
        position.dpd if position else 0,
        (position.oldest_due_on or position.next_due_on) if position else None,
        entry_dpd=terms[0],
        grace_days=terms[1],
        stay=kind,
        cured=CaseAccount.objects.filter(
            account=account, case__closed_on=None, leave_reason="cure"
        ).exists(),
    )


def open_cases_hold_accounts() -> bool:
    """An open case has an account that entered; a closed one has none left."""
    entered = CaseAccount.objects.filter(left_on=None, gathered=False).values("case_id")
    staying = CaseAccount.objects.filter(left_on=None).values("case_id")
    return not (
        Case.objects.filter(closed_on=None).exclude(pk__in=entered).exists()
        or Case.objects.exclude(closed_on=None).filter(pk__in=staying).exists()
    )


action = st.one_of(
    st.tuples(st.just("charge"), st.integers(1, 900), st.integers(-40, 20)),
    st.tuples(st.just("pay"), st.integers(1, 1500), st.just(0)),
    st.tuples(
        st.just("state"),
        st.sampled_from(["active", "active", "missing", "recalled", "closed"]),
        st.just(0),
    ),
    st.just(("nothing", 0, 0)),
)
day_of_actions = st.tuples(st.integers(0, 15), st.lists(action, min_size=6, max_size=6))


def act(account: Account, what: tuple[str, int | str, int], on: date) -> None:
    kind, value, shift = what
    if kind == "charge":
        post(account, int(value), on, on + timedelta(days=shift))
    elif kind == "pay":
        post(account, -int(value), on)
    elif kind == "state":
        Account.objects.filter(pk=account.pk).update(state=value)


@given(
    terms=st.sampled_from([(-3, 0), (1, 0), (10, 0), (1, 5)]),
    days=st.lists(day_of_actions, min_size=1, max_size=6),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_settling_in_sets_agrees_with_the_rules(
    terms: tuple[int, int], days: list[tuple[int, list[tuple[str, int | str, int]]]]
) -> None:
    with transaction.atomic():
        product = make_product(*terms)
        debtors = []
        for number, count in enumerate((3, 2, 1)):
            debtor = make_debtor(product, number)
            debtors.append([make_account(product, debtor, 10 * number + k) for k in range(count)])
        accounts = [account for owned in debtors for account in owned]
        on = DAY
        for later, actions in days:
            on += timedelta(days=later)
            for account, what in zip(accounts, actions, strict=True):
                act(account, what, on)
            expected = expected_changes(debtors, on, terms)
            settle([owned[-1] for owned in debtors], on)  # the others are found by their debtor
            assert changes() == expected
            assert open_cases_hold_accounts()
            assert settle(accounts, on) == CaseCounts()
        transaction.set_rollback(True)


def test_settling_again_changes_nothing_after_a_cure_beside_an_open_case() -> None:
    product = make_product(-3, 0)
    debtor = make_debtor(product, 1)
    cured, other = make_account(product, debtor, 1), make_account(product, debtor, 2)
    post(cured, 600, DAY, DAY)
    post(cured, 500, DAY, DAY + timedelta(days=60))
    post(other, 100, DAY, DAY)
    settle([cured, other], DAY)
    post(cured, -600, DAY)
    assert settle([cured, other], DAY) == CaseCounts(left=1)
    assert settle([cured, other], DAY) == CaseCounts()
    post(cured, 50, DAY, DAY)  # ill again: it comes back by itself
    assert settle([cured], DAY) == CaseCounts(entered=1)


def test_a_closed_case_takes_its_open_tasks_along() -> None:
    product = make_product()
    account = make_account(product, make_debtor(product, 1), 1)
    post(account, 500, DAY, DAY - timedelta(days=5))
    assert settle([account], DAY) == CaseCounts(opened=1, entered=1)
    task = make_task(Case.objects.get(), product)
    Account.objects.update(state="recalled")
    assert settle([account], DAY) == CaseCounts(left=1, closed=1)
    task.refresh_from_db()
    assert (task.state, task.closed_at) == ("cancelled", FAR)
    assert task.reason == {"why": "test", "closed": "case_recalled"}
    assert Case.objects.get().close_reason == LeaveReason.RECALLED


def make_task(case: Case, product: Product) -> Task:
    run = Run.objects.create(kind="nightly", key="x", actor="test", now=NOW)
    return Task.objects.create(
        creditor=product.creditor,
        case=case,
        run=run,
        business_date=DAY,
        strategy="default:1",
        treatment="call",
        stage="call",
        channel="call",
        skill="call",
        minutes=5,
        priority=1,
        due_at=NOW,
        reason={"why": "test"},
        dpd=5,
        bucket=1,
        balance_minor=500,
        overdue_minor=500,
        currency="CNY",
    )


def test_a_debtor_who_falls_ill_again_gets_a_new_case() -> None:
    product = make_product()
    account = make_account(product, make_debtor(product, 1), 1)
    post(account, 500, DAY, DAY - timedelta(days=5))
    settle([account], DAY)
    post(account, -500, DAY)
    settle([account], DAY)
    post(account, 300, DAY, DAY)
    assert settle([account], DAY) == CaseCounts(opened=1, entered=1)
    closed, reopened = Case.objects.order_by("pk")
    assert (closed.closed_on, closed.close_reason) == (DAY, "paid")
    assert (reopened.closed_on, reopened.opened_on) == (None, DAY)


def test_an_older_day_than_the_case_does_not_close_it_before_it_opened() -> None:
    product = make_product()
    account = make_account(product, make_debtor(product, 1), 1)
    post(account, 500, DAY, DAY - timedelta(days=5))
    settle([account], DAY)
    Account.objects.update(state="closed")
    settle([account], DAY - timedelta(days=3))
    case = Case.objects.get()
    assert (case.opened_on, case.closed_on, case.close_reason) == (DAY, DAY, "closed")


def test_changes_are_left_for_the_events() -> None:
    product = make_product()
    debtor = make_debtor(product, 1)
    first, second = (make_account(product, debtor, number) for number in (1, 2))
    post(first, 500, DAY, DAY - timedelta(days=5))
    post(second, 500, DAY, DAY + timedelta(days=25))
    settle([second], DAY)
    assert changes() == {
        (debtor.pk, None, Change.OPENED, None),
        (debtor.pk, first.pk, Change.ENTERED, None),
        (debtor.pk, second.pk, Change.GATHERED, None),
    }
