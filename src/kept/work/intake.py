"""Receiving a creditor's file, and what people decide about one: accept, set aside, skip.

The bytes lie sealed before anything is written here, so that a received file is never lost. What
the file says is applied by `kept.batch.intake`; nothing here opens it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.intake.quarantine import QuarantineCode
from kept.store.events import append_event
from kept.store.models import Creditor, IntakeFile, Run, RunChunk
from kept.store.sealing import SealedContent, vault_folder
from kept.store.visibility import visible_rows
from kept.work.changes import not_there
from kept.work.intake_conflicts import (
    FileConflict,
    find_conflict,
    first_of,
    identity_of,
    refuse_other_bytes,
    refuse_unusable_identity,
)
from kept.work.permissions import Permission, require
from kept.work.refusals import Refusal

__all__ = [
    "ROWS_PER_CHUNK",
    "Delivery",
    "FileConflict",
    "Receipt",
    "do_accept_profile",
    "do_receive_file",
    "do_set_aside_file",
    "do_skip_sequence",
    "find_creditor",
]

RUN_KIND = "intake"
#: How many rows are read, and applied, at a time; kept with the run, which resumes with the same.
ROWS_PER_CHUNK = 25_000
State = IntakeFile.State


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of a file beside its bytes: from its control data and from who sends it in.

    Without a `file_id` the hash of the bytes is the identity. `control` is what was declared with
    the file, totals among it: `rows`, `amounts_minor` by currency, `hash_total`. Without an `as_of`
    the creditor's business date is assumed. A correction holds refused rows of an earlier file.
    """

    creditor_code: str
    name: str
    map_name: str
    map_text: str
    coverage: str
    file_type: str = "accounts"
    file_id: str | None = None
    sequence: int | None = None
    produced_at: datetime | None = None
    as_of: date | None = None
    control: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    is_correction: bool = False
    rows_per_chunk: int = ROWS_PER_CHUNK


@dataclass(frozen=True, slots=True)
class Receipt:
    """The file's row; `is_new` is False where the same bytes came before under the same id."""

    file: IntakeFile
    is_new: bool


def find_creditor(actor: Actor, code: str) -> Creditor:
    """The creditor of this code, if the actor may hand in its files."""
    within = require(actor, Permission.INTAKE_RECEIVE)
    found = visible_rows(Creditor, within).filter(code=code).first()
    if found is None or not within.reaches_creditor(found.pk):
        raise not_there()
    return found


def do_receive_file(
    *, actor: Actor, delivery: Delivery, content: SealedContent, now: datetime
) -> Receipt:
    """Record a sealed file under its identity (creditor, type, file id), once.

    The same id with the same bytes is answered with the row of the first time. What does not fit
    the files before it is refused with `FileConflict`, which leaves an event. A dry run is
    recorded each time.
    """
    creditor = find_creditor(actor, delivery.creditor_code)
    refuse_unusable_identity(delivery)
    with transaction.atomic():
        # The creditor's row is the lock under which its file ids and sequences are compared.
        Creditor.objects.select_for_update(no_key=True).get(pk=creditor.pk)
        file_id = identity_of(creditor, delivery, content.sha256)
        found = first_of(creditor, delivery.file_type, file_id)
        conflict = None
        if found is None:
            conflict = find_conflict(
                actor=actor, creditor=creditor, delivery=delivery, sha256=content.sha256, now=now
            )
        elif not delivery.dry_run:
            if bytes(found.sha256) == content.sha256:
                return Receipt(found, is_new=False)
            conflict = refuse_other_bytes(actor=actor, found=found, sha256=content.sha256, now=now)
        if conflict is None:
            return Receipt(_record(actor, creditor, delivery, file_id, content, now), is_new=True)
    raise conflict


def _record(
    actor: Actor,
    creditor: Creditor,
    delivery: Delivery,
    file_id: str,
    content: SealedContent,
    now: datetime,
) -> IntakeFile:
    business_date = now.astimezone(ZoneInfo(creditor.zone)).date()
    run = Run.objects.create(
        kind=RUN_KIND,
        key=_run_key(creditor, delivery, file_id),
        creditor=creditor,
        actor=actor.name,
        now=now,
        business_date=business_date,
        parameters={"rows_per_chunk": delivery.rows_per_chunk},
    )
    row = IntakeFile.objects.create(
        run=run,
        creditor=creditor,
        file_type=delivery.file_type,
        file_id=file_id,
        name=delivery.name,
        sha256=content.sha256,
        size_bytes=content.size_bytes,
        sequence=delivery.sequence,
        produced_at=delivery.produced_at,
        as_of=delivery.as_of or business_date,
        coverage=delivery.coverage,
        map_name=delivery.map_name,
        map_text=delivery.map_text,
        stored_path=str(content.path.relative_to(vault_folder())),
        received_at=now,
        state=State.DRY_RUN if delivery.dry_run else State.RECEIVED,
        control=dict(delivery.control),
    )
    _tell(actor, "intake.try" if delivery.dry_run else "intake.receive", row, now)
    return row


