"""Monthly partitions of events and attempts: made ahead, before anything is written."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

__all__ = ["PARTITIONED", "ensure_partitions", "missing_months", "next_month"]

#: The tables that lie in months.
PARTITIONED = ("events", "attempts")
#: How far ahead partitions are made, so that a process that runs for months still finds its month.
AHEAD = timedelta(days=120)


def ensure_partitions(first: date, last: date) -> int:
    """Make the missing partitions from `first` to some months after `last`; says how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kept_ensure_partitions(%s, %s)", [first, last + AHEAD])
        return int(cursor.fetchone()[0])


def missing_months(today: date) -> list[str]:
    """The partitions of this month and the next that are not there; writing fails without them."""
    wanted = [
        f"{table}_{month:%Y_%m}" for table in PARTITIONED for month in (today, next_month(today))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NULL"
            " ORDER BY name",
            [wanted],
        )
        return [name for (name,) in cursor.fetchall()]


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
