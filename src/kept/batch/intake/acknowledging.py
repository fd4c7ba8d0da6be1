"""What goes back to the creditor: the acknowledgement, and the file of refused rows.

The acknowledgement is a value (JSON) that says what was received, accepted, refused and unchanged,
in rows and in amounts, so that the sender can prove the sums. It holds no name and no number of a
person. The reject file holds the refused values as they came, for the sender to correct.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from django.conf import settings
from django.db.models import Count

from kept.batch.intake.prepared import Totals
from kept.batch.intake.sealing import REJECT_KIND
from kept.batch.intake.telling import row_message
from kept.core.intake import escape_cell
from kept.store.cipher import house_cipher
from kept.store.models import IntakeFile, IntakeReject
from kept.store.sealing import make_private

__all__ = [
    "REJECT_COLUMNS",
    "acknowledge",
    "acknowledge_unread",
    "acknowledgement_text",
    "outbox_path",
    "publish_acknowledgement",
    "reject_file_name",
    "write_acknowledgement",
    "write_rejects",
]

REJECT_COLUMNS = ("line_no", "external_id", "field", "code", "message", "value")
_ROWS_AT_A_TIME = 5_000
_NAME_MAX = 150


def acknowledge(
    file: IntakeFile, staged: Mapping[str, Any], checked: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer to a file that was read, the same for a dry run as for the file itself."""
    totals = Totals(**staged["totals"])
    verdicts = checked["verdicts"]
    rows = {"received": totals.rows, "accepted": 0, "rejected": staged["rejected"], "unchanged": 0}
    amounts = {
        currency: {"received": amount, "accepted": 0, "rejected": amount, "unchanged": 0}
        for currency, amount in totals.balances_minor.items()
    }
    for each in verdicts:
        part = _PART[each["verdict"]]
        rows[part] += each["rows"]
        if "currency" not in each:  # records have no amounts
            continue
        amounts[each["currency"]][part] += each["amount_minor"] if part != "rejected" else 0
        amounts[each["currency"]]["rejected"] -= each["amount_minor"] if part != "rejected" else 0
    _prove(rows)
    rejects = _errors_by_code(file, IntakeReject.Severity.REJECT)
    return {
        **_identity(file),
        "rows": rows,
        "amounts_minor": amounts,
        "hash_total": totals.hash_total,
        "new": _rows_of(verdicts, "new"),
        "changed": _rows_of(verdicts, "changed"),
        "missing": checked["missing"],
        "rejects_by_code": rejects,
        "warnings_by_code": _errors_by_code(file, IntakeReject.Severity.WARNING),
        "reject_file": reject_file_name(file) if rejects else None,
        "balance_differences": checked["differences"],
    }


_PART = {
    "new": "accepted",
    "changed": "accepted",
    "unchanged": "unchanged",
    "rejected": "rejected",
}


def _rows_of(verdicts: list[dict[str, Any]], verdict: str) -> int:
    return sum(each["rows"] for each in verdicts if each["verdict"] == verdict)


def _prove(parts: Mapping[str, int]) -> None:
    """Received is accepted, rejected and unchanged; anything else is a fault of ours."""
    if parts["received"] != parts["accepted"] + parts["rejected"] + parts["unchanged"]:
        raise AssertionError(f"the acknowledgement does not add up: {dict(parts)}")


def acknowledge_unread(file: IntakeFile) -> dict[str, Any]:
    """The answer to a file that could not be read to its end."""
    return {**_identity(file), "rows": None, "amounts_minor": None, "reject_file": None}


def _identity(file: IntakeFile) -> dict[str, Any]:
    return {
        "creditor": file.creditor.code,
        "file_type": file.file_type,
        "file_id": file.file_id,
        "name": file.name,
        "sha256": bytes(file.sha256).hex(),
        "size_bytes": file.size_bytes,
        "sequence": file.sequence,
        "coverage": file.coverage,
        "as_of": file.as_of.isoformat(),
        "as_of_assumed": "as_of" not in file.control,
        "received_at": file.received_at.isoformat(),
    }


def _errors_by_code(file: IntakeFile, severity: str) -> dict[str, int]:
    rows = IntakeReject.objects.filter(intake_file=file, severity=severity)
    return dict(rows.values_list("code").annotate(count=Count("*")).order_by("code"))


def reject_file_name(file: IntakeFile) -> str:
    return f"{file.file_id}.rejects.csv"


def outbox_path(file: IntakeFile) -> Path:
    """Where the acknowledgement file of a received file lies; a try is answered to its caller."""
    name = quote(file.file_id, safe=" ()+,;=@")
    if len(name) > _NAME_MAX:
        name = hashlib.sha256(file.file_id.encode()).hexdigest()
    folder = Path(settings.KEPT_HOME) / "outbox" / file.creditor.code
    return folder / f"{name}.acknowledgement.json"


def publish_acknowledgement(file: IntakeFile) -> None:
    """Put the acknowledgement file into the creditor's outbox; again is the same file."""
    path = outbox_path(file)
    make_private(path.parent)
    beside = path.with_name(f".{path.name}.part")
    write_acknowledgement(file, beside)
    os.replace(beside, path)


def write_acknowledgement(file: IntakeFile, path: Path) -> None:
    """The acknowledgement as a JSON file that only its owner may read."""
    with _private(path) as out:
        out.write(acknowledgement_text(file))


def acknowledgement_text(file: IntakeFile) -> str:
    return json.dumps(file.acknowledgement, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write_rejects(
    file: IntakeFile, path: Path, severity: str = IntakeReject.Severity.REJECT
) -> int:
    """One line an error, in the order of the file; returns how many. Messages are translated."""
    written = 0
    with _private(path) as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(REJECT_COLUMNS)
        for row in _errors(file, severity):
            lines.writerow(_line(row))
            written += 1
    return written


def _private(path: Path) -> TextIO:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")


def _errors(file: IntakeFile, severity: str) -> Iterator[IntakeReject]:
    rows = IntakeReject.objects.filter(intake_file=file, severity=severity)
    return rows.order_by("line_no", "id").iterator(chunk_size=_ROWS_AT_A_TIME)


def _line(row: IntakeReject) -> list[object]:
    value = "" if row.value_cipher is None else house_cipher().open(REJECT_KIND, row.value_cipher)
    return [
        row.line_no,
        escape_cell(row.external_id),
        escape_cell(row.field),
        row.code,
        escape_cell(row_message(row)),
        escape_cell(value),
    ]
