"""The stages of a file of attempts, stops, consents or facts about persons.

As those of a file of accounts, without figures and without accounts that a full file leaves out. A
file of attempts ends with the span of days that it covers, by which the law knows from when on all
contacts are known (`work/histories.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kept.batch.intake.checking import find_quarantine, is_planned
from kept.batch.intake.course import Course, QuarantinedFile
from kept.batch.intake.declared import load_control
from kept.batch.intake.opening import RecordReader, open_record_reader
from kept.batch.intake.record_applying import apply_records
from kept.batch.intake.record_checking import check_records_of, plan_records
from kept.batch.intake.record_sealing import seal_records
from kept.batch.intake.staging import STAGE, StagedFile, totals_of
from kept.batch.stages import Progress, Stage
from kept.core.actors import job
from kept.core.histories import Span
from kept.store.models import IntakeFile, Run
from kept.store.queries import load
from kept.work.histories import settle_history

__all__ = ["RecordCourse"]

State = IntakeFile.State


class RecordCourse(Course):
    """The course of every type of file but accounts."""

    def stages(self) -> list[Stage]:
        first = [Stage(STAGE, self._stage), Stage("checked", self._check)]
        write = [] if self.is_dry_run else [Stage("applied", self._apply)]
        return [*first, *write, Stage("acknowledged", self._answer)]

    def _is_planned(self, staged: Mapping[str, Any]) -> bool:
        return is_planned(staged["records"])

    def _plan(self) -> None:
        plan_records(self.file)

    def _staged_file(self) -> StagedFile:
        def seal(prepared: Any) -> Any:
            return seal_records(prepared, self.file.pk)

        return StagedFile(self.run, self.file, self._read, seal, lambda _chunks: {})

    def _reader_of(self) -> AbstractContextManager[RecordReader]:
        return open_record_reader(self.file, self.intake_map)

    def _check(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        progress("checked", 0, 0, "")
        staged = self._result(STAGE)
        checked: dict[str, Any] = {
            **check_records_of(self.file),
            "missing": {},
            "differences": {"count": 0, "listed": []},
        }
        most = self.intake_map.rejects_per_mille_max
        found = find_quarantine(self.file, totals_of(staged), checked, staged["rejected"], most)
        checked["span"] = self._span(staged["rejected"] + checked["rejected"])
        if found is not None:
            raise QuarantinedFile(found, self._acknowledge(staged, checked))
        self._reach(State.CHECKED)
        return checked

    def _span(self, rejected: int) -> dict[str, Any] | None:
        """The whole days that a file of attempts covers, in the creditor's zone.

        What is declared counts. Else the first and the last day with a row may be cut, so the span
        lies between them. A refused row is a contact that is not known.
        """
        if self.file.file_type != "attempts":
            return None
        row = load("records")["span"].rows()[0]
        zone = ZoneInfo(self.file.creditor.zone)
        control = load_control(self.file.control)
        first, last = control.covers_from, control.as_of
        if first is None and row["first_at"] is not None:
            first = row["first_at"].astimezone(zone).date() + timedelta(days=1)
        if last is None and row["last_at"] is not None:
            last = row["last_at"].astimezone(zone).date() - timedelta(days=1)
        if first is None or last is None or last < first:
            return None
        is_whole = self.file.coverage == IntakeFile.Coverage.FULL and not rejected
        return Span(first, last, is_whole).to_json()

    def _apply(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        found = apply_records(self.file, progress)
        self._reach(State.APPLIED)
        return found

    def _acknowledge(self, staged: Mapping[str, Any], checked: Mapping[str, Any]) -> dict[str, Any]:
        return {**super()._acknowledge(staged, checked), "span": checked["span"]}

    def _counts(self) -> dict[str, Any]:
        return {**self._result("applied"), "span": self._result("checked")["span"]}

    def _acknowledged(self) -> None:
        if self.file.file_type == "attempts" and not self.is_dry_run:
            settle_history(
                actor=job(self.run.actor), creditor_id=self.file.creditor_id, now=self.run.now
            )
