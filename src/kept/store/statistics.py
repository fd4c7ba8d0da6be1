"""The planner's statistics, renewed after a bulk write in place of waiting for the server to do it.

Right after a book is loaded the planner takes every table for almost empty and joins a million rows
one by one: minutes where seconds do. The server looks by itself, but only after some minutes.
"""

from __future__ import annotations

from django.db import connection

from kept.store.queries import load

__all__ = ["renew_statistics"]


def renew_statistics() -> list[str]:
    """Have the tables analysed of which more than half has changed; returns their names."""
    sql = load("statistics")
    sql["tell_server"].run()
    names = [row["name"] for row in sql["stale_tables"].rows()]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"ANALYZE {name}")
    return names
