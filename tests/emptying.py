"""The test database made empty after a test that commits (`transactional_db`).

Django's own way stops at a table without a model (events, attempts) that refers to one with, and
TRUNCATE gives every table, index and partition new files: a quarter of a second for some hundred of
them, of which a test fills ten. So every table is locked, as TRUNCATE would, rows are deleted where
there are any, with no trigger to refuse it, their pages are given back, and sequences begin again.
"""

# Names of tables come from the catalogue itself.
# ruff: noqa: S608

from __future__ import annotations

import time

import psycopg

#: What migrations wrote, and every test finds.
KEPT_TABLES = "('django_migrations', 'django_content_type', 'auth_permission')"
TABLES = f"""
    SELECT quote_ident(relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND relname NOT IN {KEPT_TABLES}
"""
#: A table that was never written to, or vacuumed when it was empty, has no page.
WRITTEN = f"""
    SELECT quote_ident(relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND relname NOT IN {KEPT_TABLES} AND pg_relation_size(oid) > 0
"""
RESTART = f"""
    SELECT setval(s.seqrelid, s.seqstart, false) FROM pg_sequence s
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid
        AND d.deptype IN ('a', 'i')
    JOIN pg_class t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT IN {KEPT_TABLES}
      AND pg_sequence_last_value(s.seqrelid) IS NOT NULL
"""
#: As the planner knows a new table: what it remembers of an emptied one, above all of its indexes,
#: makes it join large sets row by row.
FORGET = """
    SELECT count(pg_clear_relation_stats('public', relname::text)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND reltuples >= 0
"""
OTHERS = """
    SELECT pid, backend_start::text, state, left(query, 200) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'
"""


def allow(administrator_url: str) -> None:
    """Let kept's role of this server, which is the tests' own, delete past the triggers."""
    with psycopg.connect(administrator_url) as connection:
        connection.execute("GRANT SET ON PARAMETER session_replication_role TO kept")


def begin() -> None:
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = lambda case: empty_database()


def empty_database() -> None:
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(TABLES)
            names = [name for (name,) in cursor.fetchall()]
            # Whoever still writes, a server process of a killed child for one, is waited for.
            cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(WRITTEN)
            written = [name for (name,) in cursor.fetchall()]
            cursor.execute("; ".join(f"DELETE FROM {name}" for name in written) or "SELECT")
            cursor.execute(RESTART)
        if written:  # or new rows would lie among the old ones' places, in another order each time
            cursor.execute(f"VACUUM {', '.join(written)}")
            cursor.execute(FORGET)


def wait_for_others(seconds: float) -> list[tuple[object, ...]]:
    """Who still works on the test database after so long, each ended by the server."""
    from django.db import connection

    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        while (left := cursor.fetchall()) and time.monotonic() < deadline:
            time.sleep(0.05)
            cursor.execute(OTHERS)
        for pid, *_rest in left:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.close()
    return left
