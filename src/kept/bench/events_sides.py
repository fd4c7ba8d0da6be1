"""The sides of the benchmark of events, each in a process of its own on a scratch database."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, transaction

from kept.bench.memory import MeasurementFailed
from kept.core.actors import job
from kept.running.programs import client_programs
from kept.running.settings import load_settings
from kept.store.events import append_prepared_events
from kept.store.partitions import ensure_partitions
from kept.store.verification import verify_chains

__all__ = ["make_chains", "make_tables", "scan", "seal", "verify", "write"]

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
#: What a night tells of a case: about a hundred bytes.
BODY = '{"task":{"due_at":"2026-11-23T10:00:00+00:00","treatment":"call"},"seat":12,"dpd":31}'
_VALUES = f"'2026-11-22 20:00Z', 'bench', 'case.deal', 'case:1', 7, NULL, NULL, '{BODY}'"
SCRIPTS = {
    "chained": f"""\\set chain random(1, :cases)
SELECT kept_append_event('case', :chain, {_VALUES});
""",
    "house": f"SELECT kept_append_event('house', 0, {_VALUES});\n",
    "bare": f"""\\set chain random(1, :cases)
\\set place random(1, 1000000000000)
INSERT INTO bare_events (recorded_at, actor, action, subject, batch_id, key_id, personal, body,
                         chain_kind, chain_id, sequence, previous_hash, hash)
VALUES ({_VALUES}, 'case', :chain, :place, decode(repeat('5a', 32), 'hex'),
        decode(repeat('a5', 32), 'hex'));
""",  # noqa: S608
}
SCAN = """
SELECT count(*), sum(chain_id + sequence + coalesce(batch_id, 0) + coalesce(key_id, 0)),
       sum(length(chain_kind) + length(actor) + length(action) + length(subject) + length(body)
           + length(previous_hash) + length(hash) + coalesce(length(personal), 0)),
       max(recorded_at)
FROM events
"""
BARE = """
CREATE TABLE bare_events (LIKE events INCLUDING ALL) PARTITION BY RANGE (recorded_at);
CREATE TABLE bare_events_2026_11 PARTITION OF bare_events
    FOR VALUES FROM ('2026-11-01 00:00Z') TO ('2026-12-01 00:00Z');
"""


def make_tables(cases: str) -> int:
    """Months, the bare table, and a first event for each case, so that heads are there."""
    ensure_partitions(NOW.date(), NOW.date())
    with connection.cursor() as cursor:
        cursor.execute(BARE)
    return _append(int(cases))


def _append(chains: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE new_events ON COMMIT DROP AS SELECT 'case'::text AS chain_kind,"
            " g::bigint AS chain_id, 'case.deal'::text AS action, 'case:' || g AS subject,"
            " %s::text AS body FROM generate_series(1, %s) g",
            [BODY, chains],
        )
        cursor.execute("ANALYZE new_events")
        return append_prepared_events(actor=job("bench"), now=NOW, batch_id=1)


def write(side: str, clients: str, seconds: str) -> float:
    """Committed events a second, as pgbench counts them."""
    found = connection.settings_dict
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.sql"
        script.write_text(SCRIPTS[side], encoding="utf-8")
        command = [
            str(client_programs(load_settings(os.environ)) / "pgbench"),
            *("--no-vacuum", "--protocol=prepared", "--client", clients, "--jobs", "2"),
            *("--time", seconds, "--define", "cases=20000", "--file", str(script)),
            *("--host", found["HOST"], "--username", found["USER"]),
            *(["--port", str(found["PORT"])] if found["PORT"] else []),
            found["NAME"],
        ]
        environment = {**os.environ, "PGPASSWORD": found["PASSWORD"]}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    rate = re.search(r"^tps = ([0-9.]+)", ran.stdout, re.MULTILINE)
    if ran.returncode or rate is None:
        raise MeasurementFailed(f"pgbench: {ran.stdout[-500:]} {ran.stderr[-500:]}")
    return float(rate[1])


def make_chains(chains: str, events: str) -> int:
    """Empty the tables and write `events` events into each of so many chains."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE events, event_heads, bare_events")
    made = sum(_append(int(chains)) for _ in range(int(events)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE events")
        cursor.execute("VACUUM ANALYZE event_heads")
    return made


def verify() -> float:
    start = time.perf_counter()
    found = verify_chains()
    taken = time.perf_counter() - start
    if not found.is_whole:
        raise MeasurementFailed(f"the chains of the benchmark are not whole: {found.faults[:3]}")
    return taken


def scan() -> float:
    """Every column of every row, from the table itself and not from an index."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexscan = off")
        cursor.execute("SET enable_indexonlyscan = off")
        cursor.execute("SET enable_bitmapscan = off")
        start = time.perf_counter()
        cursor.execute(SCAN)
        cursor.fetchone()
        return time.perf_counter() - start


def seal() -> float:
    from kept.batch.seals import make_seal

    start = time.perf_counter()
    make_seal(actor=job("bench"), now=NOW)
    return time.perf_counter() - start
