"""Permits under 1, 8 and 64 clients, beside the least transaction that could stand for one.

The peer locks one row, reads the same 200 rows of history and inserts two rows, through the same
driver and connections, and judges nothing. Clients are threads of up to two processes. A client
asks for one case after another; its clock goes on by a day a round, so that permits have expired
and every one is lawful. `kept bench law` takes these measures in.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from kept.bench.form import PAIRS_MIN, Figure, Goal, Measure
from kept.bench.memory import MeasurementFailed
from kept.bench.scratch import Scratch, scratch_database

__all__ = ["ask", "make_book", "permit_measures"]

CLIENTS: Final = (1, 8, 64)
PROCESSES: Final = 2
CASES: Final = 128
HISTORY: Final = 200
#: More than a run has rounds, so that no run meets the open permits of another.
DAYS_EACH: Final = 20
OPERATIONS_FULL, OPERATIONS_QUICK = 1_280, 128
GOAL: Final = Goal(Figure.RATIO, most=2)
QUICK: Final = Goal(Figure.RATIO, most=40)  # a few operations, the first of each connection too
PEER: Final = "lock one row, read 200 rows of history, insert two rows"
#: Ten in the morning in New York.
NOW: Final = datetime(2026, 3, 2, 15, tzinfo=UTC)
_SIDES = "kept.bench.law_permits"
_TABLES = """
CREATE TABLE bare_permits (LIKE permits INCLUDING DEFAULTS INCLUDING INDEXES);
CREATE TABLE bare_events (LIKE events INCLUDING DEFAULTS);
CREATE INDEX ON bare_events (chain_id, chain_kind, sequence);
"""


def permit_measures(*, quick: bool) -> Iterator[Measure]:
    operations = OPERATIONS_QUICK if quick else OPERATIONS_FULL
    with scratch_database("permits") as scratch:
        scratch.run(f"{_SIDES}:make_book", str(CASES))
        for clients in CLIENTS:
            runs = range(1 if quick else PAIRS_MIN)
            pairs = [_pair(scratch, clients, operations, number) for number in runs]
            yield from _held(pairs, clients, operations, quick)


def _held(
    pairs: list[tuple[list[float], list[float]]], clients: int, operations: int, quick: bool
) -> Iterator[Measure]:
    figures: tuple[tuple[str, Callable[[list[float]], float]], ...] = (
        ("median", statistics.median),
        ("p99", _p99),
    )
    for name, figure in figures:
        yield Measure.held(
            f"permit, {name} of {clients} client{'s' * (clients > 1)}",
            statistics.median(figure(ours) for ours, _peer in pairs) * 1_000,
            "ms",
            peer=PEER,
            ratio=statistics.median(figure(ours) / figure(peer) for ours, peer in pairs),
            scale=f"{operations:,} permits on {CASES} cases with {HISTORY} attempts each",
            full=not quick,
            goal=QUICK if quick else GOAL,
        )


def _p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


def _pair(
    scratch: Scratch, clients: int, operations: int, number: int
) -> tuple[list[float], list[float]]:
    order = ("permit", "peer") if number % 2 else ("peer", "permit")
    found = {side: _times(scratch, side, clients, operations, number) for side in order}
    return found["permit"], found["peer"]


def _times(scratch: Scratch, side: str, clients: int, operations: int, number: int) -> list[float]:
    """Seconds of every operation of all clients, who work at the same time."""
    processes = min(PROCESSES, clients)
    day = (CLIENTS.index(clients) * PAIRS_MIN + number) * DAYS_EACH
    each = (str(clients // processes), str(operations // processes), str(day))
    with ThreadPoolExecutor(processes) as pool:
        running = [
            pool.submit(scratch.run, f"{_SIDES}:ask", side, *each, str(part), str(processes))
            for part in range(processes)
        ]
        return [seconds for each_run in running for seconds in each_run.result()]


# --- in processes of their own --------------------------------------------------------------------


def make_book(cases: str) -> int:
    """One creditor in New York, with so many cases and a history of 200 calls for each."""
    from django.db import connection

    from kept.core.actors import job
    from kept.store.models import Creditor, Engagement, LegalEntity, Product
    from kept.store.partitions import ensure_partitions
    from kept.work.attempts import do_take_attempt_history

    ensure_partitions(date(2025, 6, 1), date(2027, 6, 1))
    creditor = Creditor.objects.create(
        code="BENCH",
        name="Bench",
        country="US",
        zone="America/New_York",
        currency="USD",
        language="en",
        cut_over_on=date(2025, 6, 1),
    )
    entity = LegalEntity.objects.create(
        code="FIRM", name="Firm", type=LegalEntity.Type.THIRD_PARTY_AGENCY, country="US"
    )
    Engagement.objects.create(creditor=creditor, legal_entity=entity, valid_from=date(2025, 1, 1))
    product = Product.objects.create(
        creditor=creditor, code="CARD", name="Card", debt_type="credit_card", currency="USD"
    )
    for number in range(int(cases)):
        _make_case(creditor, product, number)
    taken = do_take_attempt_history(
        actor=job("bench"),
        creditor_id=creditor.pk,
        key="bench",
        attempts=_history(int(cases)),
        now=NOW,
    )
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        cursor.execute("ANALYZE")
    return taken


def _make_case(creditor: Any, product: Any, number: int) -> None:
    from kept.store.cipher import house_cipher
    from kept.store.models import Account, Case, CaseAccount, ContactPoint, Debtor, Person

    debtor = Debtor.objects.create(
        creditor=creditor,
        person=Person.objects.create(kind="person"),
        external_id=f"D{number}",
        kind="person",
        name=f"Debtor {number}",
        name_key=f"debtor {number}",
        country="US",
        zones=["America/New_York"],
        created_at=NOW,
    )
    value = f"+1212555{number:04d}"
    ContactPoint.objects.create(
        debtor=debtor,
        kind="phone",
        value_hash=house_cipher().hash("phone", value),
        value_cipher=house_cipher().seal("phone", [value])[0],
        masked="****",
        source="bench",
        created_at=NOW,
    )
    account = Account.objects.create(
        creditor=creditor,
        product=product,
        debtor=debtor,
        external_id=f"A{number}",
        currency="USD",
        opened_on=date(2024, 1, 1),
        state_since=date(2024, 1, 1),
        as_of=NOW.date(),
        created_at=NOW,
    )
    opened = date(2025, 6, 1)
    case = Case.objects.create(creditor=creditor, debtor=debtor, opened_on=opened, created_at=NOW)
    CaseAccount.objects.create(case=case, account=account, entered_on=opened)


def _history(cases: int) -> Any:
    """One call a day on each case, without an answer, ended ten days ago."""
    import polars as pl

    from kept.work.attempts import HISTORY_COLUMNS

    days = [NOW - timedelta(days=10 + day) for day in range(HISTORY)]
    return (
        pl.DataFrame({"debtor_external_id": [f"D{number}" for number in range(cases)]})
        .join(pl.DataFrame({"started_at": days}), how="cross")
        .with_columns(
            kind=pl.lit("phone"), channel=pl.lit("call"), outcome=pl.lit("ring_no_answer")
        )
        .select(HISTORY_COLUMNS)
    )


def ask(side: str, threads: str, operations: str, day: str, part: str, parts: str) -> list[float]:
    """Seconds of each operation of these threads; the first of each thread is not among them."""
    from kept.store.models import ContactPoint

    columns = ("debtor__cases__id", "id", "debtor_id", "debtor__person_id")
    targets = list(ContactPoint.objects.order_by("id").values_list(*columns))
    mine = targets[int(part) :: int(parts)]
    run = _permit if side == "permit" else _peer
    rounds = int(operations) // int(threads)

    def client(at: int) -> list[float]:
        return _rounds(run, mine[at :: int(threads)], rounds, int(day))

    with ThreadPoolExecutor(int(threads)) as pool:
        return [seconds for times in pool.map(client, range(int(threads))) for seconds in times]


def _rounds(
    run: Callable[[Any, datetime], None], targets: list[Any], rounds: int, day: int
) -> list[float]:
    from django.db import connection

    times = []
    for index in range(rounds + 1):
        now = NOW + timedelta(days=day + index // len(targets))
        start = time.perf_counter()
        run(targets[index % len(targets)], now)
        times.append(time.perf_counter() - start)
    connection.close()
    return times[1:]


def _permit(target: tuple[int, int, int, int], now: datetime) -> None:
    from kept.core.actors import job
    from kept.work.permits import do_permit
    from kept.work.situations import IntendedContact

    case_id, point_id, _debtor, _person = target
    wanted = IntendedContact(
        case_id=case_id, channel="call", minute=0, contact_point_id=point_id, by_machine=False
    )
    answer = do_permit(actor=job("bench"), wanted=wanted, now=now, done=_DONE)
    if not answer.is_permitted:
        raise MeasurementFailed(f"not permitted: {answer.weighed}")


_DONE: Final = (
    *("announce_recording", "reassigned_number_check", "initial_disclosure"),
    *("from_a_debt_collector", "validation_notice_within_5_days"),
)


def _peer(target: tuple[int, int, int, int], now: datetime) -> None:
    from django.db import connection, transaction

    case_id, point_id, debtor_id, person_id = target
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM persons WHERE id = %s FOR NO KEY UPDATE", [person_id])
        cursor.fetchall()
        cursor.execute(_READ, [debtor_id])
        if len(cursor.fetchall()) != HISTORY:
            raise MeasurementFailed("the history of the benchmark is not whole")
        cursor.execute(_WRITE_PERMIT, [case_id, debtor_id, point_id, now, now])
        cursor.execute(_WRITE_EVENT, [now, case_id])


_READ: Final = """
SELECT id, started_at, channel, inbound, outcome, legal_entity_id, account_ids, talked_account_ids,
       case_id, related_person_id, contact_point_id
FROM attempts WHERE debtor_id = %s ORDER BY started_at, id
"""
_WRITE_PERMIT: Final = """
INSERT INTO bare_permits (id, case_id, debtor_id, contact_point_id, legal_entity_id, channel,
    purpose, account_ids, content_hash, duties, state, issued_at, issued_by, expires_at, outcome)
VALUES (nextval('permits_id_seq'), %s, %s, %s, 1, 'call', 'collect', '{1}',
        decode('00112233445566778899aabbccddeeff', 'hex'), '{}', 'reserved', %s, 'bench', %s, '')
"""
_WRITE_EVENT: Final = """
INSERT INTO bare_events (recorded_at, actor, action, subject, body, chain_kind, chain_id, sequence,
    previous_hash, hash)
VALUES (%s, 'bench', 'permit.issue', 'permit:1', '{"channel":"call","purpose":"collect"}', 'case',
        %s, 1, decode(repeat('5a', 32), 'hex'), decode(repeat('a5', 32), 'hex'))
"""
