"""Staged payments against each other and the book: what is refused and what is new, by chunk.

The statements are `store/sql/payment_files.sql`.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from kept.batch.intake.checking import Checked, write_refusals
from kept.core.intake import WARNINGS, RejectCode
from kept.store.models import IntakeFile, IntakeReject
from kept.store.queries import load
from kept.store.staging import run_staged

__all__ = ["check_payments", "plan_payments"]

#: Codes that only these checks give; a check that is done again first takes back its own.
CHECK_CODES = (
    RejectCode.RECORD_TWICE,
    RejectCode.RECORD_DIFFERS,
    RejectCode.DATES_OUT_OF_ORDER,
    RejectCode.UNKNOWN_PAYMENT,
    RejectCode.RETURN_DIFFERS,
    RejectCode.RETURNED_BEFORE,
    RejectCode.RETURN_BEFORE_PAYMENT,
)


def check_payments(file: IntakeFile) -> Checked:
    """Refuse, plan and count; returns rows and amounts by verdict."""
    with transaction.atomic():
        IntakeReject.objects.filter(intake_file=file, code__in=CHECK_CODES).delete()
        plan_payments(file)
        given = {"warnings": [code.value for code in WARNINGS]}
        write_refusals(file, load("payment_files")["list_refusals"], given)
    verdicts = [
        {**row, "amount_minor": int(row["amount_minor"])}
        for row in load("payment_files")["count_verdicts"].rows()
    ]
    rejected = sum(each["rows"] for each in verdicts if each["verdict"] == "rejected")
    return {"verdicts": verdicts, "rejected": rejected}


def plan_payments(file: IntakeFile) -> None:
    """Fill the plan from the staged payments and the book as it is now."""
    run_staged("empty_checks", file.run_id)
    sql = load("payment_files")
    given: dict[str, Any] = {
        "creditor_id": file.creditor_id,
        "intake_file_id": file.pk,
        "rows_per_chunk": file.run.parameters["rows_per_chunk"],
    }
    for name in ("refuse_twice", "refuse_differing", "refuse_before_account", "refuse_returns"):
        sql[name].run(given)
    sql["plan"].run(given)
    run_staged("index_plan", file.run_id)
