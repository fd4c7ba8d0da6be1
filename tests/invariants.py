"""After every test that writes to the database, all invariants are checked (a pytest plugin).

A test that breaks one on purpose says so with `@pytest.mark.breaks_invariants`.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

DATABASE_FIXTURES = {"db", "transactional_db", "child_environment"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
        check(item)
    return result


def check(item: pytest.Item) -> None:
    from django.db import connection

    from kept.store.invariants import check_invariants

    if item.get_closest_marker("breaks_invariants") or connection.needs_rollback:
        return
    broken = check_invariants() if is_any_broken() else []
    assert not broken, "after this test: " + "; ".join(str(each) for each in broken)


def is_any_broken() -> bool:
    """All invariants in one statement, which the server plans once a connection.

    Planning them, over every partition of events, takes many times longer than a test's few rows.
    """
    import psycopg
    from django.db import connection

    from kept.store.queries import load

    connection.ensure_connection()
    queries = load("invariants").queries.values()
    all_of_them = " UNION ALL ".join(f"({query.text} LIMIT 1)" for query in queries)
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(all_of_them, prepare=True)  # type: ignore[arg-type]
        return cursor.fetchone() is not None
