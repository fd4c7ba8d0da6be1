"""Money in bulk: payments posted with matching and allocation, and balances of a whole book.

Posting is held against COPY of the very rows that it wrote into the same indexed tables; balances
and days past due as of a day against one GROUP BY over the same postings.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

from kept.bench.form import Figure, Goal, Measure, paired
from kept.bench.scratch import scratch_database

__all__ = ["measures", "run_balances", "run_posting"]

PAYMENTS_FULL, PAYMENTS_QUICK = 1_000_000, 10_000
ACCOUNTS_FULL, ACCOUNTS_QUICK = 1_000_000, 20_000
POSTINGS_EACH: Final = 12
POSTING: Final = Goal(Figure.RATIO, most=4)
BALANCES: Final = Goal(Figure.RATIO, most=3)
_CHUNK: Final = 25_000
_DAY: Final = date(2026, 10, 20)
_NOW: Final = datetime(2026, 11, 22, 8, tzinfo=UTC)


def measures(*, quick: bool) -> Iterator[Measure]:
    payments = PAYMENTS_QUICK if quick else PAYMENTS_FULL
    accounts = ACCOUNTS_QUICK if quick else ACCOUNTS_FULL
    with scratch_database("payments") as scratch:
        found = scratch.run("kept.bench.money:run_posting", str(payments))
    yield Measure.held(
        "payments posted, with matching and allocation",
        found["ours"],
        "s",
        peer="COPY of the same rows into the same tables",
        ratio=found["ratio"],
        scale=f"{payments:,} payments",
        full=not quick,
        goal=POSTING,
    )
    with scratch_database("balances") as scratch:
        found = scratch.run("kept.bench.money:run_balances", str(accounts))
    yield Measure.held(
        "balances and days past due as of a day",
        found["ours"],
        "s",
        peer="one GROUP BY over the same postings",
        ratio=found["ratio"],
        scale=f"{accounts:,} accounts, {accounts * POSTINGS_EACH:,} postings",
        full=not quick,
        goal=BALANCES,
    )


_BOOK: Final = """
INSERT INTO creditors (code, name, country, zone, currency, calendar, language, needs_access)
VALUES ('BENCH', 'Bench', 'CN', 'Asia/Shanghai', 'CNY', '', 'en', false);
INSERT INTO products (creditor_id, code, name, debt_type, currency)
SELECT id, 'CARD', 'Card', 'credit_card', 'CNY' FROM creditors;
INSERT INTO product_terms (product_id, version, valid_from, balance_authority, bucket_boundaries,
    components, allocation_order, interest, grace_days, small_balance_minor, entry_dpd,
    missing_from_feed, allows_credit_balance)
SELECT id, 1, '2020-01-01', 'creditor', '{1,31,61}', '{principal,interest,fee}',
       '{fee,interest,principal}', '{}', 0, 0, -3, 'leave', false FROM products;
"""
_ACCOUNTS: Final = """
WITH made AS (
    INSERT INTO persons (kind) SELECT 'person' FROM generate_series(1, %(n)s) RETURNING id
), debtors_made AS (
    INSERT INTO debtors (creditor_id, person_id, external_id, kind, name, name_key, language,
                         country, zones, created_at)
    SELECT c.id, m.id, 'D' || m.id, 'person', 'N' || m.id, 'n' || m.id, 'en', 'CN',
           '{Asia/Shanghai}', now() FROM made m, creditors c
    RETURNING id, creditor_id
)
INSERT INTO accounts (creditor_id, product_id, debtor_id, external_id, currency, opened_on, state,
                      state_since, created_at)
SELECT d.creditor_id, p.id, d.id, 'A' || d.id, 'CNY', '2024-01-01', 'active', '2024-01-01', now()
FROM debtors_made d, products p
"""
_OWED: Final = """
WITH made AS (
    INSERT INTO entries (account_id, kind, effective_on, recorded_at, actor, reference)
    SELECT a.id, 'charge', DATE '2025-01-01' + 30 * k, now(), 'bench', 'c' || k
    FROM accounts a, generate_series(1, %(entries)s) k RETURNING id, account_id, effective_on
)
INSERT INTO postings (entry_id, account_id, component, from_book, to_book, amount_minor, due_on,
                      effective_on, recorded_at)
SELECT m.id, m.account_id, part.name, 'creditor', 'receivable', part.amount, m.effective_on + 20,
       m.effective_on, now()
