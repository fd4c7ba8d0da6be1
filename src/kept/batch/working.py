"""What a job is: a name, a priority, pauses between tries, and done once however it is ended.

`job` makes one of a function. Its worker may be ended by force at any moment; then the sweep puts
the job back, and it runs again. A job that is one change says `once`: it runs in one transaction
with the record of itself, so that a second run finds it done. A long one works in stages that
resume (`batch/stages.py`). Why a job failed is noted as a code; its text may hold anything and
stays in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from types import TracebackType
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection, transaction
from procrastinate import RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy

from kept.batch.backup.manifest import BackupRefused
from kept.batch.nightly.running import NightRefused
from kept.batch.stages import RunBusy
from kept.core.intake import MapError
from kept.core.intents import pause_seconds
from kept.store.clock import database_now
from kept.store.jobs import note_failure
from kept.work.once import once
from kept.work.refusals import Refusal

__all__ = ["BACKGROUND", "TRIES_MAX", "URGENT", "USUAL", "Pauses", "job"]

#: A person waits; the usual work; what can wait for everything else.
URGENT: Final = 100
USUAL: Final = 0
BACKGROUND: Final = -100

TRIES_MAX: Final = 8  # with growing pauses: about ten minutes
_LASTING: Final = (Refusal, NightRefused, MapError)  # the same answer, however often it is asked


class Pauses(BaseRetryStrategy):
    """Again after 5, 10, 20 seconds and on; never for a refusal, always while another works."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        seconds = pause_seconds(job.attempts + 1, job.id or 0)
        if isinstance(exception, RunBusy):
            return RetryDecision(retry_in={"seconds": min(seconds, 60)})
        if isinstance(exception, _LASTING) or job.attempts + 1 >= TRIES_MAX:
            return None
        return RetryDecision(retry_in={"seconds": seconds})


def job(
    name: str, *, queue: str, priority: int = USUAL, is_once: bool = False
) -> Callable[[Callable[..., None]], Any]:
    """Register a job; the function gets its arguments and `now`, the database's clock.

    With `is_once` the whole function is one transaction, recorded under the job's number.
    """

    def register(function: Callable[..., None]) -> Any:
        @app.task(  # type: ignore[untyped-decorator]
            name=name, queue=queue, priority=priority, retry=Pauses(), pass_context=True
        )
        @wraps(function)
        def work(context: Any, **given: Any) -> None:
            with _Watched(context.job.id):
                now = database_now()
                if is_once:
                    _work_once(context.job.id, name, given, function, now)
                else:
                    function(**given, now=now)

        return work

    return register


def _work_once(
    job_id: int, name: str, given: dict[str, Any], function: Callable[..., None], now: datetime
) -> None:
    def change() -> dict[str, Any]:
        function(**given, now=now)
        return {}

    once(scope="job", key=f"job-{job_id:020d}", use_case=name, given=given, now=now, change=change)


class _Watched:
    """Notes why a job ends badly, and closes the connection: its thread lives for days."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id

    def __enter__(self) -> None:
        connection.close_if_unusable_or_obsolete()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            # A database that is away is no place for a note; the job is tried again anyway.
            with suppress(DatabaseError, InterfaceError):
                connection.close()
                with transaction.atomic():
                    note_failure(self._job_id, *_reason(error))
        connection.close()


def _reason(error: BaseException) -> tuple[str, dict[str, object]]:
    """A code, and what fills its sentence: own sentences as they are, of others only the kind."""
    match error:
        case Refusal() | NightRefused() | MapError() | RunBusy() | BackupRefused():
            return "refused", {"sentence": str(error)}
        case DatabaseError() | InterfaceError():
            return "database", {"kind": type(error).__name__}
        case OSError():
            return "files", {"kind": type(error).__name__}
        case _:
            return "fault", {"kind": type(error).__name__}
