"""The two sides of the intake benchmark, each run in a process of its own on a scratch database."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from kept.batch.intake.control import Control
from kept.batch.intake.receiving import FileToReceive, receive_and_run
from kept.bench.intake_book import MAP
from kept.bench.memory import own_peak
from kept.core.actors import job
from kept.store.models import Creditor, Product, ProductTerms
from kept.store.queries import load
from kept.work.intake import ROWS_PER_CHUNK

__all__ = ["copy", "take"]

#: In the order in which rows can be copied: what is referred to comes first.
TABLES = (
    "persons",
    "identity_keys",
    "debtors",
    "related_persons",
    "contact_points",
    "accounts",
    "holds",
    "entries",
    "postings",
    "cases",
    "case_accounts",
    "events",
    "event_heads",
)
NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
_PIECE = 1 << 20

#: Statements of `sql/intake.sql` by what they are for; the other files are a step each.
_STEPS = {
    "rows of a chunk": ("pick_rows", "confirm_accounts"),
    "persons and debtors": (
        "lock_persons",
        "pick_debtors",
        "pick_keys",
        "find_persons",
        "write_persons",
        "write_keys",
        "write_debtors",
        "change_debtors",
        "pick_related",
        "write_related",
        "change_related",
    ),
    "contact points": (
        "pick_contacts",
        "write_first_contacts",
        "match_contacts",
        "write_more_contacts",
        "change_contacts",
    ),
    "accounts and holds": (
        "pick_accounts",
        "write_accounts",
        "change_accounts",
        "list_holds",
        "place_holds",
        "release_returned",
    ),
    "figures": ("fill_snapshots",),
    "cases": ("touch_accounts",),
    "events": ("tell_of_debtors", "prepare_events"),
}


def take(book: str, rows_per_chunk: str = str(ROWS_PER_CHUNK)) -> dict[str, Any]:
    """Take the file into empty tables; seconds in all and by step, and the peak of this process."""
    _empty()
    steps = _Steps()
    start = time.perf_counter()
    with Path(book).open("rb") as content, connection.execute_wrapper(steps.statement):
        file = receive_and_run(
            actor=job("bench"),
            file=FileToReceive(
                creditor_code="BENCH",
                name="book.csv",
                content=content,
                map_name="bench",
                map_text=MAP,
                given=Control(as_of=date(2026, 11, 21)),
                rows_per_chunk=int(rows_per_chunk),
            ),
            now=NOW,
            progress=steps.progress,
        )
    seconds = time.perf_counter() - start
    rows = file.acknowledgement["rows"]
    if file.state != file.State.ACKNOWLEDGED or rows["accepted"] != rows["received"]:
        raise AssertionError(f"the file was not taken whole: {file.state} {rows}")
    return {"seconds": seconds, "steps": steps.ended(seconds), "peak_bytes": own_peak()}


class _Steps:
    """Adds up where the time goes: by stage, and within applying by what a statement is for."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.stage, self.since = "receiving", time.perf_counter()
        self.kinds = _kinds()

    def progress(self, stage: str, done: int, total: int, message: str) -> None:
        """The first word of a stage comes with its first piece of work done, so look at the run."""

    def statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self._turn(sql, params)
        start = time.perf_counter()
        found = execute(sql, params, many, context)
        if self.stage == "applied":
            step = self.kinds.get(sql) or self._other(sql)
            self.seconds[step] += time.perf_counter() - start
        return found

    def _turn(self, sql: str, params: Any) -> None:
        """The run's row says when a stage begins."""
        if sql.startswith('UPDATE "runs" SET "stage"'):
            self._close()
            self.stage = params[0]

    def _close(self) -> None:
        now = time.perf_counter()
        self.seconds[self.stage] += now - self.since
        self.since = now

    def _other(self, sql: str) -> str:
        return "cases" if "settled_" in sql or "standings" in sql else "rows of a chunk"

    def ended(self, seconds: float) -> dict[str, float]:
        self._close()
        found = dict(self.seconds)
        applied = found.pop("applied")
        named = sum(found.get(step, 0) for step in (*_STEPS,))
        found["constraints checked at commit"] = applied - named
        return {name: value for name, value in found.items() if value >= seconds / 1000}


def _kinds() -> dict[str, str]:
    found = {load("intake")[name].text: step for step, names in _STEPS.items() for name in names}
    for noun, step in (("ledger", "figures"), ("cases", "cases"), ("events", "events")):
        found |= {query.text: step for query in load(noun).queries.values()}
    return found


def copy(folder: str) -> dict[str, Any]:
    """Write the tables out, empty them, and COPY them in again; seconds of the last part."""
    _dump(Path(folder))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    by_table = {table: _reload(Path(folder), table) for table in TABLES}
    for table in TABLES:
        (Path(folder) / table).unlink()
    return {"seconds": sum(by_table.values()), "tables": by_table}


def _dump(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        for table in TABLES:
            statement = f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT binary)"  # noqa: S608
            with (folder / table).open("wb") as out, cursor.copy(statement) as rows:
                for piece in rows:
                    out.write(piece)


def _reload(folder: Path, table: str) -> float:
    """One transaction a table; its deferred constraints are checked at the commit."""
    start = time.perf_counter()
    with (
        transaction.atomic(),
        (folder / table).open("rb") as rows,
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as sink,
    ):
        while piece := rows.read(_PIECE):
            sink.write(piece)
    return time.perf_counter() - start


def _empty() -> None:
    """Tables as after the migrations, with one creditor and its product."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE creditors, persons, runs, event_heads, events CASCADE")
    creditor = Creditor.objects.create(
        code="BENCH", name="Bench", country="CN", zone="Asia/Shanghai", currency="CNY"
    )
    product = Product.objects.create(
        creditor=creditor, code="CARD", name="Card", debt_type="credit_card", currency="CNY"
    )
    ProductTerms.objects.create(
        product=product,
        version=1,
        valid_from=date(2020, 1, 1),
        balance_authority=ProductTerms.Authority.CREDITOR,
        bucket_boundaries=[1, 31, 61, 91],
        components=["principal", "interest", "fee", "penalty", "cost"],
        allocation_order=["cost", "fee", "penalty", "interest", "principal"],
    )
