"""The stages of one file: staged, checked, profiled, applied, missing, acknowledged.

Each stage reads what it needs from the tables, so that a run which was ended goes on where it
stood. The stages say what is done in which order; what is done lies in the modules they call.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kept.batch.intake.acknowledging import acknowledge
from kept.batch.intake.applying import Application, apply_chunks, mark_missing
from kept.batch.intake.checking import (
    check_file,
    count_missing,
    find_quarantine,
    is_planned,
    list_differences,
    plan_rows,
)
from kept.batch.intake.opening import open_reader, product_ids
from kept.batch.intake.outbox import intend_acknowledgement
from kept.batch.intake.prepared import Prepared
from kept.batch.intake.profiled import judge_profile, sum_profiles
from kept.batch.intake.sealing import SealedChunk, seal_chunk
from kept.batch.intake.staging import (
    STAGE,
    Reader,
    StagedFile,
    ensure_staged,
    stage_file,
    totals_of,
)
from kept.batch.stages import Progress, Stage, done_chunks, finish_chunk, stage_result
from kept.core.actors import job
from kept.core.intake.quarantine import Quarantine
from kept.store.events import append_event
from kept.store.models import IntakeFile, Run, RunChunk
from kept.store.staging import StagedCounts

__all__ = ["Course", "QuarantinedFile"]

State = IntakeFile.State


@dataclass
class QuarantinedFile(Exception):
    """The checks found why nothing of the file is applied."""

    quarantine: Quarantine
    acknowledgement: dict[str, Any]


class Course:
    """The course of a file of accounts; `record_course` has that of every other type."""

    def __init__(self, file: IntakeFile, intake_map: Any, open_things: ExitStack) -> None:
        self.file, self.intake_map, self.run = file, intake_map, file.run
        self._open_things = open_things
        self._reader: Reader | None = None

    @property
    def is_dry_run(self) -> bool:
        return self.file.state == State.DRY_RUN

    def stages(self) -> list[Stage]:
        first = [
            Stage(STAGE, self._stage),
            Stage("checked", self._check),
            Stage("profiled", self._profile),
        ]
        write = [Stage("applied", self._apply), Stage("missing", self._miss)]
        return [*first, *([] if self.is_dry_run else write), Stage("acknowledged", self._answer)]

    def prove(self) -> None:
        """Before a run goes on: what was staged is there, and what was accepted is checked anew."""
        staged = stage_result(self.run, STAGE)
        if staged is not None or done_chunks(self.run, STAGE):
            ensure_staged(self._staged_file())
        if stage_result(self.run, "profiled") is None and "accepted" in self.file.profile:
            RunChunk.objects.filter(run=self.run, stage="checked").delete()
        checked = stage_result(self.run, "checked")
        if staged is not None and checked is not None and not self._is_planned(staged):
            with transaction.atomic():
                self._plan()

    def _is_planned(self, staged: Mapping[str, Any]) -> bool:
        return is_planned(staged["rows"])

    def _plan(self) -> None:
        plan_rows(self.file)

    def _staged_file(self) -> StagedFile:
        ids = product_ids(self.file.creditor_id)
        components = tuple(self.intake_map.balances)

        def seal(prepared: Prepared) -> SealedChunk:
            return seal_chunk(prepared, ids, components, self.file.pk)

        return StagedFile(self.run, self.file, self._read, seal, sum_profiles)

    def _read(self) -> Reader:
        if self._reader is None:
            self._reader = self._open_things.enter_context(self._reader_of())
        return self._reader

    def _reader_of(self) -> AbstractContextManager[Reader]:
        return open_reader(self.file, self.intake_map)

    def _stage(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        progress(STAGE, 0, self.file.control.get("rows", 0), "")
        return stage_file(self._staged_file(), progress)

    def _check(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        progress("checked", 0, 0, "")
        staged = self._result(STAGE)
        checked = {
            **check_file(self.file),
            "missing": count_missing(self.file),
            "differences": list_differences(tuple(self.intake_map.balances)),
        }
        most = self.intake_map.rejects_per_mille_max
        totals = totals_of(staged)
        found = find_quarantine(self.file, totals, checked, staged["rejected"], most)
        if found is not None:
            raise QuarantinedFile(found, self._acknowledge(staged, checked))
        self._reach(State.CHECKED)
        return checked

    def _profile(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        progress("profiled", 0, 0, "")
        staged, checked = self._result(STAGE), self._result("checked")
        rejected = staged["rejected"] + checked["rejected"]
        judge_profile(self.file, self.intake_map, staged, rejected)
        self._reach(State.PROFILED)
        return {}

    def _apply(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        return apply_chunks(self._application(), progress)

    def _miss(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        found: Mapping[str, int] = {}
        if self.file.coverage == IntakeFile.Coverage.FULL:
            found = mark_missing(self._application(), progress)
        self._reach(State.APPLIED)
        return found

    def _application(self) -> Application:
        staged = self._result(STAGE)
        counts = StagedCounts(staged["rows"], staged["contacts"], staged["related"])
        return Application(self.run, self.file, self.intake_map, counts)

    def _answer(self, run: Run, progress: Progress) -> Mapping[str, Any]:
        """The acknowledgement, its event and the mark, together."""
        if done_chunks(run, "acknowledged"):
            return {}
        answer = {
            **self._acknowledge(self._result(STAGE), self._result("checked")),
            "state": "tried" if self.is_dry_run else "acknowledged",
            "profile_breaches": self.file.profile.get("breaches", []),
        }
        with transaction.atomic():
            self.file.acknowledgement = answer
            self.file.counts = {} if self.is_dry_run else self._counts()
            self.file.save(update_fields=["acknowledgement", "counts"])
            self._reach(State.ACKNOWLEDGED)
            self._tell(answer)
            self._acknowledged()
            finish_chunk(run, "acknowledged", 0, {})
            if not self.is_dry_run:
                intend_acknowledgement(self.file)
        return {}

    def _acknowledge(self, staged: Mapping[str, Any], checked: Mapping[str, Any]) -> dict[str, Any]:
        return acknowledge(self.file, staged, checked)

    def _acknowledged(self) -> None:
        """What else belongs into the transaction of the acknowledgement."""

    def _counts(self) -> dict[str, Any]:
        missing = self._result("missing")
        return {**self._result("applied"), **{f"missing_{k}": v for k, v in missing.items()}}

    def _tell(self, answer: Mapping[str, Any]) -> None:
        append_event(
            actor=job(self.run.actor),
            action="intake.try" if self.is_dry_run else "intake.apply",
            subject=f"intake_file:{self.file.pk}",
            body={
                "rows": answer["rows"],
                "amounts_minor": answer["amounts_minor"],
                "counts": self.file.counts,
            },
            now=self.run.now,
            batch_id=self.run.pk,
        )

    def _reach(self, state: IntakeFile.State) -> None:
        if not self.is_dry_run:
            self.file.state = state
            IntakeFile.objects.filter(pk=self.file.pk).update(state=state)

    def _result(self, stage: str) -> dict[str, Any]:
        found = stage_result(self.run, stage)
        assert found is not None, f"stage {stage} is not done"
        return found
