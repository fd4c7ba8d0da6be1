"""Documents: printing them, withdrawing them, what was printed of a case, and opening one.

A print is a fact: the paper is made of the book as it stands, set, sealed into the vault, and told
of on the case's chain, in one transaction and once for a key. It is never printed over: another
print is another document with another code. Printing sends nothing; posting a letter is a contact
and needs its permit. Checking a code is `work/document_checks.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor, Reach
from kept.core.documents.codes import code_hash
from kept.core.documents.kinds import KINDS, DocumentKind
from kept.core.events import ChainKind
from kept.store.documents import new_code, open_document, store_document
from kept.store.events import append_event
from kept.store.models import Case, Document
from kept.store.person_keys import KeyOwner
from kept.store.queries import load
from kept.store.visibility import visible_rows
from kept.work.accesses import note_use
from kept.work.changes import not_there
from kept.work.document_checks import doubtful_proofs
from kept.work.document_papers import Paper, PaperRequest, paper_of
from kept.work.document_sheets import Proof, sheet_hash, sheet_of
from kept.work.once import once
from kept.work.permissions import Permission, may, require
from kept.work.printing import LAYOUT, printer
from kept.work.refusals import Refusal

__all__ = [
    "DocumentView",
    "Prepared",
    "do_print_document",
    "do_withdraw_document",
    "get_document",
    "get_document_file",
    "get_document_preview",
    "list_documents",
    "prepare",
    "printable_kinds",
    "store_prepared",
]

_REASON_MOST = 500


@dataclass(frozen=True, slots=True)
class DocumentView:
    """`is_doubtful`: a proof of settlement whose account owes something again."""

    document_id: int
    case_id: int
    number: str
    kind: str
    language: str
    as_of: date
    account_number: str
    text_label: str
    sha256: str
    data_hash: str
    size_bytes: int
    state: str
    printed_at: datetime
    printed_by: str
    withdrawn_at: datetime | None
    is_stored: bool
    figures_minor: Mapping[str, Any]
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A paper with its number and code, ready to be set."""

    paper: Paper
    document_id: int
    code: str
    sheet: Mapping[str, Any]


def printable_kinds(actor: Actor) -> tuple[DocumentKind, ...]:
    """What the actor may print anywhere."""
    return tuple(kind for kind in DocumentKind if may(actor, _permission(kind)))


def _permission(kind: DocumentKind) -> Permission:
    return Permission.DOCUMENT_PRINT_LEGAL if KINDS[kind].by_lawyer else Permission.DOCUMENT_PRINT


@transaction.atomic
def do_print_document(
    *, actor: Actor, request: PaperRequest, key: str = "", now: datetime
) -> DocumentView:
    """Print one document; with the key of an earlier call, the document of that call.

    Raises `Refusal` with what is missing, and then nothing is stored and no number is used up for
    the reader.
    """
    within = require(actor, _permission(request.kind))
    if not visible_rows(Case, within).filter(pk=request.case_id).exists():
        raise not_there()

    def change() -> Mapping[str, Any]:
        prepared = prepare(actor, [request], now)[0]
        pdf = printer().pdf(prepared.sheet, now)
        return {"document_id": store_prepared(actor, prepared, pdf, now)}

    if key:
        done = once(
            scope=f"{actor.kind.value}:{actor.id}",
            key=key,
            use_case="document.print",
            given=_given(request),
            now=now,
            change=change,
        ).answer
    else:
        done = change()
    return _view(Document.objects.select_related("account").get(pk=done["document_id"]))


def _given(request: PaperRequest) -> Mapping[str, object]:
    return {"request": repr(request)}


def prepare(actor: Actor, requests: Sequence[PaperRequest], now: datetime) -> list[Prepared]:
    """The papers of some requests, checked and numbered; raises the first refusal."""
    papers = [paper_of(actor, request, now) for request in requests]
    numbers = load("documents")["next_numbers"].rows({"count": len(papers)})
    return [_prepared(paper, row["id"]) for paper, row in zip(papers, numbers, strict=True)]


def _prepared(paper: Paper, document_id: int) -> Prepared:
    code = new_code()
    address = f"{settings.KEPT_PUBLIC_URL}/verify/{code}/"
    proof = Proof(Document(pk=document_id).number, code, address)
    return Prepared(paper, document_id, code, sheet_of(paper, proof))


def store_prepared(actor: Actor, prepared: Prepared, pdf: bytes, now: datetime) -> int:
    """Seal the PDF and record it with its event, in the caller's transaction; returns its id."""
    paper = prepared.paper
    content, path = store_document(paper.creditor.code, pdf)
    assert paper.text is not None
    row = Document(
        pk=prepared.document_id,
        creditor=paper.creditor,
        case=paper.case,
        account_id=paper.account_ids[0] if len(paper.account_ids) == 1 else None,
        debtor_id=paper.case.debtor_id,
        legal_entity=paper.company,
        kind=paper.kind.value,
        language=paper.language,
        as_of=paper.as_of,
        text_label=paper.text.label,
        layout=LAYOUT,
        data_hash=sheet_hash(prepared.sheet),
        sha256=content.sha256,
        size_bytes=content.size_bytes,
        stored_path=path,
        code_hash=code_hash(prepared.code),
        figures_minor=_figures(paper),
        printed_at=now,
        printed_by=actor.name,
    )
    row.save(force_insert=True)
    _tell(actor, "document.print", row, now, _printed(row, paper))
    return row.pk


