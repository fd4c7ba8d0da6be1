"""Checks of staged records against each other and the book, and the plan of what is written.

As `checking` does for accounts. Refused rows join those that could not be read; nothing of the book
is changed.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from kept.batch.intake.checking import Checked, write_refusals
from kept.batch.intake.plan_applying import CHECKS, plan_terms
from kept.core.intake import WARNINGS, RejectCode
from kept.core.intake.record_fields import SECTIONS
from kept.store.cipher import house_ring
from kept.store.models import IntakeFile, IntakeReject, RelatedPerson
from kept.store.queries import load
from kept.store.staging import run_staged
from kept.work.promises import SPEAKING

__all__ = ["check_records_of", "parameters_of", "plan_records"]

#: Codes that only these checks give; a check that is done again first takes back its own.
CHECK_CODES = (
    RejectCode.UNKNOWN_DEBTOR,
    RejectCode.UNKNOWN_ACCOUNT,
    RejectCode.OTHER_DEBTORS_ACCOUNT,
    RejectCode.UNKNOWN_CONTACT_POINT,
    RejectCode.CONTACT_POINT_LEFT_OUT,
    RejectCode.UNKNOWN_RELATED_PERSON,
    RejectCode.UNKNOWN_LEGAL_ENTITY,
    RejectCode.NO_CASE,
    RejectCode.RECORD_TWICE,
    RejectCode.RECORD_DIFFERS,
    RejectCode.NOT_LIABLE,
    RejectCode.NO_ACCOUNT_IN_CURRENCY,
    RejectCode.DUE_BEFORE_MADE,
    RejectCode.NO_OPEN_CASE,
    RejectCode.ACCOUNT_NOT_IN_CASE,
    RejectCode.PLAN_ROWS_DIFFER,
    RejectCode.INSTALMENT_TWICE,
    RejectCode.PLAN_TOTAL_DIFFERS,
    RejectCode.PLAN_TOO_LONG,
    RejectCode.PLAN_RUNS,
    RejectCode.PLAN_INCOMPLETE,
    RejectCode.PLAN_NOT_RUNNING,
)


def parameters_of(file: IntakeFile) -> dict[str, Any]:
    """What every statement of `sql/records.sql` may ask for."""
    return {
        "creditor_id": file.creditor_id,
        "zone": file.creditor.zone,
        "intake_file_id": file.pk,
        "file_type": file.file_type,
        "section": SECTIONS[file.file_type],
        "key_number": house_ring().hashing,
        "warnings": [code.value for code in WARNINGS],
        "rows_per_chunk": file.run.parameters["rows_per_chunk"],
        "now": file.run.now,
        "actor": file.run.actor,
        "speaking": [str(each) for each in (*RelatedPerson.LIABLE, *SPEAKING)],
    }


def check_records_of(file: IntakeFile) -> Checked:
    """Refuse, plan and count; returns rows by verdict."""
    with transaction.atomic():
        IntakeReject.objects.filter(intake_file=file, code__in=CHECK_CODES).delete()
        plan_records(file)
        query = load("records")["list_refusals"]
        write_refusals(file, query, {"warnings": [code.value for code in WARNINGS]})
    verdicts = load("records")["count_verdicts"].rows()
    rejected = sum(each["rows"] for each in verdicts if each["verdict"] == "rejected")
    return {"verdicts": verdicts, "rejected": rejected}


def plan_records(file: IntakeFile) -> None:
    """Fill the plan from the staged records and the book as it is now."""
    run_staged("empty_checks", file.run_id)
    sql, parameters = load("records"), parameters_of(file)
    sql["resolve_rows"].run(parameters)
    run_staged("index_found", file.run_id)
    sql["refuse_unknown"].run(parameters)
    if file.file_type == "plans":
        checks, given = load("loaded_plans"), {**parameters, **plan_terms(file)}
        for name in CHECKS:
            checks[name].run(given)
    else:
        sql["refuse_twice"].run(parameters)
        sql["refuse_differing"].run(parameters)
    sql["plan_records"].run(parameters)
    run_staged("index_plan", file.run_id)
