"""The tables of the database: what is pending, and bringing them up to date.

A migration of kept says when it runs: `deployment = "before"` is safe while the code of the release
before still runs, `"after"` waits until none of it does (store/migrations/README.md). Each runs
with a short wait for locks, so that it never holds up everybody's work behind one long statement:
where a table is busy it lets go and tries again. Django is set up before this is called.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from psycopg import errors

from kept.running.errors import RunningError

__all__ = [
    "Deployment",
    "MigrationBlocked",
    "apply_migrations",
    "deployment_of",
    "known_migrations",
    "pending_migrations",
]

LOCK = 0x6B657074  # any number that no other advisory lock of kept has
#: A statement that waits for a lock holds up all that come after it: it may wait this long only.
LOCK_WAIT_MILLISECONDS = 3_000
#: A statement that runs longer than this belongs into a batch.
STATEMENT_MILLISECONDS = 30 * 60_000
TRIES = 20
PAUSE_SECONDS = 0.5


class Deployment(StrEnum):
    """When a migration runs: before the new code is deployed, or after the old code is gone."""

    BEFORE = "before"
    AFTER = "after"


class MigrationBlocked(RunningError):
    """A table stays busy: look at what holds it (`kept doctor`), then give `kept migrate` again."""


def deployment_of(migration: Migration) -> Deployment:
    """What the migration says; those of other packages, and our first ones, run before."""
    return Deployment(getattr(migration, "deployment", Deployment.BEFORE))


def pending_migrations() -> list[str]:
    """The names of the migrations that the database does not have yet, in their order."""
    return [f"{migration.app_label}.{migration.name}" for migration in _plan()]


def _plan() -> list[Migration]:
    executor = MigrationExecutor(connection)
    return [each for each, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def known_migrations() -> set[str]:
    """The names of all migrations that this kept has."""
    graph = MigrationExecutor(connection).loader.disk_migrations
    return {f"{app}.{name}" for app, name in graph or {}}


def apply_migrations(
    only: Deployment | None = None, *, pause: Callable[[float], None] = time.sleep
) -> list[str]:
    """Bring the tables up to date, one process at a time; returns what was applied.

    With `only=BEFORE` up to the first one that comes after deployment; with `only=AFTER` the rest,
    which refuses to run where one that comes before is still pending. Raises `MigrationBlocked`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            return _apply(_chosen(_plan(), only), pause)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _chosen(plan: list[Migration], only: Deployment | None) -> list[Migration]:
    waiting = [place for place, each in enumerate(plan) if deployment_of(each) == Deployment.AFTER]
    first = waiting[0] if waiting else len(plan)
    if only == Deployment.AFTER and first > 0 and plan:
        raise MigrationBlocked(
            "Migrations that come before deployment are pending: give `kept migrate --before` "
            "first, deploy, then `kept migrate --after`."
        )
    return plan[:first] if only == Deployment.BEFORE else plan


def _apply(chosen: list[Migration], pause: Callable[[float], None]) -> list[str]:
    is_new = "django_migrations" not in connection.introspection.table_names()
    if is_new and len(chosen) == len(_plan()):
        call_command("migrate", interactive=False, verbosity=0)  # nobody works here yet
    else:
        for migration in chosen:
            _apply_one(migration, pause)
    return [f"{each.app_label}.{each.name}" for each in chosen]


def _apply_one(migration: Migration, pause: Callable[[float], None]) -> None:
    # An index made concurrently waits for other transactions by nature, and locks nobody out.
    wait = LOCK_WAIT_MILLISECONDS if migration.atomic else 0
    for number in range(TRIES):
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {wait:d}")
                cursor.execute(f"SET statement_timeout = {STATEMENT_MILLISECONDS:d}")
            call_command("migrate", migration.app_label, migration.name, verbosity=0)
            return
        except OperationalError as error:
            if not isinstance(error.__cause__, errors.LockNotAvailable):
                raise
            pause(PAUSE_SECONDS * (number + 1))
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
                cursor.execute("RESET statement_timeout")
    raise MigrationBlocked(
        "Migration {name} waits for a table that other work does not let go: end the long "
        "statement, then give `kept migrate` again. Nothing was changed.",
        name=f"{migration.app_label}.{migration.name}",
    )
