"""Checks over the whole file: its totals, its rows against each other and against the book.

They run in sets over the staged rows and leave a plan: each row's chunk and verdict. Refused rows
join those that could not be read. Nothing of the book is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from django.db import connection, transaction

from kept.batch.intake.prepared import ERROR_SCHEMA, Totals
from kept.batch.intake.sealing import seal_errors
from kept.core.intake.codes import RejectCode
from kept.core.intake.quarantine import Quarantine, QuarantineCode, compare_totals, reject_share
from kept.store.models import IntakeFile, IntakeReject
from kept.store.queries import Query, load
from kept.store.staging import copy_staged, run_staged

__all__ = [
    "Checked",
    "check_file",
    "count_missing",
    "find_quarantine",
    "is_planned",
    "list_differences",
    "plan_rows",
    "write_refusals",
]

_REFUSALS = (
    "refuse_duplicates",
    "refuse_disagreeing_debtors",
    "refuse_other_identities",
    "refuse_other_debtors",
    "refuse_other_currencies",
    "refuse_older_versions",
)
#: Codes that only these checks give; a check that is done again first takes back its own.
CHECK_CODES = (
    RejectCode.DUPLICATE_IN_FILE,
    RejectCode.OLDER_VERSION,
    RejectCode.VERSION_REUSED,
    RejectCode.CURRENCY_CHANGED,
    RejectCode.DEBTOR_DISAGREES,
    RejectCode.IDENTITY_DISAGREES,
)
_REFUSALS_AT_A_TIME = 20_000

Checked = Mapping[str, Any]


def check_file(file: IntakeFile) -> Checked:
    """Refuse, plan and count; returns rows and amounts by verdict and currency."""
    with transaction.atomic():
        IntakeReject.objects.filter(intake_file=file, code__in=CHECK_CODES).delete()
        plan_rows(file)
        write_refusals(file, load("staging")["list_refusals"])
    verdicts = [
        {**row, "amount_minor": int(row["amount_minor"])}
        for row in load("staging")["count_verdicts"].rows()
    ]
    rejected = sum(each["rows"] for each in verdicts if each["verdict"] == "rejected")
    return {"verdicts": verdicts, "rejected": rejected}


def plan_rows(file: IntakeFile) -> None:
    """Fill the plan from the staged rows and the book as it is now."""
    run_staged("empty_checks", file.run_id)
    sql = load("staging")
    parameters = {
        "intake_file_id": file.pk,
        "creditor_id": file.creditor_id,
        "rows_per_chunk": file.run.parameters["rows_per_chunk"],
    }
    for name in (*_REFUSALS, "plan"):
        sql[name].run(parameters)
    run_staged("index_plan", file.run_id)


def is_planned(staged_rows: int) -> bool:
    """Whether the plan holds every staged row; a crash of the server empties it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM staged_plan")
        return bool(cursor.fetchone()[0] == staged_rows)


def write_refusals(
    file: IntakeFile, query: Query, parameters: Mapping[str, Any] | None = None
) -> None:
    """The checks' refusals as rejects, some thousands at a time."""
    for rows in _refusals(query, parameters):
        frame = pl.DataFrame(rows, schema=dict(ERROR_SCHEMA), orient="row")
        copy_staged("rejects", file.run_id, seal_errors(frame, file.pk))


def _refusals(
    query: Query, parameters: Mapping[str, Any] | None
) -> Iterator[list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute("DECLARE refusals CURSOR FOR " + query.text, parameters)
        while True:
            cursor.execute(f"FETCH {_REFUSALS_AT_A_TIME} FROM refusals")
            rows = cursor.fetchall()
            if not rows:
                break
            yield rows
        cursor.execute("CLOSE refusals")


def count_missing(file: IntakeFile) -> dict[str, int]:
    """How many accounts a full file does not name, by what their product does then."""
    if file.coverage != IntakeFile.Coverage.FULL:
        return {}
    parameters = {
        "creditor_id": file.creditor_id,
        "as_of": file.as_of,
        "intake_file_id": file.pk,
    }
    return {
        row["rule"]: row["accounts"] for row in load("intake")["count_missing"].rows(parameters)
    }


def list_differences(components: Sequence[str]) -> dict[str, Any]:
    """Where the file disagrees with a ledger that holds the truth: how often, and where first."""
    rows = load("staging")["list_differences"].rows({"components": list(components)})
    count = rows[0]["differences"] if rows else 0
    listed = [{k: v for k, v in row.items() if k != "differences"} for row in rows]
    return {"count": count, "listed": listed}


def find_quarantine(
    file: IntakeFile, totals: Totals, checked: Checked, rejected_lines: int, most_per_mille: int
) -> Quarantine | None:
    """Why the whole file is not applied, or None."""
    assert file.run.business_date is not None
    if file.as_of > file.run.business_date:
        detail = {"as_of": file.as_of.isoformat(), "today": file.run.business_date.isoformat()}
        return Quarantine(QuarantineCode.AS_OF_IN_FUTURE, detail)
    found = {
        "rows": totals.rows,
        "hash_total": totals.hash_total,
        "amounts_minor": dict(totals.balances_minor),
    }
    if not totals.rows and file.coverage == IntakeFile.Coverage.FULL:
        return compare_totals(file.control, found) or Quarantine(QuarantineCode.NO_ROWS, {})
    rejected = rejected_lines + checked["rejected"]
    return compare_totals(file.control, found) or reject_share(
        rejected, totals.rows, most_per_mille
    )
