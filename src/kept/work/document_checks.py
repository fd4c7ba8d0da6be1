"""Asking whether a paper holds, by its code: for anybody, and therefore nothing personal.

Who asks holds the paper or a copy of it. The answer is whether it holds, its kind, its day and the
creditor's name: never of whom, of how much, or of which account. An unknown code and a mistyped one
get the same answer. How often one may ask is for the face to limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from kept.core.documents.codes import code_hash, read_code
from kept.core.documents.kinds import DocumentKind
from kept.store.models import Document
from kept.store.queries import load

__all__ = ["CheckedDocument", "check_code", "doubtful_proofs"]


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """What anybody may know of a paper; one that is `is_doubtful` has not been withdrawn, but the
    ledger does not say any more what it says."""

    kind: str
    creditor_name: str
    printed_on: date
    as_of: date
    is_valid: bool
    is_doubtful: bool
    withdrawn_on: date | None


def check_code(typed: str) -> CheckedDocument | None:
    """The paper of a code; None where there is none."""
    code = read_code(typed)
    if code is None:
        return None
    row = Document.objects.select_related("creditor").filter(code_hash=code_hash(code)).first()
    if row is None:
        return None
    zone = ZoneInfo(row.creditor.zone)
    is_doubtful = bool(doubtful_proofs([row]))
    return CheckedDocument(
        kind=row.kind,
        creditor_name=row.creditor.name,
        printed_on=row.printed_at.astimezone(zone).date(),
        as_of=row.as_of,
        is_valid=row.state == Document.State.VALID and not is_doubtful,
        is_doubtful=is_doubtful,
        withdrawn_on=row.withdrawn_at.astimezone(zone).date() if row.withdrawn_at else None,
    )


def doubtful_proofs(rows: Sequence[Document]) -> set[int]:
    """Those of the papers that prove a settlement while the account owes something again."""
    ids = [row.pk for row in rows if row.kind == DocumentKind.PROOF_OF_SETTLEMENT]
    if not ids:
        return set()
    found = load("documents")["doubtful_proofs"].rows({"document_ids": ids})
    return {row["document_id"] for row in found}
