"""Facts that old collectors read from an account: its past, as of a day and as known then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kept.store.facts import CASE_COLUMNS, case_ranges, facts_of_case, load_facts
from kept.store.models import (
    Account,
    Case,
    Circumstance,
    Complaint,
    Creditor,
    Dispute,
    Entry,
    Hardship,
    Posting,
    ProductTerms,
    Representation,
    Stop,
    Vulnerability,
)
from kept.store.partitions import ensure_partitions
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 22)


def facts(case: Case, on: date = ON, known_at: datetime = NOW) -> dict[str, Any]:
    found = facts_of_case(case.pk, as_of=on, known_at=known_at)
    assert found is not None
    return found


def charge(account: Account, due_on: date, amount: int, effective_on: date) -> None:
    factories.make_entry(
        account, {"principal": amount}, due_on=due_on, kind="charge", effective_on=effective_on
    )


def pay(account: Account, amount: int, day: date, *, recorded_at: datetime = NOW) -> None:
    entry = Entry.objects.create(
        account=account,
        kind="payment",
        effective_on=day,
        recorded_at=recorded_at,
        actor="test",
    )
    Posting.objects.create(
        entry=entry,
        account=account,
        component="principal",
        from_book="receivable",
        to_book="cash",
        amount_minor=amount,
        effective_on=day,
        recorded_at=recorded_at,
    )


@pytest.fixture
def account() -> Account:
    """Due on 1 September, October, November and December: 10,000 each."""
    product = factories.make_product(factories.make_creditor())
    factories.make_terms(product)
    found = factories.make_account(
        product, factories.make_debtor(product.creditor), opened_on=date(2025, 11, 23)
    )
    for month in (9, 10, 11, 12):
        charge(found, date(2026, month, 1), 10_000, date(2026, 8, 1))
    return found


@pytest.fixture
def case(account: Account) -> Case:
    return factories.make_case(account.debtor, account, opened_on=date(2026, 9, 20))


def test_months_are_full_ones(case: Case) -> None:
    assert facts(case)["months_since_opened"] == 11
    assert facts(case, ON + timedelta(days=1))["months_since_opened"] == 12
    Account.objects.update(opened_on=None)
    assert facts(case)["months_since_opened"] is None
    Account.objects.update(opened_on=ON + timedelta(days=1))
    assert facts(case)["months_since_opened"] is None


def test_earlier_cases_are_those_that_had_closed_before_this_one(case: Case) -> None:
    closed = {"close_reason": "paid"}
    for opened, ended in ((date(2026, 1, 5), date(2026, 2, 1)), (date(2026, 5, 5), ON)):
        factories.make_case(case.debtor, opened_on=opened, closed_on=ended, **closed)
    assert facts(case)["prior_entries"] == 1
    (first, _second) = Case.objects.exclude(closed_on=None).order_by("opened_on")
    assert facts(first, date(2026, 1, 20))["prior_entries"] == 0


@pytest.mark.parametrize(
    ("day", "amount", "late", "covered"),
    [
        (date(2026, 8, 28), 9_999, -4, "part"),
        (date(2026, 8, 28), 10_000, -4, "total_due"),
        (date(2026, 9, 1), 10_000, 0, "total_due"),
        (date(2026, 9, 6), 10_000, 5, "past_due"),
        (date(2026, 9, 6), 9_999, 5, "part"),
        (date(2026, 9, 6), 20_000, 5, "total_due"),
        (date(2026, 11, 20), 30_000, 80, "past_due"),
        (date(2026, 11, 20), 40_000, 80, "total_due"),
    ],
)
def test_the_last_payment_is_held_against_what_was_due_the_evening_before(
    case: Case, account: Account, day: date, amount: int, late: int, covered: str
) -> None:
    pay(account, amount, day)
    found = facts(case)
    assert (found["last_payment_days_late"], found["last_payment_covered"]) == (late, covered)


def test_of_two_payments_the_later_one_counts_as_known_then(case: Case, account: Account) -> None:
    later = NOW + timedelta(days=2)
    pay(account, 10_000, date(2026, 9, 6))
    pay(account, 20_000, date(2026, 11, 5), recorded_at=later)
    early, known = facts(case), facts(case, known_at=later)
    assert (early["last_payment"], early["last_payment_days_late"]) == (10_000, 5)
    assert (known["last_payment"], known["last_payment_days_late"]) == (20_000, 35)
    assert known["last_payment_covered"] == "past_due"
    assert facts(case, date(2026, 11, 4), later)["last_payment_days_late"] == 5


def test_without_a_due_date_nothing_is_claimed_of_the_last_payment() -> None:
    product = factories.make_product(factories.make_creditor())
    factories.make_terms(product)
    account = factories.make_account(product, factories.make_debtor(product.creditor))
    charge(account, date(9999, 12, 31), 500, date(2026, 8, 1))
    pay(account, 100, date(2026, 9, 1))
    found = facts(factories.make_case(account.debtor, account))
    assert found["last_payment"] == 100
    assert (found["last_payment_days_late"], found["last_payment_covered"]) == (None, None)


def test_moves_between_buckets_as_of_a_day(case: Case, account: Account) -> None:
    terms = ProductTerms.objects.get()
    for day, source, target, dpd in (
        (date(2025, 11, 22), None, 2, 31),
        (date(2025, 12, 20), 2, 0, 0),
        (date(2026, 9, 2), 0, 1, 1),
        (date(2026, 10, 2), 1, 2, 31),
        (date(2026, 11, 10), 2, 1, 9),
    ):
        factories.make_bucket_move(
            account, terms, moved_on=day, from_bucket=source, to_bucket=target, dpd=dpd
        )
    names = ("roll_forwards_12m", "days_since_bucket_move", "last_bucket_move", "highest_bucket")
    assert [facts(case)[name] for name in names] == [2, 12, "roll_back", 3]
    assert facts(case)["highest_dpd"] == 82
    earlier = facts(case, date(2026, 10, 7))
    assert [earlier[name] for name in names] == [3, 5, "roll_forward", 2]
    assert earlier["highest_dpd"] == 36
    unknown = facts(case, known_at=NOW - timedelta(minutes=1))
    assert [unknown[name] for name in names] == [0, None, None, 0]


def test_of_two_moves_on_a_day_the_worse_one_is_told(case: Case, account: Account) -> None:
    terms = ProductTerms.objects.get()
    other = factories.make_account(account.product, account.debtor)
    stay = case.case_accounts.get()
    case.case_accounts.create(account=other, entered_on=stay.entered_on)
    moved = {"moved_on": date(2026, 11, 1)}
    factories.make_bucket_move(account, terms, from_bucket=0, to_bucket=1, **moved)
    factories.make_bucket_move(other, terms, from_bucket=3, to_bucket=2, dpd=300, **moved)
    found = facts(case)
    assert (found["last_bucket_move"], found["days_since_bucket_move"]) == ("roll_forward", 21)
    assert (found["highest_dpd"], found["highest_bucket"]) == (300, 3)


@pytest.mark.parametrize(
    ("zone", "first_minute"),
    [
        # Clocks go back to midnight: 00:00 to 00:59 of the new day come twice, the first time in
        # the hour before the second midnight.
        ("America/Havana", datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
        ("Atlantic/Azores", datetime(2026, 10, 25, 0, 0, tzinfo=UTC)),
        # Clocks go forward at midnight: the day begins at 01:00.
        ("America/Santiago", datetime(2026, 9, 6, 4, 0, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 11, 1, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_day_begins_with_its_first_minute_whatever_the_clocks_do(
    case: Case, zone: str, first_minute: datetime
) -> None:
    Creditor.objects.filter(pk=case.creditor_id).update(zone=zone)
    Case.objects.filter(pk=case.pk).update(opened_on=date(2026, 1, 1))
    case.case_accounts.update(entered_on=date(2026, 1, 1))
    ensure_partitions(date(2026, 9, 1), date(2026, 11, 30))
    day = first_minute.astimezone(ZoneInfo(zone)).date()
    before = (first_minute - timedelta(minutes=1)).astimezone(ZoneInfo(zone)).date()
    assert before == day - timedelta(days=1)
    factories.make_attempt(case, started_at=first_minute, outcome="busy_signal")

    def told(on: date) -> tuple[int, int, int | None]:
        found = facts_of_case(case.pk, as_of=on, known_at=first_minute + timedelta(days=60))
        assert found is not None
        return found["attempts_7d"], found["attempts_30d"], found["days_since_last_attempt"]

    assert told(before) == (0, 0, None)
    assert told(day) == (1, 1, 0)
    assert told(day + timedelta(days=6)) == (1, 1, 6)
    assert told(day + timedelta(days=7)) == (0, 1, 7)
    assert told(day + timedelta(days=29)) == (0, 1, 29)
    assert told(day + timedelta(days=30)) == (0, 0, 30)


def test_attempts_and_contacts_of_the_last_days(case: Case) -> None:
    factories.make_partitions()

    def tried(days: int, outcome: str, **given: Any) -> None:
        at = NOW - timedelta(days=days)
        factories.make_attempt(case, started_at=at, outcome=outcome, **given)

    tried(0, "")
    tried(1, "conversation", inbound=True)
    tried(2, "busy_signal")
    tried(6, "contact_refused")
    tried(7, "STOP", channel="sms")
    tried(29, "wrong_number_learned")
    tried(30, "conversation")
    found = facts(case)
    names = ("attempts_7d", "attempts_30d", "contacts_7d", "contacts_30d")
    assert [found[name] for name in names] == [3, 5, 2, 3]
    assert found["last_attempt_outcome"] == "busy_signal"
    assert found["last_contact_outcome"] == "conversation"
    assert (found["days_since_last_attempt"], found["days_since_last_contact"]) == (0, 1)
    before = facts(case, ON - timedelta(days=7))
    assert [before[name] for name in names] == [1, 3, 0, 2]
    assert before["last_attempt_outcome"] == "STOP"
    assert before["last_contact_outcome"] == "wrong_number_learned"


def _noted(case: Case, kind: str, **given: Any) -> None:
    rows = {"debtor": case.debtor, "recorded_at": NOW, "recorded_by": "test", **given}
    rows.setdefault("received_at", datetime(2026, 11, 1, tzinfo=UTC))
    due = {"due_at": NOW + timedelta(days=9)}
    match kind:
        case "hardship":
            Hardship.objects.create(kind="illness", from_on=date(2026, 11, 1), **rows)
        case "has_plan":
            Hardship.objects.create(kind="instalment", from_on=date(2026, 11, 1), **rows)
        case "vulnerable":
            Vulnerability.objects.create(**rows)
        case "represented":
            Representation.objects.create(kind="attorney", **rows)
        case "disputed":
            answer = {"answer": "verified"} if "ended_at" in given else {}
            Dispute.objects.create(category="amount", **due, **answer, **rows)
        case "complaint":
            answer = {"answer": "upheld"} if "ended_at" in given else {}
            Complaint.objects.create(category="conduct", **due, **answer, **rows)
        case "cease_requested":
            Stop.objects.create(kind="cease_request", medium="letter", **rows)
        case "bankrupt":
            Circumstance.objects.create(kind="bankruptcy", status="pending", **rows)
        case "deceased":
            Circumstance.objects.create(kind="death", **rows)
        case "time_barred":
            Circumstance.objects.create(kind="time_barred", **rows)


NOTED = (
    "hardship",
    "has_plan",
    "vulnerable",
    "represented",
    "disputed",
    "complaint",
    "cease_requested",
    "bankrupt",
    "deceased",
    "time_barred",
)


@pytest.mark.parametrize("kind", NOTED)
def test_a_record_stands_from_its_receipt_to_its_end(case: Case, kind: str) -> None:
    _noted(case, kind)
    assert {name for name in NOTED if facts(case)[name]} == {kind}
    early = datetime(2026, 10, 31, tzinfo=UTC)
    assert facts(case, date(2026, 10, 31), early)[kind] is False


@pytest.mark.parametrize("kind", NOTED)
def test_a_record_that_ended_stood_before(case: Case, kind: str) -> None:
    _noted(case, kind, ended_at=NOW - timedelta(days=2), ended_by="test")
    assert not any(facts(case)[name] for name in NOTED)
    assert facts(case, ON - timedelta(days=3), NOW - timedelta(days=3))[kind] is True


def test_a_record_on_another_debt_is_not_the_cases(case: Case, account: Account) -> None:
    _noted(case, "hardship", account_ids=[account.pk + 1_000])
    assert facts(case)["hardship"] is False
    _noted(case, "time_barred", account_ids=[account.pk])
    assert facts(case)["time_barred"] is True


def test_a_record_about_a_related_person_is_not_the_debtors(case: Case) -> None:
    related = factories.make_related_person(case.debtor)
    for kind in NOTED:
        if kind != "complaint":  # whoever complains, the complaint is open
            _noted(case, kind, related_person=related)
    assert not any(facts(case)[name] for name in NOTED)


def test_a_cease_request_holds_for_the_person_at_every_creditor(case: Case) -> None:
    elsewhere = factories.make_debtor(factories.make_creditor(), person=case.debtor.person)
    _noted(Case(debtor=elsewhere), "cease_requested")
    assert facts(case)["cease_requested"] is True


def test_a_breached_plan_is_dated_by_the_creditors_clock(case: Case) -> None:
    _noted(
        case,
        "has_plan",
        ended_at=datetime(2026, 11, 19, 16, 30, tzinfo=UTC),  # the 20th in Shanghai
        ended_by="test",
        is_breached=True,
    )
    assert (facts(case)["has_plan"], facts(case)["days_since_plan_breach"]) == (False, 2)
    assert facts(case, date(2026, 11, 19))["days_since_plan_breach"] is None


@pytest.mark.parametrize(
    ("given", "reachable", "consented"),
    [
        ({}, True, False),
        ({"validity": "invalid", "consent": "given"}, False, False),
        ({"consent": "withdrawn"}, False, False),
        ({"consent": "given"}, True, True),
    ],
)
def test_who_can_be_reached_and_agreed(
    case: Case, given: dict[str, str], reachable: bool, consented: bool
) -> None:
    for kind, value in (
        ("phone", "+8613800001234"),
        ("email", "a@example.org"),
        ("address", "Anytown"),
        ("handle", "someone"),
    ):
        factories.make_contact_point(case.debtor, value, kind=kind, **given)
    found = facts(case)
    for name in ("phone", "email", "letter", "handle"):
        assert found[f"reachable_by_{name}"] is reachable
    assert (found["phone_consented"], found["email_consented"]) == (consented, consented)


def test_only_some_facts_are_as_those_of_all(case: Case, account: Account) -> None:
    pay(account, 10_000, date(2026, 9, 6))
    (cases,) = case_ranges(case.creditor_id, 1_000_000)
    whole = load_facts(cases, as_of=ON, known_at=NOW)
    assert whole["last_payment_covered"].to_list() == ["past_due"]
    for only in (
        {"dpd"},
        {"last_payment_covered", "highest_dpd"},
        {"arm_draw", "cease_requested", "reachable_by_letter", "last_contact_outcome"},
    ):
        part = load_facts(cases, as_of=ON, known_at=NOW, only=only)
        names = [name for name in whole.columns if name in CASE_COLUMNS or name in only]
        assert part.equals(whole.select(names))
