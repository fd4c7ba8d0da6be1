"""Working through a stage's chunks: each in a transaction with the mark that it is done.

Where the chunks of a stage know nothing of one another, several are worked on at once, each in a
thread with a connection of its own: while the database works for one, the other reckons. Inside a
transaction (a dry run) there is one connection only, and they go one after the other. So do those
of a stage that makes new rows by whose numbers ties are broken later: the numbers come by turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any, Final, TypeVar

from django.db import connection, transaction

from kept.batch.stages import Progress, done_chunks, finish_chunk
from kept.store.models import Run

__all__ = ["work_chunks"]

Chunk = TypeVar("Chunk")

#: More would hold more memory at once than they save time where the database works beside.
_AT_ONCE: Final = 2


def work_chunks(
    run: Run,
    stage: str,
    chunks: Mapping[int, Chunk],
    work: Callable[[Chunk], Mapping[str, Any]],
    progress: Progress,
    message: str,
    *,
    by_turns: bool = False,
) -> Sequence[Mapping[str, Any]]:
    """What every chunk came to, in the order of their numbers; those done before are not redone."""
    done = done_chunks(run, stage)
    left = {number: chunk for number, chunk in sorted(chunks.items()) if number not in done}

    def finish(number: int) -> tuple[int, dict[str, Any]]:
        with transaction.atomic():
            _set_work_memory()
            result = dict(work(left[number]))
            finish_chunk(run, stage, number, result)
        return number, result

    progress(stage, len(done), len(chunks), message)
    alone = by_turns or connection.in_atomic_block or len(left) < _AT_ONCE
    for number, result in map(finish, left) if alone else _at_once(finish, list(left)):
        done[number] = result
        progress(stage, len(done), len(chunks), message)
    return [done[number] for number in sorted(done)]


def _at_once(
    finish: Callable[[int], tuple[int, dict[str, Any]]], numbers: Sequence[int]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """As they are done. After a failure none is begun any more, and the failure is raised."""

    def here(number: int) -> tuple[int, dict[str, Any]]:
        try:
            return finish(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="chunk") as threads:
        futures: list[Future[tuple[int, dict[str, Any]]]] = [
            threads.submit(here, number) for number in numbers
        ]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _set_work_memory() -> None:
    """Room to sort a chunk in memory, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
