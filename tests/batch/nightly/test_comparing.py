"""What a night says happened since the one before: everything in between, once, whoever did it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from kept.store.cases import settle_cases, touch_accounts
from kept.store.models import Account, Case, CaseAccount
from tests.batch.intake import deliveries
from tests.batch.nightly.nights import (
    FIRST,
    SECOND,
    add_account,
    at,
    make_bank,
    make_busy_book,
    night,
    pay,
)

pytestmark = pytest.mark.django_db
THIRD = SECOND + timedelta(days=1)
CHANGES = ("opened", "closed", "entered", "gathered", "left")
MOVES = ("rolled_forward", "rolled_back", "cured")


def settle(on: date, *accounts: Account) -> None:
    """What a file or a posting does to the cases of its accounts."""
    with transaction.atomic():
        touch_accounts([account.pk for account in accounts])
        settle_cases(now=at(on), on=on)


def changes(result: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(result[name] for name in CHANGES)


def moves(result: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(result[name] for name in MOVES)


@pytest.mark.parametrize("taken_on", [FIRST, SECOND], ids=["after the night", "before the night"])
def test_a_file_between_two_nights_counts_in_the_second(taken_on: date) -> None:
    product = make_bank()
    add_account(product, 1, 5)
    assert changes(night(product, FIRST)) == (1, 0, 1, 0, 0)
    new, old = add_account(product, 2, 40), add_account(product, 3, 9)
    add_account(product, 4, -20, debtor=new.debtor)
    settle(taken_on, new, old)
    result = night(product, SECOND)
    assert changes(result) == (2, 0, 2, 1, 0)
    assert moves(result) == (0, 0, 0)
    assert result["moves"] == {"new>1": 1, "new>2": 1}
    assert changes(night(product, THIRD)) == (0, 0, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_real_file_before_and_after_the_night_of_its_day() -> None:
    creditor = deliveries.make_bank()
    deliveries.take(deliveries.csv_of(deliveries.rows(1, 5)), file_id="one")
    product = creditor.products.get()
    first = night(product, deliveries.TODAY, now=deliveries.NOW)
    assert first["opened"] == Case.objects.count() > 0
    assert moves(first) == (0, 0, 0)
    before = Case.objects.count()
    later = {"now": deliveries.NOW + timedelta(hours=2), "as_of": deliveries.TODAY}
    more = deliveries.csv_of(deliveries.rows(1, 12))
    deliveries.take(more, file_id="two", **later)
    second = night(product, THIRD, now=at(THIRD))
    assert second["opened"] == Case.objects.count() - before > 0
    assert second["entered"] == CaseAccount.objects.count() - before


def test_what_left_in_between_counts_too_and_opening_again_is_opening() -> None:
    product = make_bank()
    paying, staying = add_account(product, 1, 30), add_account(product, 2, 30)
    night(product, FIRST)
    pay(paying, 1_000_001, FIRST)
    settle(FIRST, paying)
    assert Case.objects.filter(closed_on=None).count() == 1
    result = night(product, SECOND)
    assert changes(result) == (0, 1, 0, 0, 1)
    assert moves(result) == (1, 0, 1)
    pay(staying, 1_000_002, SECOND)
    settle(SECOND, staying)
    from tests import factories

    for account in (paying, staying):
        factories.make_entry(
            account,
            {"principal": 5_000},
            kind="charge",
            due_on=SECOND - timedelta(days=3),
            effective_on=SECOND,
            recorded_at=at(SECOND),
        )
        settle(SECOND, account)
    assert changes(night(product, THIRD)) == (2, 1, 2, 0, 1)


def test_an_account_that_came_along_enters_by_its_own_age_once() -> None:
    product = make_bank()
    account = add_account(product, 1, 5)
    second = add_account(product, 2, -4, debtor=account.debtor)
    third = add_account(product, 3, -4, debtor=account.debtor)
    assert changes(night(product, FIRST)) == (1, 0, 1, 2, 0)
    pay(third, 1_000_003, FIRST)
    settle(FIRST, third)  # leaves without ever having entered
    assert changes(night(product, SECOND)) == (0, 0, 1, 0, 1)
    assert not CaseAccount.objects.get(account=second).gathered
    assert changes(night(product, THIRD)) == (0, 0, 0, 0, 0)


def test_an_account_known_before_that_falls_behind_has_rolled_forward() -> None:
    product = make_bank()
    add_account(product, 1, 0)
    assert moves(night(product, FIRST)) == (0, 0, 0)
    assert moves(night(product, SECOND)) == (1, 0, 0)


def test_nights_of_other_creditors_and_dry_runs_leave_the_comparison_alone() -> None:
    east, west = make_bank(), make_bank(code="WEST")
    add_account(east, 1, 5)
    night(east, FIRST)
    add_account(west, 2, 5)
    night(west, FIRST)
    add_account(east, 3, 5)
    tried = night(east, SECOND, dry_run=True)
    result = night(east, SECOND)
    assert changes(tried) == changes(result) == (1, 0, 1, 0, 0)
    assert changes(night(east, SECOND)) == (1, 0, 1, 0, 0)


def test_standings_hold_by_conservation() -> None:
    product = make_busy_book()
    result = night(product, SECOND)
    standing = result["standing"]
    assert standing["open_cases"] == Case.objects.filter(closed_on=None).count()
    assert standing["open_stays"] == CaseAccount.objects.filter(left_on=None).count()
    assert sum(changes(result)) > 0
