"""Monthly partitions of events and attempts: made ahead, before anything is written."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

__all__ = ["ensure_partitions"]

#: How far ahead partitions are made, so that a process that runs for months still finds its month.
AHEAD = timedelta(days=120)


def ensure_partitions(first: date, last: date) -> int:
    """Make the missing partitions from `first` to some months after `last`; says how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kept_ensure_partitions(%s, %s)", [first, last + AHEAD])
        return int(cursor.fetchone()[0])
