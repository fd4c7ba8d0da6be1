"""The stages of a file of payments: staged, checked, applied, acknowledged.

As those of a file of accounts, without figures: control totals, a reject file, an acknowledgement
and safety against a second run are the same (FILES §3).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import polars as pl

from kept.batch.intake.checking import find_quarantine, is_planned
from kept.batch.intake.course import Course, QuarantinedFile
from kept.batch.intake.opening import PaymentReader, open_payment_reader
from kept.batch.intake.payment_applying import apply_payments
from kept.batch.intake.payment_checking import check_payments, plan_payments
from kept.batch.intake.prepared import PreparedRecords
from kept.batch.intake.sealing import SealedChunk, error_counts, protect, seal_errors
from kept.batch.intake.staging import STAGE, StagedFile, totals_of
from kept.batch.stages import Progress, Stage
from kept.store.cipher import house_cipher
from kept.store.models import IntakeFile, Run
from kept.store.staging import text_rows
from kept.work.payments import DETAILS_KIND

__all__ = ["PaymentCourse"]

State = IntakeFile.State


class PaymentCourse(Course):
    """The course of a file of payments."""

    def stages(self) -> list[Stage]:
        first = [Stage(STAGE, self._stage), Stage("checked", self._check)]
        write = [] if self.is_dry_run else [Stage("applied", self._apply)]
        return [*first, *write, Stage("acknowledged", self._answer)]

    def _is_planned(self, staged: Mapping[str, Any]) -> bool:
        return is_planned(staged["payments"])

    def _plan(self) -> None:
        plan_payments(self.file)

    def _staged_file(self) -> StagedFile:
        def seal(prepared: PreparedRecords) -> SealedChunk:
            return _seal(prepared, self.file.pk)

        return StagedFile(self.run, self.file, self._read, seal, lambda _chunks: {})

    def _reader_of(self) -> AbstractContextManager[PaymentReader]:
        return open_payment_reader(self.file, self.intake_map)

    def _check(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        progress("checked", 0, 0, "")
        staged = self._result(STAGE)
        checked: dict[str, Any] = {
            **check_payments(self.file),
            "missing": {},
            "differences": {"count": 0, "listed": []},
        }
        most = self.intake_map.rejects_per_mille_max
        found = find_quarantine(self.file, totals_of(staged), checked, staged["rejected"], most)
        if found is not None:
            raise QuarantinedFile(found, self._acknowledge(staged, checked))
        self._reach(State.CHECKED)
        return checked

    def _apply(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        found = apply_payments(self.file, progress)
        self._reach(State.APPLIED)
        return found

    def _counts(self) -> dict[str, Any]:
        return dict(self._result("applied"))


def _seal(prepared: PreparedRecords, file_id: int) -> SealedChunk:
    """Payer and text encrypted; from here on nothing that names somebody is in clear."""
    records = prepared.records
    kinds = pl.Series([DETAILS_KIND], dtype=pl.String).new_from_index(0, records.height)
    _hashes, ciphers = protect(kinds, records["details"], house_cipher())
    sealed = records.with_columns(ciphers.alias("details_cipher"))
    return SealedChunk(
        tables={"payments": text_rows("payments", sealed)},
        rejects=seal_errors(prepared.errors, file_id),
        counts={"payments": records.height, **error_counts(prepared.errors)},
        totals=prepared.totals,
        profile={},
    )
