"""The database's clock: the one clock that all workers share, whatever their machines say.

Only the edges of a run ask it (a job, the worker's sweep); below, time is an argument.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

__all__ = ["database_now"]


def database_now() -> datetime:
    """The instant of this call, also within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found.astimezone(UTC)
