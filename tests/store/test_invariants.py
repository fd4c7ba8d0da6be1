"""Each invariant finds what breaks it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from kept.core.actors import job
from kept.store.events import append_event
from kept.store.invariants import check_invariants, list_invariants
from kept.store.models import Account, Posting
from tests import factories as make
from tests.invariants import is_any_broken

pytestmark = [pytest.mark.django_db, pytest.mark.breaks_invariants]


def run(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def broken() -> set[str]:
    found = {each.invariant.name for each in check_invariants()}
    assert is_any_broken() is bool(found)  # what every other test is judged by
    return found


def loosen(table: str) -> None:
    """What only the owner of the database can do, and what the invariants are there to find."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def two_events() -> None:
    make.make_partitions()
    for n in (1, 2):
        append_event(
            actor=job("test"), action="test.write", subject=f"test:{n}", body={"n": n}, now=make.NOW
        )


def test_an_empty_house_is_whole() -> None:
    assert check_invariants() == []
    assert not is_any_broken()


def test_every_invariant_is_described_in_a_sentence() -> None:
    assert len(list_invariants()) >= 15
    for invariant in list_invariants():
        assert invariant.description.endswith("."), invariant


def an_account() -> Account:
    creditor = make.make_creditor()
    product = make.make_product(creditor)
    make.make_terms(product)
    return make.make_account(product, make.make_debtor(creditor))


def test_an_entry_without_postings() -> None:
    make.make_entry(an_account(), {})
    assert broken() == {"every_entry_has_postings"}


def test_a_posting_unlike_its_entry() -> None:
    entry = make.make_entry(an_account(), {"principal": 100})
    loosen("postings")
    run("UPDATE postings SET effective_on = effective_on - 1 WHERE entry_id = %s", entry.pk)
    assert broken() == {"postings_repeat_their_entry"}


def test_a_reversal_that_is_not_the_mirror() -> None:
    account = an_account()
    entry = make.make_entry(account, {"principal": 100})
    make.make_entry(account, {"principal": 40}, kind="reversal", reverses=entry)
    assert "reversals_mirror_their_entry" in broken()


def test_a_component_below_zero() -> None:
    entry = make.make_entry(an_account(), {"principal": 100})
    Posting.objects.create(
        entry=entry,
        account=entry.account,
        component="principal",
        from_book="receivable",
        to_book="cash",
        amount_minor=101,
        effective_on=entry.effective_on,
        recorded_at=entry.recorded_at,
    )
    assert broken() == {"components_below_zero_only_where_allowed"}


def test_an_open_case_without_accounts() -> None:
    account = an_account()
    case = make.make_case(account.debtor, account)
    run("DELETE FROM case_accounts WHERE case_id = %s", case.pk)
    assert broken() == {"open_cases_have_accounts"}


def test_a_changed_event() -> None:
    two_events()
    loosen("events")
    run("UPDATE events SET body = '{\"n\":9}' WHERE sequence = 1")
    assert broken() == {"event_chains_are_whole"}


def test_a_removed_event() -> None:
    two_events()
    loosen("events")
    run("DELETE FROM events WHERE sequence = 1")
    assert "event_chains_are_whole" in broken()


def test_a_removed_last_event() -> None:
    two_events()
    loosen("events")
    run("DELETE FROM events WHERE sequence = 2")
    assert broken() == {"event_heads_are_the_newest_events"}


def test_bucket_moves_with_a_gap() -> None:
    account = an_account()
    terms = account.product.terms.get()
    make.make_bucket_move(account, terms, from_bucket=None, to_bucket=1)
    later = make.TODAY + timedelta(days=1)
    make.make_bucket_move(account, terms, from_bucket=2, to_bucket=3, moved_on=later)
    assert broken() == {"bucket_moves_follow_each_other"}
