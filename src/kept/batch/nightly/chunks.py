"""Working through a stage's chunks: each in a transaction with the mark that it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection, transaction

from kept.batch.stages import Progress, done_chunks, finish_chunk
from kept.store.models import Run

__all__ = ["work_chunks"]

Chunk = TypeVar("Chunk")


def work_chunks(
    run: Run,
    stage: str,
    chunks: Mapping[int, Chunk],
    work: Callable[[Chunk], Mapping[str, Any]],
    progress: Progress,
    message: str,
) -> Sequence[Mapping[str, Any]]:
    """What every chunk came to, in the order of their numbers; those done before are not redone."""
    done = done_chunks(run, stage)
    progress(stage, len(done), len(chunks), message)
    for number, chunk in sorted(chunks.items()):
        if number not in done:
            with transaction.atomic():
                _set_work_memory()
                result = dict(work(chunk))
                finish_chunk(run, stage, number, result)
            done[number] = result
            progress(stage, len(done), len(chunks), message)
    return [done[number] for number in sorted(done)]


def _set_work_memory() -> None:
    """Room to sort a chunk in memory, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
