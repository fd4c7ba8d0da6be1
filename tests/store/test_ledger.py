"""The ledger in sets agrees with the plain model, and nothing of it can be edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.core.ledger import Book, EntryKind, Figures, Posting, plan_snapshot, position_as_of
from kept.store.events import microseconds
from kept.store.ledger import make_snapshot_tables, post_snapshots, postings_of, read_positions
from kept.store.models import (
    Account,
    Creditor,
    Debtor,
    Entry,
    Person,
    Product,
    ProductTerms,
    Run,
)
from kept.store.models import (
    Posting as StoredPosting,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
ORDER = ["cost", "fee", "penalty", "interest", "principal"]
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass
class Book1:
    product: Product
    debtor: Debtor
    run: Run

    def account(self, number: str) -> Account:
        return Account.objects.create(
            creditor=self.product.creditor,
            product=self.product,
            debtor=self.debtor,
            external_id=number,
            currency="CNY",
            state_since=DAY,
            created_at=NOW,
        )


def make_book(authority: str = "creditor") -> Book1:
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
        balance_authority=authority,
        bucket_boundaries=[1, 31, 61, 91],
        components=ORDER,
        allocation_order=ORDER,
    )
    person = Person.objects.create(kind="person")
    debtor = Debtor.objects.create(
        creditor=creditor,
        person=person,
        external_id="D1",
        kind="person",
        name="张三",
        name_key="张三",
        created_at=NOW,
    )
    run = Run.objects.create(kind="test", key="1", actor="test", now=NOW)
    return Book1(product, debtor, run)


def post_figures(
    book: Book1, figures: dict[int, Figures], now: datetime, fresh: set[int]
) -> list[dict[str, object]]:
    make_snapshot_tables()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM snapshots; DELETE FROM snapshot_balances")
        cursor.executemany(
            "INSERT INTO snapshots VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (account, f.as_of, f.due_on, f.next_due_on, f.overdue_minor, account in fresh)
                for account, f in figures.items()
            ],
        )
        cursor.executemany(
            "INSERT INTO snapshot_balances VALUES (%s, %s, %s)",
            [
                (account, component, amount)
                for account, f in figures.items()
                for component, amount in f.balances.items()
            ],
        )
    known = next(iter(figures.values())).dues_known
    return post_snapshots(actor="test", now=now, run_id=book.run.pk, dues_known=known).differences


@st.composite
def figures_at(draw: st.DrawFn, as_of: date, dues_known: bool) -> Figures:
    balances = {
        component: draw(st.integers(-50, 300) if component == "principal" else st.integers(0, 40))
        for component in ("principal", "interest", "fee")
    }
    back = draw(st.integers(0, 40) | st.none()) if dues_known else None
    ahead = draw(st.integers(0, 30) | st.none()) if dues_known else None
    return Figures(
        as_of=as_of,
        balances=balances,
        due_on=None if back is None else as_of - timedelta(days=back),
        next_due_on=None if ahead is None else as_of + timedelta(days=ahead),
        overdue_minor=draw(st.integers(0, 400) | st.none()),
        dues_known=dues_known,
    )


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[date], list[list[Figures]]]:
    """Some accounts over the same days, each day's file with or without due dates."""
    days = [
        DAY + timedelta(days=d)
        for d in sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=4)))
    ]
    known = [draw(st.booleans()) for _ in days]
    accounts = draw(st.integers(3, 8))
    return days, [
        [draw(figures_at(day, k)) for day, k in zip(days, known, strict=True)]
        for _ in range(accounts)
    ]


def by_entry(postings: Sequence[Posting]) -> Counter[tuple[object, ...]]:
    return Counter(
        (
            p.component,
            p.from_book,
            p.to_book,
            p.amount_minor,
            p.due_on,
            p.effective_on,
            p.recorded_at,
        )
        for p in postings
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lives())
def test_figures_posted_in_a_set_are_the_plain_models(
    db: None, life: tuple[list[date], list[list[Figures]]]
) -> None:
    days, accounts_figures = life
    with transaction.atomic():
        book = make_book()
        accounts = [book.account(str(n)) for n in range(len(accounts_figures))]
        model: dict[int, list[Posting]] = {a.pk: [] for a in accounts}
        for number, day in enumerate(days):
            now = NOW + timedelta(days=(day - DAY).days)
            figures = {
                a.pk: series[number] for a, series in zip(accounts, accounts_figures, strict=True)
            }
            fresh = {pk for pk in figures if not model[pk]}
            for account in accounts[::2]:  # a cost by hand, which no file speaks of
                if account.pk not in fresh:
                    model[account.pk].append(post_cost(account, day, now))
            post_figures(book, figures, now, fresh)
            for pk, f in figures.items():
                plan = plan_snapshot(model[pk], f, order=ORDER, recorded_at=microseconds(now))
                model[pk] += [p for _kind, postings in plan for p in postings]
            for pk in figures:
                assert by_entry(postings_of(pk)) == by_entry(model[pk])
        for day in (*days, days[-1] + timedelta(days=20), days[0] - timedelta(days=1)):
            found = read_positions(list(model), day, FAR)
            for pk, postings in model.items():
                assert_same_position(found.get(pk), postings, day)
        transaction.set_rollback(True)


def post_cost(account: Account, day: date, now: datetime) -> Posting:
    entry = Entry.objects.create(
        account=account, kind="charge", effective_on=day, recorded_at=now, actor="test"
    )
    StoredPosting.objects.create(
        entry=entry,
        account=account,
        component="cost",
        from_book="income",
        to_book="receivable",
        amount_minor=7,
        due_on=day - timedelta(days=3),
        effective_on=day,
        recorded_at=now,
    )
    return Posting(
        "cost",
        Book.INCOME,
        Book.RECEIVABLE,
        7,
        day - timedelta(days=3),
        day,
        microseconds(now),
    )


