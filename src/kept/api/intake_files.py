"""Creditors' files: handing one in, and how far its run is.

A file has an identity of its own (creditor, type, file id) for ever; the idempotency key is that of
the call, for 30 days. Both hold: the same file under a new key is answered with its first row.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, BinaryIO, cast

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema, Status, UploadedFile
from pydantic import Field

from kept.api.calls import Call, IdempotencyKey, write_once
from kept.api.pages import Cursor, Id, Limit, PageOf
from kept.batch.intake.control import Control
from kept.batch.intake.jobs import defer_intake
from kept.batch.intake.kinds import is_of_its_kind
from kept.batch.intake.receiving import FileToReceive, receive_file
from kept.batch.intake.telling import map_message
from kept.core.intake import MapError
from kept.work.intake_files import get_intake_file, list_intake_files
from kept.work.refusals import Refusal

__all__ = ["router"]

router = Router(tags=["intake"])
MAP_BYTES_MAX = 1_000_000


class IntakeFileOut(Schema):
    intake_file_id: int
    creditor_code: str
    file_type: str
    file_id: str
    name: str
    sha256: str
    size_bytes: int
    sequence: int | None
    as_of: date
    coverage: str
    received_at: datetime
    state: str
    run_state: str
    stage: str
    done_units: int
    total_units: int
    quarantine_code: str
    counts: dict[str, Any]
    acknowledgement: dict[str, Any]


class IntakeFilesOut(PageOf):
    files: list[IntakeFileOut]


class DeliveryIn(Schema):
    """What is said of the file; what is not said is as the file, its records or its map say."""

    creditor: str = Field(max_length=32)
    file_id: str | None = Field(None, min_length=1, max_length=128)
    as_of: date | None = None
    dry_run: bool = False


class ReceivedOut(Schema):
    intake_file_id: int
    is_new: bool


@router.get("", response=IntakeFilesOut, summary="List files, the newest first")
def files(request: Call, cursor: Cursor = "", limit: Limit = 25) -> Any:
    return list_intake_files(request.actor, None, cursor, limit=limit)


@router.get("/{intake_file_id}", response=IntakeFileOut, summary="Get a file and its run")
def intake_file(request: Call, intake_file_id: Id) -> Any:
    found = get_intake_file(request.actor, intake_file_id)
    if found is None:
        raise Http404
    return found


@router.post(
    "",
    response={202: ReceivedOut},
    summary="Hand in a file with its map; the worker applies it",
    operation_id="receive_file",
)
def receive(
    request: Call,
    response: HttpResponse,
    given: Form[DeliveryIn],
    file: File[UploadedFile],
    map_file: File[UploadedFile],
    key: IdempotencyKey,
) -> Any:
    if not is_of_its_kind(file.name or "", cast(BinaryIO, file.file)):
        text = _("This is no CSV (.csv, .tsv, .txt, .dat), XLSX or Parquet file.")
        raise Refusal(text, {"file": text})
    map_text = _map_text(map_file)

    def change() -> dict[str, Any]:
        return _receive(request, given, file, map_file.name or "map.yaml", map_text)

    asked = {
        **given.model_dump(),
        "name": file.name,
        "sha256": _digest(file),
        "map": map_text,
        "map_name": map_file.name,
    }
    return Status(202, write_once(request, response, key, "intake.receive", asked, change))


def _receive(
    request: Call, given: DeliveryIn, file: UploadedFile, map_name: str, map_text: str
) -> dict[str, Any]:
    try:
        receipt = receive_file(
            actor=request.actor,
            file=FileToReceive(
                creditor_code=given.creditor,
                name=file.name or "file",
                content=cast(BinaryIO, file.file),
                map_name=map_name,
                map_text=map_text,
                given=Control(as_of=given.as_of, file_id=given.file_id),
                dry_run=given.dry_run,
            ),
            now=request.now,
        )
    except MapError as error:
        text = map_message(error)
        raise Refusal(text, {"map_file": text}) from error
    if receipt.is_new:
        defer_intake(receipt.file)
    return {"intake_file_id": receipt.file.pk, "is_new": receipt.is_new}


def _map_text(upload: UploadedFile) -> str:
    if (upload.size or 0) > MAP_BYTES_MAX:
        text = _("A map is a short text; this file is too large.")
        raise Refusal(text, {"map_file": text})
    try:
        return bytes(upload.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _("A map is UTF-8 text; this file is not.")
        raise Refusal(text, {"map_file": text}) from None


def _digest(upload: UploadedFile) -> bytes:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.digest()
