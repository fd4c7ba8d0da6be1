"""Taking in a file: its bytes sealed, its identity found, its row written; then it may run.

What a person says of a file wins over the records in it, and those over a manifest beside it. A
file that cannot be read is received all the same, so that its sender gets an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from kept.batch.intake.control import Control, read_manifest
from kept.batch.intake.declared import store_control
from kept.batch.intake.loading import read_any_map
from kept.batch.intake.reading import open_source
from kept.batch.intake.refusals import FileRefused
from kept.batch.intake.running import run_file, run_files_of
from kept.batch.stages import Progress, say_nothing
from kept.core.actors import Actor
from kept.core.intake import AnyMap
from kept.store.models import IntakeFile
from kept.store.partitions import ensure_partitions
from kept.store.sealing import SealedContent, open_sealed, seal_file, vault_folder
from kept.work.intake import ROWS_PER_CHUNK, Delivery, Receipt, do_receive_file, find_creditor

__all__ = ["FileToReceive", "given_beside", "receive_and_run", "receive_file", "run_received"]


@dataclass(frozen=True, slots=True)
class FileToReceive:
    """A creditor's file as somebody hands it in; `given` is what they say of it."""

    creditor_code: str
    name: str
    content: BinaryIO
    map_name: str
    map_text: str
    given: Control = field(default_factory=Control)
    dry_run: bool = False
    is_correction: bool = False
    rows_per_chunk: int = ROWS_PER_CHUNK


def receive_and_run(
    *, actor: Actor, file: FileToReceive, now: datetime, progress: Progress = say_nothing
) -> IntakeFile:
    """Receive a file and work it off, with whatever of its creditor waits before and behind it."""
    receipt = receive_file(actor=actor, file=file, now=now)
    return run_received(receipt.file.pk, progress)


def run_received(intake_file_id: int, progress: Progress = say_nothing) -> IntakeFile:
    """Work off a received file; returns its row as it stands then."""
    rows = IntakeFile.objects.select_related("run", "creditor")
    row = rows.get(pk=intake_file_id)
    if row.state == IntakeFile.State.DRY_RUN:
        run_file(row, progress)
    else:
        run_files_of(row.creditor_id, progress)
    return rows.get(pk=intake_file_id)


def receive_file(*, actor: Actor, file: FileToReceive, now: datetime) -> Receipt:
    """Seal the bytes and record the file; raises `MapError`, `Refusal` and its kinds.

    The same bytes under the same id are answered with the row of the first time.
    """
    creditor = find_creditor(actor, file.creditor_code)
    ensure_partitions(now.date(), now.date())
    intake_map = read_any_map(file.map_text)
    content = seal_file(file.content, vault_folder() / creditor.code)
    control = _control_of(content, file, intake_map)
    delivery = Delivery(
        creditor_code=creditor.code,
        name=file.name,
        map_name=file.map_name,
        map_text=file.map_text,
        coverage=(control.coverage or intake_map.file.coverage).value,
        file_type=intake_map.file.type,
        file_id=control.file_id,
        sequence=control.sequence,
        produced_at=control.produced_at,
        as_of=control.as_of,
        control=store_control(control),
        dry_run=file.dry_run,
        is_correction=file.is_correction,
        rows_per_chunk=file.rows_per_chunk,
    )
    return do_receive_file(actor=actor, delivery=delivery, content=content, now=now)


def _control_of(content: SealedContent, file: FileToReceive, intake_map: AnyMap) -> Control:
    try:
        with open_sealed(content.path) as raw:
            return open_source(raw, intake_map, file.given).control
    except FileRefused:
        return file.given  # the run meets the same refusal, and answers with it


def given_beside(path: Path, given: Control) -> Control:
    """What a person says of a file on disk, and what the manifest beside it says."""
    return given.over(read_manifest(path))
