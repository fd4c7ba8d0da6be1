"""The tables of the database: what is pending, and bringing them up to date.

Django is set up before this is called.
"""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

__all__ = ["apply_migrations", "known_migrations", "pending_migrations"]

LOCK = 0x6B657074  # any number that no other advisory lock of kept has


def pending_migrations() -> list[str]:
    """The names of the migrations that the database does not have yet, in their order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def known_migrations() -> set[str]:
    """The names of all migrations that this kept has."""
    graph = MigrationExecutor(connection).loader.disk_migrations
    return {f"{app}.{name}" for app, name in graph or {}}


def apply_migrations() -> list[str]:
    """Bring the tables up to date, one process at a time; returns what was applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            pending = pending_migrations()
            if pending:
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return pending
