"""Writing staged records, chunk by chunk, each chunk whole or not at all.

A chunk is one transaction: the records with what is sealed of them, the holds of disputes, the
numbers under which rows were taken, one event for each case or debtor, and the mark that it is
done. The statements are `store/sql/records.sql`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction

from kept.batch.intake.plan_applying import begin_plans, plan_terms, write_plans
from kept.batch.intake.record_checking import parameters_of
from kept.batch.intake.record_sealing import SECRET_KIND
from kept.batch.stages import Progress, done_chunks, finish_chunk
from kept.core.actors import job
from kept.store.cipher import house_cipher
from kept.store.events import append_prepared_events
from kept.store.models import IntakeFile
from kept.store.partitions import ensure_partitions
from kept.store.person_keys import KeyOwner, seal_personal_of_many
from kept.store.promises import judge_stored
from kept.store.queries import load
from kept.work.disputes import COMPLAINT_DAYS, DISPUTE_DAYS
from kept.work.promise_policies import promise_policy_of

__all__ = ["apply_records"]

#: By file type: which tables its rows may go to.
_WRITES: Final[Mapping[str, tuple[str, ...]]] = {
    "attempts": ("learn_validity",),
    "stops": ("write_stops",),
    "consents": ("write_consents",),
    "persons": (
        "write_circumstances",
        "write_representations",
        "write_hardships",
        "write_vulnerabilities",
        "place_holds",
        "write_disputes",
        "write_complaints",
        "set_languages",
    ),
    "promises": ("write_promises",),
    "plans": (),
}


def apply_records(file: IntakeFile, progress: Progress) -> Mapping[str, int]:
    """Write what is planned and not written yet; returns the sums over all chunks."""
    planned = load("staging")["count_chunks"].rows()[0]
    _make_room(file)
    done = done_chunks(file.run, "applied")
    rows = sum(each["rows"] for each in done.values())
    progress("applied", rows, planned["rows"], "")
    for chunk in range(planned["chunks"]):
        if chunk not in done:
            with transaction.atomic():
                done[chunk] = _apply(file, chunk)
                finish_chunk(file.run, "applied", chunk, done[chunk])
            rows += done[chunk]["rows"]
        progress("applied", rows, planned["rows"], "")
    return _sums(done.values())


def _make_room(file: IntakeFile) -> None:
    """Months of attempts, back to the first one."""
    first = load("records")["first_new"].rows()[0]["first_at"]
    if file.file_type == "attempts" and first is not None:
        ensure_partitions(first.date(), file.run.now.date())


def _apply(file: IntakeFile, chunk: int) -> dict[str, int]:
    sql = load("records")
    parameters = {
        **parameters_of(file),
        "chunk": chunk,
        "dispute_days": DISPUTE_DAYS,
        "complaint_days": COMPLAINT_DAYS,
        **_terms(file),
        **(plan_terms(file) if file.file_type == "plans" else {}),
    }
    is_plans = file.file_type == "plans"
    confirm = load("loaded_plans")["confirm_plans"] if is_plans else sql["confirm_loaded"]
    confirm.run(parameters)
    begun = sql["pick_records"].run(parameters)
    ended = sql["pick_ends"].run(parameters)
    if not begun + ended:
        return {"rows": 0}
    _seal_secrets(file)
    # The one door of histories, beside that of permits.
    attempts = load("attempts")["write_loaded"].run(parameters)
    written = {"write_attempts": attempts} if file.file_type == "attempts" else {}
    if is_plans:
        written = {"write_plans": write_plans(parameters)}
    written |= {name: sql[name].run(parameters) for name in _WRITES[file.file_type]}
    sql["end_records"].run(parameters)
    sql["write_loaded"].run(parameters)
    _show_planner()
    sql["prepare_events"].run(parameters)
    events = append_prepared_events(
        actor=job(file.run.actor), now=file.run.now, batch_id=file.run_id
    )
    _judge_promises(file)
    if is_plans:
        begin_plans(file)
    counts = {
        name.removeprefix("write_"): number
        for name, number in written.items()
        if name.startswith("write_")
    }
    return {"rows": begun + ended, **counts, "ended": ended, "events": events}


def _terms(file: IntakeFile) -> dict[str, Any]:
    """How promises of an older system are judged: by the creditor's policy of today."""
    assert file.run.business_date is not None
    policy = promise_policy_of(file.creditor_id, file.run.business_date)
    return {
        "on": file.run.business_date,
        "tolerance_ppm": policy.terms.tolerance_ppm,
        "grace_days": policy.terms.grace_days,
        "counts_unexplained": policy.counts_unexplained,
    }


def _judge_promises(file: IntakeFile) -> None:
    """By the ledger, whatever the older system said of them."""
    assert file.run.business_date is not None
    debtors = [row["debtor_id"] for row in load("records")["promise_debtors"].rows()]
    if debtors:
        judge_stored(
            "debtors",
            {"debtor_ids": debtors},
            actor=job(file.run.actor),
            as_of=file.run.business_date,
            now=file.run.now,
            batch_id=file.run_id,
        )


def _seal_secrets(file: IntakeFile) -> None:
    """Words, and of which kind a vulnerability is, with the key of the person."""
    rows = load("records")["list_secrets"].rows()
    if not rows:
        return
    cipher = house_cipher()
    given = [
        (
            KeyOwner(row["debtor_id"], row["related_person_id"]),
            _filled(json.loads(cipher.open(SECRET_KIND, row["secret_cipher"]))),
        )
        for row in rows
    ]
    sealed = seal_personal_of_many(given, file.run.now)
    kept = [(row, each) for row, each in zip(rows, sealed, strict=True) if each is not None]
    load("records")["keep_secrets"].run(
        {
            "lines": [row["line_no"] for row, _ in kept],
            "key_ids": [each.key_id for _, each in kept],
            "values": [each.value for _, each in kept],
        }
    )


def _filled(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _show_planner() -> None:
    """Statistics of tables that grew, without which the next chunk is joined row by row."""
    grown = [row["name"] for row in load("records")["list_grown_tables"].rows()]
    if grown:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(grown)}")


def _sums(results: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for result in results:
        for name, number in result.items():
            total[name] = total.get(name, 0) + number
    return total
