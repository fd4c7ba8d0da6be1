"""Taking a file's payments, chunk by chunk, each chunk whole or not at all.

A chunk is one transaction: payments with their entries and allocations, what goes back, one event a
case, and the mark that it is done. What is right is `store/payments.py`'s; here is only the chunk.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction

from kept.batch.stages import Progress, done_chunks, finish_chunk
from kept.core.actors import job
from kept.store.models import Creditor, IntakeFile
from kept.store.payments import Writing, make_payment_tables, take_back, take_payments
from kept.store.queries import load
from kept.work.payment_policies import policy_of
from kept.work.payments import accrual_charger

__all__ = ["apply_payments"]

_GROWING = "entries, postings, payments, payment_allocations, event_heads"


def apply_payments(file: IntakeFile, progress: Progress) -> Mapping[str, int]:
    """Take what is planned and not taken yet; returns the sums over all chunks."""
    planned = load("staging")["count_chunks"].rows()[0]
    done = done_chunks(file.run, "applied")
    rows = sum(each["rows"] for each in done.values())
    progress("applied", rows, planned["rows"], "")
    for chunk in range(planned["chunks"]):
        if chunk not in done:
            with transaction.atomic():
                done[chunk] = _apply(file, chunk)
                finish_chunk(file.run, "applied", chunk, done[chunk])
            rows += done[chunk]["rows"]
            if done[chunk]["rows"]:
                _show_planner(chunk)
        progress("applied", rows, planned["rows"], "")
    return _sums(done)


def _apply(file: IntakeFile, chunk: int) -> dict[str, int]:
    make_payment_tables()
    sql, given = load("payment_files"), {"chunk": chunk}
    payments = sql["pick_payments"].run(given)
    goings = sql["pick_goings"].run(given)
    if not payments + goings:
        return {"rows": 0}
    # The creditor's row is the lock under which references are compared.
    Creditor.objects.select_for_update(no_key=True).get(pk=file.creditor_id)
    writing = Writing(
        actor=job(file.run.actor),
        now=file.run.now,
        creditor_id=file.creditor_id,
        run_id=file.run_id,
        intake_file_id=file.pk,
    )
    found: dict[str, int] = {"rows": payments + goings}
    if payments:
        policy = policy_of(file.creditor_id, _day(file))
        charge = accrual_charger(writing.actor, file.creditor_id, file.run.now)
        found |= _outcomes(take_payments(writing, policy, charge))
    if goings:
        taken, faults = take_back(writing)
        found |= {"returned": taken, "returns_left": len(faults)}
    return found


def _day(file: IntakeFile) -> date:
    assert file.run.business_date is not None
    return file.run.business_date


def _outcomes(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Payments by state, and those in suspense by why."""
    found: dict[str, int] = {}
    for row in rows:
        names = [row["state"], *([f"suspense_{row['reason']}"] if row["reason"] else [])]
        for name in names if row["state"] != "duplicate" else ["duplicate"]:
            found[name] = found.get(name, 0) + row["payments"]
    return found


def _show_planner(chunk: int) -> None:
    """Statistics of what grew most, without which a later chunk is joined row by row."""
    if chunk in (0, 3, 15):
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {_GROWING}")


def _sums(done: Mapping[int, Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for result in done.values():
        for name, number in result.items():
            total[name] = total.get(name, 0) + number
    return total
