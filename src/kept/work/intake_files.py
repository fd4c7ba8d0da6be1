"""Reading what came of a creditor's files: the list, one file with its profile, its rejects.

Refused values are personal and stay encrypted; a page shows the reason and the place, not the
value. Receiving and deciding is in `work/intake.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kept.core.actors import Actor
from kept.store.models import IntakeFile, IntakeReject
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require

__all__ = [
    "IntakeFileFilters",
    "IntakeFilePage",
    "IntakeFileView",
    "KnownMap",
    "RejectPage",
    "RejectView",
    "get_intake_file",
    "list_intake_files",
    "list_intake_rejects",
    "list_known_maps",
]

FILES_PAGE = 25
REJECTS_PAGE = 50


@dataclass(frozen=True, slots=True)
class IntakeFileFilters:
    """What a list of files is narrowed to; None for no limit."""

    creditor_id: int | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class IntakeFileView:
    """One file and the run that works on it; `stage` and units tell how far that is."""

    intake_file_id: int
    creditor_code: str
    creditor_name: str
    file_type: str
    file_id: str
    name: str
    sha256: str
    size_bytes: int
    sequence: int | None
    as_of: date
    coverage: str
    map_name: str
    received_at: datetime
    received_by: str
    state: str
    run_state: str
    stage: str
    done_units: int
    total_units: int
    message: str
    quarantine_code: str
    quarantine_detail: Mapping[str, Any]
    control: Mapping[str, Any]
    counts: Mapping[str, Any]
    profile: Mapping[str, Any]
    acknowledgement: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IntakeFilePage:
    files: tuple[IntakeFileView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RejectView:
    """One error of one row. `detail` fills the places of the sentence that belongs to `code`."""

    line_no: int
    external_id: str
    field: str
    code: str
    severity: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RejectPage:
    rejects: tuple[RejectView, ...]
    next_cursor: str | None


def list_intake_files(
    actor: Actor,
    filters: IntakeFileFilters | None = None,
    cursor: str = "",
    *,
    limit: int = FILES_PAGE,
) -> IntakeFilePage:
    """Files of the actor's creditors, the newest first."""
    within = require(actor, Permission.INTAKE_READ)
    asked = filters or IntakeFileFilters()
    rows = visible_rows(IntakeFile, within).select_related("creditor", "run")
    if asked.creditor_id is not None:
        rows = rows.filter(creditor_id=asked.creditor_id)
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    before = _number(cursor)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    shown = found[:limit]
    return IntakeFilePage(
        tuple(_view(row) for row in shown), str(shown[-1].pk) if len(found) > limit else None
    )


def get_intake_file(actor: Actor, intake_file_id: int) -> IntakeFileView | None:
    within = require(actor, Permission.INTAKE_READ)
    rows = visible_rows(IntakeFile, within).select_related("creditor", "run")
    row = rows.filter(pk=intake_file_id).first()
    return None if row is None else _view(row)


def list_intake_rejects(
    actor: Actor, intake_file_id: int, cursor: str = "", *, limit: int = REJECTS_PAGE
) -> RejectPage:
    """Every error of the file in the order of its lines."""
    within = require(actor, Permission.INTAKE_READ)
    rows = visible_rows(IntakeReject, within).filter(intake_file_id=intake_file_id)
    line, _, reject_id = cursor.partition(".")
    after = _number(line), _number(reject_id)
    if after[0] is not None and after[1] is not None:
        same_line = rows.filter(line_no=after[0], pk__gt=after[1])
        rows = rows.filter(line_no__gt=after[0]) | same_line
    found = list(rows.order_by("line_no", "pk")[: limit + 1])
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return RejectPage(
        tuple(
            RejectView(
                line_no=row.line_no,
                external_id=row.external_id,
                field=row.field,
                code=row.code,
                severity=row.severity,
                detail=row.detail,
            )
            for row in shown
        ),
        None if last is None else f"{last.line_no}.{last.pk}",
    )


@dataclass(frozen=True, slots=True)
class KnownMap:
    """A map as it was last used for a creditor's file."""

    intake_file_id: int
    creditor_code: str
    name: str
    text: str


def list_known_maps(actor: Actor) -> tuple[KnownMap, ...]:
    """Each map by creditor and name, as it stood when it was last used."""
    within = require(actor, Permission.INTAKE_RECEIVE)
    rows = visible_rows(IntakeFile, within).exclude(map_text="")
    newest = rows.order_by("creditor__code", "map_name", "-pk").distinct(
        "creditor__code", "map_name"
    )
    columns = ("pk", "creditor__code", "map_name", "map_text")
    return tuple(KnownMap(*row) for row in newest.values_list(*columns))


def _number(text: str) -> int | None:
    """A key out of a cursor; anything else is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _view(row: IntakeFile) -> IntakeFileView:
    return IntakeFileView(
        intake_file_id=row.pk,
        creditor_code=row.creditor.code,
        creditor_name=row.creditor.name,
        file_type=row.file_type,
        file_id=row.file_id,
        name=row.name,
        sha256=bytes(row.sha256).hex(),
        size_bytes=row.size_bytes,
        sequence=row.sequence,
        as_of=row.as_of,
        coverage=row.coverage,
        map_name=row.map_name,
        received_at=row.received_at,
        received_by=row.run.actor,
        state=row.state,
        run_state=row.run.state,
        stage=row.run.stage,
        done_units=row.run.done_units,
        total_units=row.run.total_units,
        message=row.run.message,
        quarantine_code=row.quarantine_code,
        quarantine_detail=row.quarantine_detail,
        control=row.control,
        counts=row.counts,
        profile=row.profile,
        acknowledgement=row.acknowledgement,
    )
