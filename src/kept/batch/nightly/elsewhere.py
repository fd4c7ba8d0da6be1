"""The stages of a night that an engine decides from a snapshot: snapshot → proposed → priced.

They stand in place of `proposing` and `pricing` and leave the same behind: refusals and proposals
in the tables, so that dealing and all that follows is one code. Chunks that were written are not
written again by a night that resumes, unless its folder is gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from kept.batch.deciding.engines import Engine, Told, chosen_offers
from kept.batch.deciding.snapshots import (
    chunk_path,
    open_snapshot,
    write_chunk,
    write_contents,
)
from kept.batch.deciding.telling import add_told
from kept.batch.nightly.chunks import work_chunks
from kept.batch.nightly.permitting import asked_minute
from kept.batch.nightly.pricing import write_plan
from kept.batch.nightly.snapshots import CASES, contents_of, take_chunk
from kept.batch.stages import Progress, Stage, stage_result
from kept.core.strategies import Strategy
from kept.store.facts import CaseRange, case_ranges
from kept.store.models import Run, RunChunk
from kept.store.nights import Night, write_refused
from kept.work.arm_places import place_debtors

__all__ = ["Elsewhere"]

_SNAPSHOT: Final = "snapshot"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An engine and a folder that all of its workers reach; each night makes one of its own in it,
    which is removed when the night is done."""

    engine: Engine
    folder: Path

    def folder_of(self, run: Run) -> Path:
        return self.folder / f"night-{run.pk}"

    def stages(self, night: Night, strategy: Strategy, size: int) -> list[Stage]:
        size = min(size, CASES)
        return [
            Stage(_SNAPSHOT, lambda run, told: self._snapshot(run, night, strategy, size, told)),
            Stage("proposed", lambda run, progress: self._propose(run, night, progress)),
            Stage("priced", lambda run, progress: self._price(run, strategy, progress)),
        ]

    def forget_lost(self, run: Run) -> None:
        """Where a night's folder is gone before it was priced, its chunks are written anew."""
        if stage_result(run, "priced") is None and not self.folder_of(run).exists():
            RunChunk.objects.filter(run=run, stage__in=(_SNAPSHOT, "proposed")).delete()

    def clear(self, run: Run) -> None:
        shutil.rmtree(self.folder_of(run), ignore_errors=True)

    def _snapshot(
        self, run: Run, night: Night, strategy: Strategy, size: int, progress: Progress
    ) -> Mapping[str, Any]:
        folder, minute = self.folder_of(run), asked_minute(night)
        ranges = {each.first_id // size: each for each in case_ranges(night.creditor_id, size)}

        place_debtors(strategy, ranges.values(), on=night.on, now=night.now)

        def work(cases: CaseRange) -> Mapping[str, Any]:
            chunk = take_chunk(night, strategy, cases, minute)
            write_chunk(folder, cases.first_id // size, chunk)
            return {"cases": len(chunk.facts)}

        written = work_chunks(run, _SNAPSHOT, ranges, work, progress, "cases")
        prepared = stage_result(run, "prepared") or {}
        write_contents(folder, contents_of(night, strategy, prepared, sorted(ranges)))
        return {"cases": sum(each["cases"] for each in written)}

    def _propose(self, run: Run, night: Night, progress: Progress) -> Mapping[str, Any]:
        folder = self.folder_of(run)
        numbers = open_snapshot(folder).contents.chunks
        found = self.engine.propose(
            folder, lambda done: progress("proposed", done, len(numbers), "")
        )
        told: dict[int, tuple[int, Told]] = {
            number: (number, each) for number, each in zip(numbers, found, strict=True)
        }

        def work(chunk: tuple[int, Told]) -> Told:
            number, each = chunk
            write_refused(night, pl.read_parquet(chunk_path(folder, "refused", number)))
            return each

        return add_told(work_chunks(run, "proposed", told, work, progress, "cases"))

    def _price(self, run: Run, strategy: Strategy, progress: Progress) -> Mapping[str, Any]:
        folder = self.folder_of(run)
        plan = self.engine.plan(folder, lambda passes: progress("priced", 0, 1, f"{passes}"))
        tonight = open_snapshot(folder).tonight
        return write_plan(run, tonight, plan, chosen_offers(folder, plan), progress)
