"""The first pass over a file: read, normalise, seal and write its rows beside the book.

Chunks are made ready in a second thread while the one before is written, so that reading and
encrypting run beside the database. Each chunk commits with its own mark; a run that was ended goes
on after the last one. Memory holds two chunks, whatever the size of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol, TypeVar

import polars as pl
from django.db import transaction

from kept.batch.intake.prepared import Totals
from kept.batch.intake.sealing import SealedChunk
from kept.batch.stages import Progress, done_chunks, finish_chunk
from kept.store.models import IntakeFile, IntakeReject, Run, RunChunk
from kept.store.staging import (
    StagedCounts,
    copy_staged,
    empty_staging,
    run_staged,
    staged_counts,
)

__all__ = ["STAGE", "Reader", "StagedFile", "ensure_staged", "stage_file", "totals_of"]

STAGE = "staged"
_TABLES = tuple(each.name for each in fields(StagedCounts))
Item = TypeVar("Item")


class Reader(Protocol):
    """The reading half, for one file: chunks of text, and what a chunk says."""

    def frames(self) -> Iterator[pl.DataFrame]:
        """The file's chunks in order; the same chunks each time."""

    def prepare(self, frame: pl.DataFrame) -> Any:
        """What the file's `seal` takes."""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file on its way into the staging tables of its run; `read` opens it."""

    run: Run
    file: IntakeFile
    read: Callable[[], Reader]
    seal: Callable[[Any], SealedChunk]
    sum_profiles: Callable[[Iterable[Mapping[str, Any]]], Mapping[str, Any]]

    def chunks(self, done: Mapping[int, Any]) -> Iterator[tuple[int, SealedChunk]]:
        """The chunks that are not done, sealed."""
        reader = self.read()
        return (
            (number, self.seal(reader.prepare(frame)))
            for number, frame in enumerate(reader.frames())
            if number not in done
        )


def stage_file(this: StagedFile, progress: Progress) -> Mapping[str, Any]:
    """Write what is not staged yet; returns the sums of the whole file."""
    done = done_chunks(this.run, STAGE)
    for number, chunk in _one_ahead(this.chunks(done)):
        with transaction.atomic():
            _write(this.run.pk, chunk)
            copy_staged("rejects", this.run.pk, chunk.rejects)
            done[number] = {
                "totals": asdict(chunk.totals),
                "profile": chunk.profile,
                **chunk.counts,
            }
            finish_chunk(this.run, STAGE, number, done[number])
        read = sum(each["totals"]["rows"] for each in done.values())
        progress(STAGE, read, this.file.control.get("rows", 0), "")
    run_staged("index_rows", this.run.pk)
    return _summary(this, done)


def _write(run_id: int, chunk: SealedChunk) -> None:
    for table, rows in chunk.tables.items():
        copy_staged(table, run_id, rows)


def _summary(this: StagedFile, done: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    total = sum((_totals(each["totals"]) for each in done.values()), Totals())
    return {
        "totals": asdict(total),
        "profile": this.sum_profiles(each["profile"] for each in done.values()),
        **_sums(done, (*_TABLES, "errors", "rejected")),
    }


def _sums(done: Mapping[int, Mapping[str, Any]], names: Iterable[str]) -> dict[str, int]:
    return {name: sum(each.get(name, 0) for each in done.values()) for name in names}


def totals_of(summary: Mapping[str, Any]) -> Totals:
    return _totals(summary["totals"])


def _totals(stored: Mapping[str, Any]) -> Totals:
    return Totals(**stored)


def _one_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, the next one made in another thread while the caller works on this one."""
    nothing = object()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading") as pool:
        coming = pool.submit(next, items, nothing)
        while (item := coming.result()) is not nothing:
            coming = pool.submit(next, items, nothing)
            yield item  # type: ignore[misc]


def ensure_staged(this: StagedFile) -> bool:
    """Prove that what was staged is still there; False when a crash of the server emptied it.

    Then the file is read again. While nothing is applied its checks are done anew as well; later
    only the rows are staged again, since its counts and rejects stand.
    """
    done = done_chunks(this.run, STAGE)
    if staged_counts() == StagedCounts(**_sums(done, _TABLES)):
        return True
    empty_staging(this.run.pk)
    if not done_chunks(this.run, "applied"):
        with transaction.atomic():
            IntakeReject.objects.filter(intake_file=this.file).delete()
            RunChunk.objects.filter(run=this.run).delete()
        return False
    for _number, chunk in _one_ahead(this.chunks({})):
        with transaction.atomic():
            _write(this.run.pk, chunk)
    run_staged("index_rows", this.run.pk)
    return False
