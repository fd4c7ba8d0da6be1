"""The day: from a write to the new decision of its case, through the queue and a real worker.

A book has had its night. Holds on contact are placed and released one after another, each when the
one before is decided; the time is taken from before the write until its mark is gone. Beside it
stands what the queue alone takes: the row written bare, and a job that finds nothing to decide.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from kept.bench.form import Figure, Goal, Measure
from kept.bench.scratch import scratch_database

__all__ = ["measures", "run"]

CASES_FULL, CASES_QUICK = 100_000, 2_000
WRITES_FULL, WRITES_QUICK = 200, 60
P95: Final = Goal(Figure.VALUE, most=1)
RATE: Final = Goal(Figure.VALUE, least=20)
PEER: Final = "the row written bare, and a job of the queue that finds nothing to decide"
_PATIENCE: Final = 60.0
_POLL: Final = 0.002


def measures(*, quick: bool) -> Iterator[Measure]:
    cases = CASES_QUICK if quick else CASES_FULL
    writes = WRITES_QUICK if quick else WRITES_FULL
    with scratch_database("day") as scratch:
        found = scratch.run("kept.bench.day:run", str(cases), str(writes))
    scale = f"{cases:,} cases, {found['tasks']:,} open tasks, {writes} writes, one worker"
    given: dict[str, Any] = {"scale": scale, "full": not quick}
    for name, part in (("half of them", "p50"), ("19 of 20", "p95")):
        yield Measure.held(
            f"a case decided again: {name} ({part})",
            found[part],
            "s",
            peer=PEER,
            ratio=found[part] / found[f"peer_{part}"],
            goal=P95,
            **given,
        )
    yield Measure.held(
        "cases decided again, many at once",
        found["rate"],
        "cases/s",
        peer="20 cases a second",
        goal=RATE,
        **given,
    )


def run(cases: str, writes: str) -> dict[str, Any]:
    """Write the book, run its night, then write to its cases while a worker decides."""
    from kept.batch.nightly import run_night
    from kept.bench.nightly_book import write_book
    from kept.core.actors import job
    from kept.store.models import Task

    now = datetime.now(UTC)
    night = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    creditor = write_book(int(cases), night=night, now=now)
    run_night(actor=job("bench"), creditor=creditor, now=datetime.now(UTC), as_of=night)
    worker = subprocess.Popen([sys.executable, "-m", "kept.cli", "worker"], stderr=subprocess.PIPE)
    try:
        found = _decided(creditor.pk, int(writes))
    finally:
        worker.terminate()
        worker.communicate(timeout=_PATIENCE)
    return {**found, "tasks": Task.objects.filter(state="open").count()}


def _decided(creditor_id: int, writes: int) -> dict[str, Any]:
    from kept.store.models import Task

    rows = Task.objects.filter(creditor_id=creditor_id, state="open", channel="call")
    debtors = list(rows.order_by("pk").values_list("case__debtor_id", flat=True)[: writes + 500])
    hold_ids = [_placed(debtor_id) for debtor_id in debtors[:3]]  # the worker starts and warms up
    _wait(_nothing_marked)
    for hold_id in hold_ids:
        _release(hold_id)
        _wait(_nothing_marked)
    ours: list[float] = []
    for debtor_id in debtors[3 : 3 + writes // 2]:
        hold_id = _timed(ours, lambda chosen=debtor_id: _placed(chosen))
        _timed(ours, lambda chosen=hold_id: _release(chosen))
    peer = [_bare(debtor_id, creditor_id) for debtor_id in debtors[3 : 3 + writes // 2]]
    many = debtors[3 + writes // 2 :][:400]
    begun = time.perf_counter()
    for debtor_id in many:
        _placed(debtor_id)
    _wait(_nothing_marked)
    rate = len(many) / (time.perf_counter() - begun)
    return {**_percentiles(ours, ""), **_percentiles(peer, "peer_"), "rate": rate}


def _percentiles(seconds: list[float], prefix: str) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=20)
    return {f"{prefix}p50": statistics.median(seconds), f"{prefix}p95": cuts[-1]}


def _timed(into: list[float], write: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    found = write()
    _wait(_nothing_marked)
    into.append(time.perf_counter() - begun)
    return found


def _wait(is_done: Callable[[], bool]) -> None:
    ends = time.perf_counter() + _PATIENCE
    while not is_done():
        if time.perf_counter() > ends:
            raise TimeoutError("the worker decided nothing within a minute")
        time.sleep(_POLL)


def _nothing_marked() -> bool:
    from kept.store.models import CaseToDecide

    return not CaseToDecide.objects.exists()


def _placed(debtor_id: int) -> int:
    from kept.core.actors import job
    from kept.work.holds import do_place_hold

    return do_place_hold(
        actor=job("bench"),
        debtor_id=debtor_id,
        reason="disputed",
        effects=["contact"],
        note="",
        now=datetime.now(UTC),
    )


def _release(hold_id: int) -> None:
    from kept.core.actors import job
    from kept.work.holds import do_release_hold

    do_release_hold(actor=job("bench"), hold_id=hold_id, reason="bench", now=datetime.now(UTC))


def _bare(debtor_id: int, creditor_id: int) -> float:
    """Seconds of the row alone, and of a job that reads and finds nothing."""
    from django.db import connection, transaction

    from kept.store.models import Hold
    from kept.store.to_decide import send_decider

    begun = time.perf_counter()
    with transaction.atomic():
        Hold.objects.create(
            debtor_id=debtor_id,
            reason="legal",
            effects=["accrual"],
            placed_at=datetime.now(UTC),
            placed_by="bench",
            note="",
            released_at=datetime.now(UTC),
        )
        send_decider([creditor_id])

    def is_done() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT NOT EXISTS (SELECT FROM procrastinate_jobs"
                " WHERE task_name = 'case.decide' AND status IN ('todo', 'doing'))"
            )
            return bool(cursor.fetchone()[0])

    _wait(is_done)
    return time.perf_counter() - begun
