"""Migrations say when they run; what is unsafe beside old code is not labelled `before`.

The linter reads the operations and the SQL of every migration since labels began. That the release
before still runs on the new tables is tried with its own statements: its inserts, as its models of
then make them (there is no published release yet, so "before" is the state at migration 0009).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.migrations import Migration, RunSQL, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED
from psycopg import errors

from kept.running import migrations
from kept.running.migrations import Deployment, MigrationBlocked, apply_migrations, deployment_of

PREVIOUS = "0009_tasks_by_case_and_day"
UNSAFE_SQL = re.compile(
    r"\b(DROP (TABLE|COLUMN|FUNCTION|TYPE|VIEW)|TRUNCATE|RENAME|SET NOT NULL|ALTER TYPE)\b",
    re.IGNORECASE,
)
INDEX_SQL = re.compile(
    r"\bCREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)[^;]*?\bON (?:ONLY )?\"?(\w+)", re.IGNORECASE
)
TABLE_SQL = re.compile(r"\bCREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?\"?(\w+)", re.IGNORECASE)
UNSAFE = (
    operations.DeleteModel,
    operations.RemoveField,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)
#: Small tables, of which an index is made in a moment.
SMALL = {"keycheck", "rolegrant", "team", "creditor", "seat"}


def ours() -> dict[str, Migration]:
    loader = MigrationLoader(None)
    return {name: each for (app, name), each in loader.disk_migrations.items() if app == "store"}


def unsafe(migration: Migration) -> Iterator[str]:
    """What the code of the release before, or whoever works meanwhile, would not survive."""
    made = {
        each.name.lower()
        for each in migration.operations
        if isinstance(each, operations.CreateModel)
    }
    for operation in migration.operations:
        yield from _unsafe(operation, made | SMALL)


def _unsafe(operation: Any, new: set[str]) -> Iterator[str]:
    table = getattr(operation, "model_name", "").lower()
    if isinstance(operation, UNSAFE):
        yield operation.describe()
    elif isinstance(operation, operations.AddField) and table not in new:
        field = operation.field
        if not field.null and field.db_default is NOT_PROVIDED and not field.many_to_many:
            yield f"{operation.describe()}: no default in the database"
    elif isinstance(operation, operations.AddIndex | operations.AddConstraint) and table not in new:
        yield f"{operation.describe()}: locks a table that may be large"
    elif isinstance(operation, RunSQL):
        text = str(operation.sql)
        yield from (found[0] for found in UNSAFE_SQL.finditer(text))
        slow = set(INDEX_SQL.findall(text)) - set(TABLE_SQL.findall(text))
        yield from (f"CREATE INDEX on {each} without CONCURRENTLY" for each in sorted(slow))
    elif isinstance(operation, operations.SeparateDatabaseAndState):
        for each in operation.database_operations:
            yield from _unsafe(each, new)


#: Came between the labels and this test; they only add.
LANDED_WITHOUT: set[str] = set()


def test_every_new_migration_says_when_it_runs() -> None:
    unlabelled = [
        name for name, each in ours().items() if name > PREVIOUS and not hasattr(each, "deployment")
    ]
    assert [name for name in unlabelled if name not in LANDED_WITHOUT] == []


def test_what_runs_before_deployment_is_safe_beside_old_code() -> None:
    found = {
        name: list(unsafe(each))
        for name, each in ours().items()
        if name > PREVIOUS and deployment_of(each) == Deployment.BEFORE
    }
    assert {name: why for name, why in found.items() if why} == {}


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (operations.RemoveField("debtor", "name"), "Remove field"),
        (operations.RenameField("debtor", "name", "title"), "Rename field"),
        (operations.DeleteModel("Debtor"), "Delete model"),
        (RunSQL("ALTER TABLE debtors ALTER COLUMN name SET NOT NULL"), "SET NOT NULL"),
        (RunSQL("CREATE INDEX ON debtors (name)"), "CREATE INDEX"),
        (RunSQL("TRUNCATE debtors"), "TRUNCATE"),
    ],
)
def test_the_linter_finds_what_is_unsafe(operation: Any, why: str) -> None:
    migration = Migration("9999_unsafe", "store")
    migration.operations = [operation]
    assert any(why in found for found in unsafe(migration))


def test_a_column_without_a_default_is_unsafe_and_one_with_is_not() -> None:
    from django.db import models

    migration = Migration("9999_columns", "store")
    migration.operations = [
        operations.AddField("debtor", "one", models.IntegerField()),
        operations.AddField("debtor", "two", models.IntegerField(db_default=0)),
        operations.AddField("debtor", "three", models.IntegerField(null=True)),
        operations.AddIndex("debtor", models.Index(fields=["name"], name="by_name")),
    ]
    found = list(unsafe(migration))
    assert len(found) == 2
    assert "no default in the database" in found[0]
    assert "locks a table" in found[1]


def test_only_what_comes_before_is_chosen_and_after_waits_for_it() -> None:
    plan = []
    for name, when in (("1", "before"), ("2", "after"), ("3", "before")):
        migration = Migration(name, "store")
        migration.deployment = when
        plan.append(migration)
    chosen = migrations._chosen(plan, Deployment.BEFORE)
    assert [each.name for each in chosen] == ["1"]
    with pytest.raises(MigrationBlocked, match="kept migrate --before"):
        migrations._chosen(plan, Deployment.AFTER)
    rest = migrations._chosen(plan[1:], Deployment.AFTER)
    assert [each.name for each in rest] == ["2", "3"]
    assert migrations._chosen(plan, None) == plan


@pytest.mark.django_db(transaction=True)
def test_a_busy_table_is_waited_for_in_short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The migration lets go of its place in the queue and tries again; at last it says so."""
    monkeypatch.setattr(migrations, "LOCK_WAIT_MILLISECONDS", 50)
    tried: list[float] = []
    migration = Migration("9999_busy", "store")

    def work(*_args: object, **_options: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE debtors IN ACCESS EXCLUSIVE MODE")

    monkeypatch.setattr(migrations, "call_command", work)
    other = connection.copy()
    try:
        with transaction.atomic(), other.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE debtors IN ROW EXCLUSIVE MODE")
            with pytest.raises(MigrationBlocked, match="does not let go"):
                migrations._apply_one(migration, tried.append)
            assert len(tried) == migrations.TRIES

            def give_up(_seconds: float) -> None:
                cursor.execute("COMMIT")

            migrations._apply_one(migration, give_up)
    finally:
        other.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "0"


@pytest.mark.django_db(transaction=True)
def test_another_error_of_a_migration_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(*_args: object, **_options: object) -> None:
        raise OperationalError("out of memory") from errors.OutOfMemory()

    monkeypatch.setattr(migrations, "call_command", work)
    with pytest.raises(OperationalError, match="out of memory"):
        migrations._apply_one(Migration("9999_wrong", "store"), lambda _seconds: None)


@pytest.mark.django_db
def test_nothing_is_pending_in_the_tests_and_again_is_nothing() -> None:
    assert apply_migrations() == []
    assert apply_migrations(Deployment.BEFORE) == []


@pytest.mark.django_db
def test_the_code_of_the_release_before_still_writes() -> None:
    """Every table of then takes a row as the models of then write it, on the tables of now.

    Only what runs before deployment counts: a table that an `after` migration changed is left out.
    """
    state = MigrationLoader(None).project_state(("store", PREVIOUS))
    changed = {
        getattr(operation, "model_name", "").lower()
        for name, migration in ours().items()
        if name > PREVIOUS and deployment_of(migration) == Deployment.AFTER
        for operation in migration.operations
    }
    missing = {}
    for model in state.apps.get_models():
        if model._meta.app_label != "store" or not model._meta.managed:
            continue
        if model._meta.model_name in changed:
            continue
        missing[model._meta.db_table] = _refused(model)
    assert len(missing) >= 25
    assert {table: why for table, why in missing.items() if why} == {}


def _refused(model: Any) -> list[str]:
    """Columns of now without which an insert of then is refused, and columns of then now gone."""
    then = {field.column for field in model._meta.local_concrete_fields if field.column}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, attnotnull AND NOT atthasdef AND attidentity = ''"
            " FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0"
            " AND NOT attisdropped",
            [model._meta.db_table],
        )
        now = dict(cursor.fetchall())
    wanted = [f"{name} is new and has no default" for name in now if now[name] and name not in then]
    return wanted + [f"{name} is gone" for name in sorted(then - set(now))]


@pytest.mark.django_db
def test_the_key_check_of_the_release_before_still_works() -> None:
    """The one table that changed under it: the row as the code of then writes and reads it."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO key_checks (id, value_hash) VALUES (1, %s)", [b"0" * 16])
        cursor.execute("SELECT value_hash, hashes FROM key_checks WHERE id = 1")
        assert [(bytes(each[0]), each[1]) for each in cursor.fetchall()] == [(b"0" * 16, True)]