def assert_same_position(found: object, postings: list[Posting], day: date) -> None:
    expected = position_as_of(postings, day, microseconds(FAR))
    if found is None:
        assert not expected.balances
        assert expected.dpd == 0
        return
    assert (
        found.balance_minor,
        found.overdue_minor,
        found.oldest_due_on,
        found.next_due_on,
        found.dpd,
        found.total_due_minor,
        found.principal_minor,
        found.interest_minor,
        found.fee_minor,
    ) == (
        expected.balance_minor,
        expected.overdue_minor,
        expected.oldest_due_on,
        expected.next_due_on,
        expected.dpd,
        expected.total_due_minor,
        *(expected.balances.get(c, 0) for c in ("principal", "interest", "fee")),
    )


def test_after_a_file_the_ledger_says_what_the_file_says(db: None) -> None:
    book = make_book()
    account = book.account("1")
    first = Figures(
        DAY, {"principal": 1000_00, "fee": 20_00}, due_on=date(2026, 2, 10), overdue_minor=120_00
    )
    post_figures(book, {account.pk: first}, NOW, {account.pk})
    position = read_positions([account.pk], DAY, FAR)[account.pk]
    assert (position.balance_minor, position.overdue_minor, position.dpd) == (1020_00, 120_00, 19)
    second = Figures(date(2026, 3, 5), {"principal": 900_00, "fee": 20_00}, due_on=None)
    post_figures(book, {account.pk: second}, NOW + timedelta(days=4), set())
    position = read_positions([account.pk], date(2026, 3, 5), FAR)[account.pk]
    assert (position.balance_minor, position.overdue_minor, position.dpd) == (920_00, 0, 0)
    kinds = list(
        Entry.objects.filter(account=account).order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["opening", "adjustment", "redate"]
    fall = StoredPosting.objects.get(account=account, to_book="unexplained")
    assert fall.amount_minor == 100_00
    before = read_positions([account.pk], date(2026, 3, 4), FAR)[account.pk]
    assert (before.balance_minor, before.dpd) == (1020_00, 22)


def test_as_known_then_differs_from_as_known_now(db: None) -> None:
    book = make_book()
    account = book.account("1")
    post_figures(
        book, {account.pk: Figures(DAY, {"principal": 500}, due_on=DAY)}, NOW, {account.pk}
    )
    late = Figures(DAY, {"principal": 300}, due_on=DAY)
    post_figures(book, {account.pk: late}, NOW + timedelta(days=9), set())
    day = DAY + timedelta(days=3)
    assert read_positions([account.pk], day, NOW)[account.pk].balance_minor == 500
    assert read_positions([account.pk], day, FAR)[account.pk].balance_minor == 300


def test_the_same_figures_again_post_nothing(db: None) -> None:
    book = make_book()
    account = book.account("1")
    figures = Figures(DAY, {"principal": 500, "interest": 7}, due_on=date(2026, 2, 1))
    post_figures(book, {account.pk: figures}, NOW, {account.pk})
    count = StoredPosting.objects.count()
    for later in (1, 2):
        day = DAY + timedelta(days=later)
        again = Figures(day, figures.balances, due_on=figures.due_on)
        post_figures(book, {account.pk: again}, NOW + timedelta(days=later), set())
    assert StoredPosting.objects.count() == count


def test_where_kept_holds_the_truth_a_file_is_only_compared(db: None) -> None:
    book = make_book(authority="kept")
    account = book.account("1")
    post_figures(
        book, {account.pk: Figures(DAY, {"principal": 500}, due_on=DAY)}, NOW, {account.pk}
    )
    later = Figures(DAY + timedelta(days=1), {"principal": 450}, due_on=DAY)
    differences = post_figures(book, {account.pk: later}, NOW + timedelta(days=1), set())
    assert [(d["component"], d["file_minor"], d["ledger_minor"]) for d in differences] == [
        ("principal", 450, 500)
    ]
    assert read_positions([account.pk], later.as_of, FAR)[account.pk].balance_minor == 500


@pytest.mark.parametrize("table", ["entries", "postings", "events", "bucket_moves"])
@pytest.mark.parametrize("change", ["UPDATE {} SET recorded_at = now()", "DELETE FROM {}"])
def test_what_is_written_stays(db: None, table: str, change: str) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table))


@pytest.mark.breaks_invariants
@pytest.mark.parametrize(
    ("from_book", "to_book", "amount"),
    [
        ("cash", "cash", 5),
        ("receivable", "cash", 0),
        ("receivable", "cash", -5),
        ("gold", "cash", 5),
    ],
)
def test_the_database_refuses_a_posting_that_is_none(
    db: None, from_book: str, to_book: str, amount: int
) -> None:
    book = make_book()
    account = book.account("1")
    entry = Entry.objects.create(
        account=account, kind=EntryKind.CHARGE, effective_on=DAY, recorded_at=NOW, actor="test"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredPosting.objects.create(
            entry=entry,
            account=account,
            component="fee",
            from_book=from_book,
            to_book=to_book,
            amount_minor=amount,
            effective_on=DAY,
            recorded_at=NOW,
        )
    assert not StoredPosting.objects.exists()


def test_books_of_the_core_and_of_the_table_are_the_same() -> None:
    assert [b.value for b in Book] == [b.value for b in StoredPosting.Book]
    assert [k.value for k in EntryKind] == [k.value for k in Entry.Kind]