FROM made m, (VALUES ('principal', 90000), ('interest', 2000), ('fee', 300)) part (name, amount)
"""


def _write_book(accounts: int, entries: int) -> int:
    from django.db import connection

    from kept.bench.bulk import checked_at_the_end
    from kept.store.models import Creditor
    from kept.store.partitions import ensure_partitions

    ensure_partitions(_NOW.date(), _NOW.date())
    with connection.cursor() as cursor:
        cursor.execute(_BOOK)
        cursor.execute(_ACCOUNTS, {"n": accounts})
        cursor.execute("ANALYZE")
        with checked_at_the_end("postings"), checked_at_the_end("entries"):
            cursor.execute(_OWED, {"entries": entries})
        cursor.execute("ANALYZE")
    return int(Creditor.objects.get().pk)


def run_balances(accounts: str) -> dict[str, float]:
    """Both sides over a book of this many accounts."""
    from django.db import connection

    from kept.store.queries import load

    creditor_id = _write_book(int(accounts), POSTINGS_EACH // 3)
    ours = load("ledger")["positions"].scoped("creditor").text
    peer = (
        "SELECT account_id, sum(CASE WHEN to_book = 'receivable' THEN amount_minor"
        " ELSE -amount_minor END) AS amount, min(due_on) AS due_on FROM postings"
        " WHERE effective_on <= %(as_of)s AND recorded_at <= %(known_at)s GROUP BY account_id"
    )
    given = {"creditor_id": creditor_id, "as_of": _DAY, "known_at": _NOW.replace(year=2030)}

    def side(query: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET work_mem = '256MB'")
            cursor.execute(f"CREATE TEMPORARY TABLE found AS {query}", given)
            cursor.execute("DROP TABLE found")

    found = paired(lambda: side(ours), lambda: side(peer))
    return {"ours": found.ours, "peer": found.peer, "ratio": found.ratio}


def run_posting(payments: str) -> dict[str, float]:
    """Each run posts a set of its own; the peer copies what our run before wrote, under new ids."""
    number = int(payments)
    posting = _Posting(_write_book(number, 2), number)
    posting.prepare_copy(posting.ours())
    found = paired(posting.ours, posting.peer, warm=False)
    return {"ours": found.ours, "peer": found.peer, "ratio": found.ratio}


_LINES: Final = """
INSERT INTO payment_lines (line_no, channel, external_id, amount_minor, currency, received_on, way,
                           payer_relation, accounts)
SELECT a.id, 'file', 'P' || a.id || '.' || %(turn)s, 3000, 'CNY', %(day)s, 'bank_transfer', 'self',
       ARRAY[a.external_id]
FROM accounts a ORDER BY a.id OFFSET %(first)s LIMIT %(rows)s
"""
#: Tables in the order in which their rows depend on each other, with what is changed of a copy.
_COPIED: Final = {
    "entries": {"id": "id + {n}", "reference": "'copy {n} ' || id"},
    "postings": {"id": "id + {n}", "entry_id": "entry_id + {n}"},
    "payments": {"id": "id + {n}", "external_id": "'copy {n} ' || id"},
    "payment_allocations": {
        "id": "id + {n}",
        "entry_id": "entry_id + {n}",
        "payment_id": "payment_id + {n}",
    },
}


class _Posting:
    """Sets of payments, posted by us and copied by the peer."""

    def __init__(self, creditor_id: int, number: int) -> None:
        self.creditor_id, self.number, self.turn = creditor_id, number, 0
        self.rows: dict[str, list[tuple[list[str], bytes]]] = {name: [] for name in _COPIED}

    def ours(self) -> int:
        from django.db import transaction

        from kept.core.actors import job
        from kept.core.payments.policies import PaymentPolicy
        from kept.store.payments import Writing, make_payment_tables, take_payments

        self.turn += 1
        for first in range(0, self.number, _CHUNK):
            with transaction.atomic():
                make_payment_tables()
                self._fill(first)
                writing = Writing(job("bench"), _NOW, self.creditor_id)
                take_payments(writing, PaymentPolicy(duplicate_days=0))
        return self.turn

    def _fill(self, first: int) -> None:
        from django.db import connection

        given = {"turn": self.turn, "day": _DAY, "first": first, "rows": _CHUNK}
        with connection.cursor() as cursor:
            cursor.execute(_LINES, given)

    def prepare_copy(self, turn: int, copies: int = 3) -> None:
        """The rows of one of our runs as text, under new ids for each run of the peer."""
        from django.db import connection

        connection.ensure_connection()
        raw: Any = connection.connection
        for n in range(1, copies + 1):
            for table, changed in _COPIED.items():
                columns = _columns(table)
                chosen = ", ".join(
                    changed[name].format(n=n * 100_000_000) if name in changed else name
                    for name in columns
                )
                where = " WHERE kind = 'payment'" if table == "entries" else ""
                where = " WHERE to_book = 'cash'" if table == "postings" else where
                out = io.BytesIO()
                with raw.cursor().copy(
                    f"COPY (SELECT {chosen} FROM {table}{where}) TO STDOUT"  # noqa: S608
                ) as c:
                    for part in c:
                        out.write(bytes(part))
                self.rows[table].append((columns, out.getvalue()))

    def peer(self) -> None:
        from django.db import transaction

        from kept.store.queries import copy_in

        with transaction.atomic():
            for table, waiting in self.rows.items():
                columns, content = waiting.pop()
                with copy_in(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                    copy.write(content)


def _columns(table: str) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        return [each.name for each in connection.introspection.get_table_description(cursor, table)]
