"""A made-up book for the benchmark of the night, written set by set: debtors, accounts with dues,
open cases in the buckets of the day before, ten past calls each; and enough seats that tonight's
minutes are scarce.

Nothing in it is random: every figure follows from a row's number, so a book of one size is always
the same. The numbers belong to nobody; they are sealed, since the law reads where a number is from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl
from django.db import connection, transaction

from kept.bench.bulk import checked_at_the_end
from kept.core.actors import job
from kept.store.cipher import house_cipher
from kept.store.frames import write_frame
from kept.store.models import (
    Creditor,
    Engagement,
    LegalEntity,
    Product,
    ProductTerms,
    Seat,
    StrategyUse,
    Team,
)
from kept.store.nights import Night, debtor_ranges, settle_range
from kept.store.partitions import ensure_partitions
from kept.store.statistics import renew_statistics
from kept.work.attempts import do_take_attempt_history

__all__ = ["NIGHT", "NOW", "PAST", "STRATEGY", "write_book"]

NIGHT: Final = date(2026, 11, 23)
#: Eight in the evening before, in Shanghai.
NOW: Final = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
PAST: Final = 10
STRATEGY: Final = "consumer_cn"
#: One seat works so many cases; with it a night's minutes suffice for about a third of them.
CASES_A_SEAT: Final = 250
_PIECE: Final = 200_000
_KINDS: Final = (
    ["call", "firm_call", "reminder"],
    ["call", "letter", "reminder"],
    ["visit"],
    ["legal_review", "review", "hardship"],
)
_DEBTORS: Final = (
    "INSERT INTO persons (kind) SELECT 'person' FROM generate_series(1, %(rows)s)",
    """INSERT INTO debtors (creditor_id, person_id, external_id, kind, name, name_key, language,
                             country, zones, created_at)
       SELECT %(creditor)s, id, 'D' || row_number() OVER (ORDER BY id), 'person',
              'Nobody ' || id, 'nobody ' || id, 'zh-hans', 'CN', ARRAY['Asia/Shanghai'], %(now)s
       FROM persons ORDER BY id""",
)
_ADDRESSES: Final = """
    INSERT INTO contact_points (debtor_id, kind, usage, value_hash, value_cipher, masked, country,
                                validity, consent, source, position, created_at)
    SELECT id, 'address', 'home', decode(md5('address' || id), 'hex'), '\\x00', '***', 'CN',
           'unknown', 'unknown', 'creditor_file', 1, %(now)s FROM debtors ORDER BY id"""
_REST: Final = (
    """INSERT INTO accounts (creditor_id, product_id, debtor_id, external_id, currency, opened_on,
                              original_amount_minor, state, state_since, as_of, created_at)
       SELECT %(creditor)s, %(product)s, id, 'A' || id, 'CNY', date '2024-03-01',
              1000000 + id %% 9000 * 1000, 'active', date '2024-03-01', %(on)s, %(now)s
       FROM debtors ORDER BY id""",
    """INSERT INTO entries (account_id, kind, effective_on, recorded_at, actor, reference)
       SELECT id, 'opening', %(on)s::date - 200, %(begun)s, 'bench', ''
       FROM accounts ORDER BY id""",
    """INSERT INTO postings (entry_id, account_id, component, from_book, to_book, amount_minor,
                              due_on, effective_on, recorded_at)
       SELECT e.id, e.account_id, 'principal', 'creditor', 'receivable',
              50000 + e.account_id %% 997 * 3000, %(on)s::date - (e.account_id %% 181)::int,
              e.effective_on, e.recorded_at
       FROM entries e ORDER BY e.id""",
    """INSERT INTO cases (creditor_id, debtor_id, stage, opened_on, close_reason, created_at)
       SELECT creditor_id, debtor_id, 'call', greatest(%(on)s::date - (id %% 181)::int,
              %(on)s::date - 180), '', %(now)s FROM accounts ORDER BY id""",
    """INSERT INTO case_accounts (case_id, account_id, entered_on, leave_reason)
       SELECT c.id, a.id, c.opened_on, '' FROM cases c JOIN accounts a USING (debtor_id)
       ORDER BY c.id""",
)


def write_book(rows: int, *, night: date = NIGHT, now: datetime = NOW) -> Creditor:
    """An empty database's only creditor, with so many cases, as it is before a night."""
    ensure_partitions(night - timedelta(days=60), night)
    creditor, product = _lender(night, now)
    _seats(rows)
    given = {
        "rows": rows,
        "creditor": creditor.pk,
        "product": product.pk,
        "on": night,
        "now": now,
        "begun": now - timedelta(days=100),
    }
    _execute(_DEBTORS, given)
    _write_phones(now)
    _execute((_ADDRESSES, *_REST), given)
    renew_statistics()
    _take_history(creditor, rows, now)
    renew_statistics()
    _settle_day_before(creditor, night, now)
    renew_statistics()
    return creditor