def _figures(paper: Paper) -> dict[str, Any]:
    terms = paper.request.settlement
    return {
        "currency": paper.currency,
        "balance": paper.balance_minor,
        "overdue": paper.overdue_minor,
        **({"settlement": terms.settles_minor} if terms else {}),
        **({"total": paper.request.agreement.total_minor} if paper.request.agreement else {}),
    }


def _printed(row: Document, paper: Paper) -> dict[str, object]:
    return {
        "document": {"kind": row.kind, "number": row.number},
        "language": row.language,
        "as_of": row.as_of.isoformat(),
        "account_ids": list(paper.account_ids),
        "legal_entity": row.legal_entity_id,
        "text": row.text_label,
        "layout": row.layout,
        "data_hash": bytes(row.data_hash).hex(),
        "sha256": bytes(row.sha256).hex(),
        "figures": row.figures_minor,
    }


@transaction.atomic
def do_withdraw_document(*, actor: Actor, document_id: int, reason: str, now: datetime) -> None:
    """Say that a document does not hold any more; whoever checks its code is told so."""
    within = require(actor, Permission.DOCUMENT_WITHDRAW)
    rows = visible_rows(Document, within).select_for_update(of=("self",))
    row = rows.filter(pk=document_id).first()
    if row is None:
        raise not_there()
    if not reason.strip() or len(reason) > _REASON_MOST:
        raise Refusal(_("Say why it is withdrawn."), {"reason": _("A reason is needed.")})
    if row.state == Document.State.WITHDRAWN:
        raise Refusal(_("This document was withdrawn before."))
    row.state, row.withdrawn_at = Document.State.WITHDRAWN, now
    row.save(update_fields=["state", "withdrawn_at"])
    _tell(
        actor,
        "document.withdraw",
        row,
        now,
        {"document": {"kind": row.kind, "number": row.number}},
        reason.strip(),
    )


def _tell(
    actor: Actor,
    action: str,
    row: Document,
    now: datetime,
    body: Mapping[str, object],
    reason: str = "",
) -> None:
    append_event(
        actor=actor,
        action=action,
        subject=f"document:{row.pk}",
        body=body,
        now=now,
        chain=ChainKind.CASE,
        chain_id=row.case_id,
        personal={"reason": reason} if reason else None,
        personal_of=KeyOwner(row.debtor_id),
    )


# --- reading --------------------------------------------------------------------------------------


def list_documents(*, actor: Actor, case_id: int) -> tuple[DocumentView, ...]:
    """What was printed of a case, the newest first."""
    within = require(actor, Permission.CASE_READ)
    rows = list(_rows(within).filter(case_id=case_id).order_by("-pk"))
    doubtful = doubtful_proofs(rows)
    return tuple(_view(row, is_doubtful=row.pk in doubtful) for row in rows)


def _rows(within: Reach) -> Any:
    return visible_rows(Document, within).select_related("account")


def get_document(*, actor: Actor, document_id: int) -> DocumentView | None:
    within = require(actor, Permission.CASE_READ)
    row = _rows(within).filter(pk=document_id).first()
    return None if row is None else _view(row, is_doubtful=bool(doubtful_proofs([row])))


def get_document_file(*, actor: Actor, document_id: int, now: datetime) -> bytes:
    """The PDF as it was printed. It holds personal values, so reading it asks who may print."""
    row = _readable(actor, document_id, now)
    if not row.stored_path:
        raise Refusal(_("The person was erased, and the document with them."))
    return open_document(row.stored_path)


def _readable(actor: Actor, document_id: int, now: datetime) -> Document:
    within = require(actor, Permission.DOCUMENT_READ)
    row: Document | None = _rows(within).filter(pk=document_id).first()
    if row is None:
        raise not_there()
    note_use(actor, within, Case.objects.get(pk=row.case_id), now)
    return row


def get_document_preview(*, actor: Actor, request: PaperRequest, now: datetime) -> list[bytes]:
    """The pages as pictures, with a mark across them and without a code; nothing is stored."""
    return printer().pages(sheet_of(paper_of(actor, request, now), None))


def _view(row: Document, *, is_doubtful: bool = False) -> DocumentView:
    return DocumentView(
        document_id=row.pk,
        case_id=row.case_id,
        number=row.number,
        kind=row.kind,
        language=row.language,
        as_of=row.as_of,
        account_number=row.account.external_id if row.account else "",
        text_label=row.text_label,
        sha256=bytes(row.sha256).hex(),
        data_hash=bytes(row.data_hash).hex(),
        size_bytes=row.size_bytes,
        state=row.state,
        printed_at=row.printed_at,
        printed_by=row.printed_by,
        withdrawn_at=row.withdrawn_at,
        is_stored=bool(row.stored_path),
        figures_minor=row.figures_minor,
        is_doubtful=is_doubtful,
    )
