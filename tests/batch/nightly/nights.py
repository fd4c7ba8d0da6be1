"""A small book for nights, their seats, and the day after: what the tests of the night share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from kept.batch.nightly import Sizes, run_night
from kept.core.actors import job
from kept.store.models import Account, Case, Creditor, Entry, Posting, Product, Seat, Task
from kept.store.partitions import ensure_partitions
from tests import factories

ACTOR = job("nightly")
FIRST = date(2026, 11, 21)
SECOND = FIRST + timedelta(days=1)
SIZES = Sizes(debtors=16, cases=16)


def at(day: date) -> datetime:
    """Six in the morning of the day in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2)


def make_bank(**given: Any) -> Product:
    ensure_partitions(FIRST - timedelta(days=31), FIRST)
    creditor = factories.make_creditor(
        **{"code": "BANK", "cut_over_on": FIRST - timedelta(days=200), **given}
    )
    factories.make_engagement(creditor)
    product = factories.make_product(creditor, code="CARD")
    factories.make_terms(product)
    return product


def add_account(product: Product, number: int, *ages: int, debtor: Any = None) -> Account:
    """An account: 10,000.00 due so many days before `FIRST` for each age (negative: to come)."""
    debtor = debtor or factories.make_debtor(
        product.creditor, external_id=f"D{number:04d}", language=("zh-hans", "en")[number % 3 == 0]
    )
    account = factories.make_account(product, debtor, external_id=f"A{number:04d}")
    for age in ages:
        factories.make_entry(
            account,
            {"principal": 1_000_000 + number},
            due_on=FIRST - timedelta(days=age),
            effective_on=date(2026, 1, 1),
            recorded_at=at(FIRST) - timedelta(days=30),
        )
    return account


def pay(account: Account, amount: int, day: date) -> None:
    entry = Entry.objects.create(
        account=account, kind="payment", effective_on=day, recorded_at=at(day), actor="test"
    )
    Posting.objects.create(
        entry=entry,
        account=account,
        component="principal",
        from_book="receivable",
        to_book="cash",
        amount_minor=amount,
        effective_on=day,
        recorded_at=entry.recorded_at,
    )


def add_seats(creditor: Creditor, *, minutes: int = 60) -> list[Seat]:
    kinds = [
        ["reminder", "call", "firm_call", "letter"],
        ["call", "firm_call"],
        ["visit", "letter"],
        ["legal_review"],
    ]
    team = factories.make_team(code="T")
    return [
        factories.make_seat(
            code=f"S{number}",
            team=team,
            skills=skills,
            languages=["zh"] if number == 1 else [],
            creditors=[creditor] if number % 2 else [],
            minutes_per_day=minutes,
        )
        for number, skills in enumerate(kinds)
    ]


def night(product: Product, day: date, **given: Any) -> Mapping[str, Any]:
    return run_night(
        actor=ACTOR,
        creditor=product.creditor,
        **{"now": at(day), "as_of": day, "sizes": SIZES, **given},
    )


def make_busy_book() -> Product:
    """Every window, several accounts a debtor, holds, and a first night of which some is done."""
    product = make_bank()
    ages = [-20, -4, -3, 0, 1, 5, 6, 17, 18, 30, 31, 90, 91, 200]
    accounts = [add_account(product, n, ages[n % len(ages)]) for n in range(1, 85)]
    for n in (3, 20, 41):
        add_account(product, 200 + n, -15, debtor=accounts[n].debtor)
    for n in (7, 23, 50):
        effect = (["contact"], ["treatment"], ["dealing", "accrual"])[n % 3]
        factories.make_hold(accounts[n].debtor, effects=effect, placed_at=at(FIRST))
    add_seats(product.creditor)
    night(product, FIRST)
    done = Task.objects.filter(seat__isnull=False).order_by("id")[::4]
    Task.objects.filter(pk__in=[task.pk for task in done]).update(
        state="done", closed_at=at(FIRST) + timedelta(hours=5)
    )
    for n in (5, 6, 19, 33):
        pay(accounts[n], 1_000_001 + n, SECOND)
    return product


#: What the night writes, with names in place of the numbers that the database gave.
TABLES = {
    "tasks": """
        SELECT d.external_id, c.opened_on, s.code, r.key, t.business_date, t.strategy, t.treatment,
               t.stage, t.channel, t.skill, t.minutes, t.priority, t.due_at, t.lawful_from, t.state,
               t.closed_at,
               t.reason, t.dpd, t.bucket, t.balance_minor, t.overdue_minor, t.currency
        FROM tasks t JOIN cases c ON c.id = t.case_id JOIN debtors d ON d.id = c.debtor_id
        JOIN runs r ON r.id = t.run_id LEFT JOIN seats s ON s.id = t.seat_id
    """,
    "cases": """
        SELECT d.external_id, c.opened_on, c.closed_on, c.close_reason, c.stage, s.code,
               (SELECT string_agg(concat_ws(',', a.external_id, y.entered_on, y.left_on,
                                            y.leave_reason, y.gathered), ' '
                                  ORDER BY a.external_id, y.entered_on)
                FROM case_accounts y JOIN accounts a ON a.id = y.account_id WHERE y.case_id = c.id)
        FROM cases c JOIN debtors d ON d.id = c.debtor_id LEFT JOIN seats s ON s.id = c.seat_id
    """,
    "bucket_moves": """
        SELECT a.external_id, m.moved_on, m.from_bucket, m.to_bucket, m.dpd, m.recorded_at
        FROM bucket_moves m JOIN accounts a ON a.id = m.account_id
    """,
    "permit_refusals": """
        SELECT d.external_id, r.channel, r.outcome, r.rule_id, r.rule_ids, r.has_place, r.asked_at
        FROM permit_refusals r JOIN cases c ON c.id = r.case_id JOIN debtors d ON d.id = c.debtor_id
    """,
    "events": """
        SELECT e.chain_kind, coalesce(d.external_id, cd.external_id, ''), c.opened_on, e.sequence,
               e.recorded_at, e.actor, e.action, r.key, e.body
        FROM events e
        LEFT JOIN cases c ON e.chain_kind = 'case' AND c.id = e.chain_id
        LEFT JOIN debtors cd ON cd.id = c.debtor_id
        LEFT JOIN debtors d ON e.chain_kind = 'debtor' AND d.id = e.chain_id
        LEFT JOIN runs r ON r.id = e.batch_id
    """,
    "runs": """
        SELECT kind, key, actor, now, business_date, state,
               result #- '{standing,last_case_id}' #- '{standing,last_stay_id}'
               #- '{standing,last_account_id}' FROM runs
    """,
    "tables": r"SELECT relname FROM pg_class WHERE relname ~ '^night_(proposals|offers)'",
}


def lines() -> list[str]:
    """Every row that nights write, sorted; accounts and seats have the same numbers each time."""
    found = []
    for table, statement in TABLES.items():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            found += [f"{table}: " + " | ".join(map(str, row)) for row in cursor.fetchall()]
    return sorted(found)


def open_tasks() -> dict[str, str]:
    """The treatment of each debtor who has an open task."""
    rows = Task.objects.filter(state="open").values_list("case__debtor__external_id", "treatment")
    return dict(rows)


def case_of(account: Account) -> Case:
    return Case.objects.get(case_accounts__account=account, closed_on=None)