def _execute(steps: Sequence[str], given: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        for step in steps:
            cursor.execute(step, given)


def _write_phones(now: datetime) -> None:
    """One sealed number a debtor: the law reads from it where a person may be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM debtors ORDER BY id")
        ids = [row[0] for row in cursor.fetchall()]
    for first in range(0, len(ids), _PIECE):
        some = ids[first : first + _PIECE]
        numbers = [f"+86138{number:08d}" for number in range(first, first + len(some))]
        sealed = house_cipher().seal("phone", numbers)
        rows = pl.DataFrame({"debtor_id": some, "number": numbers}).select(
            "debtor_id",
            kind=pl.lit("phone"),
            usage=pl.lit("mobile"),
            value_hash=pl.lit("\\x") + pl.col("number").str.slice(3).str.zfill(32),
            value_cipher=pl.Series(["\\x" + each.hex() for each in sealed]),
            masked=pl.lit("***"),
            country=pl.lit("CN"),
            validity=pl.when(pl.col("debtor_id") % 3 == 0)
            .then(pl.lit("valid"))
            .otherwise(pl.lit("unknown")),
            consent=pl.lit("given"),
            source=pl.lit("creditor_file"),
            position=pl.lit(1),
            created_at=pl.lit(now.isoformat()),
        )
        write_frame(rows, "contact_points", tuple(rows.columns))


def _lender(night: date, now: datetime) -> tuple[Creditor, Product]:
    creditor = Creditor.objects.create(
        code="BENCH",
        name="Bench",
        country="CN",
        zone="Asia/Shanghai",
        currency="CNY",
        calendar="",
        language="zh-hans",
        cut_over_on=night - timedelta(days=90),
    )
    entity = LegalEntity.objects.create(
        code="BENCH", name="Bench", type=LegalEntity.Type.THIRD_PARTY_AGENCY, country="CN"
    )
    Engagement.objects.create(
        creditor=creditor, legal_entity=entity, valid_from=night - timedelta(days=300)
    )
    product = Product.objects.create(
        creditor=creditor,
        code="CARD",
        name="Card",
        debt_type=Product.DebtType.CREDIT_CARD,
        currency="CNY",
    )
    ProductTerms.objects.create(
        product=product,
        version=1,
        valid_from=date(2020, 1, 1),
        balance_authority=ProductTerms.Authority.CREDITOR,
        bucket_boundaries=[1, 31, 61, 91],
        components=["principal"],
        allocation_order=["principal"],
    )
    StrategyUse.objects.create(
        creditor=creditor,
        code=STRATEGY,
        from_on=night - timedelta(days=1),
        recorded_at=now,
        actor="bench",
    )
    return creditor, product


def _seats(rows: int) -> None:
    team = Team.objects.create(code="BENCH", name="Bench")
    count = max(len(_KINDS), rows // CASES_A_SEAT)
    Seat.objects.bulk_create(
        Seat(code=f"S{n:05d}", team=team, skills=_KINDS[n % len(_KINDS)]) for n in range(count)
    )


def _take_history(creditor: Creditor, rows: int, now: datetime) -> None:
    """Past calls by the only door there is for those that others made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM debtors")
        first_id = cursor.fetchone()[0]
    with checked_at_the_end("attempts"):
        for first in range(0, rows, _PIECE):
            _take_piece(creditor, first_id, first, min(first + _PIECE, rows), now)


def _settle_day_before(creditor: Creditor, night: date, now: datetime) -> None:
    """Buckets as the night before left them: else each account would move, as in no other night."""
    day = timedelta(days=1)
    before = Night(0, creditor.pk, night - day, now - day, job("bench"))
    for each in debtor_ranges(creditor.pk, _PIECE):
        with transaction.atomic():
            settle_range(before, each, 0, lambda: None)


def _take_piece(creditor: Creditor, first_id: int, first: int, last: int, now: datetime) -> None:
    number = pl.DataFrame({"id": range(first_id + first, first_id + last)})
    calls = number.join(pl.DataFrame({"n": range(1, PAST + 1)}), how="cross").select(
        debtor_external_id=pl.format("D{}", pl.col("id") - first_id + 1),
        kind=pl.lit("phone"),
        channel=pl.lit("call"),
        outcome=pl.when((pl.col("id") + pl.col("n")) % 6 == 0)
        .then(pl.lit("conversation"))
        .otherwise(pl.lit("ring_no_answer")),
        started_at=pl.lit(now)
        - pl.duration(minutes=60 + (pl.col("id") * 7919 + pl.col("n") * 4219) % 40_000),
    )
    do_take_attempt_history(
        actor=job("bench"), creditor_id=creditor.pk, key=f"{first}", attempts=calls, now=now
    )
