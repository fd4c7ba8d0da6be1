"""Working through a stage's chunks: each in a transaction with the mark that it is done.

Several are worked on at once, each in a thread with a connection of its own: while the database
works for one, the other reckons. Inside a transaction (a dry run) there is one connection only, and
they go one after the other. Chunks that make new rows, by whose numbers ties are broken later,
write by turns (`turns.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any, Final, TypeVar

from django.db import connection, transaction

from kept.batch.nightly.turns import Gates
from kept.batch.stages import Progress, done_chunks, finish_chunk
from kept.store.cases import Turn
from kept.store.models import Run

__all__ = ["work_chunks", "work_in_order"]

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
) -> Sequence[Mapping[str, Any]]:
    """What every chunk came to, in the order of their numbers; those done before are not redone."""

    def finish(number: int) -> dict[str, Any]:
        with transaction.atomic():
            _set_work_memory()
            result = dict(work(chunks[number]))
            finish_chunk(run, stage, number, result)
        return result

    return _finished(run, stage, sorted(chunks), finish, progress, message)


def work_in_order(
    run: Run,
    stage: str,
    chunks: Mapping[int, Chunk],
    enter: Callable[[], None],
    work: Callable[[Chunk, Turn], Mapping[str, Any]],
    progress: Progress,
    message: str,
) -> Sequence[Mapping[str, Any]]:
    """As `work_chunks`, for chunks that write in their order: `work` calls its turn before it locks
    or writes any row, and then no later chunk does until this one is committed. `enter` takes the
    locks of all, in that order too.
    """
    gates = Gates(_left(run, stage, chunks))

    def finish(number: int) -> dict[str, Any]:
        with ExitStack() as committed:
            committed.push(lambda kind, *_: kind and gates.close_after(number))
            turn = _once(lambda: committed.enter_context(gates.writing.turn(number)))
            with transaction.atomic():
                _set_work_memory()
                with gates.entering.turn(number):
                    enter()
                result = dict(work(chunks[number], turn))
                turn()
                finish_chunk(run, stage, number, result)
        return result

    return _finished(run, stage, sorted(chunks), finish, progress, message)


def _once(step: Callable[[], None]) -> Callable[[], None]:
    steps = [step]

    def first() -> None:
        if steps:
            steps.pop()()

    return first


def _left(run: Run, stage: str, chunks: Mapping[int, Any]) -> list[int]:
    return sorted(set(chunks) - set(done_chunks(run, stage)))


def _finished(
    run: Run,
    stage: str,
    numbers: Sequence[int],
    finish: Callable[[int], dict[str, Any]],
    progress: Progress,
    message: str,
) -> Sequence[Mapping[str, Any]]:
    done = done_chunks(run, stage)
    left = [number for number in numbers if number not in done]
    progress(stage, len(done), len(numbers), message)
    alone = connection.in_atomic_block or len(left) < _AT_ONCE
    with ExitStack() as ended:
        # Whatever ends this loop, no chunk goes on once the run's locks are let go.
        side_by_side = closing(_at_once(finish, left))
        results = map(finish, left) if alone else ended.enter_context(side_by_side)
        for number, result in zip(left, results, strict=True):
            done[number] = result
            progress(stage, len(done), len(numbers), message)
    return [done[number] for number in sorted(done)]


def _at_once(
    finish: Callable[[int], dict[str, Any]], numbers: Sequence[int]
) -> Generator[dict[str, Any], None, None]:
    """In the order of the numbers. After a failure none is begun any more, and that of the lowest
    number is raised: later ones may have given up because of it."""

    def here(number: int) -> dict[str, Any]:
        try:
            return finish(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="chunk") as threads:
        futures: list[Future[dict[str, Any]]] = [threads.submit(here, each) for each in numbers]
        try:
            for future in futures:
                yield future.result()
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _set_work_memory() -> None:
    """Room to sort a chunk in memory, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
