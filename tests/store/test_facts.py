"""Every fact of the catalogue is filled from the tables, and one case reads what the bulk reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from django.db import connection

from kept.core.arms import draw_of
from kept.core.facts import CATALOGUE, FactType, Use
from kept.core.strategies import proposals, with_proposals
from kept.packs.strategies import strategy_on
from kept.store.facts import (
    CASE_COLUMNS,
    CaseRange,
    case_ranges,
    facts_of_case,
    load_facts,
)
from kept.store.models import Account, Case, Entry, Posting
from kept.store.partitions import ensure_partitions
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 22)
STRATEGY = strategy_on(ON)
CODES = tuple(each.code for each in STRATEGY.treatments)


def facts(case: Case, on: date = ON, known_at: datetime = NOW) -> dict[str, Any]:
    found = facts_of_case(case.pk, as_of=on, known_at=known_at, treatments=CODES)
    assert found is not None
    return found


def owing(product: Any, debtor: Any, dues: dict[date, int], **given: Any) -> Account:
    account = factories.make_account(product, debtor, **given)
    for due_on, amount in dues.items():
        factories.make_entry(
            account,
            {"principal": amount},
            due_on=due_on,
            kind="charge",
            effective_on=date(2026, 7, 1),
        )
    return account


def pay(account: Account, amount: int, day: date, *, book: str = "cash", **given: Any) -> Entry:
    entry = Entry.objects.create(
        **{
            "account": account,
            "kind": "payment" if book == "cash" else "adjustment",
            "effective_on": day,
            "recorded_at": NOW,
            "actor": "test",
            **given,
        }
    )
    books = ("receivable", book) if amount > 0 else (book, "receivable")
    Posting.objects.create(
        entry=entry,
        account=account,
        component="principal",
        from_book=books[0],
        to_book=books[1],
        amount_minor=abs(amount),
        effective_on=day,
        recorded_at=entry.recorded_at,
    )
    return entry


def attempt(case: Case, started_at: datetime, outcome: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO attempts (started_at, case_id, debtor_id, channel, outcome, recorded_at)"
            " VALUES (%s, %s, %s, 'call', %s, %s)",
            [started_at, case.pk, case.debtor_id, outcome, NOW],
        )


@pytest.fixture
def rich_case() -> Case:
    """A case of which as much as possible is known."""
    ensure_partitions(ON - timedelta(days=31), ON - timedelta(days=31))
    creditor = factories.make_creditor(code="BANK", zone="Asia/Shanghai")
    product = factories.make_product(creditor, code="CARD")
    factories.make_terms(product, small_balance_minor=5_000)
    debtor = factories.make_debtor(creditor, kind="company", language="en", country="GB")
    old = owing(product, debtor, {date(2026, 11, 2): 40_000, date(2026, 12, 2): 60_000})
    factories.make_entry(old, {"interest": 700, "fee": 60, "penalty": 5}, due_on=date(2026, 11, 2))
    factories.make_entry(old, {"cost": 3}, due_on=date(2026, 11, 2))
    other = owing(product, debtor, {date(2026, 11, 25): 9_000})
    case = factories.make_case(debtor, old, other, opened_on=date(2026, 11, 5))
    pay(old, 1_000, date(2026, 8, 1))
    pay(old, 2_000, date(2026, 11, 10), book="unexplained")
    wrong = pay(old, 500, date(2026, 11, 20))
    pay(old, -500, date(2026, 11, 20), kind="reversal", reverses=wrong)
    factories.make_hold(debtor, reason="disputed", effects=["contact", "accrual"])
    factories.make_hold(debtor, reason="legal", effects=["treatment"], account=other)
    factories.make_related_person(debtor)
    factories.make_contact_point(debtor, "+447700900123", validity="valid")
    factories.make_contact_point(debtor, "a@example.org", kind="email")
    factories.make_contact_point(debtor, "Anytown", kind="address", validity="invalid")
    factories.make_promise(
        case,
        old,
        state="broken",
        made_at=NOW - timedelta(days=40),
        made_on=ON - timedelta(days=40),
        due_on=ON - timedelta(days=36),
        judged_on=ON,
        judged_at=NOW,
    )
    factories.make_promise(
        case,
        other,
        made_at=NOW - timedelta(days=1),
        made_on=ON - timedelta(days=1),
        due_on=ON + timedelta(days=3),
        verified_at=NOW,
        judged_on=ON,
        judged_at=NOW,
    )
    attempt(case, NOW - timedelta(days=3), "conversation")
    attempt(case, NOW - timedelta(days=1), "ring_no_answer")
    attempt(case, NOW - timedelta(days=9), "conversation")
    factories.make_task(case, business_date=date(2026, 11, 19), treatment="call")
    factories.make_task(
        case,
        business_date=date(2026, 11, 16),
        treatment="call",
        state="done",
        closed_at=datetime(2026, 11, 17, 16, 30, tzinfo=UTC),  # the 18th in Shanghai
    )
    return case


def test_every_fact_of_the_catalogue_is_filled(rich_case: Case) -> None:
    frame = load_facts(
        CaseRange(rich_case.creditor_id, 0, rich_case.pk + 1), as_of=ON, known_at=NOW
    )
    dtypes = {
        FactType.INTEGER: pl.Int64,
        FactType.MONEY: pl.Int64,
        FactType.BOOLEAN: pl.Boolean,
        FactType.CATEGORY: pl.String,
        FactType.DATE: pl.Date,
    }
    for fact in CATALOGUE.for_use(Use.STRATEGY).values():
        assert frame.schema[fact.name] == dtypes[fact.type]
        if not fact.can_be_unknown:
            assert frame[fact.name].null_count() == 0, fact.name
    assert set(frame.columns) == set(CASE_COLUMNS) | set(CATALOGUE.for_use(Use.STRATEGY))


def test_the_facts_of_a_case_are_right(rich_case: Case) -> None:
    found = facts(rich_case)
    expected = {
        "currency": "CNY",
        "seat_id": 0,
        "dpd": 20,
        "dpd_above_threshold": 20,
        "bucket": 1,
        "days_until_due": 3,
        "days_in_case": 17,
        "prior_entries": 0,
        "months_since_opened": 32,
        "roll_forwards_12m": 0,
        "days_since_bucket_move": None,
        "last_bucket_move": None,
        "highest_bucket": 1,
        "highest_dpd": 20,
        "balance": 106_768,
        "overdue_balance": 37_768,
        "principal_balance": 106_000,
        "interest_balance": 700,
        "fee_balance": 60,
        "penalty_balance": 5,
        "cost_balance": 3,
        "accounts": 2,
        "creditor": "BANK",
        "product": "CARD",
        "is_company": True,
        "language": "en",
        "country": "GB",
        "has_guarantor": True,
        "arm_draw": draw_of("", rich_case.debtor_id),
        "days_since_last_payment": 12,
        "last_payment_date": date(2026, 11, 10),
        "last_payment": 2_000,
        "payments_count_90d": 1,
        "last_payment_days_late": 8,
        "last_payment_covered": "part",
        "has_open_promise": True,
        "promises_open": 1,
        "promised_open": 1_000,
        "days_until_promise_due": 3,
        "days_since_promise_made": 1,
        "promise_verified": True,
        "promises_kept": 0,
        "promises_partial": 0,
        "promises_broken": 1,
        "days_since_promise_broken": 35,
        "last_promise_outcome": "broken",
        "days_since_promise_tested": 36,
        "has_plan": False,
        "days_since_plan_breach": None,
        "has_hold": True,
        "contact_hold": True,
        "treatment_hold": True,
        "dealing_hold": False,
        "disputed": True,
        "deceased": False,
        "bankrupt": False,
        "fraud": False,
        "complaint": False,
        "vulnerable": False,
        "legal": True,
        "missing_data": False,
        "hardship": False,
        "represented": False,
        "cease_requested": False,
        "time_barred": False,
        "has_valid_phone": True,
        "has_email": True,
        "has_address": False,
        "reachable_by_phone": True,
        "reachable_by_email": True,
        "reachable_by_letter": False,
        "reachable_by_handle": False,
        "phone_consented": False,
        "email_consented": False,
        "attempts_7d": 2,
        "attempts_30d": 3,
        "contacts_7d": 1,
        "contacts_30d": 2,
        "last_attempt_outcome": "ring_no_answer",
        "last_contact_outcome": "conversation",
        "days_since_last_attempt": 1,
        "days_since_last_contact": 3,
        "days_since_last_task": 3,
        "days_since_call": 4,
        "days_since_letter": None,
    }
    assert {name: found[name] for name in expected} == expected
    missing = set(CATALOGUE.for_use(Use.STRATEGY)) - set(expected)
    assert missing == set()


def plain_case(**given: Any) -> Case:
    creditor = factories.make_creditor()
    product = factories.make_product(creditor)
    factories.make_terms(product, small_balance_minor=500, **given)
    debtor = factories.make_debtor(creditor, language="", country="")
    return factories.make_case(debtor, owing(product, debtor, {ON - timedelta(days=2): 500}))


def test_what_is_not_recorded_is_false_or_unknown() -> None:
    found = facts(plain_case())
    assert (found["dpd"], found["dpd_above_threshold"]) == (2, 0)
    assert {name for name, value in found.items() if value is None} == {
        "country",
        "language",
        "days_until_due",
        "days_since_promise_broken",
        "days_since_promise_made",
        "days_since_promise_tested",
        "days_until_promise_due",
        "last_promise_outcome",
        "days_since_bucket_move",
        "days_since_plan_breach",
        "last_attempt_outcome",
        "last_bucket_move",
        "last_contact_outcome",
        "last_payment",
        "last_payment_covered",
        "last_payment_date",
        "last_payment_days_late",
        "days_since_last_attempt",
        "days_since_last_contact",
        "days_since_last_payment",
        "days_since_last_task",
        *(f"days_since_{code}" for code in CODES),
    }


def test_grace_keeps_the_bucket_at_nought() -> None:
    assert facts(plain_case(grace_days=2))["bucket"] == 0
    assert facts(plain_case(grace_days=1))["bucket"] == 1


def test_amounts_of_another_currency_are_not_added() -> None:
    creditor = factories.make_creditor()
    yuan, euro = (
        factories.make_product(creditor, currency=currency) for currency in ("CNY", "EUR")
    )
    for product in (yuan, euro):
        factories.make_terms(product)
    debtor = factories.make_debtor(creditor)
    case = factories.make_case(
        debtor,
        owing(yuan, debtor, {ON - timedelta(days=2): 900}),
        owing(euro, debtor, {ON - timedelta(days=7): 100}),
    )
    found = facts(case)
    assert (found["currency"], found["balance"], found["accounts"]) == ("EUR", 100, 2)
    assert (found["dpd"], found["product"]) == (7, euro.code)


@pytest.mark.parametrize(
    ("given", "stands"),
    [
        ({}, True),
        ({"until": ON}, True),
        ({"until": ON - timedelta(days=1)}, False),
        ({"released_at": NOW}, False),
        ({"released_at": NOW + timedelta(hours=1)}, True),
        ({"placed_at": NOW + timedelta(hours=1)}, False),
    ],
)
def test_a_hold_stands_from_its_placing_to_its_end(given: dict[str, Any], stands: bool) -> None:
    case = plain_case()
    factories.make_hold(case.debtor, **given)
    assert facts(case)["contact_hold"] is stands


def test_a_hold_on_an_account_outside_the_case_is_not_the_cases() -> None:
    case = plain_case()
    product = Account.objects.get().product
    factories.make_hold(case.debtor, account=factories.make_account(product, case.debtor))
    assert facts(case)["has_hold"] is False


def test_facts_are_as_of_the_day_and_as_known_then() -> None:
    case = plain_case()
    account = Account.objects.get()
    later = NOW + timedelta(days=3)
    pay(account, 500, ON, recorded_at=later)
    assert facts(case)["dpd"] == 2
    assert facts(case, known_at=later)["dpd"] == 0
    assert facts(case, ON + timedelta(days=1))["dpd"] == 3
    case.closed_on, case.close_reason = ON, "paid"
    case.save()
    assert facts_of_case(case.pk, as_of=ON, known_at=NOW) is None
    assert facts(case, ON - timedelta(days=1))["dpd"] == 1


def test_one_case_reads_what_the_bulk_reads(rich_case: Case) -> None:
    plain_case()
    owner = rich_case.creditor_id
    for case in Case.objects.all():
        (cases,) = case_ranges(case.creditor_id, 1_000_000)
        frame = load_facts(cases, as_of=ON, known_at=NOW, treatments=CODES)
        assert frame.filter(case_id=case.pk).to_dicts() == [facts(case)]
        proposed = with_proposals(STRATEGY, frame).filter(case_id=case.pk).to_dicts()[0]
        single = {each.treatment.code for each in proposals(STRATEGY, facts(case))}
        assert {code for code in CODES if proposed[f"proposed_{code}"]} == single
        assert single == (set() if case.creditor_id == owner else {"call"})


def test_ranges_hold_every_open_case_once() -> None:
    creditor = factories.make_creditor()
    assert case_ranges(creditor.pk, 10) == []
    cases = [factories.make_case(factories.make_debtor(creditor)) for _ in range(7)]
    ranges = case_ranges(creditor.pk, 3)
    held = [case.pk for each in ranges for case in cases if each.first_id <= case.pk < each.end_id]
    assert held == [case.pk for case in cases]


def test_the_draw_for_arms_is_that_of_the_core() -> None:
    product = factories.make_product(factories.make_creditor())
    factories.make_terms(product)
    debtor = factories.make_debtor(product.creditor)
    case = factories.make_case(debtor, owing(product, debtor, {date(2026, 10, 1): 100}))
    for code in ("", "china", "中国"):
        found = facts_of_case(case.pk, as_of=ON, known_at=NOW, strategy=code)
        assert found is not None
        assert found["arm_draw"] == draw_of(code, case.debtor_id)