def _run_key(creditor: Creditor, delivery: Delivery, file_id: str) -> str:
    key = f"{creditor.code}/{delivery.file_type}/{file_id}"
    if not delivery.dry_run:
        return key
    tried = IntakeFile.objects.filter(
        creditor=creditor,
        file_type=delivery.file_type,
        file_id=file_id,
        state=State.DRY_RUN,
    )
    return f"{key}/try {tried.count() + 1}"


def _tell(actor: Actor, action: str, row: IntakeFile, now: datetime, **more: object) -> None:
    body = {
        "file_id": row.file_id,
        "file_type": row.file_type,
        "sha256": bytes(row.sha256).hex(),
        "size_bytes": row.size_bytes,
        **more,
    }
    append_event(actor=actor, action=action, subject=f"intake_file:{row.pk}", body=body, now=now)


@transaction.atomic
def do_accept_profile(*, actor: Actor, intake_file_id: int, reason: str, now: datetime) -> None:
    """A person has looked at a file whose profile breaks a band, and lets it be applied.

    The next run of the creditor's files takes it up again, and checks it anew against the book.
    """
    row = _locked(actor, intake_file_id)
    if row.run.state != Run.State.WAITING or row.state != State.PROFILED:
        raise Refusal(_("This file does not wait for a decision."))
    reason = _reason(reason)
    row.profile = {
        **row.profile,
        "accepted": {"by": actor.name, "at": now.isoformat(), "reason": reason},
    }
    row.save(update_fields=["profile"])
    Run.objects.filter(pk=row.run_id).update(state=Run.State.RUNNING, message="")
    _tell(actor, "intake.accept", row, now, reason=reason)


@transaction.atomic
def do_set_aside_file(*, actor: Actor, intake_file_id: int, reason: str, now: datetime) -> None:
    """A person decides that a file is not applied; it goes to quarantine and gives way to others.

    A file of which a first chunk is in the book must be finished: taking back is no way out.
    """
    row = _locked(actor, intake_file_id)
    begun = RunChunk.objects.filter(run_id=row.run_id, stage="applied").exists()
    if begun or row.state not in (State.RECEIVED, State.CHECKED, State.PROFILED, State.WAITING):
        raise Refusal(_("This file is applied, or was decided before: it cannot be set aside."))
    detail = {"reason": _reason(reason), "by": actor.name}
    row.state = State.QUARANTINED
    row.quarantine_code, row.quarantine_detail = QuarantineCode.SET_ASIDE, detail
    row.acknowledgement = {
        "file_id": row.file_id,
        "sha256": bytes(row.sha256).hex(),
        "state": "quarantined",
        "quarantine": {"code": QuarantineCode.SET_ASIDE, "detail": detail},
        "rows": None,
    }
    row.save(update_fields=["state", "quarantine_code", "quarantine_detail", "acknowledgement"])
    Run.objects.filter(pk=row.run_id).update(
        state=Run.State.QUARANTINED, message=QuarantineCode.SET_ASIDE
    )
    _tell(actor, "intake.set_aside", row, now, reason=detail["reason"])


@transaction.atomic
def do_skip_sequence(
    *, actor: Actor, creditor_code: str, file_type: str, sequence: int, reason: str, now: datetime
) -> IntakeFile:
    """A person decides that a file which is missing or in quarantine is not waited for.

    Everything up to this sequence counts as settled; the files that wait behind it can go on.
    """
    creditor = find_creditor(actor, creditor_code)
    Creditor.objects.select_for_update(no_key=True).get(pk=creditor.pk)
    reason = _reason(reason)
    taken = IntakeFile.objects.filter(
        creditor=creditor, file_type=file_type, sequence=sequence
    ).exclude(state__in=[State.DRY_RUN, State.QUARANTINED])
    if taken.exists():
        raise Refusal(_("A file with this sequence was received: it cannot be skipped."))
    name = f"skipped-{sequence}"
    row = IntakeFile.objects.create(
        run=Run.objects.create(
            kind=RUN_KIND,
            key=f"{creditor.code}/{file_type}/{name}",
            creditor=creditor,
            actor=actor.name,
            now=now,
            state=Run.State.DONE,
        ),
        creditor=creditor,
        file_type=file_type,
        file_id=name,
        name=name,
        sha256=bytes(32),
        size_bytes=0,
        sequence=sequence,
        as_of=now.astimezone(ZoneInfo(creditor.zone)).date(),
        coverage=IntakeFile.Coverage.CHANGES,
        map_name="",
        map_text="",
        stored_path="",
        received_at=now,
        state=State.SKIPPED,
    )
    _tell(actor, "intake.skip", row, now, reason=reason, sequence=sequence)
    return row


def _locked(actor: Actor, intake_file_id: int) -> IntakeFile:
    within = require(actor, Permission.INTAKE_RECEIVE)
    rows = visible_rows(IntakeFile, within).filter(pk=intake_file_id)
    found = rows.select_related("run").select_for_update(of=("self", "run")).first()
    if found is None:
        raise not_there()
    return found


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Refusal(_("Say why."), {"reason": _("Say why.")})
    return reason.strip()
