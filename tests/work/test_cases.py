"""The case as it is read: figures from the ledger, persons masked, its events page by page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kept.core.actors import Actor, Role, job
from kept.store.models import Account, Case, CaseAccount, Creditor
from kept.work.cases import CaseView, get_case
from kept.work.refusals import NotAllowed
from kept.work.timelines import list_timeline
from tests import factories
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("months")]
HOUSE = job("test")


@pytest.fixture
def creditor(db: None) -> Creditor:
    return factories.make_creditor(code="BANK")


@pytest.fixture
def case(creditor: Creditor) -> Case:
    """Two accounts in the case, a third that left; the first is 40 days past due."""
    product = factories.make_product(creditor)
    terms = factories.make_terms(product)
    debtor = factories.make_debtor(creditor)
    first, second, third = (factories.make_account(product, debtor) for _ in range(3))
    case = factories.make_case(debtor, first, second, third, seat=factories.make_seat(code="S9"))
    case.case_accounts.filter(account=third).update(left_on=TODAY, leave_reason="cure")
    due_on = TODAY - timedelta(days=40)
    factories.make_entry(first, {"principal": 100_000, "fee": 5_000}, due_on=due_on)
    factories.make_entry(second, {"principal": 30_000, "interest": 700}, due_on=TODAY)
    factories.make_entry(third, {"principal": 1}, due_on=TODAY)
    factories.make_bucket_move(first, terms, moved_on=TODAY - timedelta(days=30), dpd=10)
    factories.make_bucket_move(first, terms, from_bucket=1, to_bucket=2, dpd=40)
    return case


def view(case: Case, actor: Actor = HOUSE) -> CaseView:
    found = get_case(actor, case.pk, now=NOW)
    assert found is not None
    return found


def test_how_much_by_component_and_since_when(case: Case) -> None:
    seen = view(case)
    assert (seen.as_of, seen.dpd, seen.bucket) == (TODAY, 40, 2)
    assert seen.since == TODAY - timedelta(days=40)
    (total,) = seen.totals
    assert (total.currency, total.balance_minor, total.overdue_minor) == ("CNY", 135_700, 105_000)
    assert dict(total.components) == {"fee": 5_000, "interest": 700, "principal": 130_000}
    assert [account.bucket for account in seen.accounts] == [2, 0, 0]
    assert [account.left_on for account in seen.accounts] == [None, None, TODAY]
    assert seen.accounts[0].components == (("fee", 5_000), ("principal", 100_000))


def test_buckets_of_the_oldest_account_come_from_the_ledger(case: Case) -> None:
    account = case.case_accounts.earliest("pk").account
    due_on, first = TODAY - timedelta(days=40), account.entries.get().effective_on
    assert [(step.moved_on, step.to_bucket) for step in view(case).bucket_steps] == [
        (max(first, TODAY - timedelta(days=120)), 0),
        (due_on + timedelta(days=1), 1),
        (due_on + timedelta(days=31), 2),
    ]


def test_an_account_that_came_today_has_no_buckets_to_draw(creditor: Creditor) -> None:
    product = factories.make_product(creditor)
    factories.make_terms(product)
    debtor = factories.make_debtor(creditor)
    account = factories.make_account(product, debtor)
    case = factories.make_case(debtor, account)
    assert view(case).bucket_steps == ()
    late = TODAY - timedelta(days=5)
    factories.make_entry(account, {"principal": 100}, due_on=late, effective_on=TODAY)
    assert view(case).bucket_steps == ()


def test_an_account_that_came_back_is_shown_once(case: Case) -> None:
    stay = case.case_accounts.get(left_on__isnull=False)
    CaseAccount.objects.create(case=case, account_id=stay.account_id, entered_on=TODAY)
    seen = view(case)
    assert [account.left_on for account in seen.accounts] == [None, None, None]
    assert len({account.external_id for account in seen.accounts}) == 3


def test_the_day_is_the_creditors_own(creditor: Creditor, case: Case) -> None:
    Creditor.objects.filter(pk=creditor.pk).update(zone="America/Los_Angeles")
    assert view(case).as_of == TODAY - timedelta(days=1)
    assert view(case).dpd == 39


def test_two_currencies_are_never_added(creditor: Creditor) -> None:
    debtor = factories.make_debtor(creditor)
    products = [factories.make_product(creditor, currency=code) for code in ("CNY", "USD")]
    accounts = [factories.make_account(product, debtor) for product in products]
    for product, account in zip(products, accounts, strict=True):
        factories.make_terms(product)
        factories.make_entry(account, {"principal": 500})
    seen = view(factories.make_case(debtor, *accounts))
    assert [(t.currency, t.balance_minor) for t in seen.totals] == [("CNY", 500), ("USD", 500)]


def test_persons_are_shown_masked_and_those_who_owe_first(case: Case) -> None:
    debtor = case.debtor
    factories.make_identity_key(debtor.person, "11010519491231002X", masked="110***********002X")
    factories.make_contact_point(debtor, "+8613800138000")
    friend = factories.make_related_person(debtor, relation="friend", name="朋友")
    factories.make_related_person(debtor, relation="guarantor", name="保证人")
    factories.make_contact_point(debtor, "+8613900139000", related_person=friend)
    seen = view(case)
    assert [identity.masked for identity in seen.debtor.identities] == ["110***********002X"]
    assert [point.masked for point in seen.contact_points] == ["138****8000"]
    assert [(p.name, p.is_liable) for p in seen.related_persons] == [
        ("保证人", True),
        ("朋友", False),
    ]
    assert seen.related_persons[1].contact_points[0].masked == "139****9000"
    assert "13800138000" not in repr(seen)


def test_only_standing_holds_are_shown(case: Case) -> None:
    factories.make_hold(case.debtor, reason="disputed", effects=["contact", "treatment"])
    factories.make_hold(case.debtor, reason="fraud", until=TODAY, effects=["accrual"])
    factories.make_hold(case.debtor, reason="legal", until=TODAY - timedelta(days=1))
    factories.make_hold(case.debtor, reason="complaint", released_at=NOW, released_by="x")
    seen = view(case)
    assert [hold.reason for hold in seen.holds] == ["disputed", "fraud"]
    assert seen.is_contact_held


def test_the_open_task_comes_first(case: Case) -> None:
    factories.make_task(case, state="done", business_date=TODAY - timedelta(days=1), priority=9)
    low = factories.make_task(case, treatment="letter", priority=1)
    high = factories.make_task(case, treatment="call", priority=2)
    seen = view(case)
    assert [task.task_id for task in seen.tasks[:2]] == [high.pk, low.pk]
    assert seen.next_task is not None
    assert seen.next_task.task_id == high.pk


def test_a_case_without_figures_is_a_case(creditor: Creditor) -> None:
    seen = view(factories.make_case(factories.make_debtor(creditor)))
    assert (seen.totals, seen.dpd, seen.since, seen.next_task) == ((), 0, None, None)
    assert [account.figures for account in seen.accounts] == [None]


def test_who_sees_it(creditor: Creditor, case: Case) -> None:
    def actor(role: Role, creditors: set[int] | None, seats: set[int] | None = None) -> Actor:
        limit = None if creditors is None else frozenset(creditors)
        roles = frozenset({role})
        return factories.make_actor(1, "x", roles, limit, frozenset(seats or set()))

    other = factories.make_creditor()
    for seeing in (
        actor(Role.COLLECTOR, None, {case.seat_id}),
        actor(Role.MANAGER, {creditor.pk}),
        actor(Role.ADMINISTRATOR, None),
    ):
        assert get_case(seeing, case.pk, now=NOW) is not None
        assert list_timeline(seeing, case.pk, now=NOW) is not None
    for blind in (
        actor(Role.COLLECTOR, None, {case.seat_id + 1}),
        actor(Role.COLLECTOR, {other.pk}, {case.seat_id}),
        actor(Role.MANAGER, {other.pk}),
    ):
        assert get_case(blind, case.pk, now=NOW) is None
        assert list_timeline(blind, case.pk, now=NOW) is None
    with pytest.raises(NotAllowed):
        get_case(actor(Role.DATA_SCIENTIST, None), case.pk, now=NOW)
    assert get_case(HOUSE, 10**15, now=NOW) is None


def test_the_timeline_page_by_page_newest_first(case: Case) -> None:
    for n in range(7):
        factories.make_event(case, "case.note", body={"n": n}, now=NOW + timedelta(minutes=n // 2))
    factories.make_event(factories.make_case(factories.make_debtor(case.creditor)))
    seen, cursor = [], ""
    while True:
        page = list_timeline(HOUSE, case.pk, cursor, limit=3, now=NOW)
        assert page is not None
        seen += [entry.body["n"] for entry in page.entries]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    "cursor", ["x", "2026-11-22~x", "2026-11-22T00:00:00~1", "~", "2026~" + "9" * 40]
)
def test_a_timeline_cursor_that_is_none_begins_at_the_start(case: Case, cursor: str) -> None:
    factories.make_event(case)
    page = list_timeline(HOUSE, case.pk, cursor, now=NOW)
    assert page is not None
    assert len(page.entries) == 1


def test_how_many_queries_a_case_takes(case: Case, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(13):
        view(case)


def test_accounts_of_the_last_century(creditor: Creditor) -> None:
    debtor = factories.make_debtor(creditor)
    product = factories.make_product(creditor)
    factories.make_terms(product)
    account = factories.make_account(product, debtor)
    factories.make_entry(account, {"principal": 5}, due_on=date(1999, 12, 31))
    assert view(factories.make_case(debtor, account)).dpd == (TODAY - date(1999, 12, 31)).days
    assert Account.objects.count() == 1
